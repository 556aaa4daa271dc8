// One chart over Plotly: colours from the page's own variables, zoom that survives updates, linked
// horizontal axes, a legend of real buttons with the latest values.
(function (W) {
  "use strict";

  let loading = null;
  W.plotly = function (host) {
    if (globalThis.Plotly) return Promise.resolve(globalThis.Plotly);
    loading ||= new Promise((resolve, reject) => {
      const script = W.make("script", { src: host.address(`panel/plotly.js?v=${host.plotlyVersion || ""}`) });
      script.onload = () => resolve(globalThis.Plotly);
      script.onerror = () => {
        loading = null;
        reject(new TypeError("plotly did not load"));
      };
      document.head.append(script);
    });
    return loading;
  };

  const colour = (element, name) => getComputedStyle(element).getPropertyValue(name).trim();

  function layoutOf(element, options, view) {
    const ink = colour(element, "--wb-muted");
    const line = colour(element, "--wb-line");
    const axis = {
      color: ink,
      gridcolor: line,
      linecolor: line,
      zeroline: false,
      tickfont: { size: 11 },
      exponentformat: "e",
      tickangle: 0,
    };
    const y = { ...axis, ...(options.y || {}), automargin: true, nticks: 6 };
    if (view.log && options.canLog) Object.assign(y, { type: "log", nticks: 0, dtick: "D2" });
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
        bgcolor: colour(element, "--wb-surface"),
        bordercolor: line,
        font: { color: colour(element, "--wb-ink"), size: 12 },
      },
      dragmode: "zoom",
      uirevision: view.revision,
      xaxis: {
        ...axis,
        nticks: Math.max(3, Math.round(element.clientWidth / 60)),
        ...(options.x || {}),
        ...rangeOf(view, options),
        // The horizontal range is ours (it is shared by all charts and follows the latest point), so
        // that Plotly must not bring an older one back.
        uirevision: (view.draws = (view.draws || 0) + 1),
      },
      yaxis: y,
    };
  }

  function rangeOf(view, options) {
    const range = view.x || view.whole || options.x?.range;
    return range ? { range, autorange: false } : { autorange: true };
  }

  // view: {x: [from, to] or null, whole: [from, to], log: bool, revision: text}, shared by all charts of a panel.
  W.chart = function (host, { title, view, options = {}, onRange = null }) {
    const legend = W.make("div", { class: "wb-legend" });
    const plot = W.make("div", { class: "wb-plot", role: "img", "aria-label": title });
    const figure = W.make("figure", { class: "wb-chart" }, W.make("figcaption", {}, W.make("span", { class: "wb-chart-title" }, title), legend), plot);
    const hidden = new Set();
    let lines = [];
    let held = false;
    let drawn = false;
    let pending = false;
    let axes = {};

    plot.addEventListener("pointerdown", () => (held = true));
    addEventListener("pointerup", release);
    function release() {
      if (!held) return;
      held = false;
      if (pending) setTimeout(redraw, 50);
    }

    // One drawing at a time: Plotly mixes up two that overlap.
    let drawing = null;
    let again = false;
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
      const traces = lines.filter((line) => !hidden.has(line.name)).flatMap((line) => line.traces(colourOf(line)));
      await Plotly.react(plot, traces, layoutOf(plot, { ...options, ...axes }, view), { displayModeBar: false, doubleClick: "autosize" });
      if (!drawn) {
        drawn = true;
        plot.on("plotly_relayout", (change) => {
          if (!onRange) return;
          if (change["xaxis.autorange"]) onRange(null);
          else if ("xaxis.range[0]" in change) onRange([change["xaxis.range[0]"], change["xaxis.range[1]"]]);
        });
      }
      plot.setAttribute("aria-label", `${title}. ${lines.map((line) => `${line.label}: ${line.latest}`).join(", ")}`);
    }

    const colourOf = (line) => (line.colour.startsWith("--") ? colour(plot, line.colour) : line.colour);

    const buttons = new Map();
    function drawLegend() {
      for (const [name, button] of buttons) {
        if (!lines.some((line) => line.name === name)) {
          button.remove();
          buttons.delete(name);
        }
      }
      for (const line of lines) {
        let button = buttons.get(line.name);
        if (!button) {
          button = W.make(
            "button",
            { type: "button", class: "wb-legend-item", "aria-pressed": "true", title: line.help || `Show or hide ${line.label}` },
            W.make("span", { class: `wb-swatch ${line.dashed ? "wb-dashed" : ""}`, "aria-hidden": true }),
            W.make("span", {}, line.label),
            W.make("span", { class: "wb-latest" }),
          );
          button.addEventListener("click", () => {
            if (hidden.has(line.name)) hidden.delete(line.name);
            else hidden.add(line.name);
            button.setAttribute("aria-pressed", String(!hidden.has(line.name)));
            redraw();
          });
          buttons.set(line.name, button);
          legend.append(button);
        }
        button.querySelector(".wb-swatch").style.color = line.colour.startsWith("--") ? `var(${line.colour})` : line.colour;
        button.querySelector(".wb-latest").textContent = line.latest;
      }
      figure.classList.toggle("wb-single", lines.length === 1 && !options.named);
    }

    const themed = new MutationObserver(redraw);
    themed.observe(document.body, { attributes: true, attributeFilter: ["class"] });
    // Also tells when a hidden tab is opened: what was not drawn then is drawn now.
    const sized = new ResizeObserver(redraw);
    sized.observe(plot);
    // A chart far off the screen is drawn when it is scrolled to: training needs the processor more.
    let near = true;
    const watched = new IntersectionObserver(
      (entries) => {
        near = entries.at(-1).isIntersecting;
        if (near && pending) redraw();
      },
      { rootMargin: "500px" },
    );
    watched.observe(plot);

    return {
      figure,
      plot,
      set(next, special = {}) {
        lines = next;
        axes = special;
        drawLegend();
        return redraw();
      },
      redraw,
      remove() {
        themed.disconnect();
        sized.disconnect();
        watched.disconnect();
        removeEventListener("pointerup", release);
        if (drawn) globalThis.Plotly.purge(plot);
        figure.remove();
      },
    };
  };

  // A colour of the styles (#rrggbb) for the area under a line.
  W.faded = (ink) => `rgba(${[1, 3, 5].map((at) => parseInt(ink.slice(at, at + 2), 16)).join(", ")}, 0.13)`;

  // ---- lines

  // The raw past is drawn as the zigzag between the lowest and highest value of each bucket, so that
  // thinning hides no spike; the smoothed line lies over it.
  W.rawAndSmooth = (series, smoothing) => (ink) => {
    const steps = [];
    const values = [];
    series.step.forEach((step, index) => {
      const low = series.low[index];
      const high = series.high[index];
      steps.push(step);
      values.push(low);
      if (high !== low) {
        steps.push(step);
        values.push(high);
      }
    });
    const raw = { x: steps, y: values, mode: "lines", line: { color: ink, width: 1 }, opacity: smoothing > 0 ? 0.28 : 0.9, hoverinfo: smoothing > 0 ? "skip" : "y", name: "" };
    if (!(smoothing > 0)) return [{ ...raw, hoverinfo: undefined, hovertemplate: "%{y:.4g}<extra></extra>" }];
    return [raw, { x: series.step, y: series.smooth, mode: "lines", line: { color: ink, width: 2.2 }, hovertemplate: "%{y:.4g}<extra></extra>" }];
  };

  W.points = (series, { dashed = false, percent = false, symbol = "circle" } = {}) => (ink) => [
    {
      x: series.step,
      y: series.last,
      mode: "lines+markers",
      connectgaps: false,
      line: { color: ink, width: dashed ? 1.6 : 2.4, dash: dashed ? "dot" : "solid" },
      marker: { size: dashed ? 6 : 7, symbol: dashed ? `${symbol}-open` : symbol },
      hovertemplate: percent ? "%{y:.1%}<extra></extra>" : "%{y:.4g}<extra></extra>",
    },
  ];
})((globalThis.Workbench = globalThis.Workbench || {}));
