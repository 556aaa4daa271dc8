// One pair explained: a card for every map with its pictures, what it is worth, how far to believe it.
(function (W) {
  "use strict";

  const ORDERS = [
    { name: "heat", words: "hottest first", curve: "curve", area: "auc" },
    { name: "random", words: "at random", curve: "random_curve", area: "random" },
    { name: "middle", words: "from the middle", curve: "centre_curve", area: "centre" },
  ];
  const SIDES = ["query", "hit"];
  const HOTTEST = "";
  const [WIDE, HIGH] = [120, 54];

  const three = (value) => value.toFixed(3).replace("-", "−");
  // What rounds to nothing has no sign.
  const signed = (value) => (Math.abs(value) < 0.0005 ? "" : value < 0 ? "−" : "+") + three(Math.abs(value));

  // `picture(side)` and `heat(part, side)` and `mask(part)` are addresses; `draw(answer, label)` shows a pair,
  // `point(label)` the same one; heat is looked for on that true part, "" for where most of it lies.
  W.partCards = function (element, { picture, heat, mask }) {
    const whole = W.make("div", {});
    const branches = W.make("div", { class: "wb-parts-grid" });
    const masks = W.make("section", { class: "wb-parts-masks", "aria-label": "Learned masks" });
    const table = W.details("All numbers as tables");
    W.fill(element, whole, branches, masks, table.element);
    let shown = null;
    let wanted = HOTTEST;

    function draw(answer, label) {
      shown = answer;
      wanted = label;
      const note = answer.note ? W.make("p", { class: "wb-words" }, answer.note) : null;
      W.fill(whole, note, card({ ...answer.whole, title: "The pair's similarity map" }, "wb-part-whole"));
      W.fill(branches, answer.branches.map((part) => card(part)));
      drawMasks(answer.masks);
      W.fill(table.body, sums(answer), curves(answer));
    }

    function point(label) {
      if (shown) draw(shown, label);
    }

    // ---- one map

    function card(part, style = "") {
      const title = W.capital(part.title);
      const pictures = W.make("div", { class: "wb-part-pictures" });
      pictures.append(...SIDES.map((side) => laid(part, side)));
      return W.make(
        "article",
        { class: `wb-card wb-part ${style}`.trim(), "data-part": part.name, "aria-label": title },
        W.make("h3", {}, title),
        pictures,
        W.make("div", { class: "wb-part-facts" }, worth(part), deletion(part), truth(part)),
      );
    }

    function laid({ name, title, cold }, side) {
      const alt = `Heat of ${title} on the ${side}`;
      const own = side === "query" && shown.source === "upload" ? "your image" : side;
      return over(picture(side), heat(name, side), alt, cold[side] ? `${own}: nothing warm` : own);
    }

    function over(image, layer, alt, caption) {
      const box = W.make(
        "div",
        { class: "wb-heat-box" },
        W.make("img", { src: image, alt: "", width: 64, height: 128 }),
        W.make("img", { src: layer, alt, class: "wb-heat-layer", width: 64, height: 128 }),
      );
      return W.make("figure", { class: "wb-heat" }, box, W.make("figcaption", {}, caption));
    }

    const fact = (label, words) => W.make("div", {}, W.make("dt", {}, label), W.make("dd", {}, words));

    function worth({ share, cosine, sum }) {
      const against = sum && signed(-Math.abs(sum.against));
      const made = sum && `Cells for it ${signed(sum.for)}, against it ${against}, constant ${signed(sum.constant)}.`;
      return W.make(
        "div",
        {},
        W.make("dl", { class: "wb-part-worth" }, fact("Share", signed(share)), fact("Cosine", three(cosine))),
        made ? W.make("p", { class: "wb-muted" }, made) : null,
      );
    }

    // ---- how far to believe it

    function deletion({ title, deletion: score }) {
      if (!score) return null;
      const entry = ({ name, words, area }) =>
        W.make(
          "div",
          { class: `wb-order-${name}` },
          W.make("dt", {}, stroke(), words),
          W.make("dd", {}, three(score[area])),
        );
      return W.make(
        "div",
        { class: "wb-deletion" },
        W.make("h4", {}, "Deletion score, smaller is better"),
        W.make("div", { class: "wb-deletion-row" }, curve(title, score), W.make("dl", {}, ORDERS.map(entry))),
        W.make("p", {}, score.words),
      );
    }

    function svg(tag, settings, ...children) {
      const made = document.createElementNS("http://www.w3.org/2000/svg", tag);
      for (const [name, value] of Object.entries(settings)) made.setAttribute(name, value);
      made.append(...children);
      return made;
    }

    const stroke = () =>
      svg("svg", { viewBox: "0 0 22 8", width: 22, height: 8, "aria-hidden": "true" }, svg("path", { d: "M0 4H22" }));

    function curve(title, score) {
      const values = ORDERS.flatMap((order) => score[order.curve]);
      const [low, high] = [Math.min(0, ...values), Math.max(0.01, ...values)];
      const across = (share) => (WIDE * share).toFixed(1);
      const down = (value) => (HIGH - (HIGH * (value - low)) / (high - low)).toFixed(1);
      const path = ({ name, curve: key }) => {
        const points = score.taken.map((share, at) => `${across(share)} ${down(score[key][at])}`);
        return svg("path", { class: `wb-order-${name}`, d: `M${points.join("L")}` });
      };
      const told = ORDERS.map(({ words, area }) => `${words} ${three(score[area])}`).join(", ");
      const label = `Cosine of ${title} while cells of the query go, none to all. Areas: ${told}`;
      const zero = svg("path", { class: "wb-zero", d: `M0 ${down(0)}H${WIDE}` });
      const lines = ORDERS.map(path).reverse();
      const drawn = svg("svg", {
        viewBox: `-2 -2 ${WIDE + 4} ${HIGH + 4}`,
        preserveAspectRatio: "none",
        role: "img",
        "aria-label": label,
      });
      drawn.append(zero, ...lines);
      const axis = W.make("figcaption", {}, W.make("span", {}, "nothing gone"), W.make("span", {}, "all gone"));
      return W.make("figure", { class: "wb-deletion-curve" }, drawn, axis);
    }

    // ---- where it lies

    function truth({ truth: known }) {
      if (!known.query && !known.hit) return null;
      const line = (side) => {
        const found = known[side];
        if (!found) return null;
        return W.make("p", {}, W.make("b", {}, `${W.capital(side)}: `), found.words, " ", named(found));
      };
      return W.make("div", { class: "wb-truth" }, W.make("h4", {}, "By the true masks"), SIDES.map(line));
    }

    function named({ labels, hottest }) {
      const name = wanted === HOTTEST ? hottest : wanted;
      const label = labels.find((one) => one.name === name);
      if (!label) return name ? `No ${name} can be seen.` : "";
      const where = wanted === HOTTEST ? `Most of it on the ${name}` : `On the ${name}`;
      return `${where}: ${W.percent(label.share)}, covering ${W.percent(label.area)}.`;
    }

    // ---- learned masks

    function drawMasks(parts) {
      masks.hidden = parts.length === 0;
      if (!parts.length) return W.fill(masks);
      const words =
        "Each group of channels is multiplied by a mask that was learned with it and is the same for" +
        " every image. Light: the group counts much there; dark: little. Every mask has a scale of its own.";
      const figure = ({ name, title }) => over(picture("query"), mask(name), `Learned mask of ${title}`, title);
      return W.fill(
        masks,
        W.make("h3", {}, "Learned masks"),
        W.make("p", { class: "wb-muted" }, words),
        W.make("div", { class: "wb-part-pictures" }, parts.map(figure)),
      );
    }

    // ---- the same as tables

    function grid(caption, heads, rows) {
      const head = (words) => W.make("th", { scope: "col" }, words);
      const row = ([first, ...rest]) =>
        W.make("tr", {}, W.make("th", { scope: "row" }, first), rest.map((words) => W.make("td", {}, words)));
      const table = W.make(
        "table",
        { class: "wb-numbers wb-part-table" },
        W.make("caption", {}, caption),
        W.make("thead", {}, W.make("tr", {}, heads.map(head))),
        W.make("tbody", {}, rows.map(row)),
      );
      const box = { class: "wb-table-box", tabindex: 0, role: "region", "aria-label": caption };
      return W.make("div", box, table);
    }

    const everyPart = ({ branches, whole: all }) => [...branches, all];

    function sums(answer) {
      const person = (found) => (found ? W.percent(found.person) : "–");
      const heads = ["Part", "Share", "Cosine", "Cells for", "Cells against", "Constant"];
      heads.push("Deletion", "Random", "Random, best", "Middle", "On person, query", "On person, hit");
      const row = ({ title, share, cosine, sum, deletion: score, truth: known }) => [
        title,
        signed(share),
        three(cosine),
        ...["for", "against", "constant"].map((key) => (sum ? signed(sum[key]) : "–")),
        ...["auc", "random", "random_best", "centre"].map((area) => (score ? three(score[area]) : "–")),
        ...SIDES.map((side) => person(known[side])),
      ];
      return grid("What every map is worth", heads, everyPart(answer).map(row));
    }

    function curves(answer) {
      const scored = everyPart(answer).filter((part) => part.deletion);
      if (!scored.length) return null;
      const heads = ["Cosine after", ...scored[0].deletion.taken.map((share) => W.percent(share))];
      const rows = scored.flatMap(({ title, deletion: score }) =>
        ORDERS.map(({ words, curve: key }) => [`${title}, ${words}`, ...score[key].map(three)]),
      );
      return grid("Deletion curves: the share of the query that is gone", heads, rows);
    }

    return { draw, point };
  };
})((globalThis.Workbench = globalThis.Workbench || {}));
