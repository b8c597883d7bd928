// The search box: Ctrl/⌘-K from anywhere, hits while typing, arrows, Enter, Escape. While an input
// method is composing (pinyin on its way to characters) nothing is sent and Enter is not ours.
(() => {
  "use strict";
  const input = document.getElementById("search");
  if (!input) {
    return;
  }
  const panel = document.getElementById("search-hits");
  let last = input.value;
  let chosen = -1;
  // Address of the chosen hit: an answer that comes late, with the same client in it, keeps it.
  let kept = "";
  // Until the answer to the text as it stands is there, arrows and Enter wait for it: what is
  // shown answers an older text, and opens nobody by the keyboard.
  let waiting = false;
  let steps = 0;
  let enter = false;

  input.setAttribute("role", "combobox");
  input.setAttribute("aria-autocomplete", "list");
  input.setAttribute("aria-controls", panel.id);
  input.setAttribute("aria-expanded", "false");

  const hits = () => Array.from(panel.querySelectorAll("a[href]"));

  function open(shown) {
    panel.hidden = !shown;
    input.setAttribute("aria-expanded", String(shown));
    if (!shown) {
      choose(-1);
      forgetKeys();
    }
  }

  function forgetKeys() {
    steps = 0;
    enter = false;
  }

  function choose(index) {
    const all = hits();
    chosen = all.length ? Math.max(-1, Math.min(index, all.length - 1)) : -1;
    all.forEach((hit, at) => {
      hit.setAttribute("aria-selected", String(at === chosen));
    });
    kept = chosen >= 0 ? all[chosen].getAttribute("href") : "";
    if (chosen >= 0) {
      input.setAttribute("aria-activedescendant", all[chosen].id);
      all[chosen].scrollIntoView({ block: "nearest" });
    } else {
      input.removeAttribute("aria-activedescendant");
    }
  }

  function ask() {
    const text = input.value.trim();
    forgetKeys();
    if (text !== last) {
      last = text;
      request();
    }
  }

  function request() {
    if (window.htmx) {
      waiting = true;
      window.htmx.trigger(input, "crm:search");
    }
  }

  input.addEventListener("input", (event) => {
    if (!event.isComposing) {
      ask();
    }
  });
  input.addEventListener("compositionend", ask);
  input.addEventListener("focus", () => {
    // An empty box offers the clients that were opened last.
    const text = input.value.trim();
    if (text && panel.dataset.for === text) {
      open(panel.childElementCount > 0);
    } else {
      request();
    }
  });

  document.body.addEventListener("htmx:afterSwap", (event) => {
    if (event.detail.target !== panel) {
      return;
    }
    panel.querySelectorAll("ul").forEach((list) => {
      list.setAttribute("role", "listbox");
      list.setAttribute("aria-label", input.getAttribute("aria-label"));
    });
    panel.querySelectorAll("li").forEach((item) => {
      item.setAttribute("role", "presentation");
    });
    hits().forEach((hit, at) => {
      hit.id = `search-hit-${at}`;
      hit.setAttribute("role", "option");
      hit.tabIndex = -1;
    });
    const again = hits().findIndex((hit) => kept && hit.getAttribute("href") === kept);
    const asked = new URL(event.detail.xhr.responseURL).searchParams.get("q")?.trim() ?? "";
    panel.dataset.for = asked;
    if (asked !== input.value.trim()) {
      choose(again);
      return;
    }
    const moved = steps;
    const entered = enter;
    waiting = false;
    forgetKeys();
    // An answer that comes after the box was left is not shown.
    open(panel.childElementCount > 0 && document.activeElement === input);
    choose(panel.hidden ? -1 : again + moved);
    if (entered) {
      go();
    }
  });

  function go() {
    if (chosen >= 0) {
      hits()[chosen].click();
    } else {
      input.form.requestSubmit();
    }
  }

  // No answer will come. (One that a newer request replaced is none of these.)
  function failed(event) {
    if (event.detail.elt !== input) {
      return;
    }
    const entered = enter;
    waiting = false;
    last = null;
    forgetKeys();
    if (entered) {
      choose(-1);
      go();
    }
  }
  ["htmx:responseError", "htmx:sendError", "htmx:timeout"].forEach((name) => {
    document.body.addEventListener(name, failed);
  });

  input.addEventListener("keydown", (event) => {
    if (event.isComposing || event.keyCode === 229) {
      return;
    }
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      const step = event.key === "ArrowDown" ? 1 : -1;
      if (waiting) {
        event.preventDefault();
        steps = Math.max(-1 - chosen, steps + step);
      } else if (!panel.hidden && hits().length) {
        event.preventDefault();
        choose(chosen + step);
      }
    } else if (event.key === "Enter" && waiting && (steps > 0 || chosen >= 0)) {
      event.preventDefault();
      enter = true;
    } else if (event.key === "Enter" && !waiting && chosen >= 0 && !panel.hidden) {
      event.preventDefault();
      go();
    } else if (event.key === "Escape") {
      event.preventDefault();
      forgetKeys();
      if (panel.hidden) {
        input.value = "";
        last = "";
        waiting = false;
        input.blur();
      } else {
        open(false);
      }
    }
  });

  document.addEventListener("keydown", (event) => {
    if ((event.ctrlKey || event.metaKey) && !event.altKey && event.key.toLowerCase() === "k") {
      event.preventDefault();
      input.focus();
      input.select();
    }
  });
  document.addEventListener("click", (event) => {
    if (!input.form.contains(event.target)) {
      open(false);
    }
  });
  input.form.addEventListener("focusout", (event) => {
    if (event.relatedTarget && !input.form.contains(event.relatedTarget)) {
      open(false);
    }
  });
  // "Record" of the bottom bar comes here: first the client, then the record on their page.
  function askForClient() {
    if (window.location.hash === "#search") {
      input.placeholder = input.dataset.ask;
      input.focus();
    }
  }
  window.addEventListener("hashchange", askForClient);
  askForClient();
  if (/Mac|iPhone|iPad/.test(navigator.platform)) {
    input.form.querySelector("kbd").textContent = "⌘ K";
  }
})();
