// At which rank the first right image of each pinned query stands, over the steps.
(function (W) {
  "use strict";

  const TICKS = [1, 2, 3, 5, 10, 20, 50, 100];

  // `draw(film, chosen)`: all queries as thin lines, their median and the chosen one as bold ones.
  W.filmRanks = function (host) {
    const view = { x: null, whole: null, log: false, revision: "ranks" };
    const chart = W.chart(host, {
      title: "Rank of the first match",
      view,
      options: { named: true, hovermode: "closest", x: { title: { text: "step", standoff: 4 } } },
    });
    chart.figure.classList.add("wb-film-chart");
    const { element: details, body } = W.details("Ranks as a table");
    const box = W.make("div", { class: "wb-table-box", tabindex: 0, role: "group", "aria-label": "Ranks" });
    body.append(box);

    function draw({ frames, queries }, chosen) {
      if (!frames.length) return;
      const steps = frames.map(({ step }) => step);
      const beyond = 1 + Math.max(...frames.flatMap(({ strips }) => strips.map((one) => one.looked_at)));
      const ranks = queries.map((_, place) => frames.map(({ strips }) => strips[place]?.first_match ?? beyond));
      const medians = frames.map((_, at) => median(ranks.map((line) => line[at])));
      view.whole = [-0.02 * steps.at(-1), Math.max(1, 1.03 * steps.at(-1))];
      const word = (rank) => (rank >= beyond ? `over ${beyond - 1}` : String(rank));
      const lines = [
        {
          name: "each",
          label: "each query",
          latest: "",
          colour: "--wb-muted",
          traces: (ink) => ranks.map((line, place) => thin(steps, line, `query ${queries[place].index}`, ink, word)),
        },
        bold("median", "median", steps, medians, "--wb-series-1", word),
      ];
      if (chosen !== null) {
        const label = `query ${queries[chosen].index}`;
        lines.push(bold("chosen", label, steps, ranks[chosen], "--wb-series-2", word));
      }
      chart.set(lines, { y: axis(beyond, word) });
      drawTable(steps, queries, ranks, medians, word);
    }

    function drawTable(steps, queries, ranks, medians, word) {
      const head = ["Step", ...queries.map(({ index }) => `Query ${index}`), "Median"];
      const cell = (text) => W.make("td", {}, text);
      const row = (step, at) =>
        W.make(
          "tr",
          {},
          W.make("th", { scope: "row" }, String(step)),
          ranks.map((line) => cell(word(line[at]))),
          cell(word(medians[at])),
        );
      W.fill(
        box,
        W.make(
          "table",
          { class: "wb-numbers" },
          W.make("caption", {}, "Rank of the first match at each evaluation"),
          W.make("thead", {}, W.make("tr", {}, head.map((text) => W.make("th", { scope: "col" }, text)))),
          W.make("tbody", {}, steps.map(row)),
        ),
      );
    }
    return { element: W.make("div", {}, chart.figure, details), draw };
  };

  // Rank 1 is at the top; ranks that were not looked at stand on a line of their own below.
  function axis(beyond, word) {
    const ticks = [...TICKS.filter((rank) => rank < 0.8 * beyond), beyond];
    const range = [Math.log10(beyond * 1.15), Math.log10(0.88)];
    return { type: "log", tickvals: ticks, ticktext: ticks.map(word), range, autorange: false };
  }

  function thin(steps, line, name, ink, word) {
    const hovertemplate = `${name}: rank %{text}, step %{x}<extra></extra>`;
    const style = { line: { color: ink, width: 1 }, opacity: 0.45, mode: "lines" };
    return { x: steps, y: line, text: line.map(word), hovertemplate, ...style };
  }

  function bold(name, label, steps, line, colour, word) {
    const traces = (ink) => [
      {
        x: steps,
        y: line,
        text: line.map(word),
        mode: "lines+markers",
        line: { color: ink, width: 2.5 },
        marker: { size: 6 },
        hovertemplate: `${label}: rank %{text}, step %{x}<extra></extra>`,
      },
    ];
    return { name, label, latest: word(line.at(-1)), colour, traces };
  }

  // The lower one of the two in the middle, so that it is a rank.
  function median(ranks) {
    return [...ranks].sort((one, other) => one - other)[Math.floor((ranks.length - 1) / 2)];
  }
})((globalThis.Workbench = globalThis.Workbench || {}));
