// The call screen: an outcome proposes the next step and its date, as long as nobody chose others.
(function () {
  "use strict";
  const step = document.getElementById("id_next_step");
  const day = document.getElementById("id_next_step_on");
  if (!step || !day) {
    return;
  }
  let own = step.value !== "" || day.value !== "";
  [step, day].forEach((field) => field.addEventListener("change", () => {
    own = true;
  }));
  document.querySelectorAll("[data-outcomes] input").forEach((choice) => {
    choice.addEventListener("change", () => {
      if (!own) {
        step.value = choice.dataset.step;
        day.value = choice.dataset.on;
      }
    });
  });
})();
