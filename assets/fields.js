// One control of the form: the label, the input, what it means, what is wrong with it.
(function (W) {
  "use strict";

  // Makes the row of a field; `change(path, value)` is called when a person changed it.
  // `kind` tells whether a row made for one field can show another.
  W.field = function (field, { prefix, change }) {
    const id = `${prefix}-${field.path}`;
    const help = W.make(
      "p",
      { class: "wb-help", id: `${id}-help`, hidden: true },
      field.help,
      field.range ? ` ${field.range}` : null,
      W.make("code", {}, field.path),
    );
    const error = W.make("p", { class: "wb-error", id: `${id}-error`, hidden: true });
    const about = W.make(
      "button",
      {
        type: "button",
        class: "wb-about",
        "aria-label": `What is ${field.label}?`,
        "aria-expanded": "false",
        title: field.help,
      },
      "?",
    );
    about.addEventListener("click", () => {
      help.hidden = !help.hidden;
      about.setAttribute("aria-expanded", String(!help.hidden));
    });
    const undo = W.make("button", { type: "button", class: "wb-undo", hidden: true }, "↺");
    const control = controlOf(field, id, change);
    const element = W.make(
      "div",
      { class: "wb-field", "data-path": field.path },
      W.make("label", { for: id, title: field.path }, labelOf(field.label)),
      W.make("span", { class: "wb-control" }, control.element, undo, about),
      error,
      help,
    );
    const row = { kind: W.field.kind(field), element, field, update };
    undo.addEventListener("click", () => change(field.path, row.field.preset_value));

    function update(next) {
      row.field = next;
      control.show(next);
      element.classList.toggle("wb-changed", next.changed);
      undo.hidden = !next.changed || !next.in_preset;
      undo.title = `Back to the preset: ${next.preset_text}`;
      undo.setAttribute("aria-label", `Set ${next.label} back to ${next.preset_text}`);
      error.hidden = !next.error;
      error.textContent = next.error || "";
      control.element.setAttribute("aria-invalid", String(Boolean(next.error)));
      const described = next.error ? `${help.id} ${error.id}` : help.id;
      control.element.setAttribute("aria-describedby", described);
    }
    return row;
  };

  W.field.kind = (field) => JSON.stringify([field.type, field.choices, field.optional, field.help]);

  // "sampler: images" with the group it belongs to in the background.
  function labelOf(label) {
    const parts = label.split(": ");
    const last = parts.pop();
    return parts.length ? [W.make("span", { class: "wb-muted" }, `${parts.join(" ")} `), last] : last;
  }

  function controlOf(field, id, change) {
    if (field.type === "bool") return toggle(field, id, change);
    return field.type === "choice" ? select(field, id, change) : text(field, id, change);
  }

  function toggle(field, id, change) {
    const box = W.make("input", { type: "checkbox", id, role: "switch", class: "wb-toggle" });
    box.addEventListener("change", () => change(field.path, box.checked));
    return { element: box, show: (next) => (box.checked = next.value === true || next.text === "true") };
  }

  function select(field, id, change) {
    const word = (value) => (value === null ? "none" : String(value).replaceAll("_", " "));
    const options = field.choices.map((one) => W.make("option", { value: one ?? "" }, word(one)));
    const list = W.make("select", { class: "wb-input", id }, options);
    list.addEventListener("change", () => {
      change(field.path, list.value === "" && field.optional ? null : list.value);
    });
    return { element: list, show: (next) => (list.value = next.text) };
  }

  function text(field, id, change) {
    const long = field.path === "run.note";
    const numeric = { int: "numeric", float: "decimal" }[field.type];
    const input = W.make(long ? "textarea" : "input", {
      type: long ? null : "text",
      rows: long ? 2 : null,
      class: "wb-input",
      id,
      autocomplete: "off",
      spellcheck: "false",
      inputmode: numeric,
      placeholder: field.placeholder,
    });
    let shown = "";
    let waiting = 0;
    function send() {
      if (input.value === shown) return;
      shown = input.value;
      change(field.path, input.value.trim() === "" && field.optional ? null : input.value);
    }
    input.addEventListener("change", send);
    input.addEventListener("keydown", (event) => {
      const direction = { ArrowUp: 1, ArrowDown: -1 }[event.key];
      const value = Number(input.value);
      if (event.key === "Enter" && !long) send();
      else if (direction && numeric && input.value.trim() && !Number.isNaN(value)) {
        event.preventDefault();
        input.value = stepped(field, value, direction);
        clearTimeout(waiting);
        waiting = setTimeout(send, 350);
      }
    });
    return {
      element: input,
      show(next) {
        // What is being typed stays; it is sent when the person is done.
        if (document.activeElement === input && input.value !== shown) return;
        shown = next.text;
        if (input.value !== next.text) input.value = next.text;
      },
    };
  }

  // The next value of an arrow key: by one, by a fifth on a logarithmic scale, else by a twentieth.
  function stepped(field, value, direction) {
    const { low, high } = field;
    const inside = (next) => Math.min(high ?? Infinity, Math.max(low ?? -Infinity, next));
    if (field.type === "int") return String(inside(value + direction));
    if (field.log) return String(Number((value * (direction > 0 ? 1.25 : 0.8)).toPrecision(2)));
    const narrow = low !== null && high !== null && high - low <= 10;
    const width = narrow ? (high - low) / 20 : Math.max(Math.abs(value) / 10, 0.01);
    return String(Number(inside(value + direction * width).toPrecision(6)));
  }
})((globalThis.Workbench = globalThis.Workbench || {}));
