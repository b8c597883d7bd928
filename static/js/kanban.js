// Moves cards of the board: by dragging, by the card's "move to" menu, and by Alt with an arrow key.
// Arrow keys alone go from card to card. Each move is the same request; the server answers with the
// card as it is now, and until then it stands where it was put. Without JavaScript the card's link
// leads to a page that asks where to.
(() => {
  "use strict";
  const board = document.querySelector("[data-board]");
  const dialog = document.getElementById("move");
  if (!board || !window.htmx) {
    return;
  }
  let chosen = null;
  let waiting = "";

  function say(text) {
    const area = document.getElementById("board-says");
    area.textContent = "";
    window.setTimeout(() => {
      area.textContent = text;
    }, 150);
  }

  function lists(card) {
    return Array.from(card.closest("[data-lane]").querySelectorAll("[data-stage]"));
  }

  function nameOf(card) {
    return card.querySelector(".crm-card-name");
  }

  function put(card, list) {
    list.insertBefore(card, list.firstChild);
  }

  // Sends the move. `home` is where the card returns to when it fails.
  function send(card, list, home) {
    const next = home.before?.isConnected ? home.before : null;
    card.setAttribute("aria-busy", "true");
    const place = { lane: card.closest("[data-lane]"), address: card.dataset.card };
    let answered = false;
    function settle(event) {
      const xhr = event.detail.xhr;
      if (event.detail.elt !== card || !xhr) {
        return;
      }
      answered = xhr.status === 200 || xhr.status === 409;
      if (!answered && !xhr.getResponseHeader("HX-Redirect")) {
        home.list.insertBefore(card, next);
        nameOf(card).focus();
      } else if (!answered) {
        home.list.insertBefore(card, next);
      }
      card.removeAttribute("aria-busy");
    }
    card.addEventListener("htmx:beforeOnLoad", settle, { once: true });
    ["htmx:sendError", "htmx:timeout"].forEach((name) => {
      card.addEventListener(
        name,
        () => {
          home.list.insertBefore(card, next);
          card.removeAttribute("aria-busy");
        },
        { once: true },
      );
    });
    window.htmx
      .ajax("POST", `${card.dataset.card}drop/`, {
        source: card,
        target: card,
        swap: "outerHTML",
        values: {
          stage: list.dataset.stage,
          version: card.dataset.version,
          at: card.dataset.at,
          back: board.dataset.back,
        },
      })
      .catch(() => {})
      .finally(() => {
        if (!answered) {
          return;
        }
        // The card as it is now may be somewhere else than where it was dropped.
        const link = place.lane.querySelector(`.crm-card-name[href="${place.address}"]`);
        const now = link?.closest(".crm-board-card");
        if (!now) {
          return;
        }
        if (now.dataset.at !== now.parentElement.dataset.stage) {
          const right = place.lane.querySelector(`[data-stage="${now.dataset.at}"]`);
          if (right) {
            put(now, right);
          }
          now.classList.add("is-news");
        }
        link.focus();
        // After the focus: a screen reader drops for it what was said before.
        if (waiting) {
          say(waiting);
          waiting = "";
        }
      });
  }

  function move(card, list) {
    if (card.getAttribute("aria-busy") || list === card.parentElement) {
      return;
    }
    const home = { list: card.parentElement, before: card.nextSibling };
    put(card, list);
    send(card, list, home);
  }

  // The menu of a card: one dialog for all ----------------------------------------------------------
  document.addEventListener("click", (event) => {
    const link = event.target.closest("[data-move]");
    if (link && dialog && window.crm.opensHere(event)) {
      event.preventDefault();
      chosen = link.closest("[data-card]");
      dialog.querySelector("[data-who]").textContent = nameOf(chosen).textContent;
      dialog.querySelectorAll("[data-to]").forEach((button) => {
        button.disabled = button.dataset.to === chosen.dataset.at;
      });
      dialog.showModal();
      return;
    }
    const button = event.target.closest("[data-to]");
    if (button && chosen) {
      const card = chosen;
      dialog.close();
      move(
        card,
        lists(card).find((list) => list.dataset.stage === button.dataset.to),
      );
    } else if (event.target.closest("#move [data-close]")) {
      dialog.close();
    }
  });

  // Keys --------------------------------------------------------------------------------------------
  function step(card, key) {
    if (key === "ArrowDown" || key === "ArrowUp") {
      const next = key === "ArrowDown" ? card.nextElementSibling : card.previousElementSibling;
      return next?.querySelector("a");
    }
    const all = lists(card);
    const by = key === "ArrowRight" ? 1 : -1;
    for (let at = all.indexOf(card.parentElement) + by; all[at]; at += by) {
      const first = all[at].querySelector(".crm-card-name");
      if (first) {
        return first;
      }
    }
    return null;
  }

  document.addEventListener("keydown", (event) => {
    const card = event.target.closest ? event.target.closest(".crm-board-card") : null;
    if (!card || !/^Arrow(Left|Right|Up|Down)$/.test(event.key) || event.ctrlKey || event.metaKey) {
      return;
    }
    if (!event.altKey) {
      const next = step(card, event.key);
      if (next) {
        event.preventDefault();
        next.focus();
      }
      return;
    }
    if (!card.dataset.card || !/Left|Right/.test(event.key)) {
      return;
    }
    event.preventDefault();
    const all = lists(card);
    const to = all[all.indexOf(card.parentElement) + (event.key === "ArrowRight" ? 1 : -1)];
    if (!to) {
      say(board.dataset.sayEnd);
    } else if (!event.repeat) {
      move(card, to);
    }
  });

  document.body.addEventListener("board-said", (event) => {
    waiting = event.detail.text;
  });

  // Dragging ----------------------------------------------------------------------------------------
  if (window.Sortable) {
    board.querySelectorAll("[data-lane]").forEach((lane) => {
      lane.querySelectorAll("[data-stage]").forEach((list) => {
        window.Sortable.create(list, {
          group: lane.dataset.lane,
          sort: false,
          draggable: "[data-card]",
          filter: "[data-move], [aria-busy]",
          preventOnFilter: false,
          animation: 0,
          delay: 150,
          delayOnTouchOnly: true,
          onEnd: (event) => {
            const card = event.item;
            if (event.to === event.from) {
              return;
            }
            const home = { list: event.from, before: event.from.children[event.oldIndex] || null };
            send(card, event.to, home);
          },
        });
      });
    });
  }
})();
