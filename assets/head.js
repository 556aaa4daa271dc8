// The head of a run: its state, one sentence, a bar, the figures so far, what can be done.
(function (W) {
  "use strict";

  const FIGURES = [
    ["mAP", "mAP"],
    ["Rank-1", "rank1"],
  ];

  W.runHead = function () {
    const state = W.make("span", {});
    const buttons = W.make("div", { class: "wb-row wb-end" });
    const row = W.make("div", { class: "wb-row" }, state, buttons);
    const words = W.make("p", { class: "wb-words", "aria-live": "polite" });
    const range = { role: "progressbar", "aria-valuemin": 0, "aria-valuemax": 100 };
    const bar = W.make("div", { class: "wb-progress", "aria-label": "Progress", ...range });
    bar.append(W.make("div", {}));
    const problem = W.make("div", { class: "wb-problem", role: "alert", hidden: true });
    const figures = W.make("dl", { class: "wb-figures" });
    const element = W.make("header", { class: "wb-monitor-head" }, row, words, bar, problem, figures);
    let drawn = "";

    // `series` holds the curves, whose last points are fresher than the status.
    function draw(detail, series, actions) {
      if (words.textContent !== detail.words) words.textContent = detail.words;
      problem.hidden = !detail.error;
      problem.textContent = detail.error || "";
      drawBar(detail);
      W.fill(figures, entries(detail, series).map(entry));
      const text = JSON.stringify([detail.id, detail.state, detail.can]);
      if (text === drawn) return;
      drawn = text;
      W.fill(state, W.state(detail.state));
      W.fill(buttons, actions(detail));
    }

    function drawBar({ share, alive, step }) {
      bar.classList.toggle("wb-unknown", share === null && alive);
      bar.classList.toggle("wb-preparing", step === 0);
      bar.firstChild.style.width = share === null ? "" : `${100 * share}%`;
      if (share === null) bar.removeAttribute("aria-valuenow");
      else bar.setAttribute("aria-valuenow", Math.round(100 * share));
    }

    return { element, row, draw };
  };

  const entry = ([label, value, strong]) =>
    W.make("div", { class: strong ? "wb-strong" : "" }, W.make("dt", {}, label), W.make("dd", {}, value));

  function entries({ step, total, alive, eta, duration, metrics }, series) {
    const latest = (name) => series?.series[name]?.last.at(-1) ?? null;
    const speed = latest("images_per_second");
    const told = [["Step", total ? `${step} of ${total}` : String(step)]];
    told.push(alive ? ["Time left", W.duration(eta)] : ["Took", W.duration(duration)]);
    if (alive) told.push(["Images per second", speed === null ? "–" : String(Math.round(speed))]);
    for (const [label, key] of FIGURES) {
      const raw = metrics?.raw?.[key] ?? latest(`raw.${key}`);
      const averaged = metrics?.averaged?.[key] ?? latest(`averaged.${key}`);
      if (averaged !== null) told.push([`${label} averaged`, W.percent(averaged), true]);
      if (raw !== null) told.push([`${label} raw`, W.percent(raw), averaged === null]);
    }
    const weights = metrics?.averaged ? "averaged" : "raw";
    for (const [name, value] of Object.entries(metrics?.[weights] || {})) {
      const further = name === "NMI" || name.endsWith(".mAP");
      if (further) told.push([`${W.figureName(name)} ${weights}`, W.percent(value)]);
    }
    return told;
  }
})((globalThis.Workbench = globalThis.Workbench || {}));
