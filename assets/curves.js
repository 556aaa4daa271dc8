// Live curves of one run, and of several over each other.
(function (W) {
  "use strict";

  const INKS = ["--wb-series-1", "--wb-series-2", "--wb-series-3", "--wb-series-4", "--wb-series-5", "--wb-series-6"];
  const POINTS = 600;

  // ---- the series of one run: everything once, then only what is new

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
      const answer = await host.ask(`api/runs/${encodeURIComponent(run)}/curves?${question}`);
      if (mine !== generation) return false;
      if (next === 0) {
        store.series = {};
        held = 0;
      } else if (answer.reset_to_step !== null) {
        Object.values(store.series).forEach((one) => cut(one, answer.reset_to_step));
      }
      const moved = answer.next !== next || next === 0;
      for (const [name, fresh] of Object.entries(answer.series)) append((store.series[name] ||= empty()), fresh);
      next = answer.next;
      state = answer.smoothing_state;
      const lengths = Object.values(store.series).map((one) => one.step.length);
      held = Math.max(0, ...lengths);
      store.latest = Math.max(0, ...Object.values(store.series).map((one) => one.step.at(-1) ?? 0));
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

  // ---- which series belongs on which chart

  const percentAxis = { tickformat: ".0%", rangemode: "tozero" };
  const CHARTS = [
    { id: "loss", title: "Loss", large: true, canLog: true, holds: (name) => name === "loss" || name.startsWith("losses.") },
    { id: "retrieval", title: "Retrieval of held-out identities", large: true, y: percentAxis, evaluated: true, percent: true, holds: (name) => /^(raw|averaged)\.(mAP|rank1)$/.test(name), first: "averaged." },
    { id: "learning_rate", title: "Learning rate", holds: (name) => name === "learning_rate", plain: true },
    { id: "images_per_second", title: "Images per second", holds: (name) => name === "images_per_second", y: { rangemode: "tozero" } },
    { id: "gradient_norm", title: "Gradient norm", canLog: true, holds: (name) => name === "gradient_norm" },
    { id: "active_triplets", title: "Active triplets", y: percentAxis, percent: true, holds: (name) => name === "active_triplets" },
    { id: "device_memory", title: "Device memory, MB", holds: (name) => name === "device_memory_megabytes", y: { rangemode: "tozero" }, plain: true },
    { id: "validation", title: "Validation", evaluated: true, canLog: true, holds: (name) => name.startsWith("validation.") },
  ];
  const FIGURES = { mAP: "mAP", rank1: "Rank-1", mINP: "mINP" };

  W.seriesLabel = function (name) {
    if (name === "loss") return "total";
    if (name.startsWith("losses.") || name.startsWith("validation.")) return name.split(".")[1].replaceAll("_", " ");
    const [weights, figure] = name.split(".");
    if (figure) return `${FIGURES[figure] || figure} ${weights}`;
    return name.replaceAll("_", " ").replace("megabytes", "MB");
  };

  // The same where nothing around it says which chart it is from.
  const fullLabel = (name) => {
    if (name === "loss") return "loss: total";
    const [group, rest] = name.split(".");
    if (group === "losses") return `loss: ${W.seriesLabel(name)}`;
    return group === "validation" ? `validation: ${rest.replaceAll("_", " ")}` : W.seriesLabel(name);
  };

  function lineOf(name, series, chart, place, smoothing) {
    const latest = series.last.at(-1);
    const line = { name, label: W.seriesLabel(name), latest: chart.percent ? W.percent(latest) : W.number(latest), colour: INKS[place % INKS.length] };
    if (chart.evaluated) {
      const dashed = name.startsWith("raw.");
      const figure = name.split(".")[1];
      line.colour = chart.id === "retrieval" ? INKS[figure === "mAP" ? 0 : 1] : line.colour;
      line.dashed = dashed;
      line.traces = W.points(series, { dashed, percent: chart.percent, symbol: figure === "mAP" ? "circle" : "square" });
      line.help = chart.id === "retrieval" ? `${line.label} weights` : undefined;
    } else {
      line.traces = W.rawAndSmooth(series, chart.plain ? 0 : smoothing);
    }
    return line;
  }

  // ---- tools over the charts

  function tools(view, { changed, smoothed, reset }) {
    const amount = W.make("output", {}, "0.90");
    const slider = W.make("input", { type: "range", min: 0, max: 0.99, step: 0.01, value: 0.9, "aria-label": "Smoothing" });
    slider.addEventListener("input", () => (amount.textContent = Number(slider.value).toFixed(2)));
    slider.addEventListener("change", () => smoothed(Number(slider.value)));
    const toggle = (label, key, help) => {
      const box = W.make("input", { type: "checkbox", role: "switch" });
      box.addEventListener("change", () => {
        view[key] = box.checked;
        if (key === "follow" && !box.checked) view.x = null;
        changed();
      });
      return W.make("label", { class: "wb-switch", title: help }, box, W.make("span", {}, label));
    };
    return W.make(
      "div",
      { class: "wb-tools", role: "group", "aria-label": "How the curves are drawn" },
      W.make("label", { class: "wb-slider" }, W.make("span", {}, "Smoothing"), slider, amount),
      toggle("Log axis", "log", "Logarithmic axis for loss and gradient norm"),
      toggle("Follow latest", "follow", "Keep the newest steps in view"),
      W.make("button", { type: "button", class: "wb-button wb-small wb-quiet", onclick: reset, title: "Or double-click a chart" }, "Whole run"),
    );
  }

  // Shows the curves of `run`; `host.value.run` says which.
  W.curves = function (element, host) {
    const view = { x: null, log: false, follow: false, revision: "" };
    const charts = new Map();
    let store = null;
    const large = W.make("div", { class: "wb-charts wb-charts-large" });
    const small = W.make("div", { class: "wb-charts wb-charts-small" });
    const redraw = () => charts.forEach(({ chart }) => chart.redraw());
    const bar = tools(view, {
      changed: () => draw(),
      smoothed: (amount) => {
        if (store) store.restart(amount);
        follower.now();
      },
      reset: () => {
        view.x = null;
        view.revision += "'";
        bar.querySelectorAll("input[role=switch]")[1].checked = view.follow = false;
        redraw();
      },
    });
    W.fill(element, bar, large, small);
    element.classList.add("wb-curves");

    function range(next) {
      view.x = next;
      redraw();
    }

    function draw() {
      if (!store) return;
      if (view.follow) {
        const width = view.x ? view.x[1] - view.x[0] : Math.max(50, store.latest / 4);
        const end = store.latest + width * 0.02;
        view.x = [end - width, end];
      }
      view.whole = [-0.01 * store.latest, Math.max(1, 1.03 * store.latest)];
      for (const chart of CHARTS) {
        const names = Object.keys(store.series).filter((name) => chart.holds(name));
        if (chart.first) names.sort((one, two) => two.startsWith(chart.first) - one.startsWith(chart.first));
        if (names.length) place(chart).set(names.map((name, index) => lineOf(name, store.series[name], chart, index, store.smoothing)));
      }
    }

    function place(chart) {
      if (!charts.has(chart.id)) {
        const made = W.chart(host, { title: chart.title, view, options: { y: chart.y, canLog: chart.canLog }, onRange: range });
        made.figure.dataset.chart = chart.id;
        charts.set(chart.id, { chart: made });
        const box = chart.large ? large : small;
        const order = CHARTS.filter((one) => charts.has(one.id) && Boolean(one.large) === Boolean(chart.large)).map((one) => charts.get(one.id).chart.figure);
        box.append(...order);
      }
      return charts.get(chart.id).chart;
    }

    function open(run) {
      if (store?.run === run) return;
      charts.forEach(({ chart }) => chart.remove());
      charts.clear();
      Object.assign(view, { x: null, revision: run || "" });
      store = run ? W.runSeries(host, run, { smoothing: store?.smoothing ?? 0.9 }) : null;
      element.series = store;
      follower.now();
    }

    const pause = () => (host.value.ended ? 5000 : 1000);
    const follower = W.every(element, pause, async () => {
      const mine = store;
      if (mine && (await mine.update()) && mine === store) draw();
    });
    host.onValue((value) => open(value.run || null));
    open(host.value.run || null);
    return { open, refresh: () => follower.now() };
  };

  // One figure of several runs over each other; `host.value.runs` is a list of {run, name}.
  W.comparison = function (element, host) {
    const view = { x: null, log: false, revision: "" };
    const stores = new Map();
    let smoothing = 0.9;
    let metric = "averaged.mAP";
    const choice = W.make("select", { class: "wb-input", "aria-label": "Which curve" });
    const chart = W.chart(host, {
      title: "Runs over each other",
      view,
      options: { canLog: true, named: true, x: { title: { text: "step", standoff: 6 } } },
      onRange: (next) => {
        view.x = next;
        chart.redraw();
      },
    });
    const slider = W.make("input", { type: "range", min: 0, max: 0.99, step: 0.01, value: smoothing, "aria-label": "Smoothing" });
    const log = W.make("input", { type: "checkbox", role: "switch" });
    slider.addEventListener("change", () => {
      smoothing = Number(slider.value);
      stores.forEach(({ store }) => store.restart(smoothing));
      follower.now();
    });
    log.addEventListener("change", () => {
      view.log = log.checked;
      draw();
    });
    choice.addEventListener("change", () => {
      metric = choice.value;
      view.revision = metric;
      draw();
    });
    W.fill(
      element,
      W.make("div", { class: "wb-tools" }, W.make("label", { class: "wb-slider" }, W.make("span", {}, "Curve"), choice), W.make("label", { class: "wb-slider" }, W.make("span", {}, "Smoothing"), slider), W.make("label", { class: "wb-switch" }, log, W.make("span", {}, "Log axis"))),
      chart.figure,
    );
    element.classList.add("wb-curves", "wb-comparison");

    function draw() {
      const names = new Set([...stores.values()].flatMap(({ store }) => Object.keys(store.series)));
      if (!names.has(metric) && names.size) metric = ["averaged.mAP", "raw.mAP", "loss"].find((name) => names.has(name)) || [...names][0];
      W.fill(choice, [...names].map((name) => W.make("option", { value: name, selected: name === metric }, fullLabel(name))));
      const evaluated = /^(raw|averaged|validation)\./.test(metric);
      const percent = /^(raw|averaged)\./.test(metric);
      const lines = [...stores.values()]
        .filter(({ store }) => store.series[metric])
        .map(({ store, name, place }) => {
          const series = store.series[metric];
          const latest = series.last.at(-1);
          return {
            name: store.run,
            label: name,
            latest: percent ? W.percent(latest) : W.number(latest),
            colour: INKS[place % INKS.length],
            dashed: place >= INKS.length,
            traces: evaluated ? W.points(series, { percent, dashed: place >= INKS.length }) : W.rawAndSmooth(series, store.smoothing),
          };
        });
      const latest = Math.max(1, ...[...stores.values()].map(({ store }) => store.latest));
      view.whole = [-0.01 * latest, 1.03 * latest];
      chart.set(lines, percent ? { y: percentAxis } : {});
    }

    function open(runs) {
      const wanted = new Set(runs.map(({ run }) => run));
      for (const run of stores.keys()) if (!wanted.has(run)) stores.delete(run);
      for (const { run, name } of runs) {
        if (stores.has(run)) stores.get(run).name = name;
        else {
          const used = new Set([...stores.values()].map(({ place }) => place));
          let place = 0;
          while (used.has(place)) place += 1;
          stores.set(run, { store: W.runSeries(host, run, { smoothing }), name, place });
        }
      }
      element.hidden = stores.size === 0;
      draw();
      follower.now();
    }

    const follower = W.every(element, 2000, async () => {
      const moved = await Promise.all([...stores.values()].map(({ store }) => store.update()));
      if (moved.some(Boolean)) draw();
    });
    open(host.value.runs || []);
    return { element, open };
  };
})((globalThis.Workbench = globalThis.Workbench || {}));
