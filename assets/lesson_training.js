// The real training at the end of a lesson: an ordinary run, started and followed here.
(function (W) {
  "use strict";

  // `started(run)` is called with its run; `follow(run)` shows one that was started before, or in Python.
  W.lessonTraining = function (host, text, said, started) {
    let run = "";
    let over = false;
    const start = W.button(said.start, () => W.act(start, begin), "wb-primary");
    const words = W.make("p", { role: "status" });
    const bar = W.make("div", { class: "wb-progress", role: "progressbar", "aria-label": said.progress, "aria-valuemin": 0, "aria-valuemax": 100, hidden: true }, W.make("div", {}));
    const figures = W.make("dl", { class: "wb-figures" });
    const element = W.make("section", { class: "wb-card wb-lesson-training" }, W.make("h3", {}, said.training), W.make("p", {}, text), start, words, bar, figures);

    async function begin() {
      const answer = await host.ask("api/lessons/losses/training", { method: "POST", body: {}, once: true });
      words.textContent = answer.words;
      started(answer.run);
      follow(answer.run);
    }

    function follow(next) {
      if (!next || next === run) return;
      run = next;
      over = false;
      looking.now();
    }

    async function look() {
      if (!run || over) return;
      const found = await host.ask(`api/lessons/losses/training/${encodeURIComponent(run)}`).catch(gone);
      if (!found) return;
      over = found.over;
      words.textContent = found.words;
      bar.hidden = over;
      bar.classList.toggle("wb-unknown", found.share === null);
      bar.firstChild.style.width = found.share === null ? "" : `${100 * found.share}%`;
      W.fill(figures, found.figures.map(([label, value]) => W.make("div", {}, W.make("dt", {}, label), W.make("dd", {}, W.percent(value)))));
      element.dataset.state = found.state;
    }

    // It may have been deleted since.
    function gone(error) {
      if (!(error instanceof W.Refused)) throw error;
      run = "";
      bar.hidden = true;
      words.textContent = error.message;
    }
    const looking = W.every(element, 700, look);
    follow(host.value.training);
    return { element, follow, run: () => (over ? run : "") };
  };
})((globalThis.Workbench = globalThis.Workbench || {}));
