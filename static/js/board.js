// Moves cards of the pipeline: by dragging, by the card's menu, and by Alt with an arrow key. Each of
// them sends the form that every card carries, so that a move means the same without JavaScript.
(function () {
  "use strict";

  function columns() {
    return Array.from(document.querySelectorAll("[data-board] [data-stage]"));
  }

  // A stage that asks for more than the move has a page of its own.
  function send(card, column) {
    const form = card.querySelector("form");
    const stage = column.dataset.stage;
    if (column.dataset.kind !== "open") {
      const query = new URLSearchParams({ stage: stage, back: form.elements.namedItem("back").value });
      window.location.assign(form.getAttribute("action") + "?" + query);
      return;
    }
    window.htmx.ajax("POST", form.getAttribute("action"), {
      source: form, target: "#board", swap: "outerHTML", values: { stage: stage },
    }).catch(() => {});
  }

  document.addEventListener("submit", (event) => {
    const card = event.target.closest("[data-card]");
    const button = event.submitter;
    const column = card && button && columns().find((found) => found.dataset.stage === button.value);
    if (column) {
      event.preventDefault();
      send(card, column);
    }
  });

  document.addEventListener("keydown", (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    const card = event.target.closest ? event.target.closest("[data-card]") : null;
    if (!step || !event.altKey || event.ctrlKey || event.metaKey || !card) {
      return;
    }
    event.preventDefault();
    const all = columns();
    const next = all[all.indexOf(card.parentElement) + step];
    if (next && !event.repeat) {
      send(card, next);
    }
  });

  function dress() {
    columns().forEach((list) => {
      if (list.dataset.sorted || !window.Sortable) {
        return;
      }
      list.dataset.sorted = "1";
      window.Sortable.create(list, {
        group: "stages", sort: false, draggable: "[data-card]", filter: "button, summary",
        preventOnFilter: false, animation: 0, delay: 150, delayOnTouchOnly: true,
        onEnd: (event) => {
          if (event.to === event.from) {
            return;
          }
          const home = event.from.children[event.oldIndex] || null;
          const card = event.item;
          const column = event.to;
          // The server draws the board anew; until then, and when it refuses, the card is at home.
          event.from.insertBefore(card, home);
          send(card, column);
        },
      });
    });
  }

  dress();
  document.body.addEventListener("htmx:afterSettle", dress);
})();
