// The controls above curves: how much they are smoothed, and switches.
(function (W) {
  "use strict";

  const USUAL = 0.9;

  // The label follows the finger; `changed(amount)` is called when it is let go.
  W.smoothing = function (changed) {
    const told = W.make("output", {}, USUAL.toFixed(2));
    const slider = W.make("input", {
      type: "range",
      min: 0,
      max: 0.99,
      step: 0.01,
      value: USUAL,
      "aria-label": "Smoothing",
    });
    slider.addEventListener("input", () => (told.textContent = Number(slider.value).toFixed(2)));
    slider.addEventListener("change", () => changed(Number(slider.value)));
    const label = W.make("span", {}, "Smoothing");
    return {
      element: W.make("label", { class: "wb-slider" }, label, slider, told),
      amount: () => Number(slider.value),
    };
  };

  W.toggle = function (label, help, changed) {
    const box = W.make("input", { type: "checkbox", role: "switch" });
    box.addEventListener("change", () => changed(box.checked));
    return {
      element: W.make("label", { class: "wb-switch", title: help }, box, W.make("span", {}, label)),
      on: () => box.checked,
      set: (on) => (box.checked = on),
    };
  };
})((globalThis.Workbench = globalThis.Workbench || {}));
