// The points themselves, drawn by Plotly on the graphics card: hover, click, box and lasso.
(function (W) {
  "use strict";

  const MODES = [
    ["zoom", "Zoom", "Draw a box to look closer; double click shows everything again"],
    ["pan", "Move", "Drag the map"],
    ["select", "Box", "Draw a box: the images in it are listed below"],
    ["lasso", "Lasso", "Draw around points: their images are listed below"],
  ];
  const HIDDEN_AXIS = { visible: false, zeroline: false, showgrid: false };

  // Calls hover(place or null, [x, y]), choose(place) and pick(places), places being those of the
  // points drawn.
  W.mapPlot = function (host, { hover, choose, pick }) {
    const plot = W.make("div", { class: "wb-map-plot", role: "img", "aria-label": "Map" });
    const buttons = new Map(
      MODES.map(([key, label, help]) => {
        const button = W.button(label, () => setMode(key), "wb-small");
        button.title = help;
        return [key, button];
      }),
    );
    const whole = W.button("Whole map", () => refit(), "wb-small wb-quiet");
    const named = { role: "group", "aria-label": "What dragging does" };
    const tools = W.make("div", { class: "wb-row", ...named }, [...buttons.values()], whole);
    let mode = "zoom";
    let drawing = null;
    let again = false;
    let listening = false;
    let motion = 0;
    let fits = 0;
    let cleared = 0;
    let shown = null;
    // The view that somebody has zoomed or moved.
    let held = null;

    function setMode(next) {
      mode = next;
      for (const [key, button] of buttons) button.setAttribute("aria-pressed", String(key === mode));
      return redraw();
    }

    function refit() {
      fits += 1;
      return redraw();
    }

    // One drawing at a time: Plotly mixes up two that overlap.
    function redraw() {
      again = true;
      drawing ||= drawWhileAsked().finally(() => (drawing = null));
      return drawing;
    }

    async function drawWhileAsked() {
      while (again) {
        again = false;
        if (!shown || !plot.isConnected || !plot.clientWidth) continue;
        const Plotly = await W.plotly(host);
        await Plotly.react(plot, traces(), layout(), { displayModeBar: false, doubleClick: false });
        plot.setAttribute("aria-label", shown.title);
        if (!listening) listen();
      }
    }

    const colourOf = (name) => getComputedStyle(plot).getPropertyValue(name).trim();
    const at = (places, axis) => Float32Array.from(places, (place) => shown.points[2 * place + axis]);

    function traces() {
      const points = shown.groups.map(({ places, colour, symbol, size, opacity }) => ({
        type: "scattergl",
        mode: "markers",
        x: at(places, 0),
        y: at(places, 1),
        hoverinfo: "none",
        // An open symbol is its line; a filled one needs none.
        marker: { color: colourOf(colour), symbol, size, opacity, line: { width: symbol.endsWith("open") ? 1 : 0 } },
        unselected: { marker: { opacity: 0.12 } },
      }));
      return [...points, ...(shown.star ? starOf(shown.star) : [])];
    }

    // A ring around the point looked at, and lines from it to its true neighbours.
    function starOf({ place, ends }) {
      const line = (near) => {
        const places = ends.filter((end) => end.near === near).flatMap((end) => [place, end.place]);
        const broken = (axis) => [...at(places, axis)].flatMap((value, turn) => (turn % 2 ? [value, null] : [value]));
        const style = { color: colourOf("--wb-ink"), width: near ? 2 : 1.4, dash: near ? "solid" : "dot" };
        return { mode: "lines", x: broken(0), y: broken(1), line: style };
      };
      const ring = { color: "rgba(0,0,0,0)", size: 18, line: { color: colourOf("--wb-ink"), width: 3 } };
      const self = { mode: "markers", x: at([place], 0), y: at([place], 1), marker: ring };
      return [line(true), line(false), self].map((trace) => ({ type: "scatter", hoverinfo: "skip", ...trace }));
    }

    const viewNow = () => `${shown.revision} ${fits}`;

    // Axes of one scale are stretched by Plotly, which then takes the range it is given for a new one
    // and forgets what a hand has zoomed to: it is told where it is.
    function ranges() {
      if (held !== viewNow()) return W.mapRange(shown.extent);
      return [plot.layout.xaxis, plot.layout.yaxis].map(({ range }) => [...range]);
    }

    function layout() {
      const [x, y] = ranges();
      return {
        width: plot.clientWidth,
        height: plot.clientHeight,
        margin: { t: 4, r: 4, b: 4, l: 4 },
        paper_bgcolor: "rgba(0,0,0,0)",
        plot_bgcolor: "rgba(0,0,0,0)",
        showlegend: false,
        hovermode: "closest",
        dragmode: mode,
        uirevision: viewNow(),
        selectionrevision: `${shown.revision} ${cleared}`,
        newselection: { line: { color: colourOf("--wb-accent"), width: 2 } },
        xaxis: { ...HIDDEN_AXIS, range: x, scaleanchor: "y" },
        yaxis: { ...HIDDEN_AXIS, range: y },
      };
    }

    function listen() {
      listening = true;
      const placeOf = ({ curveNumber, pointNumber }) => shown.groups[curveNumber]?.places[pointNumber];
      const placesOf = (points) => points.map(placeOf).filter((place) => place !== undefined);
      plot.on("plotly_hover", ({ points, event }) => {
        const frame = plot.getBoundingClientRect();
        const [place] = placesOf(points);
        if (place !== undefined) hover(place, [event.clientX - frame.left, event.clientY - frame.top]);
      });
      plot.on("plotly_unhover", () => hover(null));
      plot.on("plotly_click", ({ points }) => {
        const [place] = placesOf(points);
        if (place !== undefined) choose(place);
      });
      plot.on("plotly_selected", (event) => {
        if (event?.points) pick(placesOf(event.points));
      });
      plot.on("plotly_relayout", (change) => {
        if (Object.keys(change).some((key) => key.startsWith("xaxis.range"))) held = viewNow();
      });
      plot.on("plotly_doubleclick", refit);
      plot.on("plotly_deselect", () => pick([]));
    }

    const themed = W.onTheme(redraw);
    // Also tells when a hidden tab is opened: what was not drawn then is drawn now.
    const sized = new ResizeObserver(redraw);
    sized.observe(plot);
    host.closed?.addEventListener("abort", () => {
      themed.disconnect();
      sized.disconnect();
      globalThis.Plotly?.purge(plot);
    });
    setMode(mode);

    return {
      element: plot,
      tools,
      // {title, revision, groups, points, extent, star}: points one after the other, across and up.
      draw(next) {
        motion += 1;
        shown = next;
        return redraw();
      },
      // Moves the points where `next` has them; a person who wants less motion sees them jump.
      async glide(next, milliseconds) {
        const mine = ++motion;
        const from = shown?.points;
        const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
        const began = performance.now();
        while (!still && from?.length === next.points.length) {
          const share = Math.min(1, (performance.now() - began) / milliseconds);
          if (share === 1 || mine !== motion) break;
          const eased = share * share * (3 - 2 * share);
          const points = next.points.map((end, place) => from[place] + eased * (end - from[place]));
          shown = { ...next, points, star: null };
          await redraw();
          await new Promise(requestAnimationFrame);
        }
        if (mine !== motion) return;
        shown = next;
        await redraw();
      },
      clear() {
        cleared += 1;
        return redraw();
      },
    };
  };
})((globalThis.Workbench = globalThis.Workbench || {}));
