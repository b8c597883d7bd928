// Moves cards of the calendar: by dragging, by the card's "move to" link, and by Alt with an arrow key
// (a day, or a week up and down). Each opens the same small dialog, which asks the reason and sends
// the move; the server draws the calendar anew, and until then a card stays where it was.
(() => {
  "use strict";

  function ask(card, day) {
    const dialog = document.getElementById("move");
    const form = dialog.querySelector("form");
    form.action = `${card.dataset.card}move/`;
    form.elements.namedItem("day").value = day;
    dialog.querySelector("[data-who]").textContent = card.dataset.name;
    tell(dialog, day);
    dialog.showModal();
    form.elements.namedItem(day === card.parentElement.dataset.day ? "day" : "because").focus();
  }

  // The dialog describes itself by the day: the focus goes to the reason, past the field of the day.
  function tell(dialog, day) {
    const list = document.querySelector(`[data-day="${day}"]`);
    const name = list?.parentElement.querySelector(".crm-cal-name");
    dialog.querySelector("[data-where]").textContent = `→ ${name ? name.textContent : day}`;
  }

  document.addEventListener("change", (event) => {
    const dialog = event.target.closest("#move");
    if (dialog && event.target.name === "day") {
      tell(dialog, event.target.value);
    }
  });

  // Said when the calendar is drawn and the focus is back on the card: what is said earlier a screen
  // reader drops for the focus. The region stands beside the calendar, which is drawn anew.
  let waiting = "";
  document.body.addEventListener("calendar-said", (event) => {
    waiting = event.detail.text;
  });
  document.body.addEventListener("htmx:afterSettle", () => {
    const area = document.getElementById("calendar-says");
    if (!waiting || !area) {
      return;
    }
    const text = waiting;
    waiting = "";
    area.textContent = "";
    window.setTimeout(() => {
      area.textContent = text;
    }, 150);
  });

  // While a card is dragged each day keeps its height: the fullest one gives its week the height, so
  // without its card everything below would move up under the pointer.
  function pin(list) {
    const days = Array.from(list.closest(".crm-cal").querySelectorAll(".crm-cal-day"));
    const heights = days.map((day) => day.getBoundingClientRect().height);
    days.forEach((day, at) => {
      day.style.height = `${heights[at]}px`;
    });
  }

  function unpin() {
    document.querySelectorAll(".crm-cal-day").forEach((day) => {
      day.style.height = "";
    });
  }

  function shifted(day, step) {
    const date = new Date(`${day}T12:00:00Z`);
    date.setUTCDate(date.getUTCDate() + step);
    return date.toISOString().slice(0, 10);
  }

  document.addEventListener("click", (event) => {
    const link = event.target.closest("[data-move]");
    if (link && window.crm.opensHere(event)) {
      event.preventDefault();
      const card = link.closest("[data-card]");
      ask(card, card.parentElement.dataset.day);
    }
    if (event.target.closest("[data-close]")) {
      event.target.closest("dialog").close();
    }
  });

  document.addEventListener("keydown", (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: 7, ArrowUp: -7 }[event.key];
    const card = event.target.closest ? event.target.closest("[data-card]") : null;
    if (!step || !event.altKey || event.ctrlKey || event.metaKey || !card) {
      return;
    }
    event.preventDefault();
    if (!event.repeat) {
      ask(card, shifted(card.parentElement.dataset.day, step));
    }
  });

  document.addEventListener("submit", (event) => {
    const dialog = event.target.closest("#move");
    if (!dialog) {
      return;
    }
    event.preventDefault();
    const form = event.target;
    const values = Object.fromEntries(new FormData(form));
    dialog.close();
    window.htmx
      .ajax("POST", form.getAttribute("action"), {
        source: document.getElementById("calendar"),
        target: "#calendar",
        swap: "outerHTML",
        values: values,
      })
      .catch(() => {})
      .finally(() => {
        window.crm.release(form);
      });
  });

  function dress() {
    document.querySelectorAll("[data-calendar] [data-day]").forEach((list) => {
      if (list.dataset.sorted || !window.Sortable) {
        return;
      }
      list.dataset.sorted = "1";
      window.Sortable.create(list, {
        group: { name: "days", put: !list.hasAttribute("data-past") },
        sort: false,
        draggable: "[data-card]",
        filter: "[data-move]",
        preventOnFilter: false,
        animation: 0,
        delay: 150,
        delayOnTouchOnly: true,
        onStart: () => pin(list),
        onEnd: (event) => {
          unpin();
          if (event.to === event.from) {
            return;
          }
          const day = event.to.dataset.day;
          event.from.insertBefore(event.item, event.from.children[event.oldIndex] || null);
          ask(event.item, day);
        },
      });
    });
  }

  dress();
  document.body.addEventListener("htmx:afterSettle", dress);
})();
