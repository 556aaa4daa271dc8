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
  function precisionRecall({ hits, step, trapezoid }, said) {
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
    const facts = { count: hits.length, step: W.percent(step), trapezoid: W.percent(trapezoid) };
    return frame(W.lessonText(said.precision_told, facts), said.precision_axis, [columns, points].flat(2));
  }

  function cumulative({ match }, said) {
    const wide = 1 / match.length;
    const bars = match.map((value, place) =>
      W.svg("path", {
        class: "wb-bar",
        d: `${outline([[(place + 0.12) * wide, 0], [(place + 0.12) * wide, value], [(place + 0.88) * wide, value], [(place + 0.88) * wide, 0]])}Z`,
      }),
    );
    const first = match.findIndex((value) => value > 0) + 1;
    const facts = { count: match.length, first };
    return frame(W.lessonText(said.match_told, facts), W.lessonText(said.match_axis, facts), bars);
  }

  // `draw(figures)` of a list; `said` are the words of the charts, `table` of what opens their tables.
  W.lessonCharts = function (said, table) {
    const area = W.make("div", {});
    const bars = W.make("div", {});
    const key = W.make("p", { class: "wb-muted wb-hint" }, said.key);
    const { element: details, body } = W.details(table);
    const chart = (title, box) => W.make("figure", { class: "wb-drawn" }, W.make("figcaption", {}, title), box);
    const element = W.make("div", {}, W.make("div", { class: "wb-lesson-charts" }, chart(said.precision, area), chart(said.match, bars)), key, details);

    function draw(found) {
      element.hidden = !found.counts;
      if (!found.counts) return;
      W.fill(area, precisionRecall(found, said));
      W.fill(bars, cumulative(found, said));
      const columns = [said.hit, said.rank, said.recall, said.there, said.before];
      const row = ({ rank, recall, precision, before }, place) => [String(place + 1), String(rank), ...[recall, precision, before].map(W.percent)];
      const ranks = found.match.map((value, place) => [String(place + 1), W.percent(value)]);
      W.fill(body, W.lessonTable(said.hits, columns, found.hits.map(row)), W.lessonTable(said.matches, [said.rank, said.value], ranks));
    }
    return { element, draw };
  };
})((globalThis.Workbench = globalThis.Workbench || {}));
