// Preset cards: what each recipe is in one line, and which figures were reported for it.
(function (W) {
  "use strict";

  const FEW = 12;
  const A_LOOK = 1000;

  // Calls `choose(name)`, and `measured()` when a cost is known; `mark(name)` shows which is chosen.
  W.presets = async function (element, host, { chosen, choose, measured }) {
    // The server reads many files, which takes a machine that is busy a while.
    const { presets } = await host.ask("api/presets", { timeout: 60000 });
    const group = `preset-${Math.random().toString(36).slice(2)}`;
    const systems = new Map();
    for (const preset of presets) {
      systems.set(preset.system, [...(systems.get(preset.system) || []), preset]);
    }

    function card(preset) {
      if (preset.problem) return unreadable(preset);
      const name = preset.name;
      const radio = W.make("input", { type: "radio", name: group, value: name, checked: name === chosen });
      radio.addEventListener("change", () => choose(name));
      const cost = W.make("span", { class: "wb-muted", hidden: !preset.expected }, W.capital(preset.expected));
      const body = W.make(
        "span",
        { class: "wb-preset-body" },
        W.make("b", {}, W.capital(preset.short)),
        W.make("span", {}, preset.title),
        preset.reported.length ? W.make("span", { class: "wb-row" }, preset.reported.map(figure)) : null,
        cost,
      );
      const label = W.make("label", { class: "wb-preset", "data-preset": name }, radio, body);
      const more = [...source(preset), preset.expected ? null : calibrator(preset, cost)];
      return W.make("div", {}, label, W.make("div", { class: "wb-preset-source" }, more));
    }

    // One that cannot be read is shown with the reason, and cannot be chosen.
    function unreadable({ name, short, problem }) {
      const radio = W.make("input", { type: "radio", name: group, value: name, disabled: true });
      const reason = W.make("span", { class: "wb-problem" }, `Unreadable: ${problem}`);
      const body = W.make("span", { class: "wb-preset-body" }, W.make("b", {}, W.capital(short)), reason);
      return W.make("div", {}, W.make("label", { class: "wb-preset", "data-preset": name }, radio, body));
    }

    // Where the chosen recipe comes from; styles hide it for the others.
    function source({ paper, repository, bibtex }) {
      if (!paper && !repository) return [];
      return [
        paper ? W.make("p", {}, paper) : null,
        repository ? W.make("p", { class: "wb-muted" }, repository.replace("https://", "")) : null,
        bibtex ? W.copyButton("Copy BibTeX", () => bibtex) : null,
      ];
    }

    // What a training costs here is measured when somebody asks, and takes the button's place.
    function calibrator(preset, cost) {
      const button = W.button("Calibrate", begin, "wb-small");
      const words = W.make("span", { class: "wb-muted", role: "status" }, "Measures time and memory here.");
      const row = W.make("div", { class: "wb-row wb-calibrate" }, button, words);
      let loop = null;

      async function begin() {
        const question = { method: "POST", body: { preset: preset.name }, timeout: 60000 };
        const answer = await W.act(button, () => host.ask("api/calibration", question).catch(refused));
        if (answer) tell(answer);
      }

      function refused(error) {
        if (!(error instanceof W.Refused)) throw error;
        return { state: "failed", words: error.message };
      }

      function tell({ state, words: said }) {
        words.textContent = said;
        button.disabled = state === "working";
        button.textContent = button.disabled ? "Measuring…" : "Calibrate";
        if (state === "working") return watch();
        loop?.stop();
        loop = null;
        if (state !== "done") return;
        cost.textContent = W.capital(said);
        cost.hidden = false;
        row.remove();
        measured();
      }

      function watch() {
        const question = `api/calibration?preset=${encodeURIComponent(preset.name)}`;
        loop ||= W.every(words, A_LOOK, async () => tell(await host.ask(question, { timeout: 60000 })));
      }

      if (preset.measuring) {
        tell({ state: "working", words: "A few steps of its training run on this machine." });
      }
      return row;
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
