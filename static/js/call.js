// The call screen: an outcome proposes the next step, steps wait for the answers they depend on, and
// what is typed is kept. The page works without it: then all steps are shown and Save saves.
(() => {
  "use strict";

  // An outcome proposes the next step and its date, as long as nobody chose others ----------------
  const day = document.getElementById("id_next_step_on");
  if (day) {
    const choices = Array.from(document.querySelectorAll("input[name=next_step]"));
    let own = day.value !== "" || choices.some((choice) => choice.checked);
    [day, ...choices].forEach((field) => {
      field.addEventListener("change", () => {
        own = true;
      });
    });
    document.querySelectorAll("[data-outcomes] input").forEach((outcome) => {
      outcome.addEventListener("change", () => {
        if (!own) {
          choices.forEach((choice) => {
            choice.checked = choice.value === outcome.dataset.step;
          });
          day.value = outcome.dataset.on;
        }
      });
    });
  }

  // Steps that wait for an answer ------------------------------------------------------------------
  // In the order of the script, so that a step behind a hidden one is hidden, too. A hidden step is
  // not posted, but keeps what was typed into it.
  const steps = Array.from(document.querySelectorAll("li[data-step]"));
  const place = document.querySelector("input[name=at_step]");
  function branch() {
    const given = {};
    steps.forEach((item) => {
      const after = item.dataset.ifStep;
      const live = !after || item.dataset.ifValues.split("\n").includes(given[after]);
      item.hidden = !live;
      item.querySelectorAll("input, textarea").forEach((field) => {
        field.disabled = !live;
      });
      const chosen = item.querySelector("input[type=radio]:checked");
      given[item.dataset.step] = live && chosen ? chosen.value : "";
    });
    mark();
  }

  // The step one is at: the one behind the last answer, or where one says that one is ----------------
  function isAnswered(item) {
    return Array.from(item.querySelectorAll("input, textarea")).some((field) =>
      field.type === "radio" ? field.checked : field.value.trim() !== "",
    );
  }
  function mark() {
    const live = steps.filter((item) => !item.hidden);
    let at = live.findLastIndex(isAnswered) + 1;
    if (place?.value) {
      at = live.filter((item) => Number(item.dataset.step) < Number(place.value)).length;
    }
    live.forEach((item, index) => {
      item.dataset.state = index < at ? "done" : index === at ? "at" : "later";
      if (index === at) {
        item.setAttribute("aria-current", "step");
      } else {
        item.removeAttribute("aria-current");
      }
    });
  }
  function go(number) {
    if (place) {
      place.value = number;
    }
  }
  document.addEventListener("change", (event) => {
    const item = event.target.closest("li[data-step]");
    const number = Number(item?.dataset.step);
    if (item && isAnswered(item) && number >= Number(place?.value || 0)) {
      go(number + 1);
    }
  });
  steps.forEach((item) => {
    item.querySelector(".crm-step-no").addEventListener("click", () => {
      go(item.dataset.step);
      place?.dispatchEvent(new Event("change", { bubbles: true }));
      mark();
    });
  });
  const form = document.querySelector("form[data-draft]");
  if (form || steps.length) {
    document.addEventListener("change", branch);
    branch();
  }
  if (!form) {
    return;
  }

  // Ctrl or ⌘ with Enter saves, from wherever one types ----------------------------------------------
  document.addEventListener("keydown", (event) => {
    if (event.target.form !== form) {
      return;
    }
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && !event.isComposing) {
      event.preventDefault();
      form.requestSubmit();
    }
  });

  // The draft -----------------------------------------------------------------------------------------
  // Posted a few seconds after the last key. A copy stays on the device until the server has it,
  // locked with a key that only this login's pages carry: the next person at a shared computer can
  // read nothing. It goes when the contact is saved, at logout (crm.js) and after a day.
  const { csrfToken, drafts, release, store } = window.crm;
  const NAME = drafts.prefix + form.dataset.draft;
  const state = form.querySelector("[data-draft-state]");
  const token = form.elements.namedItem("token");
  const safe = window.crypto?.subtle;
  let timer = 0;
  let dirty = false;
  let sent = false;
  // Locking takes a moment: a copy that was begun earlier must not come after a newer one.
  let newest = 0;
  // The server's draft that stands below what is typed here, by its time of saving.
  let base = form.dataset.draftAt || "";

  function content() {
    // Disabled steps keep their words in the draft.
    const off = Array.from(form.querySelectorAll("li[data-step] :disabled"));
    off.forEach((field) => {
      field.disabled = false;
    });
    const data = new URLSearchParams(new FormData(form));
    off.forEach((field) => {
      field.disabled = true;
    });
    data.delete("csrfmiddlewaretoken");
    return data;
  }

  function key() {
    const bytes = Uint8Array.from(form.dataset.lock.match(/../g), (pair) => parseInt(pair, 16));
    return window.crypto.subtle.importKey("raw", bytes, "AES-GCM", false, ["encrypt", "decrypt"]);
  }

  function forget() {
    store.remove(NAME);
  }

  async function keepHere() {
    if (!safe) {
      return;
    }
    newest += 1;
    const own = newest;
    try {
      const iv = window.crypto.getRandomValues(new Uint8Array(12));
      const text = new TextEncoder().encode(content().toString());
      const locked = new Uint8Array(
        await window.crypto.subtle.encrypt({ name: "AES-GCM", iv }, await key(), text),
      );
      const copy = {
        at: Date.now(),
        base,
        token: token.value,
        iv: Array.from(iv),
        text: Array.from(locked),
      };
      if (!sent && own === newest) {
        store.write(NAME, JSON.stringify(copy));
      }
    } catch {
      // It could not be locked: the server still has the last draft.
    }
  }

  // Another device has saved a newer draft since this copy was made. Clocks are asked only where the
  // copy was typed on top of another draft than the page shows: a device's clock may be wrong.
  function outdated(copy) {
    return base !== (copy.base || "") && copy.at < Number(base);
  }

  async function readHere() {
    try {
      const copy = JSON.parse(store.read(NAME) || "null");
      if (!safe || !copy || Date.now() - copy.at > drafts.milliseconds || outdated(copy)) {
        forget();
        return null;
      }
      const how = { name: "AES-GCM", iv: new Uint8Array(copy.iv) };
      const text = await window.crypto.subtle.decrypt(how, await key(), new Uint8Array(copy.text));
      return new URLSearchParams(new TextDecoder().decode(text));
    } catch {
      // Another person's, or broken.
      forget();
      return null;
    }
  }

  async function send() {
    timer = 0;
    dirty = false;
    const data = content();
    try {
      const answer = await fetch(form.dataset.draft, {
        method: "POST",
        body: data,
        headers: { "X-CSRFToken": csrfToken() },
        redirect: "error",
      });
      if (answer.ok) {
        const kept = await answer.json();
        state.textContent = kept.text;
        base = kept.at;
        if (dirty) {
          keepHere();
        } else {
          forget();
        }
        return;
      }
      if (answer.status === 409) {
        // Saved already, though the answer to that never came.
        sent = true;
        forget();
        window.location.reload();
        return;
      }
      const plain = (answer.headers.get("Content-Type") || "").startsWith("text/plain");
      state.textContent = plain ? await answer.text() : form.dataset.sayKept;
    } catch {
      state.textContent = form.dataset.sayKept;
    }
    dirty = true;
    timer = timer || window.setTimeout(send, 10000);
  }

  function changed() {
    if (sent) {
      return;
    }
    dirty = true;
    keepHere();
    timer = timer || window.setTimeout(send, 3000);
  }

  function fill(data) {
    new Set(data.keys()).forEach((name) => {
      const values = data.getAll(name);
      const fields = Array.from(form.elements).filter((field) => field.name === name);
      fields.forEach((field) => {
        if (field.type === "radio" || field.type === "checkbox") {
          field.checked = values.includes(field.value);
        } else {
          field.value = values[0];
        }
      });
    });
    branch();
  }

  // Whom one speaks with and what for stand in the head of the page, and belong to the form all the same.
  ["input", "change"].forEach((type) => {
    document.addEventListener(type, (event) => {
      if (event.target.form === form) {
        changed();
      }
    });
  });
  window.addEventListener("online", () => dirty && send());
  form.addEventListener("submit", (event) => {
    window.clearTimeout(timer);
    timer = 0;
    // The copy stays until the next page says that it was saved: the connection may fail now.
    if (navigator.onLine === false) {
      // The browser would put its own error page in the place of this one.
      event.preventDefault();
      release(form);
      dirty = true;
      keepHere();
      state.textContent = form.dataset.sayOffline;
    }
  });
  const discard = document.getElementById("discard");
  if (discard) {
    discard.addEventListener("submit", () => {
      sent = true;
      window.clearTimeout(timer);
      forget();
    });
  }
  // After an error the page shows what was posted: that is newer than any copy.
  const posted = document.querySelector(".crm-errors, .alert[role=alert]");
  if (posted) {
    keepHere();
  } else {
    readHere().then((data) => {
      if (!data) {
        return;
      }
      if (data.get("version") !== form.elements.namedItem("version").value) {
        // The wording has changed meanwhile: its answers belong to other questions, the rest does not.
        Array.from(data.keys())
          .filter((name) => /^answer_|^version$/.test(name))
          .forEach((name) => {
            data.delete(name);
          });
      }
      fill(data);
      state.textContent = form.dataset.sayBack;
      changed();
    });
  }
})();
