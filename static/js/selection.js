// Ticked rows of a list: how many, their sum, all of a page, a range by the shift key, all that match.
(() => {
  "use strict";
  const form = document.getElementById("bulk");
  if (!form) {
    return;
  }
  const boxes = Array.from(document.querySelectorAll("tbody .crm-tick input"));
  const all = document.querySelector("[data-tick-all]");
  const said = form.querySelector("[data-said]");
  const sum = form.querySelector("[data-sum]");
  const everything = form.querySelector("[data-everything]");
  const language = document.documentElement.lang;
  let last = null;

  function amount(rows) {
    const known = rows.map((box) => Number(box.dataset.amount)).filter(Boolean);
    const whole = known.reduce((left, right) => left + right, 0);
    const inTens = language.startsWith("zh");
    return (inTens ? whole / 10000 : whole).toLocaleString(language, {
      maximumFractionDigits: inTens ? 2 : 0,
    });
  }

  function show() {
    const ticked = boxes.filter((box) => box.checked);
    const whole = everything?.checked;
    const count = whole ? Number(everything.dataset.everything) : ticked.length;
    said.textContent = said.dataset.said.replace("{n}", count);
    if (sum) {
      const text = amount(ticked);
      sum.textContent = whole || text === "0" ? "" : sum.dataset.sum.replace("{n}", text);
    }
    if (all) {
      all.checked = ticked.length === boxes.length && boxes.length > 0;
      all.indeterminate = ticked.length > 0 && !all.checked;
    }
    boxes.forEach((box) => {
      box.closest("tr").classList.toggle("table-active", box.checked);
    });
  }

  boxes.forEach((box) => {
    box.addEventListener("click", (event) => {
      if (event.shiftKey && last) {
        const [from, to] = [boxes.indexOf(last), boxes.indexOf(box)].sort((a, b) => a - b);
        boxes.slice(from, to + 1).forEach((other) => {
          other.checked = box.checked;
        });
      }
      last = box;
    });
  });
  if (all) {
    all.hidden = false;
    all.addEventListener("change", () => {
      boxes.forEach((box) => {
        box.checked = all.checked;
      });
      show();
    });
  }
  document.addEventListener("change", (event) => {
    if (event.target === everything && everything.checked) {
      boxes.forEach((box) => {
        box.checked = true;
      });
    } else if (boxes.includes(event.target) && !event.target.checked && everything) {
      everything.checked = false;
    }
    show();
  });
  form.addEventListener("reset", () => window.setTimeout(show));
  // What a menu of the bar asks for is typed at once.
  form.querySelectorAll("details").forEach((menu) => {
    menu.addEventListener("toggle", () => {
      const field = menu.open && menu.querySelector("input:not([type=hidden]), select");
      if (field) {
        field.focus();
      }
    });
  });
  window.addEventListener("pageshow", show);
  show();
})();
