// The real training at the end of a lesson: an ordinary run, started and followed here.
(function (W) {
  "use strict";

  W.lessonTraining = function (host, text) {
    let run = "";
    let over = false;
    const start = W.button("Train it for real", () => W.act(start, begin), "wb-primary");
    const words = W.make("p", { role: "status" });
    const bar = W.make("div", { class: "wb-progress", role: "progressbar", "aria-label": "Progress", "aria-valuemin": 0, "aria-valuemax": 100, hidden: true }, W.make("div", {}));
    const figures = W.make("dl", { class: "wb-figures" });
    const element = W.make("section", { class: "wb-card wb-lesson-training" }, W.make("h3", {}, "One real training"), W.make("p", {}, text), start, words, bar, figures);

    async function begin() {
      const answer = await host.ask("api/lessons/losses/training", { method: "POST", body: {}, once: true });
      run = answer.run;
      over = false;
      words.textContent = answer.words;
      looking.now();
    }

    async function look() {
      if (!run || over) return;
      const found = await host.ask(`api/lessons/losses/training/${encodeURIComponent(run)}`);
      over = found.over;
      words.textContent = found.words;
      bar.hidden = over;
      bar.classList.toggle("wb-unknown", found.share === null);
      bar.firstChild.style.width = found.share === null ? "" : `${100 * found.share}%`;
      W.fill(figures, found.figures.map(([label, value]) => W.make("div", {}, W.make("dt", {}, label), W.make("dd", {}, W.percent(value)))));
      element.dataset.state = found.state;
    }
    const looking = W.every(element, 700, look);
    return { element, run: () => (over ? run : "") };
  };
})((globalThis.Workbench = globalThis.Workbench || {}));
