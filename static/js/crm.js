// What every page needs: the CSRF header, busy states, toasts, one submission per form, the focus
// after a swap. Pages work without it. What other scripts share with it is in window.crm.
(() => {
  "use strict";
  const say = document.body.dataset;

  // The token of the newest login (perhaps in another tab), so that a form left open still works.
  function token() {
    const prefix = `${say.csrfCookie}=`;
    const cookie = document.cookie.split("; ").find((part) => part.startsWith(prefix));
    const meta = document.querySelector('meta[name="csrf-token"]');
    return cookie ? cookie.slice(prefix.length) : meta ? meta.content : "";
  }

  // What the browser keeps on this device. Storage may be full or switched off: then nothing is
  // kept, and read() answers null.
  const store = {
    read(name) {
      try {
        return window.localStorage.getItem(name);
      } catch {
        return null;
      }
    },
    write(name, text) {
      try {
        window.localStorage.setItem(name, text);
      } catch {
        // Nothing is kept.
      }
    },
    remove(name) {
      try {
        window.localStorage.removeItem(name);
      } catch {
        // There is nothing to remove.
      }
    },
    names() {
      try {
        return Object.keys(window.localStorage);
      } catch {
        return [];
      }
    },
  };

  // Names of the copies of drafts on this device (call.js), and how long one lives.
  const drafts = { prefix: "crm-draft:", milliseconds: 24 * 60 * 60 * 1000 };

  // A click that opens a link in this tab.
  function opensHere(event) {
    return !event.ctrlKey && !event.metaKey && !event.shiftKey;
  }

  window.crm = { csrfToken: token, drafts, opensHere, release, store };

  // Toasts -------------------------------------------------------------------------------------
  function dressToast(toast) {
    const close = document.createElement("button");
    close.type = "button";
    close.className = "btn-close";
    close.setAttribute("aria-label", say.sayClose);
    close.addEventListener("click", () => toast.remove());
    toast.append(close);
    if (!/-(error|warning)/.test(toast.className)) {
      const patience = toast.querySelector("form") ? 12000 : 6000;
      window.setTimeout(() => toast.remove(), patience);
    }
  }

  // A form that takes back what was done, as base.html draws it beside a message.
  function wayBack(address, words) {
    const form = document.createElement("form");
    form.method = "post";
    form.action = address;
    const proof = document.createElement("input");
    proof.type = "hidden";
    proof.name = "csrfmiddlewaretoken";
    proof.value = token();
    const button = document.createElement("button");
    button.className = "btn btn-sm btn-tint";
    button.textContent = words;
    form.append(proof, button);
    return form;
  }

  function showToast(text, level, link, undo) {
    const area = document.getElementById("toasts");
    if (Array.from(area.children).some((old) => old.dataset.text === text)) {
      return;
    }
    const toast = document.createElement("div");
    toast.className = `crm-toast crm-toast-${level || "success"}`;
    toast.dataset.text = text;
    const body = document.createElement("span");
    body.textContent = text;
    if (link) {
      const anchor = document.createElement("a");
      anchor.href = link.href;
      if (!link.here) {
        anchor.target = "_blank";
      }
      anchor.textContent = link.text;
      body.append(" ", anchor);
    }
    toast.append(body);
    if (undo) {
      toast.append(wayBack(undo.address, undo.text));
    }
    area.append(toast);
    dressToast(toast);
  }

  document.querySelectorAll("#toasts .crm-toast").forEach(dressToast);
  document.body.addEventListener("toast", (event) => {
    const detail = event.detail;
    const link = detail.href ? { href: detail.href, text: detail.link, here: true } : null;
    const undo = detail.undo ? { address: detail.undo, text: detail.undo_text } : null;
    showToast(detail.text || detail.value, detail.level, link, undo);
  });

  // One submission per form ----------------------------------------------------------------------
  function release(form) {
    delete form.dataset.sent;
    form.querySelectorAll("[aria-busy]").forEach((button) => {
      button.removeAttribute("aria-busy");
    });
  }

  // bell.js tells whether the session still holds. What is sent after its end would be lost, so it
  // stays in the form until the person has logged in again.
  let ended = false;
  document.body.addEventListener("session", (event) => {
    if (event.detail.ended && !ended) {
      sessionEnded();
    } else if (!event.detail.ended && ended) {
      document.querySelectorAll("#toasts .crm-toast").forEach((toast) => {
        if (toast.dataset.text === say.saySession) {
          toast.remove();
        }
      });
    }
    ended = event.detail.ended;
  });

  document.addEventListener(
    "submit",
    (event) => {
      const form = event.target;
      if (ended && form.method === "post") {
        event.preventDefault();
        event.stopImmediatePropagation();
        sessionEnded();
        return;
      }
      const field = form.elements.namedItem("csrfmiddlewaretoken");
      if (field) {
        field.value = token();
      }
      if (!form.hasAttribute("data-once")) {
        return;
      }
      if (form.dataset.sent) {
        event.preventDefault();
        event.stopImmediatePropagation();
        return;
      }
      form.dataset.sent = "1";
      // Marked, not disabled: a disabled button's own name and value would not be sent.
      const button = event.submitter || form.querySelector("[type=submit]");
      if (button) {
        button.setAttribute("aria-busy", "true");
      }
    },
    true,
  );
  window.addEventListener("pageshow", () => {
    document.querySelectorAll("form[data-sent]").forEach(release);
  });

  document.addEventListener("change", (event) => {
    const form = event.target.form;
    if (
      form?.hasAttribute("data-auto") &&
      /^(select-one|radio|checkbox|date)$/.test(event.target.type)
    ) {
      form.requestSubmit();
    }
  });

  // The person's menu closes by Escape and by a click elsewhere --------------------------------
  document.addEventListener("click", (event) => {
    document.querySelectorAll("details:is(.crm-menu, .dropdown, .dropup)[open]").forEach((menu) => {
      if (!menu.contains(event.target)) {
        menu.open = false;
      }
    });
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") {
      return;
    }
    document.querySelectorAll("details:is(.crm-menu, .dropdown, .dropup)[open]").forEach((menu) => {
      menu.open = false;
      menu.querySelector("summary").focus();
    });
  });

  // A button that copies what it names -----------------------------------------------------------------
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-copy]");
    if (button && navigator.clipboard) {
      navigator.clipboard.writeText(button.dataset.copy).then(() => {
        button.textContent = button.dataset.copied;
      });
    }
  });

  // Sections of the side bar stay as they were folded; the one where one is stays open -------------
  document.querySelectorAll("details[data-fold]").forEach((section) => {
    const key = `crm-${section.dataset.fold}`;
    try {
      const kept = localStorage.getItem(key);
      if (kept !== null && !section.querySelector("[aria-current]")) {
        section.open = kept === "1";
      }
      section.addEventListener("toggle", () => localStorage.setItem(key, section.open ? "1" : "0"));
    } catch {
      // Without storage they are as the page says.
    }
  });

  // The side bar down to its icons, and back: names are titles then. theme.js puts it back before paint.
  const narrow = document.querySelector("[data-side-toggle]");
  if (narrow) {
    const root = document.documentElement;
    const tell = () => {
      const isNarrow = root.dataset.side === "narrow";
      narrow.setAttribute("aria-pressed", String(isNarrow));
      document.querySelectorAll(".crm-side .crm-nav a, [data-side-toggle]").forEach((place) => {
        place.title = isNarrow ? place.querySelector("span").textContent : "";
      });
    };
    narrow.hidden = false;
    tell();
    narrow.addEventListener("click", () => {
      root.dataset.side = root.dataset.side === "narrow" ? "" : "narrow";
      tell();
      try {
        localStorage.setItem("crm-side", root.dataset.side);
      } catch {
        // It stays so for this page.
      }
    });
  }

  // Parts beside the work, which stand below it on a phone, are folded there at first.
  if (window.matchMedia("(max-width: 767.98px)").matches) {
    document.querySelectorAll("details[data-fold-phone]").forEach((part) => {
      part.open = false;
    });
  }

  // htmx -------------------------------------------------------------------------------------------
  const loading = document.getElementById("loading");
  let underway = 0;
  function busy(step, target) {
    underway = Math.max(0, underway + step);
    if (loading) {
      loading.classList.toggle("is-on", underway > 0);
    }
    if (target && step > 0) {
      target.setAttribute("aria-busy", "true");
    } else if (target) {
      target.removeAttribute("aria-busy");
    }
  }

  document.body.addEventListener("htmx:configRequest", (event) => {
    if (event.detail.verb !== "get") {
      event.detail.headers["X-CSRFToken"] = token();
    }
  });
  document.body.addEventListener("htmx:beforeRequest", (event) => busy(1, event.detail.target));
  document.body.addEventListener("htmx:afterRequest", (event) => {
    busy(-1, event.detail.target);
    const form = event.target.closest ? event.target.closest("form[data-sent]") : null;
    if (form) {
      release(form);
    }
  });

  // What was put under a row goes by its own way out, or by the link that brought it.
  function fold(row) {
    const more = row?.querySelector(".crm-row-more");
    if (more) {
      more.remove();
      row.querySelector(".crm-row-acts [hx-get]").focus();
    }
    return Boolean(more);
  }
  document.addEventListener(
    "click",
    (event) => {
      const way = event.target.closest(".crm-row-more .crm-form-end a, .crm-row-acts [hx-get]");
      if (way && fold(way.closest(".crm-row"))) {
        event.preventDefault();
        event.stopImmediatePropagation();
      }
    },
    true,
  );

  function sessionEnded() {
    const next = encodeURIComponent(window.location.pathname + window.location.search);
    showToast(say.saySession, "warning", { href: `${say.login}?next=${next}`, text: say.sayLogin });
  }

  document.body.addEventListener("htmx:beforeSwap", (event) => {
    const landed = event.detail.xhr.responseURL;
    if (landed && new URL(landed).pathname === say.login) {
      event.detail.shouldSwap = false;
      sessionEnded();
    }
  });
  document.body.addEventListener("htmx:responseError", (event) => {
    const answer = event.detail.xhr;
    const type = answer.getResponseHeader("Content-Type") || "";
    if (answer.status === 401) {
      sessionEnded();
    } else if (type.startsWith("text/plain") && answer.responseText.length < 300) {
      showToast(answer.responseText, "error");
    } else if (answer.status === 403) {
      showToast(say.sayDenied, "error");
    } else if (answer.status === 404) {
      showToast(say.sayGone, "error");
    } else {
      showToast(say.sayFailed, "error");
    }
  });
  ["htmx:sendError", "htmx:timeout"].forEach((name) => {
    document.body.addEventListener(name, () => showToast(say.sayOffline, "error"));
  });

  // The number that was asked for is dialled at once; its link stays, for a second try.
  document.body.addEventListener("htmx:afterSwap", (event) => {
    const link =
      event.detail.target.id === "dialled" && event.detail.target.querySelector('a[href^="tel:"]');
    if (link) {
      link.click();
    }
  });

  // After a swap the focus goes to the errors, to what the answer marks, or stays where it was.
  // What loads by itself takes none: nobody was there.
  const focused = new WeakSet();
  document.body.addEventListener("htmx:beforeRequest", (event) => {
    if (document.activeElement !== document.body) {
      focused.add(event.detail.xhr);
    }
  });
  document.body.addEventListener("htmx:afterSettle", (event) => {
    const area = event.detail.elt;
    if (!area?.querySelector || area.id === "search-hits") {
      return;
    }
    const wanted = area.matches("[data-focus]") ? area : area.querySelector("[data-focus]");
    if (wanted) {
      wanted.focus();
    } else if (
      focused.has(event.detail.xhr) &&
      document.activeElement === document.body &&
      area.isConnected
    ) {
      if (!area.hasAttribute("tabindex")) {
        area.setAttribute("tabindex", "-1");
      }
      area.focus({ preventScroll: true });
    }
  });
  const summary =
    document.querySelector(".crm-errors[data-focus]") ||
    document.querySelector("main section[data-focus]");
  if (summary) {
    summary.focus();
  }

  // Copies of drafts: gone when saved, at logout, and after a day --------
  function dropDrafts(unwanted) {
    const kept = store.names().filter((name) => name.startsWith(drafts.prefix));
    kept.forEach((name) => {
      let copy = {};
      try {
        copy = JSON.parse(store.read(name)) || {};
      } catch {
        // Broken: as old as can be.
      }
      if (unwanted(copy) || !(Date.now() - copy.at < drafts.milliseconds)) {
        store.remove(name);
      }
    });
  }
  const saved = /(?:^|; )crm_saved=([0-9a-f-]+)/.exec(document.cookie);
  dropDrafts((copy) => Boolean(saved) && copy.token === saved[1]);
  // A bar of pages that scrolls on a phone shows the page one is on.
  document.querySelectorAll(".crm-pages, .crm-switch").forEach((bar) => {
    const here = bar.querySelector("[aria-current]");
    if (here) {
      bar.scrollLeft = here.offsetLeft - bar.offsetLeft - 24;
    }
  });
  document.querySelectorAll("form[action*='logout']").forEach((form) => {
    form.addEventListener("submit", () => dropDrafts(() => true));
  });
})();
