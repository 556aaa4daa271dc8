// Preset cards: what each recipe is in one line, and which figures were reported for it.
(function (W) {
  "use strict";

  const FEW = 12;

  // Calls `choose(name)`; `mark(name)` shows which one is chosen.
  W.presets = async function (element, host, { chosen, choose }) {
    // The server reads many files, which takes a machine that is busy a while.
    const { presets } = await host.ask("api/presets", { timeout: 60000 });
    const group = `preset-${Math.random().toString(36).slice(2)}`;
    const systems = new Map();
    for (const preset of presets) {
      systems.set(preset.system, [...(systems.get(preset.system) || []), preset]);
    }

    function card(preset) {
      const name = preset.name;
      const radio = W.make("input", { type: "radio", name: group, value: name, checked: name === chosen });
      radio.addEventListener("change", () => choose(name));
      const body = W.make(
        "span",
        { class: "wb-preset-body" },
        W.make("b", {}, W.capital(preset.short)),
        W.make("span", {}, preset.title),
        preset.reported.length ? W.make("span", { class: "wb-row" }, preset.reported.map(figure)) : null,
        preset.expected ? W.make("span", { class: "wb-muted" }, W.capital(preset.expected)) : null,
      );
      const label = W.make("label", { class: "wb-preset", "data-preset": name }, radio, body);
      return W.make("div", {}, label, source(preset));
    }

    // Where the chosen recipe comes from; styles hide it for the others.
    function source({ paper, repository, bibtex }) {
      if (!paper && !repository) return null;
      return W.make(
        "div",
        { class: "wb-preset-source" },
        paper ? W.make("p", {}, paper) : null,
        repository ? W.make("p", { class: "wb-muted" }, repository.replace("https://", "")) : null,
        bibtex ? W.copyButton("Copy BibTeX", () => bibtex) : null,
      );
    }

    function figure(one) {
      const name = one.part ? `${one.part.replaceAll("_", " ")} ${one.metric}` : one.metric;
      const words = `${name} ${W.percent(one.value)} reported`;
      return W.make("span", { class: "wb-reported", title: `${one.protocol}\n${one.source}` }, words);
    }

    // Few presets are all open; of many only the folder of the chosen one.
    function folder([system, members]) {
      const open = presets.length <= FEW || members.some((one) => one.name === chosen);
      const count = W.make("span", { class: "wb-muted" }, ` ${members.length}`);
      const list = W.make("div", { class: "wb-card-list" }, members.map(card));
      return W.make("details", { open }, W.make("summary", {}, system, count), list);
    }

    W.fill(element, [...systems].map(folder));
    return {
      mark(name) {
        element.querySelectorAll("input").forEach((radio) => {
          const chosen = radio.value === name;
          // One that was chosen elsewhere is shown here, too.
          if (chosen && !radio.checked) radio.closest("details").open = true;
          radio.checked = chosen;
        });
      },
    };
  };
})((globalThis.Workbench = globalThis.Workbench || {}));
