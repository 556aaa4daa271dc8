// One chart over Plotly: colours from the page's own variables, zoom that survives updates, a shared
// horizontal axis, a legend of real buttons with the latest values.
(function (W) {
  "use strict";

  let loading = null;
  W.plotly = function (host) {
    if (globalThis.Plotly) return Promise.resolve(globalThis.Plotly);
    loading ||= load(host).catch((error) => {
      loading = null;
      throw error;
    });
    return loading;
  };

  async function load(host) {
    const src = await host.script(`panel/plotly.js?v=${host.plotlyVersion || ""}`);
    const script = W.make("script", { src });
    await new Promise((resolve, reject) => {
      script.onload = resolve;
      script.onerror = () => reject(new TypeError("plotly did not load"));
      document.head.append(script);
    });
    return globalThis.Plotly;
  }

  // view: {x: [from, to] or null, whole: [from, to], log: bool, revision: text}, shared by all charts
  // of a panel; options: {x, y} of Plotly's axes, hovermode, canLog, named.
  W.chart = function (host, { title, view, options = {}, onRange = null }) {
    const legend = W.make("div", { class: "wb-legend" });
    const plot = W.make("div", { class: "wb-plot", role: "img", "aria-label": title });
    const name = W.make("span", { class: "wb-chart-title" }, title);
    const caption = W.make("figcaption", {}, name, legend);
    const figure = W.make("figure", { class: "wb-chart" }, caption, plot);
    const hidden = new Set();
    const buttons = new Map();
    let lines = [];
    let axes = {};
    let listening = false;

    // ---- drawing, only when and as often as it can be seen

    let near = true;
    let held = false;
    let pending = false;
    let again = false;
    let drawing = null;

    // One drawing at a time: Plotly mixes up two that overlap.
    function redraw() {
      again = true;
      drawing ||= drawWhileAsked();
      return drawing;
    }

    async function drawWhileAsked() {
      try {
        while (again) {
          again = false;
          await drawOnce();
        }
      } catch (error) {
        console.warn(error.message);
      } finally {
        drawing = null;
      }
    }

    async function drawOnce() {
      if (!figure.isConnected) return;
      // Redrawing under a finger would end the zoom that is being drawn.
      if (held || !near || !figure.getClientRects().length) {
        pending = true;
        return;
      }
      pending = false;
      const Plotly = await W.plotly(host);
      if (!figure.isConnected || !lines.length) return;
      const shown = lines.filter((line) => !hidden.has(line.name));
      const traces = shown.flatMap((line) => line.traces(colourOf(line)));
      const layout = layoutOf(plot, { ...options, ...axes }, view);
      await Plotly.react(plot, traces, layout, { displayModeBar: false, doubleClick: "autosize" });
      if (!listening) {
        listening = true;
        plot.on("plotly_relayout", onRelayout);
      }
      const values = lines.map((line) => `${line.label}: ${line.latest}`).join(", ");
      plot.setAttribute("aria-label", `${title}. ${values}`);
    }

    function onRelayout(change) {
      if (!onRange) return;
      if (change["xaxis.autorange"]) onRange(null);
      else if ("xaxis.range[0]" in change) onRange([change["xaxis.range[0]"], change["xaxis.range[1]"]]);
    }

    function release() {
      if (!held) return;
      held = false;
      if (pending) setTimeout(redraw, 50);
    }
    plot.addEventListener("pointerdown", () => (held = true));
    addEventListener("pointerup", release);
    const themed = W.onTheme(redraw);
    // Also tells when a hidden tab is opened: what was not drawn then is drawn now.
    const sized = new ResizeObserver(redraw);
    sized.observe(plot);
    // A chart far off the screen is drawn when it is scrolled to: training needs the processor more.
    const onNear = (entries) => {
      near = entries.at(-1).isIntersecting;
      if (near && pending) redraw();
    };
    const watched = new IntersectionObserver(onNear, { rootMargin: "500px" });
    watched.observe(plot);

    // ---- the legend

    const colourOf = ({ colour }) => (colour.startsWith("--") ? colourNamed(plot, colour) : colour);

    function drawLegend() {
      for (const [key, button] of buttons) {
        if (lines.some((line) => line.name === key)) continue;
        button.remove();
        buttons.delete(key);
      }
      for (const line of lines) {
        if (!buttons.has(line.name)) addButton(line);
        const button = buttons.get(line.name);
        const ink = line.colour.startsWith("--") ? `var(${line.colour})` : line.colour;
        button.querySelector(".wb-swatch").style.color = ink;
        button.querySelector(".wb-latest").textContent = line.latest;
      }
      figure.classList.toggle("wb-single", lines.length === 1 && !options.named);
    }

    function addButton(line) {
      const swatch = `wb-swatch ${line.dashed ? "wb-dashed" : ""}`;
      const button = W.make(
        "button",
        {
          type: "button",
          class: "wb-legend-item",
          "aria-pressed": "true",
          title: line.help || `Show or hide ${line.label}`,
        },
        W.make("span", { class: swatch, "aria-hidden": true }),
        W.make("span", {}, line.label),
        W.make("span", { class: "wb-latest" }),
      );
      button.addEventListener("click", () => {
        if (!hidden.delete(line.name)) hidden.add(line.name);
        button.setAttribute("aria-pressed", String(!hidden.has(line.name)));
        redraw();
      });
      buttons.set(line.name, button);
      legend.append(button);
    }

    host.closed?.addEventListener("abort", remove);
    function remove() {
      host.closed?.removeEventListener("abort", remove);
      themed.disconnect();
      sized.disconnect();
      watched.disconnect();
      removeEventListener("pointerup", release);
      if (listening) globalThis.Plotly.purge(plot);
      figure.remove();
    }

    return {
      figure,
      redraw,
      remove,
      // lines: {name, label, latest, colour, dashed, help, traces(ink)}; special: axes of this drawing.
      set(next, special = {}) {
        lines = next;
        axes = special;
        drawLegend();
        return redraw();
      },
    };
  };

  // ---- how it looks

  const colourNamed = (element, name) => getComputedStyle(element).getPropertyValue(name).trim();

  // A colour of the styles (#rrggbb) for the area under a line.
  W.faded = function (ink) {
    const parts = [1, 3, 5].map((at) => parseInt(ink.slice(at, at + 2), 16));
    return `rgba(${parts.join(", ")}, 0.13)`;
  };

  function layoutOf(element, options, view) {
    const ink = colourNamed(element, "--wb-muted");
    const line = colourNamed(element, "--wb-line");
    const axis = {
      color: ink,
      gridcolor: line,
      linecolor: line,
      zeroline: false,
      tickfont: { size: 11 },
      exponentformat: "e",
      tickangle: 0,
    };
    const logarithmic = view.log && options.canLog ? { type: "log", nticks: 0, dtick: "D2" } : {};
    // The horizontal range is ours (it is shared by all charts and follows the latest point), so that
    // Plotly must not bring an older one back.
    view.draws = (view.draws || 0) + 1;
    return {
      width: element.clientWidth,
      height: element.clientHeight,
      margin: { t: 6, r: 8, b: options.x?.title ? 36 : 24, l: 44 },
      paper_bgcolor: "rgba(0,0,0,0)",
      plot_bgcolor: "rgba(0,0,0,0)",
      font: { family: getComputedStyle(element).fontFamily, size: 12, color: ink },
      showlegend: false,
      hovermode: options.hovermode || "x unified",
      hoverlabel: {
        bgcolor: colourNamed(element, "--wb-surface"),
        bordercolor: line,
        font: { color: colourNamed(element, "--wb-ink"), size: 12 },
      },
      dragmode: "zoom",
      uirevision: view.revision,
      xaxis: {
        ...axis,
        nticks: Math.max(3, Math.round(element.clientWidth / 60)),
        ...options.x,
        ...rangeOf(view, options),
        uirevision: view.draws,
      },
      yaxis: { ...axis, automargin: true, nticks: 6, ...options.y, ...logarithmic },
    };
  }

  function rangeOf(view, options) {
    const range = view.x || view.whole || options.x?.range;
    return range ? { range, autorange: false } : { autorange: true };
  }

  // ---- lines

  // The raw past is drawn as the zigzag between the lowest and highest value of each bucket, so that
  // thinning hides no spike; the smoothed line lies over it.
  W.rawAndSmooth = (series, smoothing) => (ink) => {
    const raw = { x: [], y: [], mode: "lines", line: { color: ink, width: 1 }, name: "" };
    series.step.forEach((step, index) => {
      const [low, high] = [series.low[index], series.high[index]];
      for (const value of low === high ? [low] : [low, high]) {
        raw.x.push(step);
        raw.y.push(value);
      }
    });
    const hovertemplate = "%{y:.4g}<extra></extra>";
    if (!(smoothing > 0)) return [{ ...raw, opacity: 0.9, hovertemplate }];
    const line = { color: ink, width: 2.2 };
    const smooth = { x: [...series.step], y: [...series.smooth], mode: "lines", line, hovertemplate };
    return [{ ...raw, opacity: 0.28, hoverinfo: "skip" }, smooth];
  };

  // Copies: Plotly takes an array that has only grown for the one it has drawn already.
  W.points = (series, { dashed = false, percent = false, symbol = "circle" } = {}) => (ink) => [
    {
      x: [...series.step],
      y: [...series.last],
      mode: "lines+markers",
      connectgaps: false,
      line: { color: ink, width: dashed ? 1.6 : 2.4, dash: dashed ? "dot" : "solid" },
      marker: { size: dashed ? 6 : 7, symbol: dashed ? `${symbol}-open` : symbol },
      hovertemplate: percent ? "%{y:.1%}<extra></extra>" : "%{y:.4g}<extra></extra>",
    },
  ];
})((globalThis.Workbench = globalThis.Workbench || {}));
