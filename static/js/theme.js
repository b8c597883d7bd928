// Runs before the first paint, so that a dark system never flashes white. data-theme on <html> is
// what the person chose; the administration, whose <html> is Django's, says so beside this script.
// Where it says neither light nor dark the system decides. data-bs-theme is the outcome, which the
// sheets go by.
(() => {
  "use strict";
  const root = document.documentElement;
  const said = document.currentScript?.dataset.chosen;
  if (said) {
    root.dataset.theme = said;
  }
  const system = window.matchMedia("(prefers-color-scheme: dark)");
  function follow() {
    const chosen = root.dataset.theme;
    const dark = chosen === "dark" || (chosen !== "light" && system.matches);
    root.setAttribute("data-bs-theme", dark ? "dark" : "light");
  }
  follow();
  // The side bar as it was left in this browser; without storage it is wide.
  try {
    root.dataset.side = localStorage.getItem("crm-side") ?? "";
  } catch {
    root.dataset.side = "";
  }
  system.addEventListener("change", follow);
  new MutationObserver(follow).observe(root, { attributeFilter: ["data-theme"] });

  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (!form.hasAttribute("data-theme-form")) {
      return;
    }
    event.preventDefault();
    const theme = root.getAttribute("data-bs-theme") === "dark" ? "light" : "dark";
    root.dataset.theme = theme;
    follow();
    document.dispatchEvent(new CustomEvent("crm:theme"));
    const data = new FormData(form);
    data.set("theme", theme);
    fetch(form.action, { method: "POST", body: data, redirect: "manual" }).catch(() => {});
  });
})();
