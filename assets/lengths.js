// Lengths of the vectors of test images: what margin they stand for, and how well each length is found.
(function (W) {
  "use strict";

  const [WIDE, HIGH] = [460, 270];
  const EDGE = { right: 12, top: 12, bottom: 42 };
  const [DIGIT, BESIDE] = [7.6, 14];
  const ABOUT_TICKS = 5;

  function ticks(low, high) {
    const rough = (high - low) / ABOUT_TICKS || 1;
    const power = 10 ** Math.floor(Math.log10(rough));
    const step = [1, 2, 5, 10].map((size) => size * power).find((size) => size >= rough);
    const found = [];
    for (let at = Math.ceil(low / step); at * step <= high + 1e-9; at++) found.push(Number((at * step).toPrecision(10)));
    return found;
  }

  function rangeOf(values, floor = null) {
    const [low, high] = [Math.min(...values), Math.max(...values)];
    const room = 0.05 * (high - low) || Math.abs(high) || 1;
    return [floor ?? low - room, high + room];
  }

  function text(words, settings) {
    const made = W.svg("text", { class: "wb-axis-text", ...settings });
    made.textContent = words;
    return made;
  }

  // `points` are [x, y, source]; `steps` are {low, high, mean}: the mean of a range, drawn over it.
  function scatter({ title, x, y, points, steps = [], percent = false }) {
    const across = rangeOf(points.map(([value]) => value));
    const up = rangeOf(points.map((point) => point[1]), percent ? -0.03 : null);
    const named = (value) => {
      if (percent) return `${Math.round(100 * value)} %`;
      return value !== 0 && Math.abs(value) < 1e-3 ? value.toExponential() : String(value);
    };
    const edge = BESIDE + DIGIT * Math.max(...ticks(...up).map((value) => named(value).length), 2);
    const left = (value) => edge + ((value - across[0]) / (across[1] - across[0])) * (WIDE - edge - EDGE.right);
    const top = (value) => HIGH - EDGE.bottom - ((value - up[0]) / (up[1] - up[0])) * (HIGH - EDGE.top - EDGE.bottom);
    const lines = ticks(...up).map((value) => W.svg("path", { class: "wb-grid", d: `M${edge} ${top(value)}H${WIDE - EDGE.right}` }));
    const beside = ticks(...up).map((value) => text(named(value), { x: edge - 6, y: top(value) + 4, "text-anchor": "end" }));
    const below = ticks(...across).map((value) => text(String(value), { x: left(value), y: HIGH - EDGE.bottom + 17, "text-anchor": "middle" }));
    const dots = points.map(([one, other, source]) =>
      W.svg("circle", { class: `wb-length-${source}`, cx: left(one).toFixed(1), cy: top(other).toFixed(1), r: 2.6 }),
    );
    const means = steps.map(({ low, high, mean }) =>
      W.svg("path", { class: "wb-length-mean", d: `M${left(low).toFixed(1)} ${top(mean).toFixed(1)}H${Math.max(left(high), left(low) + 2).toFixed(1)}` }),
    );
    const name = text(x, { x: (edge + WIDE - EDGE.right) / 2, y: HIGH - 6, "text-anchor": "middle" });
    const drawn = W.svg("svg", { viewBox: `0 0 ${WIDE} ${HIGH}`, role: "img", "aria-label": title }, lines, beside, below, dots, means, name);
    return W.make("figure", { class: "wb-drawn wb-length-chart" }, W.make("figcaption", {}, y), drawn);
  }

  // `ask()` answers {ready, working, words, ...}, `start()` has lengths measured, `picture(image)` is
  // an address, `choose(image)` makes an image the query.
  W.lengths = function ({ ask, start, picture, choose }) {
    const { element, body } = W.details("Length of vectors: how sure the network is, and whether it is right");
    element.classList.add("wb-lengths");
    let key = null;
    let drawn = null;
    let ticket = 0;

    const paragraph = (words) => W.make("p", { role: "status" }, words);

    async function look() {
      if (!element.open || key === null || drawn === key) return;
      const mine = ++ticket;
      const wanted = key;
      const still = () => mine === ticket && element.isConnected;
      if (!body.childElementCount) W.fill(body, paragraph("Reading the lengths…"));
      try {
        const answer = await W.settled(ask, { current: still, tell: (words) => W.fill(body, paragraph(words)) });
        if (!answer) return;
        if (!answer.ready) return offer(answer);
        drawn = wanted;
        draw(answer);
      } catch (error) {
        if (!(error instanceof W.Refused)) throw error;
        if (still()) W.fill(body, paragraph(error.message));
      }
    }

    function offer({ words }) {
      const measure = async () => {
        await start();
        await look();
      };
      const button = W.button("Measure lengths", () => W.act(button, measure), "wb-primary");
      W.fill(body, W.make("p", {}, words), button);
    }

    function draw(answer) {
      const asked = answer.points.filter((one) => one.precision !== null);
      const charts = [];
      if (answer.certainty) {
        const points = answer.points.map((one) => [one.length, one.shift, one.source]);
        charts.push(scatter({ title: "Learned shift of the margin by length of the vector", x: "length of the vector", y: "Shift of the margin by length: queries filled, gallery images hollow", points }));
      }
      if (asked.length) {
        const points = asked.map((one) => [one.length, one.precision, one.source]);
        const title = `Average precision by length of the vector. ${answer.words}`;
        charts.push(scatter({ title, x: "length of the vector", y: "Average precision by length: each dot a query, each line a range's mean", points, steps: answer.ranges, percent: true }));
      }
      const points = W.details("All points as a table");
      points.element.addEventListener("toggle", () => points.body.childElementCount || W.fill(points.body, pointTable(answer)));
      W.fill(
        body,
        W.make("p", { class: "wb-length-words" }, answer.words),
        W.make("div", { class: "wb-length-charts" }, charts),
        ranges(answer.ranges),
        strip("Shortest vectors", answer.shortest),
        strip("Longest vectors", answer.longest),
        W.make("p", { class: "wb-muted" }, answer.about),
        points.element,
      );
    }

    function ranges(all) {
      if (!all.length) return null;
      const row = ({ low, high, count, mean, error }) => [
        `${W.number(low)} to ${W.number(high)}`,
        String(count),
        W.percent(mean),
        `± ${W.percent(error)}`,
      ];
      return W.lessonTable("mAP of ranges of equal count", ["Length", "Queries", "mAP", "Standard error"], all.map(row));
    }

    function strip(title, images) {
      if (!images.length) return null;
      const list = W.make("div", { class: "wb-parts-hits", role: "group", "aria-label": title }, images.map(thumb));
      W.arrows(list, ".wb-parts-hit");
      W.withoutPictures(list, () => {});
      return W.make("section", {}, W.make("h4", {}, title), list);
    }

    function thumb(image) {
      const found = image.precision === null ? "" : `, average precision ${W.percent(image.precision)}`;
      const name = `${W.capital(image.source)} ${image.index}, length ${W.number(image.length)}${found}`;
      const button = W.make(
        "button",
        { type: "button", class: "wb-thumb wb-parts-hit", "aria-label": `${name}. Look at it as a query`, title: name },
        W.make("img", { src: picture(image), alt: "", loading: "lazy", width: 44, height: 88 }),
        W.make("span", {}, W.number(image.length)),
      );
      button.addEventListener("click", () => choose(image));
      return button;
    }

    function pointTable({ points, certainty }) {
      const heads = ["Image", "Length", ...(certainty ? ["Shift"] : []), "Average precision"];
      const row = (one) => [
        `${one.source} ${one.index}`,
        W.number(one.length),
        ...(certainty ? [W.number(one.shift)] : []),
        W.percent(one.precision),
      ];
      return W.lessonTable("Every image that is drawn", heads, points.map(row));
    }

    element.addEventListener("toggle", () => look().catch(W.tell));
    return {
      element,
      // What is looked at: another key means other lengths.
      show(next) {
        if (next !== key) W.fill(body);
        key = next;
        look().catch(W.tell);
      },
    };
  };
})((globalThis.Workbench = globalThis.Workbench || {}));
