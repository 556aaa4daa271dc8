// The points themselves, drawn by Plotly on the graphics card: hover, click, zoom.
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
    let shown = null;
    // Places drawn around by hand, as long as the same map is shown: {places, revision}.
    let chosen = null;
    // The view that somebody has zoomed or moved.
    let held = null;

    const over = W.mapOverlay(plot, {
      looked: () => ({ ...shown, places: shown.groups.flatMap(({ places }) => [...places]) }),
      pick: (places) => {
        const sorted = places.sort((one, other) => one - other);
        chosen = sorted.length ? { places: new Set(sorted), revision: shown.revision } : null;
        if (!chosen) over.clear();
        pick(sorted);
        redraw();
      },
    });

    function setMode(next) {
      mode = next;
      over.setMode(mode);
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
        over.draw();
        if (!listening) listen();
      }
    }

    const colourOf = (name) => getComputedStyle(plot).getPropertyValue(name).trim();
    const at = (places, axis) => Float32Array.from(places, (place) => shown.points[2 * place + axis]);

    function traces() {
      return shown.groups.map(({ places, colour, symbol, size, opacity }) => ({
        type: "scattergl",
        mode: "markers",
        x: at(places, 0),
        y: at(places, 1),
        hoverinfo: "none",
        // An open symbol is its line; a filled one needs none.
        marker: { color: colourOf(colour), symbol, size, opacity, line: { width: symbol.endsWith("open") ? 1 : 0 } },
        unselected: { marker: { opacity: 0.12 } },
        ...selectionOf(places),
      }));
    }

    function selectionOf(places) {
      if (chosen?.revision !== shown.revision) return {};
      return { selectedpoints: [...places.keys()].filter((turn) => chosen.places.has(places[turn])) };
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
        dragmode: ["zoom", "pan"].includes(mode) ? mode : false,
        uirevision: viewNow(),
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
        if (place !== undefined && !over.isDrawing()) hover(place, [event.clientX - frame.left, event.clientY - frame.top]);
      });
      plot.on("plotly_unhover", () => hover(null));
      plot.on("plotly_click", ({ points }) => {
        const [place] = placesOf(points);
        if (place !== undefined) choose(place);
      });
      plot.on("plotly_relayout", (change) => {
        if (Object.keys(change).some((key) => key.startsWith("xaxis.range"))) held = viewNow();
      });
      plot.on("plotly_relayouting", over.draw);
      plot.on("plotly_afterplot", over.draw);
      plot.on("plotly_doubleclick", refit);
    }

    const themed = W.onTheme(redraw);
    // Also tells when a hidden tab is opened: what was not drawn then is drawn now.
    const sized = new ResizeObserver(redraw);
    sized.observe(plot);
    host.closed?.addEventListener("abort", () => {
      themed.disconnect();
      sized.disconnect();
      over.close();
      globalThis.Plotly?.purge(plot);
    });
    setMode(mode);

    return {
      element: W.make("div", {}, plot, over.element),
      tools,
      // {title, revision, groups, points, extent, star}: points one after the other, across and up.
      draw(next) {
        motion += 1;
        if (chosen && chosen.revision !== next.revision) {
          chosen = null;
          over.clear();
        }
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
        chosen = null;
        over.clear();
        return redraw();
      },
    };
  };
})((globalThis.Workbench = globalThis.Workbench || {}));
