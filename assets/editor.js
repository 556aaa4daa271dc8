// The recipe editor: preset cards, the form, what differs, the exact command, and Start.
(function (W) {
  "use strict";

  const MEMORY = "workbench.recipe";
  const USUAL = { preset: "playground/quick", overrides: {} };
  const WEIGHTS = "model.weights.kind";

  // `host.value` is {preset, overrides}. Tells Python of `started` with {run}.
  W.editor = function (element, host) {
    let recipe = { ...USUAL, ...remembered(), ...given(host.value) };
    let view = null;
    let answering = Promise.resolve();
    let cards = null;

    const cardBox = W.make("div", { class: "wb-cards", role: "radiogroup", "aria-label": "Preset" });
    const formBox = W.make("section", { class: "wb-card wb-form", "aria-label": "Settings" });
    const differs = W.details("What differs from the preset");
    const exact = W.details("Command and YAML");
    const startBox = W.make("div", { class: "wb-start-bar" });
    element.classList.add("wb-editor");
    const presetBox = W.make("section", { class: "wb-card wb-presets", "aria-label": "Presets" });
    const paste = W.paste(host, { use: ask });
    W.fill(presetBox, W.make("h2", {}, "Preset"), paste.element, cardBox);
    W.fill(
      element,
      presetBox,
      formBox,
      differs.element,
      exact.element,
      startBox,
    );
    const form = W.form(formBox, { change, reset: () => ask({ ...recipe, overrides: {} }) });
    const starter = W.starter(startBox, host, { change, start, fetch, find: form.find, miniature });

    // Changes are made one after the other; without a base, to what is shown when their turn comes.
    function ask(base = null, moved = {}) {
      answering = answering
        .then(() => ({ ...(base || recipe), ...moved }))
        .then((body) => host.ask("api/form", { method: "POST", body, timeout: 60000 }))
        .then((answer) => {
          view = answer;
          recipe = { preset: answer.preset, overrides: answer.overrides };
          remember(recipe);
          host.show(recipe);
          draw();
        })
        .catch(W.tell);
      return answering;
    }

    function change(path, value) {
      return ask(null, { changes: { [path]: value } });
    }

    function miniature(on) {
      return ask(null, { miniature: on });
    }

    function draw() {
      cards?.mark(view.preset);
      form.draw(view);
      starter.draw(view);
      const count = view.differences.length;
      differs.summary.textContent = `What differs from the preset${count ? ` (${count})` : ""}`;
      const same = "Nothing: Start trains the preset as it is.";
      W.fill(differs.body, count ? table() : W.make("p", { class: "wb-muted" }, same));
      const command = W.copyButton("Copy command", () => view.command);
      const yaml = W.copyButton("Copy YAML", () => view.yaml);
      W.fill(
        exact.body,
        W.code("Command", view.command),
        W.make("div", { class: "wb-row" }, command, yaml),
        W.code("Recipe as YAML", view.yaml || "The recipe is refused: see the marked settings."),
      );
    }

    function table() {
      const head = ["Setting", "Now", "Preset"].map((word) => W.make("th", { scope: "col" }, word));
      const row = ({ path, value, preset_value: old }) =>
        W.make(
          "tr",
          {},
          W.make("td", {}, W.link(path, () => form.find(path))),
          W.make("td", {}, value),
          W.make("td", { class: "wb-muted" }, old),
        );
      return W.make(
        "table",
        { class: "wb-differs" },
        W.make("thead", {}, W.make("tr", {}, head)),
        W.make("tbody", {}, view.differences.map(row)),
      );
    }

    // ---- start

    async function start() {
      await answering;
      try {
        const answer = await host.ask("api/runs", { method: "POST", body: recipe, timeout: 60000 });
        host.tell("started", { run: answer.run });
      } catch (error) {
        const refused = error.answer?.refused || {};
        if (!Object.keys(refused).length) throw error;
        await ask();
        showRefused(refused);
      }
    }

    // What only the machine can refuse (a missing data set, missing weights) stands beside its field.
    function showRefused(refused) {
      const fields = view.sections.flatMap((section) => section.fields);
      for (const [path, text] of Object.entries(refused)) {
        const field = fields.find((one) => one.path === path);
        if (field) field.error ||= text;
        else view.problems.push(text);
      }
      view.lacks_weights = Boolean(view.published_weights) && WEIGHTS in refused;
      draw();
    }

    async function fetch() {
      await host.ask("api/weights", { method: "POST", body: recipe, timeout: 1800000 });
      W.notice(`${view.published_weights} is in the weights folder.`);
      await ask();
    }

    host.onValue((value) => {
      if (!value?.preset) return;
      const next = given(value);
      if (JSON.stringify(next) !== JSON.stringify(recipe)) ask(next);
    });
    const choose = (preset) => ask({ preset, overrides: {} });
    W.presets(cardBox, host, { chosen: recipe.preset, choose, measured: () => ask() })
      .then((made) => {
        cards = made;
        if (view) cards.mark(view.preset);
      })
      .catch(W.tell);
    // A remembered preset may be gone by now.
    ask().then(() => view || ask({ ...USUAL }));
  };

  function given(value) {
    return value?.preset ? { preset: value.preset, overrides: value.overrides || {} } : {};
  }

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
