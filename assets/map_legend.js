// The legend of a map: a button for each group that has a name, and a sentence for the rest.
(function (W) {
  "use strict";

  const SIGNS = {
    circle: "●",
    square: "■",
    diamond: "◆",
    "triangle-up": "▲",
    "circle-open": "○",
    x: "✕",
  };

  // `changed()` is called when a group is switched off or on.
  W.mapLegend = function (changed) {
    const list = W.make("div", { class: "wb-legend" });
    const words = W.make("p", { class: "wb-muted" });
    const element = W.make("div", { class: "wb-map-legend" }, list, words);
    let hidden = new Set();
    let drawn = "";

    function item({ name, label, symbol, colour, places }) {
      const swatch = { class: "wb-map-swatch", "aria-hidden": true, style: `color: var(${colour})` };
      const button = W.make(
        "button",
        { type: "button", class: "wb-legend-item", "aria-pressed": String(!hidden.has(name)), title: `Show or hide ${label}` },
        W.make("span", swatch, SIGNS[symbol]),
        W.make("span", {}, label),
        W.make("span", { class: "wb-latest" }, String(places.length)),
      );
      button.addEventListener("click", () => {
        if (!hidden.delete(name)) hidden.add(name);
        button.setAttribute("aria-pressed", String(!hidden.has(name)));
        changed();
      });
      return button;
    }

    return {
      element,
      // Another `key` is another colouring: everything is shown again. Answers the groups to draw.
      set(groups, note, key) {
        const counts = groups.map(({ name, places }) => `${name} ${places.length}`);
        const text = [key, ...counts, note].join();
        if (text !== drawn) {
          if (!drawn.startsWith(`${key},`)) hidden = new Set();
          drawn = text;
          words.textContent = note;
          W.fill(list, groups.filter(({ label }) => label).map(item));
        }
        return groups.filter(({ name }) => !hidden.has(name));
      },
    };
  };
})((globalThis.Workbench = globalThis.Workbench || {}));
