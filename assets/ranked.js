// One ranked list: the query, its figures, its curve, the images with what they are to it.
(function (W) {
  "use strict";

  const SHARE = { tickformat: ".0%", range: [0, 1.03], nticks: 6 };

  // `choose(item)` is called for an image that was clicked; `draw(answer)` shows a ranking.
  W.ranked = function (element, host, { picture, choose }) {
    const asked = W.make("div", { class: "wb-query" });
    const figures = W.make("dl", { class: "wb-ap" });
    const list = W.make("ol", { class: "wb-ranked", "aria-label": "Ranked images" });
    const chart = W.chart(host, {
      title: "Precision over recall",
      view: { x: null, log: false, revision: "pr" },
      options: {
        x: { ...SHARE, title: { text: "recall", standoff: 4 } },
        y: SHARE,
        hovermode: "closest",
      },
    });
    const left = W.make("span", { class: "wb-verdict" }, "– left out by the protocol");
    const legend = W.verdictLegend(left);
    const table = W.details("The curve as a table");
    const card = W.make("div", { class: "wb-card" }, figures, chart.figure, table.element);
    W.fill(
      element,
      W.make("div", { class: "wb-rank-top" }, asked, card),
      legend,
      W.make("p", { class: "wb-muted wb-strip-words" }, "The number below an image is its distance to the query: the smaller, the more alike."),
      list,
    );

    let seen = null;

    function draw(answer) {
      seen = answer;
      const known = answer.query.source !== "upload";
      drawQuery(answer);
      card.hidden = legend.hidden = !known;
      if (known) drawFigures(answer);
      W.fill(list, answer.items.map(tile));
    }

    function drawQuery({ query, words }) {
      const { source, index } = query;
      const titles = { query: `Query ${index}`, gallery: `Gallery image ${index} as query`, upload: "Your image" };
      const alt = `Query image, identity ${query.identity_words}`;
      W.fill(
        asked,
        W.make("img", { src: picture(query, 384), alt, width: 128, height: 256 }),
        W.make(
          "div",
          {},
          W.make("h2", {}, titles[source]),
          W.make("p", {}, query.name),
          W.make("p", { class: "wb-muted" }, words),
        ),
      );
    }

    function drawFigures({ average_precision: value, first_match: first, matches, precision_recall: curve }) {
      const figure = (label, words, style = "") =>
        W.make("div", { class: style }, W.make("dt", {}, label), W.make("dd", {}, words));
      W.fill(
        figures,
        figure("Average precision", value === null ? "not counted" : W.percent(value), "wb-strong"),
        figure("First match at rank", first === null ? "–" : String(first)),
        figure("Matches in the gallery", String(matches)),
      );
      chart.figure.hidden = table.element.hidden = curve === null;
      if (!curve) return;
      chart.set([lineOf(curve)]);
      W.fill(table.body, tableOf(curve));
    }

    function tile(item) {
      const verdict = W.verdicts[item.verdict];
      const style = item.excluded ? "excluded" : item.verdict;
      const who = `identity ${item.identity_words}, camera ${item.camera_words}`;
      const distance = item.distance.toFixed(4);
      const place = [`Rank ${item.rank}`, verdict.word].filter(Boolean).join(", ");
      const what = item.excluded ? `Left out: ${item.excluded}` : place;
      const label = `${what}. ${who}, distance ${distance}. Make it the query`;
      const sign = item.excluded ? "left out" : `${verdict.sign} ${verdict.word}`;
      const button = W.make(
        "button",
        { type: "button", class: `wb-tile wb-${style}`, "aria-label": label, title: "Make it the query" },
        W.make(
          "span",
          { class: "wb-tile-head" },
          W.make("b", {}, item.rank === null ? "–" : String(item.rank)),
          W.make("span", { class: "wb-verdict" }, sign),
        ),
        W.make("img", { src: picture(item, 192), alt: "", loading: "lazy", width: 88, height: 176 }),
        W.make("span", { class: "wb-tile-foot" }, item.excluded || item.caption),
        W.make("span", { class: "wb-tile-foot wb-number" }, distance),
      );
      button.addEventListener("click", () => choose(item));
      return W.make("li", {}, button, why(item));
    }

    // Heatmaps of this pair.
    function why({ index, rank, excluded }) {
      const { run, weights, query } = seen;
      const pair = { run, weights, source: query.source, query: query.index, hit: index };
      const link = W.link("Why this rank?", () => host.tell("parts", pair));
      link.classList.add("wb-why");
      link.setAttribute("aria-label", `Why this rank? Heatmaps of ${excluded || `rank ${rank}`}`);
      return link;
    }

    return { draw };
  };

  function tableOf({ recall, precision }) {
    const head = ["Recall", "Precision"].map((words) => W.make("th", { scope: "col" }, words));
    const row = (share, place) =>
      W.make(
        "tr",
        {},
        W.make("th", { scope: "row" }, W.percent(share)),
        W.make("td", { class: "wb-number" }, W.percent(precision[place])),
      );
    const table = W.make(
      "table",
      { class: "wb-numbers" },
      W.make("thead", {}, W.make("tr", {}, head)),
      W.make("tbody", {}, recall.map(row)),
    );
    const region = { class: "wb-table-box", tabindex: 0, role: "region", "aria-label": "Precision over recall" };
    return W.make("div", region, table);
  }

  function lineOf({ recall, precision, shape }) {
    return {
      name: "precision",
      label: "precision",
      latest: "",
      colour: "--wb-series-1",
      traces: (ink) => [
        {
          x: recall,
          y: precision,
          mode: "lines+markers",
          line: { color: ink, width: 2, shape },
          marker: { size: 6 },
          fill: "tozeroy",
          fillcolor: W.faded(ink),
          hovertemplate: "recall %{x:.0%}, precision %{y:.0%}<extra></extra>",
        },
      ],
    };
  }
})((globalThis.Workbench = globalThis.Workbench || {}));
