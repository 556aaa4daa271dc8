// Live curves of one run.
(function (W) {
  "use strict";

  // Small charts are drawn this seldom while a run goes on: training needs the processor more.
  const SMALL_MS = 4000;

  // Which series belongs on which chart, in the order they are shown.
  const one = (name) => (series) => series === name;
  const CHARTS = [
    {
      id: "loss",
      title: "Loss",
      large: true,
      canLog: true,
      holds: (name) => name === "loss" || name.startsWith("losses."),
    },
    {
      id: "retrieval",
      title: "Retrieval of held-out identities",
      large: true,
      y: W.percentAxis,
      percent: true,
      evaluated: true,
      first: "averaged.",
      holds: (name) => /^(raw|averaged)\.(mAP|rank1)$/.test(name),
    },
    { id: "learning_rate", title: "Learning rate", plain: true, holds: one("learning_rate") },
    {
      id: "images_per_second",
      title: "Images per second",
      y: { rangemode: "tozero" },
      holds: one("images_per_second"),
    },
    { id: "gradient_norm", title: "Gradient norm", canLog: true, holds: one("gradient_norm") },
    {
      id: "active_triplets",
      title: "Active triplets",
      y: W.percentAxis,
      percent: true,
      holds: one("active_triplets"),
    },
    {
      id: "top1_error",
      title: "Top-1 error",
      y: W.percentAxis,
      percent: true,
      holds: one("top1_error"),
    },
    {
      id: "device_memory",
      title: "Device memory, MB",
      plain: true,
      y: { rangemode: "tozero" },
      holds: one("device_memory_megabytes"),
    },
    {
      id: "validation",
      title: "Validation",
      canLog: true,
      evaluated: true,
      holds: (name) => name.startsWith("validation."),
    },
  ];

  function lineOf(name, series, chart, place, smoothing) {
    const value = series.last.at(-1);
    const line = {
      name,
      label: W.seriesLabel(name),
      latest: chart.percent ? W.percent(value) : W.number(value),
      colour: W.inks[place % W.inks.length],
    };
    if (!chart.evaluated) {
      return { ...line, traces: W.rawAndSmooth(series, chart.plain ? 0 : smoothing) };
    }
    // Raw weights are dotted and hollow, averaged ones solid; mAP is round, Rank-1 square.
    const [weights, figure] = name.split(".");
    const dashed = weights === "raw";
    const symbol = figure === "mAP" ? "circle" : "square";
    const traces = W.points(series, { dashed, percent: chart.percent, symbol });
    const colour = chart.percent ? W.inks[figure === "mAP" ? 0 : 1] : line.colour;
    return { ...line, colour, dashed, traces };
  }

  // Shows the curves of `host.value.run`; `ended` there says that nothing more is expected soon.
  W.curves = function (element, host) {
    const view = { x: null, whole: null, log: false, follow: false, revision: "" };
    const charts = new Map();
    let store = null;
    let smallAt = -SMALL_MS;
    let owed = false;
    const large = W.make("div", { class: "wb-charts wb-charts-large" });
    const small = W.make("div", { class: "wb-charts wb-charts-small" });
    const smoothing = W.smoothing((amount) => {
      store?.restart(amount);
      follower.now();
    });
    const log = W.toggle("Log axis", "Logarithmic axis for loss and gradient norm", (on) => {
      view.log = on;
      draw();
    });
    const follow = W.toggle("Follow latest", "Keep the newest steps in view", (on) => {
      view.follow = on;
      if (!on) view.x = null;
      draw();
    });
    const whole = W.button("Whole run", showWhole, "wb-small wb-quiet");
    whole.title = "Or double-click a chart";
    const group = { class: "wb-tools", role: "group", "aria-label": "How the curves are drawn" };
    const bar = W.make("div", group, smoothing.element, log.element, follow.element, whole);
    const none = W.make("p", { class: "wb-muted wb-hint" }, "Curves appear here with the first step.");
    element.classList.add("wb-curves");
    W.fill(element, bar, none, large, small);

    function showWhole() {
      view.x = null;
      view.revision += "'";
      view.follow = false;
      follow.set(false);
      draw();
    }

    function draw(every = true) {
      if (!store) return;
      const now = performance.now();
      owed = !(every || host.value.ended || now - smallAt >= SMALL_MS);
      if (!owed) smallAt = now;
      view.whole = [-0.01 * store.latest, Math.max(1, 1.03 * store.latest)];
      if (view.follow) {
        const width = view.x ? view.x[1] - view.x[0] : Math.max(50, store.latest / 4);
        const end = store.latest + 0.02 * width;
        view.x = [end - width, end];
      }
      for (const chart of CHARTS) {
        if (owed && !chart.large) continue;
        const names = Object.keys(store.series).filter(chart.holds);
        const early = (name) => (name.startsWith(chart.first) ? 0 : 1);
        if (chart.first) names.sort((a, b) => early(a) - early(b));
        const lines = names.map((name, place) =>
          lineOf(name, store.series[name], chart, place, store.smoothing),
        );
        if (lines.length) chartFor(chart).set(lines);
      }
      bar.hidden = !charts.size;
      none.hidden = charts.size > 0;
    }

    function chartFor(chart) {
      if (!charts.has(chart.id)) {
        const options = { y: chart.y, canLog: chart.canLog };
        const made = W.chart(host, { title: chart.title, view, options, onRange: zoom });
        made.figure.dataset.chart = chart.id;
        charts.set(chart.id, made);
        const box = chart.large ? large : small;
        const beside = CHARTS.filter(({ id, large: wide }) => charts.has(id) && wide === chart.large);
        box.append(...beside.map(({ id }) => charts.get(id).figure));
      }
      return charts.get(chart.id);
    }

    function zoom(range) {
      view.x = range;
      charts.forEach((chart) => chart.redraw());
    }

    function open(run) {
      if (store?.run === run) return;
      charts.forEach((chart) => chart.remove());
      charts.clear();
      Object.assign(view, { x: null, whole: null, revision: run || "" });
      store = run ? W.runSeries(host, run, { smoothing: smoothing.amount() }) : null;
      element.series = store;
      smallAt = -SMALL_MS;
      bar.hidden = none.hidden = true;
      follower.now();
    }

    const pause = () => (host.value.ended ? 5000 : 1000);
    const follower = W.every(element, pause, async () => {
      const mine = store;
      if (mine && ((await mine.update()) || owed) && mine === store) draw(false);
    });
    host.onValue((value) => open(value.run || null));
    open(host.value.run || null);
    return { open };
  };
})((globalThis.Workbench = globalThis.Workbench || {}));
