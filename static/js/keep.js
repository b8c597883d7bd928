// A form whose session ends under it loses nothing: what was typed is kept in this tab until it is
// saved, and comes back after the login, with a sentence. Of all forms that send once and of those of
// the administration; the call screen keeps drafts of its own (call.js).
//
// Kept are the fields that were changed, by the address of the page and the employee. Never kept:
// passwords, secrets, numbers of phones and papers, wherever they are typed, files and hidden fields.
// A copy is "open" while its page is; "sent" while the answer to its form is awaited; "kept" once the
// session ended or the answer was no page of the form. It goes when it was saved, when its page was
// left by a person, at logout, with another employee, and after a day.
(() => {
  "use strict";
  const own = document.currentScript;
  const who = own.dataset.who;
  const PREFIX = "crm-form:";
  const DAY = 24 * 60 * 60 * 1000;
  const FORMS =
    "main form[data-once][method=post], body.change-form #content-main form[method=post]";
  const SECRET =
    /phone|mobile|identity|paper|number|account_?no|passw|secret|token|otp|credential|^url$/i;
  const PLAIN = /^(date|datetime-local|time|month|number|range|color|radio|checkbox|select-)/;
  // Eight digits and more that are no date, such as a phone or an identity number.
  const NUMBER = /(?!(?:19|20)\d\d[-/.]?\d{1,2}[-/.]?\d{1,2}(?!\d))\d(?:[\s-]?\d){7,}[Xx]?/g;

  // Storage may be full or switched off: then nothing is kept.
  function read(name) {
    try {
      return JSON.parse(window.sessionStorage.getItem(name));
    } catch {
      return null;
    }
  }
  function write(name, copy) {
    try {
      window.sessionStorage.setItem(name, JSON.stringify(copy));
    } catch {
      // Nothing is kept.
    }
  }
  function remove(name) {
    try {
      window.sessionStorage.removeItem(name);
    } catch {
      // There is nothing to remove.
    }
  }
  function names() {
    try {
      return Object.keys(window.sessionStorage).filter((name) => name.startsWith(PREFIX));
    } catch {
      return [];
    }
  }

  // A page without login: the session has ended, and what was sent last was refused.
  if (!who) {
    names().forEach((name) => {
      write(name, { ...read(name), state: "kept" });
    });
    return;
  }

  document.addEventListener("submit", (event) => {
    if (/logout/.test(event.target.getAttribute("action") || "")) {
      names().forEach(remove);
    }
  });

  // Fields ---------------------------------------------------------------------------------------
  function fieldsOf(form) {
    return Array.from(form.elements).filter(
      (field) =>
        field.name &&
        !/^(hidden|password|tel|file|submit|button|reset|image|fieldset)$/.test(field.type) &&
        !SECRET.test(field.name),
    );
  }

  function valuesOf(form) {
    const values = {};
    fieldsOf(form).forEach((field) => {
      values[field.name] = values[field.name] || [];
      if (/radio|checkbox/.test(field.type)) {
        if (field.checked) {
          values[field.name].push(field.value);
        }
      } else if (field.type === "select-multiple") {
        values[field.name].push(...Array.from(field.selectedOptions, (option) => option.value));
      } else {
        const text = field.value;
        values[field.name].push(PLAIN.test(field.type) ? text : text.replace(NUMBER, "…"));
      }
    });
    return values;
  }

  function same(some, other) {
    return JSON.stringify(some) === JSON.stringify(other);
  }

  // Rows that the administration adds by a script are added again.
  function grow(form, name) {
    const [, prefix] = /^(.+)-\d+-[^-]+$/.exec(name) || [];
    const add = prefix && document.querySelector(`#${CSS.escape(prefix)}-group .add-row a`);
    for (let tries = 0; add && tries < 50 && !form.elements.namedItem(name); tries += 1) {
      add.click();
    }
  }

  function put(field, values) {
    if (/radio|checkbox/.test(field.type)) {
      field.checked = values.includes(field.value);
    } else if (field.type === "select-multiple") {
      Array.from(field.options).forEach((option) => {
        option.selected = values.includes(option.value);
      });
    } else {
      field.value = values[0] || "";
    }
    field.dispatchEvent(new Event("change", { bubbles: true }));
  }

  // What stands otherwise than it was typed is put back; whether there was any.
  function restore(form, kept) {
    const now = valuesOf(form);
    const lost = Object.keys(kept).filter((name) => !same(now[name], kept[name]));
    lost.forEach((name) => {
      grow(form, name);
      fieldsOf(form)
        .filter((field) => field.name === name)
        .forEach((field) => {
          put(field, kept[name]);
          let folded = field.closest("details");
          while (folded) {
            folded.open = true;
            folded = folded.parentElement.closest("details");
          }
        });
    });
    return lost.length > 0;
  }

  function say(form) {
    const said = document.createElement(document.getElementById("toasts") ? "p" : "li");
    said.textContent = own.dataset.sayBack;
    said.className = "alert info";
    said.setAttribute("role", "status");
    if (said.tagName === "LI") {
      const list = document.createElement("ul");
      list.className = "messagelist";
      list.append(said);
      form.before(list);
    } else {
      form.before(said);
    }
  }

  // One form ---------------------------------------------------------------------------------------
  function watch(form, name) {
    const before = read(name);
    const fresh = valuesOf(form);
    // What was typed earlier into this form, and is in it again.
    let typed = {};
    if (before && (before.state === "kept" || before.state === "sent")) {
      typed = before.values;
      if (restore(form, typed)) {
        say(form);
      }
      write(name, { ...before, state: "open" });
    } else {
      remove(name);
    }

    function keep() {
      const now = valuesOf(form);
      const changed = Object.keys(now).filter(
        (field) => field in typed || !same(now[field], fresh[field]),
      );
      if (!changed.length) {
        remove(name);
        return;
      }
      const values = Object.fromEntries(changed.map((field) => [field, now[field]]));
      write(name, { who, at: Date.now(), state: "open", values });
    }

    form.addEventListener("input", keep);
    form.addEventListener("change", keep);
    form.addEventListener("submit", (event) => {
      if (event.defaultPrevented) {
        return;
      }
      keep();
      const copy = read(name);
      if (copy) {
        write(name, { ...copy, state: "sent" });
      }
    });
  }

  // What became of the copies that other pages of this tab left.
  function settle(present) {
    const [arrival] = window.performance.getEntriesByType("navigation");
    // A form that was saved leads on; one that was not is answered in its place.
    const saved = arrival?.redirectCount > 0;
    names().forEach((name) => {
      const copy = read(name);
      if (!copy || copy.who !== who || !(Date.now() - copy.at < DAY)) {
        remove(name);
      } else if (copy.state === "sent" && saved) {
        remove(name);
      } else if (copy.state === "sent" && !present.has(name)) {
        write(name, { ...copy, state: "kept" });
      } else if (copy.state === "open") {
        remove(name);
      }
    });
  }

  // Once the page's own scripts have dressed its forms.
  window.addEventListener("load", () => {
    const forms = Array.from(document.querySelectorAll(FORMS)).filter(
      (form) => !form.matches("[data-draft], [hx-post], dialog form"),
    );
    const named = new Map(
      forms.map((form, at) => [`${PREFIX}${who}:${window.location.pathname}:${at}`, form]),
    );
    settle(named);
    named.forEach((form, name) => {
      watch(form, name);
    });
  });
})();
