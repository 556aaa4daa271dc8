// The interactive of the lesson on figures: a list to build, and a real one with the rule on and off.
(function (W) {
  "use strict";

  const LISTS = { first: "mwwwwwwwmm", second: "wmmmwwwwww", tie: "wm=wwm", camera: "ssmwjmw" };

  // `facts` is {setting, usual, words, say, hidden, changed}; the library counts every figure.
  W.lessonFigures = function (host, { setting, usual, words, say, hidden, changed }) {
    let rule = setting.rule;
    let shown = null;
    let asked = 0;
    const made = { onChange: null };

    const figures = W.make("dl", { class: "wb-figures", "aria-live": "polite" });
    const note = W.make("p", { role: "status" });
    const charts = W.lessonCharts(words.charts, say.table);
    const cards = W.lessonCards({ text: setting.cards, words, hidden, changed: () => count().catch(W.tell) });
    const toggle = W.toggle(words.rule, words.rule_off, (on) => {
      rule = on;
      count().catch(W.tell);
    });
    toggle.set(rule);
    toggle.element.hidden = hidden.includes("rule");
    const starts = W.make("div", { class: "wb-row", role: "group", "aria-label": words.begin }, Object.entries(LISTS).map(([key, text]) => W.button(words.lists[key], () => cards.set(text), "wb-small")));
    starts.hidden = hidden.includes("lists");
    const builder = W.make(
      "section",
      { class: "wb-card wb-lesson-interactive" },
      W.make("h3", {}, words.build),
      W.make("p", { class: "wb-muted wb-hint" }, words.hint),
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
      W.fill(figures, found.counts ? entries(found, words.figures).map(entry) : []);
      shown = found;
      made.element.dataset.cards = found.cards;
    }

    count().catch(W.tell);
    return Object.assign(made, {
      claims: async () => (await host.ask(`api/lessons/figures/claims?${new URLSearchParams({ cards: shown?.cards || cards.text() })}`)).claims,
      stop() {
        asked += 1;
      },
    });
  };

  const entry = ([label, value, strong]) => W.make("div", { class: strong ? "wb-strong" : "" }, W.make("dt", {}, label), W.make("dd", {}, value));

  function entries({ step, trapezoid, span, match, mINP }, said) {
    const told = [
      [said.step, W.percent(step), true],
      [said.trapezoid, W.percent(trapezoid)],
    ];
    const [worst, best] = span.map(W.percent);
    if (span[0] !== span[1]) told.push([said.span, W.lessonText(said.range, { worst, best })]);
    told.push([said.first, W.percent(match[0])]);
    if (match.length >= 5) told.push([said.fifth, W.percent(match[4])]);
    return [...told, [said.mINP, W.percent(mINP)]];
  }

  // A list a model made: the same cards twice, with the rule and without it.
  W.lessonReal = function (host, words) {
    const list = W.make("div", {});
    const told = W.make("p", { class: "wb-muted" });
    const table = W.make("div", {});
    const { figures, real: said } = words;
    let real = null;
    const toggle = W.toggle(words.rule, words.rule_off, (on) => draw(on));
    toggle.set(true);
    const element = W.make("section", { class: "wb-card wb-lesson-real" }, W.make("h3", {}, said.title), told, W.make("div", { class: "wb-row" }, toggle.element), table, list);

    async function load() {
      real = await host.ask("api/lessons/figures/real");
      told.textContent = real.words;
      draw(true);
    }

    function draw(on) {
      if (!real) return;
      const { step, trapezoid, match, mINP } = on ? real.on : real.off;
      const columns = ["", figures.step, figures.trapezoid, figures.first, figures.mINP];
      const row = (label, found) => [label, ...[found.step, found.trapezoid, found.match[0], found.mINP].map(W.percent)];
      W.fill(table, W.lessonTable(said.table, columns, [row(said.kept, real.on), row(said.dropped, real.off)]));
      const ranks = (on ? real.on : real.off).ranks;
      const facts = { step: W.percent(step), trapezoid: W.percent(trapezoid), first: W.percent(match[0]), mINP: W.percent(mINP) };
      const label = W.lessonText(on ? said.told_kept : said.told_dropped, facts);
      const kinds = W.lessonKinds(real.cards);
      W.fill(list, W.make("ol", { class: "wb-real-cards", "aria-label": label }, kinds.map((kind, place) => item(kind, ranks[place], place))));
    }

    function item(kind, rank, place) {
      const picture = real.pictures && W.make("img", { src: host.address(real.pictures.cards[place]), alt: "", loading: "lazy", width: 32, height: 64 });
      const settings = { class: `wb-real-card wb-${kind}${rank === null ? " wb-out" : ""}`, title: words.kinds[kind] };
      const spoken = W.make("span", { class: "wb-hidden" }, `${words.kinds[kind]}${rank === null ? `, ${words.cards.out}` : ""}`);
      return W.make("li", settings, W.make("small", { class: "wb-number" }, rank === null ? "–" : String(rank)), picture, W.make("span", { "aria-hidden": true }, W.lessonSigns[kind]), spoken);
    }

    load().catch(W.tell);
    return element;
  };
})((globalThis.Workbench = globalThis.Workbench || {}));
