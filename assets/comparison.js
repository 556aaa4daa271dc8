// One figure of several runs over each other.
(function (W) {
  "use strict";

  const FIRST_CHOICES = ["averaged.mAP", "raw.mAP", "loss"];

  // `open(runs)` takes a list of {run, name, computed}; a run keeps its colour as long as it is picked.
  W.comparison = function (element, host) {
    const view = { x: null, whole: null, log: false, revision: "" };
    const picked = new Map();
    let metric = FIRST_CHOICES[0];
    const choice = W.make("select", { class: "wb-input", "aria-label": "Which curve" });
    const smoothing = W.smoothing((amount) => {
      picked.forEach(({ store }) => store.restart(amount));
      follower.now();
    });
    const log = W.toggle("Log axis", "Logarithmic vertical axis", (on) => {
      view.log = on;
      draw();
    });
    const chart = W.chart(host, {
      title: "Runs over each other",
      view,
      options: { canLog: true, named: true, x: { title: { text: "step", standoff: 6 } } },
      onRange(range) {
        view.x = range;
        chart.redraw();
      },
    });
    const label = W.make("label", { class: "wb-slider" }, W.make("span", {}, "Curve"), choice);
    const tools = W.make("div", { class: "wb-tools" }, label, smoothing.element, log.element);
    const without = W.make("p", { class: "wb-muted wb-hint", role: "status" });
    element.classList.add("wb-curves", "wb-comparison");
    const computed = W.make("p", { class: "wb-muted wb-hint" });
    W.fill(element, tools, chart.figure, without, computed);
    choice.addEventListener("change", () => {
      metric = choice.value;
      view.revision = metric;
      draw();
    });

    function draw() {
      const all = [...picked.values()];
      const names = new Set(all.flatMap(({ store }) => Object.keys(store.series)));
      if (!names.has(metric)) metric = FIRST_CHOICES.find((name) => names.has(name)) || metric;
      const option = (name) =>
        W.make("option", { value: name, selected: name === metric }, W.fullLabel(name));
      W.fill(choice, [...names].map(option));
      const latest = Math.max(1, ...all.map(({ store }) => store.latest));
      view.whole = [-0.01 * latest, 1.03 * latest];
      const percent = /^(raw|averaged)\./.test(metric);
      const lines = all.filter(({ store }) => store.series[metric]).map(lineOf);
      chart.set(lines, percent ? { y: W.percentAxis } : {});
      tellWithout(all.filter(({ store }) => !store.series[metric]));
    }

    // A picked run that has no line is named, so that nobody looks for it.
    function tellWithout(runs) {
      const names = runs.map(({ name }) => name).join(", ");
      const words = runs.length ? `No points of this curve: ${names}.` : "";
      if (without.textContent !== words) without.textContent = words;
      without.hidden = !words;
    }

    function lineOf({ store, name, place }) {
      const series = store.series[metric];
      const value = series.last.at(-1);
      const percent = /^(raw|averaged)\./.test(metric);
      const evaluated = percent || metric.startsWith("validation.");
      const dashed = place >= W.inks.length;
      return {
        name: store.run,
        label: name,
        latest: percent ? W.percent(value) : W.number(value),
        colour: W.inks[place % W.inks.length],
        dashed,
        traces: evaluated
          ? W.points(series, { percent, dashed })
          : W.rawAndSmooth(series, store.smoothing),
      };
    }

    function open(runs) {
      const wanted = new Set(runs.map(({ run }) => run));
      for (const run of picked.keys()) if (!wanted.has(run)) picked.delete(run);
      for (const { run, name } of runs) if (!picked.has(run)) add(run, name);
      tellComputed(runs);
      draw();
      follower.now();
    }

    // Threads and number format change the last bits: where they differ, equal recipes may differ, too.
    function tellComputed(runs) {
      const known = runs.filter((run) => run.computed);
      const differ = new Set(known.map((run) => run.computed)).size > 1;
      const told = known.map((run) => `${run.name}: ${run.computed}`).join("; ");
      computed.textContent = differ ? `Computed with different settings. ${told}.` : "";
      computed.hidden = !differ;
    }

    function add(run, name) {
      const used = new Set([...picked.values()].map(({ place }) => place));
      let place = 0;
      while (used.has(place)) place += 1;
      const store = W.runSeries(host, run, { smoothing: smoothing.amount() });
      picked.set(run, { store, name, place });
    }

    const follower = W.every(element, 2000, async () => {
      const moved = await Promise.all([...picked.values()].map(({ store }) => store.update()));
      if (moved.some(Boolean)) draw();
    });
    return { open };
  };
})((globalThis.Workbench = globalThis.Workbench || {}));
