// The numbers of a run as named series: everything once, then only what is new.
(function (W) {
  "use strict";

  const POINTS = 600;
  W.inks = [1, 2, 3, 4, 5, 6].map((place) => `--wb-series-${place}`);

  W.percentAxis = { tickformat: ".0%", rangemode: "tozero" };

  W.runSeries = function (host, run, { points = POINTS, smoothing = 0.9 } = {}) {
    const store = { run, series: {}, smoothing, latest: 0 };
    let next = 0;
    let state = null;
    let held = 0;
    let generation = 0;

    // Resolves to whether anything changed.
    store.update = async function () {
      const mine = generation;
      const question = new URLSearchParams({ from: next, points, smoothing: store.smoothing });
      if (next > 0 && state) question.set("state", JSON.stringify(state));
      const answer = await host.ask(`${W.runPath(run)}/curves?${question}`);
      if (mine !== generation) return false;
      if (next === 0) {
        store.series = {};
        held = 0;
      } else if (answer.reset_to_step !== null) {
        Object.values(store.series).forEach((one) => cut(one, answer.reset_to_step));
      }
      const moved = answer.next !== next || next === 0;
      for (const [name, fresh] of Object.entries(answer.series)) {
        append((store.series[name] ||= empty()), fresh);
      }
      next = answer.next;
      state = answer.smoothing_state;
      const all = Object.values(store.series);
      held = Math.max(0, ...all.map((one) => one.step.length));
      store.latest = Math.max(0, ...all.map((one) => one.step.at(-1) ?? 0));
      // Twice the points: let the server thin the past again. What is shown stays until it answers.
      if (held > 2 * points) store.restart();
      return moved;
    };
    store.restart = function (smooth = store.smoothing) {
      store.smoothing = smooth;
      generation += 1;
      next = 0;
      state = null;
    };
    return store;
  };

  const empty = () => ({ step: [], low: [], high: [], last: [], smooth: [] });

  function append(series, fresh) {
    for (const key of Object.keys(series)) series[key].push(...(fresh[key] || []));
  }

  function cut(series, step) {
    let keep = series.step.length;
    while (keep > 0 && series.step[keep - 1] > step) keep -= 1;
    for (const key of Object.keys(series)) series[key].length = keep;
  }

  const FIGURES = { mAP: "mAP", rank1: "Rank-1", mINP: "mINP" };

  // As people say it: satellite_to_drone.rank1 is "satellite to drone Rank-1".
  W.figureName = function (name) {
    const parts = name.split(".");
    const figure = parts.pop();
    return [...parts, FIGURES[figure] || figure].join(" ").replaceAll("_", " ");
  };

  W.seriesLabel = function (name) {
    if (name === "loss") return "total";
    if (/^(losses|validation)\./.test(name)) return name.split(".")[1].replaceAll("_", " ");
    const [weights, ...figure] = name.split(".");
    if (figure.length) return `${W.figureName(figure.join("."))} ${weights}`;
    return name.replaceAll("_", " ").replace("megabytes", "MB");
  };

  // The same where nothing around it says which chart it is from.
  W.fullLabel = (name) => {
    if (name === "loss") return "loss: total";
    const [group, rest] = name.split(".");
    if (group === "losses") return `loss: ${W.seriesLabel(name)}`;
    return group === "validation" ? `validation: ${rest.replaceAll("_", " ")}` : W.seriesLabel(name);
  };
})((globalThis.Workbench = globalThis.Workbench || {}));
