// One data set: its figures beside the published ones, its people, its check, its terms.
(function (W) {
  "use strict";

  // `train({preset, overrides})` and `look(identity)` tell what the person wants; `refresh()` asks
  // for everything anew.
  W.dataset = function (element, host, told, { identity, train, look, refresh }) {
    const { key, title, problem, split, check, drawing, training } = told;
    const question = (values) => new URLSearchParams({ dataset: key, ...values });
    const ask = (path, values = {}) => host.ask(`api/data/${path}?${question(values)}`, { timeout: 120000 });
    const post = (path, body = { dataset: key }) => host.ask(`api/data/${path}`, { method: "POST", body });
    const card = (name, ...content) =>
      W.make("section", { class: "wb-card", "aria-label": name }, W.make("h3", {}, name), content.flat());

    const trainButton = W.button("Train on this", () => train(training), "wb-primary");
    const buttons = W.make(
      "div",
      { class: "wb-row" },
      training && !problem ? trainButton : null,
      W.linkButton(host),
      W.button("Look again", refresh, "wb-small"),
    );
    const head = W.make("header", { class: "wb-data-head" }, W.make("h2", {}, title), buttons);
    const words = W.make("p", { class: "wb-words" }, split?.words || problem || absent());
    words.classList.toggle("wb-refused", Boolean(problem));
    W.fill(element, head, words, split || problem ? null : upkeepOfDrawing(), split ? figures() : null);
    if (split) element.append(images());
    if (check) element.append(card("Check", upkeepOfCheck()));
    element.append(W.make("div", { class: "wb-data-pair" }, about(), use()));

    function absent() {
      if (told.small) return "This miniature is not drawn yet. Training on it draws it, or draw it now: it takes a moment.";
      if (drawing) return "This playground is not drawn yet. Training with its settings draws it, or draw it now.";
      return `${title} is not on this machine: below stands how to get it and where to put it.`;
    }

    // ---- figures

    function figures() {
      const number = (value) => (value === null ? "–" : value.toLocaleString("en"));
      const right = (words) => W.make("td", { class: "wb-right wb-number" }, words);
      const row = ({ name, here, expected, differs }) =>
        W.make(
          "tr",
          { class: differs ? "wb-differs-row" : null },
          W.make("th", { scope: "row" }, W.capital(name)),
          right(number(here)),
          right(differs ? `≠ ${number(expected)}` : number(expected)),
        );
      const counts = table(["Count", "Here", split.expected], split.counts.map(row));
      const notes = split.notes.map((note) => W.make("li", {}, note));
      const read = notes.length ? W.make("ul", { class: "wb-notes" }, notes) : null;
      return W.make("div", { class: "wb-data-pair" }, card("Counts", counts, read), card("Cameras", chart()));
    }

    function table(heads, rows) {
      const cell = (words, place) => W.make("th", { scope: "col", class: place ? "wb-right" : null }, words);
      const top = W.make("thead", {}, W.make("tr", {}, heads.map(cell)));
      return W.make("table", { class: "wb-data-table" }, top, W.make("tbody", {}, rows));
    }

    // A chart that is a table: every bar stands behind its number.
    function chart() {
      const most = Math.max(1, ...split.cameras.flatMap(({ trained, ranked }) => [trained, ranked]));
      const bar = (value, colour) =>
        W.make(
          "td",
          { class: "wb-bar wb-number" },
          W.make("span", { style: `width: ${(70 * value) / most}%; background: var(${colour})`, "aria-hidden": true }),
          value.toLocaleString("en"),
        );
      const row = ({ words: name, trained, ranked, images: count }) =>
        W.make(
          "tr",
          {},
          W.make("th", { scope: "row" }, name),
          bar(trained, "--wb-series-1"),
          bar(ranked, "--wb-series-2"),
          W.make("td", { class: "wb-right wb-number" }, count.toLocaleString("en")),
        );
      const heads = ["Camera", "Identities trained on", "Identities ranked", "Images"];
      const made = table(heads, split.cameras.map(row));
      made.classList.add("wb-camera-table");
      made.setAttribute("aria-label", "Identities and images of each camera");
      return made;
    }

    // ---- images, check, drawing

    function images() {
      const box = W.make("div", {});
      const picture = ({ part, index }, height) =>
        host.address(`api/data/images/${part}/${index}.jpg?${question({ height, v: told.version })}`);
      const { parts, cameras } = split;
      W.samples(box, { ask, picture, parts, cameras, identity, changed: look });
      return card("Images", box);
    }

    function upkeepOfCheck() {
      const box = W.make("div", {});
      const work = W.upkeep(box, {
        label: "Check every image",
        again: "Check again",
        about: "Not checked yet. A check opens every image once and finds what is broken, double, empty or alone.",
        start: () => post("check").then((answer) => answer.check),
        stop: () => post("stop"),
        look: () => ask("tasks").then((answer) => answer.check),
        ended: () => {},
        result: W.findings,
      });
      work.draw(check);
      return [box, W.code("Command of the check", check.command)];
    }

    function upkeepOfDrawing() {
      if (!drawing) return null;
      const box = W.make("div", {});
      const begin = () => (told.small ? post("miniature") : post("playground", { overrides: training.overrides }));
      const work = W.upkeep(box, {
        label: "Draw it now",
        again: "Draw it now",
        about: "",
        start: () => begin().then(() => ask("tasks")).then((answer) => answer.drawing),
        stop: () => post("stop"),
        look: () => ask("tasks").then((answer) => answer.drawing),
        ended: ({ state }) => state === "done" && refresh(),
      });
      work.draw(drawing);
      return W.make("section", { class: "wb-card", "aria-label": "Drawing" }, box);
    }

    // ---- what is known, and what to do with it

    function about() {
      const home = (label, text) =>
        label === "Home" ? W.make("a", { href: text, target: "_blank", rel: "noopener noreferrer" }, text) : text;
      const line = ([label, text]) => [W.make("dt", {}, label), W.make("dd", {}, home(label, text))];
      const place = told.folder ? [["Folder", told.folder]] : [];
      return card("Origin and terms", W.make("dl", { class: "wb-about-data" }, [...told.about, ...place].flatMap(line)));
    }

    function use() {
      const presets = told.presets.map((name) => W.make("li", {}, name));
      const named = presets.length ? W.make("ul", { class: "wb-chips" }, presets) : null;
      return card(
        "Use",
        training ? [W.make("p", {}, "Train on this opens the form with these settings; the same from a shell:"), W.code("Command that trains on it", training.command)] : null,
        W.make("p", {}, presets.length ? "Presets that name it:" : "No preset names this set."),
        named,
      );
    }
  };
})((globalThis.Workbench = globalThis.Workbench || {}));
