// What lies above the points of a map: the lines of the point looked at, and what a hand draws around
// others. Plotly's own lasso draws all points anew at every move, and its lines lie below them.
(function (W) {
  "use strict";

  const FEWEST_PIXELS = 4;

  // `looked()` is {points, places, star}: points one after the other, the places that are drawn, and
  // {place, ends: [{place, near}]} or null. `pick(places)` tells what a hand has drawn around.
  W.mapOverlay = function (plot, { looked, pick }) {
    const lines = part("path", { class: "wb-map-far" });
    const near = part("path", { class: "wb-map-near" });
    const ring = part("circle", { class: "wb-map-ring", r: 10 });
    const outline = part("path", { class: "wb-map-outline" });
    const element = part("svg", { class: "wb-map-over", "aria-hidden": "true" });
    element.append(lines, near, ring, outline);
    let mode = null;
    // Corners of what was drawn, in the numbers of the map.
    let corners = [];
    let hand = null;

    function part(tag, settings) {
      const made = document.createElementNS("http://www.w3.org/2000/svg", tag);
      for (const [name, value] of Object.entries(settings)) made.setAttribute(name, value);
      return made;
    }

    // ---- from the numbers of the map to pixels, and back

    const pixel = ([across, up]) => {
      const { xaxis, yaxis, _size: size } = plot._fullLayout;
      return [size.l + xaxis.l2p(across), size.t + yaxis.l2p(up)];
    };
    const number = ([left, top]) => {
      const { xaxis, yaxis, _size: size } = plot._fullLayout;
      return [xaxis.p2l(left - size.l), yaxis.p2l(top - size.t)];
    };
    const pathOf = (all) => all.map((one) => pixel(one).map((value) => value.toFixed(1)).join(" ")).join("L");

    function draw() {
      if (!plot._fullLayout?._size) return;
      const { points, star } = looked();
      const at = (place) => [points[2 * place], points[2 * place + 1]];
      const rays = (wanted) =>
        star ? star.ends.filter((end) => end.near === wanted).map((end) => `M${pathOf([at(star.place), at(end.place)])}`) : [];
      lines.setAttribute("d", rays(false).join(""));
      near.setAttribute("d", rays(true).join(""));
      ring.style.display = star ? "" : "none";
      if (star) {
        const [left, top] = pixel(at(star.place));
        ring.setAttribute("cx", left);
        ring.setAttribute("cy", top);
      }
      outline.setAttribute("d", corners.length ? `M${pathOf(corners)}Z` : "");
    }

    // ---- a hand that draws

    function here(event) {
      const { left, top } = plot.getBoundingClientRect();
      return [event.clientX - left, event.clientY - top];
    }

    function box(from, to) {
      return [from, [to[0], from[1]], to, [from[0], to[1]]];
    }

    function begin(event) {
      if (!["select", "lasso"].includes(mode) || event.button !== 0 || !plot._fullLayout) return;
      hand = { way: [here(event)], far: false };
      addEventListener("pointermove", move);
      addEventListener("pointerup", finish);
      addEventListener("pointercancel", leave);
    }

    function move(event) {
      const to = here(event);
      const [from] = hand.way;
      hand.far ||= Math.hypot(to[0] - from[0], to[1] - from[1]) > FEWEST_PIXELS;
      hand.way = mode === "lasso" ? [...hand.way, to] : [from, to];
      if (!hand.far) return;
      corners = (mode === "lasso" ? hand.way : box(from, to)).map(number);
      draw();
    }

    function leave() {
      hand = null;
      removeEventListener("pointermove", move);
      removeEventListener("pointerup", finish);
      removeEventListener("pointercancel", leave);
    }

    function finish() {
      const { far } = hand;
      leave();
      if (far) pick(inside());
    }

    function inside() {
      const { points, places } = looked();
      return places.filter((place) => W.isInside(corners, points[2 * place], points[2 * place + 1]));
    }

    plot.addEventListener("pointerdown", begin);
    return {
      element,
      draw,
      isDrawing: () => hand !== null && hand.far,
      clear() {
        corners = [];
        draw();
      },
      close: leave,
      setMode(next) {
        mode = next;
        plot.style.touchAction = ["select", "lasso"].includes(next) ? "none" : "";
      },
    };
  };

  // Whether a point lies inside a closed line: a ray from it crosses the line an odd number of times.
  W.isInside = function (corners, x, y) {
    let odd = false;
    let [beforeX, beforeY] = corners.at(-1);
    for (const [cornerX, cornerY] of corners) {
      const crosses = cornerY > y !== beforeY > y;
      if (crosses && x < ((beforeX - cornerX) * (y - cornerY)) / (beforeY - cornerY) + cornerX) odd = !odd;
      [beforeX, beforeY] = [cornerX, cornerY];
    }
    return odd;
  };
})((globalThis.Workbench = globalThis.Workbench || {}));
