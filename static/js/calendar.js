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
    dialog.showModal();
    form.elements.namedItem(day === card.parentElement.dataset.day ? "day" : "because").focus();
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
        onEnd: (event) => {
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
