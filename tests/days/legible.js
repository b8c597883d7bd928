// What a person cannot read on the page as it stands: too little contrast, covered, or cut off.
// Takes {least, language, common}; answers with sentences.
({ least, language, common }) => {
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = 1;
  const pen = canvas.getContext("2d", { willReadFrequently: true });
  const known = new Map();

  function rgba(color) {
    if (!known.has(color)) {
      pen.clearRect(0, 0, 1, 1);
      pen.fillStyle = color;
      pen.fillRect(0, 0, 1, 1);
      const [r, g, b, a] = pen.getImageData(0, 0, 1, 1).data;
      known.set(color, [r, g, b, a / 255]);
    }
    return known.get(color);
  }

  function over([r, g, b, a], [R, G, B]) {
    return [r * a + R * (1 - a), g * a + G * (1 - a), b * a + B * (1 - a), 1];
  }

  // The colour behind an element, and how opaque what it draws is; null behind a picture.
  function behind(element) {
    const layers = [];
    let opacity = 1;
    for (let at = element; at; at = at.parentElement) {
      const style = getComputedStyle(at);
      if (
        style.backgroundImage !== "none" &&
        !/^(linear|radial)-gradient\(rgba\(0, 0, 0, 0\)/.test(style.backgroundImage)
      ) {
        return null;
      }
      layers.push(rgba(style.backgroundColor));
      opacity *= Number(style.opacity);
      if (layers.at(-1)[3] === 1) break;
    }
    let colour = [255, 255, 255, 1];
    if (layers.at(-1)[3] < 1) {
      colour = rgba(
        getComputedStyle(document.documentElement).colorScheme.includes("dark")
          ? "#121212"
          : "#ffffff",
      );
    }
    for (const layer of layers.reverse()) colour = over(layer, colour);
    return { colour, opacity };
  }

  function luminance([r, g, b]) {
    const [x, y, z] = [r, g, b].map((part) => {
      const share = part / 255;
      return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * x + 0.7152 * y + 0.0722 * z;
  }

  function contrast(one, other) {
    const [light, dark] = [luminance(one), luminance(other)].sort((x, y) => y - x);
    return (light + 0.05) / (dark + 0.05);
  }

  // What is drawn of a text: its boxes, as far as scrolling ancestors let them be seen.
  function boxes(node) {
    const range = document.createRange();
    range.selectNodeContents(node);
    return [...range.getClientRects()].filter((box) => box.width > 1 && box.height > 1);
  }

  function hiddenBySkill(element) {
    const style = getComputedStyle(element);
    return (
      style.clipPath === "inset(50%)" ||
      style.clip === "rect(0px, 0px, 0px, 0px)" ||
      (style.position === "absolute" && element.clientWidth <= 1)
    );
  }

  function readable(element) {
    if (!element.checkVisibility({ opacityProperty: true, visibilityProperty: true })) return false;
    if (element.closest(".visually-hidden, script, style, noscript, [inert]")) return false;
    for (let at = element; at; at = at.parentElement) if (hiddenBySkill(at)) return false;
    return true;
  }

  function said(node) {
    return node.textContent.trim().replace(/\s+/g, " ").slice(0, 40);
  }

  const faults = new Set();
  const modal = document.querySelector("dialog:modal");
  const walker = document.createTreeWalker(modal || document.body, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const element = node.parentElement;
    const text = said(node);
    if (!/[\p{L}\p{N}]/u.test(text) || !element || !readable(element)) continue;
    const places = boxes(node);
    if (!places.length) continue;
    if (
      language === "zh" &&
      !element.closest("[lang='en'], code, input, option, .field-key, .field-name_en")
    ) {
      for (const word of text.match(/[A-Za-z]{4,}/g) || []) {
        if (!common.includes(word.toLowerCase())) faults.add(`not translated: “${text}”`);
      }
    }
    const off =
      element.closest(":disabled, [aria-disabled='true']") ||
      element.closest("label")?.control?.disabled;
    const back = behind(element);
    if (back && !off) {
      const [r, g, b, a] = rgba(getComputedStyle(element).color);
      const front = over([r, g, b, a * back.opacity], back.colour);
      const ratio = contrast(front, back.colour);
      if (ratio < least) faults.add(`contrast ${ratio.toFixed(2)}: “${text}”`);
    }
    const place = places[0];
    const x = place.left + Math.min(place.width / 2, 40);
    const y = place.top + place.height / 2;
    const felt = getComputedStyle(element).pointerEvents !== "none";
    if (felt && x > 0 && y > 0 && x < innerWidth && y < innerHeight) {
      const top = document.elementFromPoint(x, y);
      const apart = top && !element.contains(top) && !top.contains(element);
      if (apart && !floats(top) && !scrolledAway(element, x, y)) faults.add(`covered: “${text}”`);
    }
    if (cut(element, places)) faults.add(`cut off: “${text}”`);
  }
  if (document.documentElement.scrollWidth > innerWidth + 1) {
    faults.add(`wider than the screen: ${document.documentElement.scrollWidth} of ${innerWidth}`);
  }
  return [...faults];

  // Bars and messages that stay while the page scrolls: what is beneath them can be scrolled out.
  function floats(element) {
    for (let at = element; at && at !== document.body; at = at.parentElement) {
      if (["fixed", "sticky"].includes(getComputedStyle(at).position)) return true;
    }
    return element.closest("#toasts, dialog, details[open].crm-menu, .crm-hits") !== null;
  }

  function scrolledAway(element, x, y) {
    for (let at = element.parentElement; at; at = at.parentElement) {
      const style = getComputedStyle(at);
      if (!/(auto|scroll|hidden|clip)/.test(style.overflow)) continue;
      const box = at.getBoundingClientRect();
      if (x < box.left || x > box.right || y < box.top || y > box.bottom) return true;
    }
    return false;
  }

  // A text of one line may end in an ellipsis; what is cut without a sign is lost.
  function cut(element, places) {
    for (let at = element; at && at !== document.body; at = at.parentElement) {
      const style = getComputedStyle(at);
      if (/(auto|scroll)/.test(style.overflowX + style.overflowY)) return false;
      if (!/(hidden|clip)/.test(style.overflowX + style.overflowY)) continue;
      if (style.textOverflow === "ellipsis" || style.webkitLineClamp !== "none") return false;
      const box = at.getBoundingClientRect();
      const beyond = (place) =>
        place.right > box.right + 2 || place.bottom > box.bottom + 3 || place.left < box.left - 2;
      if (places.some(beyond)) return true;
    }
    return false;
  }
};
