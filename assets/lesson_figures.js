// The interactive of the lesson on figures: a list to build, and a real one with the rule on and off.
(function (W) {
  "use strict";

  const LISTS = [
    ["Model A's list", "mwwwwwwwmm"],
    ["Model B's list", "wmmmwwwwww"],
    ["A tie", "wm=wwm"],
    ["Same camera in front", "ssmwjmw"],
  ];

  // `facts` is {setting, usual, words, hidden, changed}; the library counts every figure.
  W.lessonFigures = function (host, { setting, usual, words, hidden, changed }) {
    let rule = setting.rule;
    let shown = null;
    let asked = 0;
    const made = { onChange: null };

    const figures = W.make("dl", { class: "wb-figures", "aria-live": "polite" });
    const note = W.make("p", { role: "status" });
    const charts = W.lessonCharts();
    const cards = W.lessonCards({ text: setting.cards, words, hidden, changed: () => count().catch(W.tell) });
    const toggle = W.toggle("Leave out same camera and junk", words.rule_off, (on) => {
      rule = on;
      count().catch(W.tell);
    });
    toggle.set(rule);
    toggle.element.hidden = hidden.includes("rule");
    const starts = W.make("div", { class: "wb-row", role: "group", "aria-label": "Begin with" }, LISTS.map(([label, text]) => W.button(label, () => cards.set(text), "wb-small")));
    starts.hidden = hidden.includes("lists");
    const hint = "Drag a card, or move it with its arrows. The button = between two cards puts both at the same distance.";
    const builder = W.make(
      "section",
      { class: "wb-card wb-lesson-interactive" },
      W.make("h3", {}, "Build a ranked list"),
      W.make("p", { class: "wb-muted wb-hint" }, hint),
      W.make("div", { class: "wb-row" }, starts, toggle.element),
      cards.element,
      note,
      figures,
      W.make("div", { hidden: hidden.includes("charts") }, charts.element),
    );
    const real = hidden.includes("real") ? null : W.lessonReal(host, words);
    made.element = W.make("div", { class: "wb-lesson-parts" }, builder, real);

    async function count() {
      const mine = ++asked;
      const text = cards.text();
      const found = await host.ask(`api/lessons/figures/list?${new URLSearchParams({ cards: text, rule })}`);
      if (mine !== asked) return;
      const told = [text === usual.cards ? "" : `cards:${text}`, rule ? "" : "rule:false"].filter(Boolean);
      changed(told.join(","));
      draw(found);
      made.onChange?.();
    }

    function draw(found) {
      note.textContent = found.counts ? "" : found.words;
      cards.ranks(found.ranks || []);
      charts.draw(found);
      W.fill(figures, found.counts ? entries(found).map(entry) : []);
      shown = found;
      made.element.dataset.cards = found.cards;
    }

    count().catch(W.tell);
    return Object.assign(made, {
      controls: { tasks: "tasks", lists: "ready lists", add: "adding and taking away", ties: "ties", rule: "the rule", charts: "charts", real: "the real list" },
      claims: async () => (await host.ask(`api/lessons/figures/claims?${new URLSearchParams({ cards: shown?.cards || cards.text() })}`)).claims,
      stop() {
        asked += 1;
      },
    });
  };

  const entry = ([label, value, strong]) => W.make("div", { class: strong ? "wb-strong" : "" }, W.make("dt", {}, label), W.make("dd", {}, value));

  function entries({ step, trapezoid, span, match, mINP }) {
    const told = [
      ["AP by step", W.percent(step), true],
      ["AP by trapezoid", W.percent(trapezoid)],
    ];
    if (span[0] !== span[1]) told.push(["AP, bad luck to luck", `${W.percent(span[0])} to ${W.percent(span[1])}`]);
    told.push(["Rank-1", W.percent(match[0])]);
    if (match.length >= 5) told.push(["Rank-5", W.percent(match[4])]);
    return [...told, ["mINP", W.percent(mINP)]];
  }

  // A list a model made: the same cards twice, with the rule and without it.
  W.lessonReal = function (host, words) {
    const list = W.make("div", {});
    const told = W.make("p", { class: "wb-muted" });
    const table = W.make("div", {});
    let real = null;
    const toggle = W.toggle("Leave out same camera and junk", words.rule_off, (on) => draw(on));
    toggle.set(true);
    const element = W.make("section", { class: "wb-card wb-lesson-real" }, W.make("h3", {}, "The rule on a real list"), told, W.make("div", { class: "wb-row" }, toggle.element), table, list);

    async function load() {
      real = await host.ask("api/lessons/figures/real");
      told.textContent = real.words;
      draw(true);
    }

    function draw(on) {
      if (!real) return;
      const { step, trapezoid, match, mINP } = on ? real.on : real.off;
      const columns = ["", "AP by step", "AP by trapezoid", "Rank-1", "mINP"];
      const row = (label, found) => [label, ...[found.step, found.trapezoid, found.match[0], found.mINP].map(W.percent)];
      W.fill(table, W.lessonTable("Figures with and without the rule", columns, [row("with the rule", real.on), row("without it", real.off)]));
      const ranks = (on ? real.on : real.off).ranks;
      const label = `Real list, rule ${on ? "on" : "off"}: AP ${W.percent(step)}, trapezoid ${W.percent(trapezoid)}, Rank-1 ${W.percent(match[0])}, mINP ${W.percent(mINP)}`;
      const kinds = W.lessonKinds(real.cards);
      W.fill(list, W.make("ol", { class: "wb-real-cards", "aria-label": label }, kinds.map((kind, place) => item(kind, ranks[place], place))));
    }

    function item(kind, rank, place) {
      const picture = real.pictures && W.make("img", { src: host.address(real.pictures.cards[place]), alt: "", loading: "lazy", width: 32, height: 64 });
      const settings = { class: `wb-real-card wb-${kind}${rank === null ? " wb-out" : ""}`, title: words.kinds[kind] };
      const spoken = W.make("span", { class: "wb-hidden" }, `${words.kinds[kind]}${rank === null ? ", left out" : ""}`);
      return W.make("li", settings, W.make("small", { class: "wb-number" }, rank === null ? "–" : String(rank)), picture, W.make("span", { "aria-hidden": true }, W.lessonSigns[kind]), spoken);
    }

    load().catch(W.tell);
    return element;
  };
})((globalThis.Workbench = globalThis.Workbench || {}));
