// The form of a recipe, drawn from what the server says: sections, search, what is open.
(function (W) {
  "use strict";

  // Settings that another part of the editor shows.
  const ELSEWHERE = new Set(["run.devices"]);

  // `change(path, value)` is called for every change; `draw(view)` shows a form, `find(path)` goes
  // to one of its controls.
  W.form = function (element, { change, reset }) {
    const prefix = Math.random().toString(36).slice(2);
    const search = W.make("input", {
      type: "search",
      class: "wb-input",
      placeholder: "Search settings",
      "aria-label": "Search settings",
    });
    const count = W.make("span", { class: "wb-muted", role: "status" });
    const resetButton = W.button("Reset all", reset, "wb-small wb-quiet");
    const sections = W.make("div", { class: "wb-sections" });
    const nothing = W.make("p", { class: "wb-muted", hidden: true }, "No setting has these words.");
    const title = W.make("h2", {}, "Settings");
    const tools = W.make("span", { class: "wb-end wb-row" }, count, resetButton);
    W.fill(element, W.make("div", { class: "wb-row" }, title, tools), search, nothing, sections);
    search.addEventListener("input", filter);

    const rows = new Map();
    const boxes = new Map();

    function draw(view) {
      const seen = new Set();
      const order = view.sections.map((section) => {
        const box = boxOf(section);
        const [open, closed] = [[], []];
        for (const field of section.fields) {
          if (ELSEWHERE.has(field.path)) continue;
          seen.add(field.path);
          const shown = field.important || field.changed || field.error ? open : closed;
          shown.push(rowOf(field));
        }
        place(box.first, open);
        place(box.rest, closed);
        box.more.hidden = !closed.length;
        box.summary.textContent = `${closed.length} ${open.length ? "more" : "settings"}`;
        return box.element;
      });
      place(sections, order);
      for (const path of rows.keys()) if (!seen.has(path)) rows.delete(path);
      const changed = view.differences.length;
      count.textContent = changed ? `${changed} changed` : "as the preset";
      resetButton.hidden = Object.keys(view.overrides).length === 0;
      filter();
    }

    // Moves only what is not in place, so that a control being typed into keeps its focus.
    function place(parent, children) {
      children.forEach((child, index) => {
        const there = parent.children[index] || null;
        if (there !== child) parent.insertBefore(child, there);
      });
      while (parent.children.length > children.length) parent.lastChild.remove();
    }

    function rowOf(field) {
      let row = rows.get(field.path);
      if (!row || row.kind !== W.field.kind(field)) {
        row = W.field(field, { prefix, change });
        rows.set(field.path, row);
      }
      row.update(field);
      return row.element;
    }

    function boxOf({ path, title, removable }) {
      if (!boxes.has(path)) {
        const first = W.make("div", { class: "wb-fields" });
        const rest = W.make("div", { class: "wb-fields" });
        const summary = W.make("summary", {});
        const more = W.make("details", { class: "wb-more" }, summary, rest);
        const remove = W.button("Remove", () => change(path, null), "wb-small wb-quiet");
        remove.setAttribute("aria-label", `Remove ${title}`);
        const legend = W.make("legend", {}, title);
        const box = W.make("fieldset", { class: "wb-section", "data-section": path });
        W.fill(box, legend, remove, first, more);
        boxes.set(path, { element: box, first, rest, more, summary, remove });
      }
      boxes.get(path).remove.hidden = !removable;
      return boxes.get(path);
    }

    function filter() {
      const wanted = W.words(search.value);
      let found = 0;
      for (const { field, element: row } of rows.values()) {
        const text = `${field.path} ${field.label} ${field.help}`.toLowerCase();
        row.hidden = !wanted.every((word) => text.includes(word));
        if (!row.hidden) found += 1;
      }
      for (const box of boxes.values()) {
        const hits = [...box.element.querySelectorAll(".wb-field")].filter((one) => !one.hidden);
        box.element.hidden = hits.length === 0;
        box.summary.hidden = wanted.length > 0;
        if (wanted.length) {
          box.wasOpen ??= box.more.open;
          box.more.open = true;
        } else if (box.wasOpen !== undefined) {
          box.more.open = box.wasOpen;
          box.wasOpen = undefined;
        }
      }
      nothing.hidden = found > 0;
    }

    function find(path) {
      search.value = "";
      filter();
      const row = rows.get(path)?.element;
      if (!row) return;
      const more = row.closest("details");
      if (more) more.open = true;
      row.scrollIntoView({ block: "center" });
      row.querySelector("input, select, textarea").focus();
    }

    return { draw, find };
  };
})((globalThis.Workbench = globalThis.Workbench || {}));
