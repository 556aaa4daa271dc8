// Points in the plane: shapes and colours say who is on them; any can be dragged, or moved by keys.
(function (W) {
  "use strict";

  const SIZE = 480;
  const PEOPLE = ["circle", "square", "triangle", "diamond"];
  const OUTLINES = [
    "M-6 0a6 6 0 1 0 12 0a6 6 0 1 0 -12 0Z",
    "M-5.5 -5.5H5.5V5.5H-5.5Z",
    "M0 -7L6.5 5H-6.5Z",
    "M0 -8L6.5 0L0 8L-6.5 0Z",
  ];
  const STRIDE = 0.06;
  const CROSS = "M-9 0H9M0 -9V9";
  const KEYS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };

  // `moved(index, [x, y])` is called while a person moves a point; without it none can be moved.
  // Points lie in one flat list; `words` are those of the lesson.
  W.lessonPlane = function ({ people, words, name, moved = null }) {
    let shown = { points: [], own: null };
    let reach = 1.2;
    let chosen = 0;
    let held = null;

    const axes = W.svg("path", { class: "wb-grid", d: `M0 ${SIZE / 2}H${SIZE}M${SIZE / 2} 0V${SIZE}` });
    const circle = W.svg("circle", { class: "wb-plane-unit", cx: SIZE / 2, cy: SIZE / 2 });
    const crosses = OUTLINES.map((_, who) => W.svg("path", { class: `wb-plane-own wb-person-${who}`, d: CROSS }));
    const marks = people.map((who) => W.svg("path", { class: `wb-plane-point wb-person-${who}`, d: OUTLINES[who] }));
    const ring = W.svg("circle", { class: "wb-plane-ring", r: 12 });
    ring.setAttribute("visibility", "hidden");
    const element = W.svg(
      "svg",
      {
        class: moved ? "wb-plane wb-movable" : "wb-plane",
        viewBox: `0 0 ${SIZE} ${SIZE}`,
        ...(moved ? { tabindex: 0, role: "application" } : { role: "img" }),
        "aria-label": moved ? `${name}. ${words.planes.keys}` : name,
      },
      [axes, circle, ...crosses, ...marks, ring],
    );
    const status = W.make("p", { class: "wb-hidden", "aria-live": "polite" });

    const scale = () => (SIZE / 2 - 12) / reach;
    const place = (x, y) => `translate(${(SIZE / 2 + x * scale()).toFixed(2)} ${(SIZE / 2 - y * scale()).toFixed(2)})`;

    function draw(next, whole = false) {
      shown = next;
      const { points, own } = shown;
      const farthest = Math.max(1, ...points.map(Math.abs), ...(own || []).map(Math.abs)) * 1.08;
      // The view follows slowly, so that it is the points that seem to move; a held point keeps it still.
      if (held === null) reach = whole ? farthest : reach + (farthest - reach) * (farthest > reach ? 0.3 : 0.03);
      circle.setAttribute("r", scale().toFixed(2));
      marks.forEach((mark, index) => mark.setAttribute("transform", place(points[2 * index], points[2 * index + 1])));
      crosses.forEach((cross, who) => {
        cross.setAttribute("visibility", own ? "visible" : "hidden");
        if (own) cross.setAttribute("transform", place(own[2 * who], own[2 * who + 1]));
      });
      ring.setAttribute("transform", place(points[2 * chosen], points[2 * chosen + 1]));
    }

    // ---- a person moves a point

    function put(index, x, y) {
      const limit = 1.5 * reach;
      const at = [x, y].map((value) => Math.min(limit, Math.max(-limit, value)));
      const points = [...shown.points];
      [points[2 * index], points[2 * index + 1]] = at;
      draw({ ...shown, points });
      moved(index, at);
    }

    function inPlane(event) {
      const frame = element.getBoundingClientRect();
      const along = (value) => (value * SIZE - SIZE / 2) / scale();
      return [along((event.clientX - frame.left) / frame.width), -along((event.clientY - frame.top) / frame.height)];
    }

    const speak = () => (status.textContent = W.lessonText(words.planes.point, { number: chosen + 1, count: marks.length, shape: shapeOf(people[chosen]) }));
    const shapeOf = (who) => words.shapes[PEOPLE[who]];

    function draggable(mark, index) {
      mark.addEventListener("pointerdown", (event) => {
        if (event.button !== 0) return;
        event.preventDefault();
        held = chosen = index;
        mark.setPointerCapture(event.pointerId);
      });
      mark.addEventListener("pointermove", (event) => held === index && put(index, ...inPlane(event)));
      for (const name of ["pointerup", "pointercancel"]) mark.addEventListener(name, () => (held = null));
    }

    function onKey(event) {
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      const turn = { n: 1, p: -1 }[event.key.toLowerCase()];
      if (turn) {
        chosen = (chosen + turn + marks.length) % marks.length;
        draw(shown);
        speak();
      } else if (KEYS[event.key]) {
        event.preventDefault();
        const [right, up] = KEYS[event.key];
        put(chosen, shown.points[2 * chosen] + STRIDE * reach * right, shown.points[2 * chosen + 1] + STRIDE * reach * up);
      }
    }

    if (moved) {
      marks.forEach(draggable);
      element.addEventListener("keydown", onKey);
      element.addEventListener("focus", () => {
        ring.setAttribute("visibility", element.matches(":focus-visible") ? "visible" : "hidden");
        speak();
      });
      element.addEventListener("blur", () => ring.setAttribute("visibility", "hidden"));
    }

    const legend = W.make(
      "p",
      { class: "wb-plane-legend wb-muted" },
      PEOPLE.map((_, who) => {
        const sign = W.svg("svg", { viewBox: "-9 -9 18 18", width: 16, height: 16, "aria-hidden": "true" }, W.svg("path", { class: `wb-plane-point wb-person-${who}`, d: OUTLINES[who] }));
        return W.make("span", {}, sign, ` ${W.lessonText(words.planes.person, { number: who + 1, shape: shapeOf(who) })}`);
      }),
    );
    return { element: W.make("div", {}, element, status), legend, draw };
  };
})((globalThis.Workbench = globalThis.Workbench || {}));
