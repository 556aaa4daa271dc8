// The recipe editor: preset cards, the form generated from the schema, and Start.
(function (W) {
  "use strict";

  const MEMORY = "workbench.recipe";
  const FEW_PRESETS = 12;

  // `host.value` is {preset, overrides}. Tells Python of `started` with {run}.
  W.editor = function (element, host) {
    const usual = { preset: "playground/quick", overrides: {} };
    let recipe = { ...usual, ...remembered(), ...given(host.value) };
    let view = null;
    let answering = Promise.resolve();
    let query = "";

    const cards = W.make("div", { class: "wb-cards", role: "radiogroup", "aria-label": "Preset" });
    const search = W.make("input", { type: "search", class: "wb-input", placeholder: "Search settings", "aria-label": "Search settings" });
    const changedCount = W.make("span", { class: "wb-muted", role: "status" });
    const reset = W.make("button", { type: "button", class: "wb-button wb-small wb-quiet" }, "Reset all");
    const sections = W.make("div", { class: "wb-sections" });
    const nothing = W.make("p", { class: "wb-muted", hidden: true }, "No setting has these words.");
    const differs = W.make("details", { class: "wb-details" }, W.make("summary", {}, "What differs from the preset"), W.make("div", {}));
    const exact = W.make("details", { class: "wb-details" }, W.make("summary", {}, "Command and YAML"), W.make("div", {}));
    const device = W.make("select", { class: "wb-input", "aria-label": "Device" });
    const startButton = W.make("button", { type: "button", class: "wb-button wb-primary wb-start" }, "Start");
    const wait = W.make("p", { class: "wb-muted wb-start-note", role: "status" });
    const problems = W.make("div", { class: "wb-field-errors", role: "alert", hidden: true });
    W.fill(
      element,
      W.make("section", { class: "wb-card wb-presets", "aria-label": "Presets" }, W.make("h2", {}, "Preset"), cards),
      W.make(
        "section",
        { class: "wb-card wb-form", "aria-label": "Settings" },
        W.make("div", { class: "wb-row" }, W.make("h2", {}, "Settings"), W.make("span", { class: "wb-end wb-row" }, changedCount, reset)),
        search,
        nothing,
        sections,
      ),
      differs,
      exact,
      W.make("div", { class: "wb-start-bar" }, problems, wait, W.make("div", { class: "wb-row" }, device, startButton)),
    );
    element.classList.add("wb-editor");

    // ---- presets

    async function drawCards() {
      const { presets } = await host.ask("api/presets");
      const groups = new Map();
      for (const preset of presets) groups.set(preset.system, [...(groups.get(preset.system) || []), preset]);
      const few = presets.length <= FEW_PRESETS;
      W.fill(
        cards,
        [...groups].map(([system, members]) =>
          W.make(
            "details",
            { open: few || members.some((one) => one.name === recipe.preset) },
            W.make("summary", {}, capital(system), W.make("span", { class: "wb-muted" }, ` ${members.length}`)),
            W.make("div", { class: "wb-card-list" }, members.map(cardOf)),
          ),
        ),
      );
    }

    function cardOf(preset) {
      const card = W.make("input", { type: "radio", name: `preset-${id}`, value: preset.name, checked: preset.name === recipe.preset });
      card.addEventListener("change", () => ask({ preset: preset.name, overrides: {} }, {}));
      const reported = preset.reported.map((one) => W.make("span", { class: "wb-reported", title: `${one.protocol}\n${one.source}` }, `${one.metric} ${W.percent(one.value)} reported`));
      return W.make("label", { class: "wb-preset", "data-preset": preset.name }, card, W.make("span", { class: "wb-preset-body" }, W.make("b", {}, capital(preset.short)), W.make("span", {}, preset.title), reported.length ? W.make("span", { class: "wb-row" }, reported) : null));
    }
    const id = Math.random().toString(36).slice(2);

    // ---- asking and drawing

    // Without a base the changes are made to what is shown when their turn comes.
    function ask(base, changes) {
      answering = answering.then(async () => {
        const answer = await host.ask("api/form", { method: "POST", body: { ...(base || recipe), changes } });
        recipe = { preset: answer.preset, overrides: answer.overrides };
        remember(recipe);
        host.show(recipe);
        view = answer;
        draw();
      });
      return (answering = answering.catch(tell));
    }

    const change = (path, value) => ask(null, { [path]: value });

    function tell(error) {
      if (error instanceof W.Refused) W.notice(error.message, "problem");
      else W.connection(false);
    }

    const rows = new Map();
    const boxes = new Map();
    function draw() {
      cards.querySelectorAll("input").forEach((card) => (card.checked = card.value === view.preset));
      const seen = new Set();
      const order = view.sections.map((section) => {
        const box = boxOf(section);
        const [open, closed] = [[], []];
        for (const field of section.fields) {
          if (field.path === "run.devices") continue;
          seen.add(field.path);
          const row = rowOf(field);
          (field.important || field.changed || field.error ? open : closed).push(row);
        }
        place(box.first, open);
        place(box.rest, closed);
        box.more.hidden = !closed.length;
        box.summary.textContent = open.length ? `${closed.length} more` : `${closed.length} settings`;
        return box.element;
      });
      place(sections, order);
      for (const path of rows.keys()) if (!seen.has(path)) rows.delete(path);
      const count = view.differences.length;
      changedCount.textContent = count ? `${count} changed` : "as the preset";
      reset.hidden = Object.keys(view.overrides).length === 0;
      drawDiffers();
      drawExact();
      drawProblems();
      filter();
      drawWait();
    }

    // Moves only what is not in place, so that a control that is being typed into keeps its focus.
    function place(parent, children) {
      children.forEach((child, index) => {
        if (parent.children[index] !== child) parent.insertBefore(child, parent.children[index] || null);
      });
      while (parent.children.length > children.length) parent.lastChild.remove();
    }

    function boxOf(section) {
      if (!boxes.has(section.path)) {
        const first = W.make("div", { class: "wb-fields" });
        const rest = W.make("div", { class: "wb-fields" });
        const summary = W.make("summary", {});
        const more = W.make("details", { class: "wb-more" }, summary, rest);
        const remove = section.removable ? W.make("button", { type: "button", class: "wb-button wb-small wb-quiet", "aria-label": `Remove ${section.title}`, onclick: () => change(section.path, null) }, "Remove") : null;
        const box = W.make("fieldset", { class: "wb-section", "data-section": section.path }, W.make("legend", {}, section.title), remove, first, more);
        boxes.set(section.path, { element: box, first, rest, more, summary });
      }
      return boxes.get(section.path);
    }

    // ---- one control

    function rowOf(field) {
      const kind = JSON.stringify([field.type, field.choices, field.optional, field.help]);
      let row = rows.get(field.path);
      if (!row || row.kind !== kind) {
        row = makeRow(field, kind);
        rows.set(field.path, row);
      }
      row.update(field);
      return row.element;
    }

    function makeRow(field, kind) {
      const name = `${id}-${field.path}`;
      const help = W.make("p", { class: "wb-help", id: `${name}-help`, hidden: true }, field.help, field.range ? W.make("span", {}, ` ${field.range}`) : null, W.make("code", {}, field.path));
      const error = W.make("p", { class: "wb-error", id: `${name}-error`, hidden: true });
      const about = W.make("button", { type: "button", class: "wb-about", "aria-label": `What is ${field.label}?`, "aria-expanded": "false", title: field.help }, "?");
      about.addEventListener("click", () => {
        help.hidden = !help.hidden;
        about.setAttribute("aria-expanded", String(!help.hidden));
      });
      const undo = W.make("button", { type: "button", class: "wb-undo", hidden: true }, "↺");
      const control = makeControl(field, name);
      const element = W.make(
        "div",
        { class: "wb-field", "data-path": field.path },
        W.make("label", { for: name, title: field.path }, labelOf(field.label)),
        W.make("span", { class: "wb-control" }, control.element, undo, about),
        error,
        help,
      );
      undo.addEventListener("click", () => change(field.path, row.field.preset_value));
      const row = {
        kind,
        element,
        field,
        update(next) {
          row.field = next;
          control.show(next);
          element.classList.toggle("wb-changed", next.changed);
          undo.hidden = !next.changed || !next.in_preset;
          undo.title = `Back to the preset: ${next.preset_text}`;
          undo.setAttribute("aria-label", `Set ${next.label} back to ${next.preset_text}`);
          error.hidden = !next.error;
          error.textContent = next.error || "";
          control.element.setAttribute("aria-invalid", String(Boolean(next.error)));
          control.element.setAttribute("aria-describedby", `${name}-help${next.error ? ` ${name}-error` : ""}`);
        },
      };
      return row;
    }

    function makeControl(field, name) {
      if (field.type === "bool") {
        const box = W.make("input", { type: "checkbox", id: name, role: "switch", class: "wb-toggle" });
        box.addEventListener("change", () => change(field.path, box.checked));
        return { element: box, show: (next) => (box.checked = next.value === true || next.text === "true") };
      }
      if (field.type === "choice") {
        const select = W.make("select", { class: "wb-input", id: name }, field.choices.map((word) => W.make("option", { value: word === null ? "" : word }, word === null ? "none" : String(word).replaceAll("_", " "))));
        select.addEventListener("change", () => change(field.path, select.value === "" && field.optional ? null : select.value));
        return { element: select, show: (next) => (select.value = next.text) };
      }
      const long = field.path === "run.note";
      const text = long
        ? W.make("textarea", { class: "wb-input", id: name, rows: 2 })
        : W.make("input", { type: "text", class: "wb-input", id: name, autocomplete: "off", spellcheck: "false", inputmode: { int: "numeric", float: "decimal" }[field.type], placeholder: field.placeholder });
      let shown = "";
      const send = () => {
        if (text.value === shown) return;
        shown = text.value;
        change(field.path, text.value.trim() === "" && field.optional ? null : text.value);
      };
      text.addEventListener("change", send);
      text.addEventListener("keydown", (event) => {
        const direction = { ArrowUp: 1, ArrowDown: -1 }[event.key];
        if (event.key === "Enter" && !long) send();
        else if (direction && (field.type === "int" || field.type === "float") && !Number.isNaN(Number(text.value)) && text.value.trim()) {
          text.value = stepped(field, Number(text.value), direction);
          event.preventDefault();
          clearTimeout(text.waiting);
          text.waiting = setTimeout(send, 350);
        }
      });
      return {
        element: text,
        show(next) {
          const typing = document.activeElement === text && text.value !== shown;
          if (typing) return;
          shown = next.text;
          if (text.value !== next.text) text.value = next.text;
        },
      };
    }

    // The next value of an arrow key: by one, by a fifth on a logarithmic scale, else by a twentieth.
    function stepped(field, value, direction) {
      const inside = (next) => Math.min(field.high ?? Infinity, Math.max(field.low ?? -Infinity, next));
      if (field.type === "int") return String(inside(value + direction));
      if (field.log) return String(Number((value * (direction > 0 ? 1.25 : 0.8)).toPrecision(2)));
      const width = field.low !== null && field.high !== null && field.high - field.low <= 10 ? (field.high - field.low) / 20 : Math.max(Math.abs(value) / 10, 0.01);
      return String(Number(inside(value + direction * width).toPrecision(6)));
    }

    // ---- search, differences, command

    search.addEventListener("input", () => {
      query = search.value.toLowerCase().trim();
      filter();
    });

    function filter() {
      const wanted = query.split(/\s+/).filter(Boolean);
      let found = 0;
      for (const row of rows.values()) {
        const text = `${row.field.path} ${row.field.label} ${row.field.help}`.toLowerCase();
        const fits = wanted.every((word) => text.includes(word));
        row.element.hidden = !fits;
        if (fits) found += 1;
      }
      for (const box of boxes.values()) {
        const hits = [...box.element.querySelectorAll(".wb-field")].filter((one) => !one.hidden);
        box.element.hidden = hits.length === 0;
        if (wanted.length) {
          box.wasOpen ??= box.more.open;
          box.more.open = true;
        } else if (box.wasOpen !== undefined) {
          box.more.open = box.wasOpen;
          box.wasOpen = undefined;
        }
        box.summary.hidden = wanted.length > 0;
      }
      nothing.hidden = found > 0;
    }

    reset.addEventListener("click", () => ask({ preset: recipe.preset, overrides: {} }, {}));

    function drawDiffers() {
      differs.firstChild.textContent = view.differences.length ? `What differs from the preset (${view.differences.length})` : "What differs from the preset";
      W.fill(
        differs.lastChild,
        view.differences.length
          ? W.make(
              "table",
              { class: "wb-differs" },
              W.make("thead", {}, W.make("tr", {}, ["Setting", "Now", "Preset"].map((word) => W.make("th", { scope: "col" }, word)))),
              W.make("tbody", {}, view.differences.map((one) => W.make("tr", {}, W.make("td", {}, W.make("button", { type: "button", class: "wb-link", onclick: () => find(one.path) }, one.path)), W.make("td", {}, one.value), W.make("td", { class: "wb-muted" }, one.preset_value)))),
            )
          : W.make("p", { class: "wb-muted" }, "Nothing: Start trains the preset as it is."),
      );
    }

    function find(path) {
      search.value = query = "";
      filter();
      const row = rows.get(path);
      if (!row) return;
      const box = row.element.closest("details");
      if (box) box.open = true;
      row.element.scrollIntoView({ block: "center" });
      row.element.querySelector("input, select, textarea").focus();
    }

    function drawExact() {
      W.fill(
        exact.lastChild,
        W.make("pre", { class: "wb-code", tabindex: 0, "aria-label": "Command" }, view.command),
        W.make("div", { class: "wb-row" }, W.copyButton("Copy command", async () => view.command), W.copyButton("Copy YAML", async () => view.yaml)),
        W.make("pre", { class: "wb-code", tabindex: 0, "aria-label": "Recipe as YAML" }, view.yaml || "The recipe is refused: see the marked settings."),
      );
    }

    function drawProblems() {
      const beside = view.sections.flatMap((section) => section.fields).filter((field) => field.error);
      problems.hidden = !beside.length && !view.problems.length;
      W.fill(
        problems,
        beside.map((field) => W.make("p", {}, W.make("button", { type: "button", class: "wb-link", onclick: () => find(field.path) }, field.label), ` ${field.error}`)),
        view.problems.map((text) => W.make("p", {}, text)),
        view.lacks_weights ? fetchButton(view.published_weights) : null,
      );
      startButton.disabled = !problems.hidden;
    }

    // Pretrained weights are the one thing that may use the network, and only when asked for.
    function fetchButton(name) {
      const button = W.make("button", { type: "button", class: "wb-button wb-small" }, `Fetch ${name} (uses the network)`);
      button.addEventListener("click", () =>
        W.act(button, async () => {
          button.textContent = `Fetching ${name}…`;
          await host.ask("api/weights", { method: "POST", body: recipe, timeout: 1800000 });
          W.notice(`${name} is in the weights folder.`);
          await ask(null, {});
        }),
      );
      return button;
    }

    // ---- start

    let devices = [];
    function drawDevices() {
      const chosen = view?.devices?.[0] || "auto";
      const text = JSON.stringify([devices, chosen]);
      if (device.drawn !== text && document.activeElement !== device) {
        device.drawn = text;
        W.fill(device, W.make("option", { value: "auto", selected: chosen === "auto" }, "Best device"), devices.map((one) => W.make("option", { value: one.name, selected: one.name === chosen }, `${one.title} · ${one.words}`)));
      }
      drawWait();
    }

    function drawWait() {
      const chosen = view?.devices?.[0] || "auto";
      const one = devices.find((each) => each.name === chosen) || devices.find((each) => each.best);
      wait.textContent = one?.wait || "";
    }

    device.addEventListener("change", () => {
      const value = device.value;
      device.blur();
      change("run.devices", [value]);
    });

    async function start() {
      await answering;
      if (startButton.disabled) return problems.querySelector("button")?.focus();
      startButton.textContent = "Starting…";
      await W.act(startButton, async () => {
        try {
          const answer = await host.ask("api/runs", { method: "POST", body: recipe, timeout: 60000 });
          host.tell("started", { run: answer.run });
          await devicesLoop.now();
        } catch (error) {
          if (!Object.keys(error.answer?.refused || {}).length) throw error;
          await ask(null, {});
          showRefused(error.answer);
        }
      });
      startButton.textContent = "Start";
    }

    function showRefused(answer) {
      view.lacks_weights = Boolean(view.published_weights) && "model.weights.kind" in answer.refused;
      for (const [path, text] of Object.entries(answer.refused)) {
        const field = view.sections.flatMap((section) => section.fields).find((one) => one.path === path);
        if (field) field.error ||= text;
        else view.problems.push(text);
      }
      draw();
    }
    startButton.addEventListener("click", start);
    document.addEventListener("workbench:start", start);

    const devicesLoop = W.every(startButton, 3000, async () => {
      devices = (await host.ask("api/devices")).devices;
      drawDevices();
    });
    host.onValue((value) => {
      const next = { ...usual, ...given(value) };
      if (JSON.stringify(next) !== JSON.stringify(recipe)) ask(next, {});
    });
    drawCards().catch(tell);
    ask({ ...recipe }, {}).then(() => {
      if (!view) ask({ ...usual }, {});
    });
  };

  // "sampler: images" with the group it belongs to in the background.
  function labelOf(label) {
    const parts = label.split(": ");
    const last = parts.pop();
    return parts.length ? [W.make("span", { class: "wb-muted" }, `${parts.join(" ")} `), last] : last;
  }

  const capital = (text) => text.charAt(0).toUpperCase() + text.slice(1);

  const given = (value) => (value?.preset ? { preset: value.preset, overrides: value.overrides || {} } : {});

  // What was being edited survives a reload of the page, in this tab only.
  function remembered() {
    try {
      return given(JSON.parse(sessionStorage.getItem(MEMORY)));
    } catch {
      return {};
    }
  }

  function remember(recipe) {
    try {
      sessionStorage.setItem(MEMORY, JSON.stringify(recipe));
    } catch {
      // A browser that keeps nothing keeps no edits either.
    }
  }
})((globalThis.Workbench = globalThis.Workbench || {}));
