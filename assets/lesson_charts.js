// Average precision as an area, and cumulative match as bars, drawn small.
(function (W) {
  "use strict";

  const [WIDE, HIGH] = [340, 200];
  const EDGE = { left: 34, right: 8, top: 10, bottom: 28 };
  const across = (share) => EDGE.left + share * (WIDE - EDGE.left - EDGE.right);
  const up = (share) => HIGH - EDGE.bottom - share * (HIGH - EDGE.top - EDGE.bottom);

  function frame(title, x, content) {
    const label = (text, settings) => {
      const made = W.svg("text", { class: "wb-axis-text", ...settings });
      made.textContent = text;
      return made;
    };
    const lines = [0, 0.5, 1].map((share) => W.svg("path", { class: "wb-grid", d: `M${across(0)} ${up(share)}H${across(1)}` }));
    const ticks = [0, 0.5, 1].map((share) =>
      label(`${100 * share} %`, { x: across(0) - 4, y: up(share) + 4, "text-anchor": "end" }),
    );
    const below = label(x, { x: across(0.5), y: HIGH - 6, "text-anchor": "middle" });
    return W.svg("svg", { viewBox: `0 0 ${WIDE} ${HIGH}`, role: "img", "aria-label": title }, lines, ticks, content, below);
  }

  const corner = ([x, y]) => `${across(x).toFixed(1)} ${up(y).toFixed(1)}`;
  const outline = (corners) => `M${corners.map(corner).join("L")}`;

  // Every right answer is a column as wide as its share of the recall: by step as high as the
  // precision there, by trapezoid with a top that slopes from the precision just before.
  function precisionRecall({ hits, step, trapezoid }) {
    const wide = 1 / hits.length;
    const columns = hits.map(({ precision, before }, place) => {
      const [from, to] = [place * wide, (place + 1) * wide];
      return [
        W.svg("path", { class: "wb-area-step", d: `${outline([[from, 0], [from, precision], [to, precision], [to, 0]])}Z` }),
        W.svg("path", { class: "wb-area-trapezoid", d: outline([[from, before], [to, precision]]) }),
      ];
    });
    const points = hits.map(({ precision }, place) =>
      W.svg("circle", { class: "wb-area-point", cx: across((place + 1) * wide), cy: up(precision), r: 3.5 }),
    );
    const title = `Precision over recall: ${hits.length} right answers, area by step ${W.percent(step)}, by trapezoid ${W.percent(trapezoid)}`;
    return frame(title, "recall: share of the right answers found", [columns, points].flat(2));
  }

  function cumulative({ match }) {
    const wide = 1 / match.length;
    const bars = match.map((value, place) =>
      W.svg("path", {
        class: "wb-bar",
        d: `${outline([[(place + 0.12) * wide, 0], [(place + 0.12) * wide, value], [(place + 0.88) * wide, value], [(place + 0.88) * wide, 0]])}Z`,
      }),
    );
    const first = match.findIndex((value) => value > 0) + 1;
    const title = `Cumulative match of ranks 1 to ${match.length}: first above 0 at rank ${first}`;
    return frame(title, `rank k, 1 to ${match.length}`, bars);
  }

  // `draw(figures)` of a list; `hidden` may leave out curves.
  W.lessonCharts = function () {
    const area = W.make("div", {});
    const bars = W.make("div", {});
    const key = W.make(
      "p",
      { class: "wb-muted wb-hint" },
      "Filled: the area by step. Line on top: by trapezoid, from the precision just before each right answer. Ties are drawn in the order of the cards.",
    );
    const { element: details, body } = W.details("As a table");
    const chart = (title, box) => W.make("figure", { class: "wb-lesson-chart" }, W.make("figcaption", {}, title), box);
    const element = W.make("div", {}, W.make("div", { class: "wb-lesson-charts" }, chart("Precision and recall", area), chart("Cumulative match (CMC)", bars)), key, details);

    function draw(found) {
      element.hidden = !found.counts;
      if (!found.counts) return;
      W.fill(area, precisionRecall(found));
      W.fill(bars, cumulative(found));
      const columns = ["Right answer", "Rank", "Recall", "Precision there", "Just before"];
      const row = ({ rank, recall, precision, before }, place) => [String(place + 1), String(rank), ...[recall, precision, before].map(W.percent)];
      const ranks = found.match.map((value, place) => [String(place + 1), W.percent(value)]);
      W.fill(body, W.lessonTable("Precision at each right answer", columns, found.hits.map(row)), W.lessonTable("Cumulative match", ["Rank", "Match"], ranks));
    }
    return { element, draw };
  };
})((globalThis.Workbench = globalThis.Workbench || {}));
