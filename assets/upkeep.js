// Long work on one data set, with its progress: checking every image, drawing a playground.
(function (W) {
  "use strict";

  const SIGNS = { error: "✕ error", warning: "△ warning" };
  const LONGEST = 12;

  // `start()` begins the work, `stop()` ends it, `look()` asks how it stands; `ended(state)` is
  // called when it is over. `about` are the words before it was ever done.
  W.upkeep = function (element, { label, again, about, start, stop, look, ended, result = null }) {
    const words = W.make("p", { class: "wb-words", role: "status" });
    const bar = W.make("progress", { class: "wb-progress", "aria-label": label });
    const begin = W.button(label, () => W.act(begin, () => start().then(draw)), "wb-primary");
    const end = W.button("Stop", () => W.act(end, stop), "wb-stop");
    const found = W.make("div", {});
    W.fill(element, found, words, bar, W.make("div", { class: "wb-row" }, begin, end));
    let loop = null;

    function draw(state) {
      const working = state.state === "working";
      begin.hidden = working;
      end.hidden = bar.hidden = !working;
      begin.textContent = state.result ? again : label;
      words.textContent = state.words || (state.result ? "" : about);
      words.hidden = words.textContent === "";
      words.classList.toggle("wb-refused", ["failed", "lost"].includes(state.state));
      if (state.total) Object.assign(bar, { max: state.total, value: state.done });
      else bar.removeAttribute("value");
      if (result) W.fill(found, state.result && !working ? result(state) : null);
      if (working) loop ||= W.every(element, 500, follow);
    }

    async function follow() {
      const state = await look();
      draw(state);
      if (state.state === "working") return;
      loop.stop();
      loop = null;
      ended(state);
    }
    return { draw };
  };

  // What a check found: the sentence, then everything that is wrong with its cure.
  W.findings = function ({ result }) {
    const item = ({ level, sentence, cure, file }) =>
      W.make(
        "li",
        { class: `wb-finding wb-finding-${level}` },
        W.make("b", {}, SIGNS[level]),
        W.make("div", {}, sentence, file ? W.make("code", {}, file) : null, W.make("p", {}, cure)),
      );
    const all = result.findings.map(item);
    const more = W.details(`${all.length - LONGEST} more`);
    more.body.append(W.make("ul", { class: "wb-findings" }, all.slice(LONGEST)));
    return [
      W.make("p", { class: "wb-words" }, result.words),
      W.make("ul", { class: "wb-findings" }, all.slice(0, LONGEST)),
      all.length > LONGEST ? more.element : null,
    ];
  };
})((globalThis.Workbench = globalThis.Workbench || {}));
