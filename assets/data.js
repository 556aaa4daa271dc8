// The data sets of this machine: which there are, one of them in full, adding and drawing more.
(function (W) {
  "use strict";

  const ADD = "add";
  const DRAW = "draw";

  // `host.value` is {dataset, identity}. Tells Python of `train` with {preset, overrides}.
  W.data = function (element, host) {
    let seen = { dataset: "", identity: null, ...host.value };
    let known = null;
    let drawn = "";
    let shown = null;
    let ticket = 0;

    const list = W.make("nav", { class: "wb-sets", "aria-label": "Data sets" });
    const main = W.make("section", { class: "wb-data-main", "aria-label": "The data set" });
    W.fill(element, W.make("div", { class: "wb-data" }, list, main));
    W.fill(main, W.make("p", { class: "wb-words" }, "Looking for data sets…"));

    // ---- the list

    async function refresh() {
      try {
        known = await host.ask("api/data", { timeout: 60000 });
      } catch (error) {
        if (!(error instanceof W.Refused)) throw error;
        return W.fill(main, W.make("p", { class: "wb-words wb-refused" }, error.message));
      }
      const text = JSON.stringify(known);
      if (text !== drawn) {
        drawn = text;
        drawList();
      }
      const first = known.sets.find((one) => one.here) || known.sets[0];
      if (!seen.dataset) seen.dataset = first.key;
      const now = known.sets.find((one) => one.key === seen.dataset);
      // A set that came, went or was drawn meanwhile is shown as it is now.
      if (shown === null || (shown.key === seen.dataset && now?.here !== shown.here)) await open();
    }

    function drawList() {
      const held = document.activeElement?.dataset?.key;
      const group = (title, sets) =>
        sets.length ? W.make("section", {}, W.make("h3", {}, title), sets.map(entry)) : null;
      const extra = (key, title, subtitle) => entry({ key, title, subtitle, here: true });
      W.fill(
        list,
        group("Here", known.sets.filter((one) => one.here)),
        W.make(
          "section",
          {},
          W.make("h3", {}, "More"),
          extra(ADD, "Add your own", "folders, spelling, commands"),
          extra(DRAW, "Draw a playground", "people drawn on this machine"),
        ),
        group("Not here", known.sets.filter((one) => !one.here && !one.small)),
        group("Miniatures", known.sets.filter((one) => !one.here && one.small)),
      );
      mark();
      if (held) list.querySelector(`[data-key="${CSS.escape(held)}"]`)?.focus();
    }

    function entry({ key, title, subtitle, busy, here }) {
      const words = W.make("span", {}, busy || subtitle);
      const settings = { type: "button", class: here ? "wb-set" : "wb-set wb-absent", "data-key": key };
      return W.make("button", { ...settings, onclick: () => choose(key) }, W.make("b", {}, title), words);
    }

    function mark() {
      for (const one of list.querySelectorAll(".wb-set")) {
        one.setAttribute("aria-current", String(one.dataset.key === seen.dataset));
      }
    }

    // ---- what is chosen

    function choose(key, identity = null) {
      seen = { dataset: key, identity };
      return open().catch(W.tell);
    }

    async function open() {
      mark();
      const mine = ++ticket;
      const key = seen.dataset;
      if (key === ADD || key === DRAW) {
        shown = { key };
        if (key === ADD) W.adding(main, known.adding);
        else W.drawing(main, host, { open: choose });
        return;
      }
      try {
        const told = await host.ask(`api/data/set?${new URLSearchParams({ dataset: key })}`, { timeout: 120000 });
        if (mine !== ticket) return;
        shown = told;
        remember();
        W.dataset(main, host, told, { identity: seen.identity, train, look, refresh: () => choose(key, seen.identity) });
      } catch (error) {
        if (!(error instanceof W.Refused)) throw error;
        if (mine !== ticket) return;
        shown = { key, here: undefined };
        W.fill(main, W.make("h2", {}, "Not found"), W.make("p", { class: "wb-words wb-refused" }, error.message));
      }
    }

    function look(identity) {
      seen.identity = identity;
      remember();
    }

    function train({ preset, overrides }) {
      host.tell("train", { preset, overrides });
    }

    function remember() {
      host.show({ ...seen });
      const person = seen.identity === null ? "" : `&identity=${seen.identity}`;
      if (element.getClientRects().length) host.remember(`${shown.link}${person}`);
    }

    host.onValue((value) => {
      const { dataset = "", identity = null } = value;
      if (dataset && (dataset !== seen.dataset || identity !== seen.identity)) choose(dataset, identity);
    });
    W.every(element, 8000, refresh);
  };

  // How a folder of one's own becomes a data set.
  W.adding = function (element, { folder, layouts, terms, commands, known }) {
    const [check, train] = commands;
    const named = known.map(({ title, folders, layout }) =>
      W.make(
        "tr",
        {},
        W.make("th", { scope: "row" }, title),
        W.make("td", {}, folders.map((name) => W.make("code", {}, name)).flatMap((one) => [one, " "])),
        W.make("td", {}, layout),
      ),
    );
    const heads = ["Data set", "Name of its folder", "What is in it"].map((word) => W.make("th", { scope: "col" }, word));
    const head = W.make("thead", {}, W.make("tr", {}, heads));
    const spelled = W.make("table", { class: "wb-data-table wb-spelling" }, head, W.make("tbody", {}, named));
    W.fill(
      element,
      W.make("h2", {}, "Add your own"),
      W.make("p", { class: "wb-words" }, "A folder under the data sets folder is found by itself and stands in the list within seconds. The data sets folder is ", W.make("code", {}, folder), "."),
      W.make(
        "section",
        { class: "wb-card", "aria-label": "Folders" },
        W.make("h3", {}, "1. Lay out the folder"),
        W.make("div", { class: "wb-data-pair" }, layouts.map(({ words, tree }) => W.make("div", {}, W.code("Layout", tree), W.make("p", {}, words)))),
        W.make("p", { class: "wb-muted" }, terms),
      ),
      W.make("section", { class: "wb-card", "aria-label": "Check" }, W.make("h3", {}, "2. Check it"), W.make("p", {}, "Choose it in the list and press Check every image, or on a shell:"), W.code("Command of the check", check)),
      W.make("section", { class: "wb-card", "aria-label": "Train" }, W.make("h3", {}, "3. Train on it"), W.make("p", {}, "Press Train on this, or on a shell:"), W.code("Command that trains on it", train)),
      W.make(
        "section",
        { class: "wb-card", "aria-label": "Known data sets" },
        W.make("h3", {}, "Known data sets"),
        W.make("p", {}, "These are found under any of their names:"),
        W.make("div", { class: "wb-table-box", tabindex: 0, role: "region", "aria-label": "Names of folders" }, spelled),
      ),
    );
  };

  // The settings of a playground as generated controls, and the button that draws it.
  W.drawing = function (element, host, { open }) {
    const prefix = Math.random().toString(36).slice(2);
    const rows = new Map();
    const box = W.make("div", { class: "wb-fields" });
    const words = W.make("p", { class: "wb-words", role: "status" });
    const button = W.button("Draw", () => W.act(button, press), "wb-primary");
    let form = { overrides: {} };
    let answering = Promise.resolve();
    const intro = "People drawn on this machine from a few settings: no picture of a real person is involved, and the same settings draw the same images everywhere.";
    const card = W.make("section", { class: "wb-card wb-drawing", "aria-label": "Settings of a playground" }, box, words, button);
    W.fill(element, W.make("h2", {}, "Draw a playground"), W.make("p", { class: "wb-words" }, intro), card);

    function ask(changes = {}) {
      const body = () => ({ overrides: form.overrides, changes });
      answering = answering
        .then(() => host.ask("api/data/playground/form", { method: "POST", body: body() }))
        .then((answer) => draw((form = answer)))
        .catch(W.tell);
      return answering;
    }

    function draw({ fields, drawn, key }) {
      for (const field of fields) {
        if (!rows.has(field.path)) {
          const row = W.field(field, { prefix, change: (path, value) => ask({ [path]: value }) });
          rows.set(field.path, row);
          box.append(row.element);
        }
        rows.get(field.path).update(field);
      }
      button.disabled = key === null;
      button.textContent = drawn ? "Open" : "Draw";
      words.textContent = drawn ? "This playground is drawn already." : "";
      words.hidden = !drawn;
    }

    async function press() {
      await answering;
      if (form.drawn) return open(form.key);
      const { dataset } = await host.ask("api/data/playground", { method: "POST", body: { overrides: form.overrides } });
      open(dataset);
    }
    ask();
  };
})((globalThis.Workbench = globalThis.Workbench || {}));
