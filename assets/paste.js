// The box that takes a published system's command and says what it is here.
(function (W) {
  "use strict";

  const EXAMPLE = "python train.py --PCB --train_all --lr 0.02";

  // `use({preset, overrides})` is called where a training is to be edited.
  W.paste = function (host, { use }) {
    const { element, body } = W.details("Paste a published system's command");
    const text = W.make("textarea", {
      class: "wb-input wb-paste",
      rows: 3,
      maxlength: 20000,
      spellcheck: "false",
      placeholder: EXAMPLE,
      "aria-label": "Command of a published system",
    });
    const about =
      "Commands of RPM, MSViT-ReID, the layumi and the strong baseline, NAMA, MGN and FastReID as their authors print them:" +
      " training, test, evaluation, demo. Nothing of the text is run.";
    const found = W.make("div", { class: "wb-paste-found", role: "status" });
    const button = W.button("Translate", () => W.act(button, translate));
    W.fill(body, W.make("p", { class: "wb-muted" }, about), text, W.make("div", { class: "wb-row" }, button), found);

    async function translate() {
      W.fill(found);
      try {
        const answer = await host.ask("api/translate", { method: "POST", body: { text: text.value } });
        W.fill(found, answer.found.map(card));
      } catch (error) {
        if (!(error instanceof W.Refused)) throw error;
        W.fill(found, W.make("p", { class: "wb-error" }, error.message));
      }
    }

    function card(one) {
      const trains = one.action === "train";
      const taken = W.make("p", { class: "wb-muted", role: "status" });
      const take = () => {
        use({ preset: one.preset, overrides: one.start });
        taken.textContent = `${one.preset} is in the form below. Start trains it on its data set, or try it on a miniature.`;
      };
      const name = trains ? `${one.heading}: ${one.preset}` : one.heading;
      const act = trains
        ? W.button("Use it", take, "wb-small wb-primary")
        : W.copyButton("Copy command", () => one.command);
      return W.make(
        "article",
        { class: "wb-translation", "aria-label": name },
        W.make("h3", {}, name),
        one.title ? W.make("p", {}, one.title) : null,
        trains ? differs(one.differs) : W.code("Command", one.command),
        one.notes.map((note) => W.make("p", { class: "wb-muted" }, note)),
        W.make("div", { class: "wb-row" }, act),
        taken,
      );
    }

    function differs(rows) {
      if (!rows.length) return W.make("p", {}, "As the preset, nothing changed.");
      const row = ([path, value]) => W.make("li", {}, W.make("code", {}, path), " = ", value);
      return W.make("ul", { class: "wb-paste-differs", "aria-label": "Changed settings" }, rows.map(row));
    }

    return { element };
  };
})((globalThis.Workbench = globalThis.Workbench || {}));
