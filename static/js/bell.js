// The bell: asked every 20 seconds while the tab is seen; what is new also shows as a toast, once
// per browser. The server answers 304 where nothing changed. It also tells the server whether the
// person did something since (staff/idle_session.py), and the page when the session has ended.
(() => {
  "use strict";
  const { store } = window.crm;
  const bell = document.getElementById("bell");
  const SECONDS = 20;
  const KEPT = "bell-newest";
  if (!bell) {
    return;
  }
  let asked = 0;
  let etag = "";
  let active = false;

  function show(answer) {
    bell.querySelector(".crm-count").textContent = answer.text;
    const id = answer.newest ? answer.newest.id : 0;
    const before = Number(store.read(KEPT) || -1);
    if (id > before) {
      store.write(KEPT, String(id)); // Where nothing is kept, another tab shows the toast again.
      // The first answer ever only says where we are.
      if (before >= 0) {
        const detail = {
          text: answer.newest.title,
          level: "success",
          href: bell.href,
          link: bell.dataset.open,
        };
        document.body.dispatchEvent(new CustomEvent("toast", { detail: detail }));
      }
    }
  }

  async function ask() {
    if (document.hidden || Date.now() - asked < (SECONDS - 2) * 1000) {
      return;
    }
    asked = Date.now();
    const headers = etag ? { "If-None-Match": etag } : {};
    if (!active) {
      headers["X-Background"] = "1";
    }
    active = false;
    try {
      const answer = await fetch(bell.dataset.unreadUrl, {
        redirect: "manual",
        cache: "no-store",
        headers: headers,
      });
      const ended = answer.type === "opaqueredirect";
      document.body.dispatchEvent(new CustomEvent("session", { detail: { ended: ended } }));
      if (answer.status === 200) {
        etag = answer.headers.get("ETag") || "";
        show(await answer.json());
      }
    } catch {
      // Offline: the next page says so.
    }
  }

  ["keydown", "pointerdown", "wheel", "touchmove"].forEach((name) => {
    document.addEventListener(
      name,
      () => {
        active = true;
      },
      { passive: true },
    );
  });
  window.setInterval(ask, SECONDS * 1000);
  document.addEventListener("visibilitychange", ask);
  window.setTimeout(ask, 1500);
})();
