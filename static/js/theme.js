// Runs before the first paint, so that a dark system never flashes white. A theme that the person
// chose is already on <html> (data-theme); otherwise the system decides, also when it changes.
(() => {
  "use strict";
  const root = document.documentElement;
  const system = window.matchMedia("(prefers-color-scheme: dark)");
  function follow() {
    if (!root.dataset.theme) {
      root.setAttribute("data-bs-theme", system.matches ? "dark" : "light");
    }
  }
  follow();
  system.addEventListener("change", follow);

  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (!form.hasAttribute("data-theme-form")) {
      return;
    }
    event.preventDefault();
    const theme = root.getAttribute("data-bs-theme") === "dark" ? "light" : "dark";
    root.dataset.theme = theme;
    root.setAttribute("data-bs-theme", theme);
    document.dispatchEvent(new CustomEvent("crm:theme"));
    const data = new FormData(form);
    data.set("theme", theme);
    fetch(form.action, { method: "POST", body: data, redirect: "manual" }).catch(() => {});
  });
})();
