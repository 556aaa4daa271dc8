// The switch for re-ranking, its settings, and what it changed in words.
(function (W) {
  "use strict";

  const HELP = "Images that share their nearest neighbours move closer together";

  // `change(text)` is called with what a person wants: "1", "0", or "name:value,…".
  W.reRanking = function ({ change }) {
    const toggle = W.toggle("Re-rank", HELP, (on) => change(on ? "1" : "0"));
    const words = W.make("p", { class: "wb-words", role: "status" });
    const controls = W.make("div", { class: "wb-rerank-fields" });
    const panel = W.make("div", { class: "wb-rerank", hidden: true }, words, controls);
    const rows = new Map();
    const prefix = Math.random().toString(36).slice(2);
    let fields = [];

    const nameOf = (path) => path.split(".").at(-1);

    function changed(path, value) {
      const given = fields.map((field) => [nameOf(field.path), field.path === path ? value ?? "" : field.text]);
      change(given.map(([name, text]) => `${name}:${encodeURIComponent(text)}`).join(","));
    }

    function draw(answer) {
      toggle.set(answer.on);
      panel.hidden = !answer.on;
      panel.classList.toggle("wb-refused", answer.refused);
      words.textContent = answer.words;
      fields = answer.fields;
      for (const field of fields) {
        if (!rows.has(field.path)) {
          rows.set(field.path, W.field(field, { prefix, change: changed }));
          controls.append(rows.get(field.path).element);
        }
        rows.get(field.path).update(field);
      }
    }
    return { toggle: toggle.element, panel, draw };
  };
})((globalThis.Workbench = globalThis.Workbench || {}));
