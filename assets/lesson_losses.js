// The interactive of the lesson on losses: images, the plane a small network puts them in, and the
// loss that trains it, live.
(function (W) {
  "use strict";

  const SLIDERS = [
    ["margin", 0, 2, 0.05],
    ["temperature", 0.02, 2, 0.02],
    ["rate", 0.02, 1, 0.02],
    ["likeness", 0, 1.5, 0.05],
  ];
  const PATIENT = { timeout: 120000 };
  const KEPT = 1500;
  const COLLAPSED = 0.05;

  // `facts` is {setting, usual, uses, words, say, training, hidden, changed, trained}.
  W.lessonLosses = function (host, { setting: given, usual, uses, words, say, training, hidden, changed, trained }) {
    const setting = { ...given };
    let images = [];
    let untrained = 1;
    let past = [];
    let step = 0;
    let ticket = 0;
    const made = { onChange: null };

    // ---- controls

    const losses = W.make("select", { class: "wb-input", "aria-label": words.loss });
    W.fill(losses, Object.entries(words.losses).map(([value, text]) => W.make("option", { value, selected: value === setting.loss }, text)));
    losses.addEventListener("change", () => set("loss", losses.value));
    const sliders = new Map(SLIDERS.map(([key, ...range]) => [key, slider(key, words.sliders[key], ...range)]));
    const seed = W.make("input", { class: "wb-input wb-lesson-seed", type: "number", min: 0, max: 9999, value: setting.seed, "aria-label": words.seed_of });
    seed.addEventListener("change", () => set("seed", Math.min(9999, Math.max(0, Math.round(Number(seed.value)) || 0))));
    const play = W.button(words.play, () => (player.playing() ? player.pause() : player.play()), "wb-primary");
    const one = W.button(words.one, () => W.act(one, player.step));
    const again = W.button(words.again, () => begin().catch(W.tell));

    function slider(key, label, min, max, by) {
      const told = W.make("output", {}, String(setting[key]));
      const input = W.make("input", { type: "range", min, max, step: by, "aria-label": label });
      input.value = setting[key];
      input.addEventListener("input", () => (told.textContent = input.value));
      input.addEventListener("change", () => set(key, Number(input.value)));
      return W.make("label", { class: "wb-slider" }, W.make("span", {}, label), input, told);
    }

    // What belongs to the images begins anew; a loss and its numbers go on from where the points are.
    function set(key, value) {
      setting[key] = value;
      show();
      changed(Object.entries(setting).filter(([name, now]) => now !== usual[name]).map((pair) => pair.join(":")).join(","));
      if (key === "likeness" || key === "seed") return begin().catch(W.tell);
      return player.go(player.now());
    }

    function show() {
      seed.value = setting.seed;
      for (const [key, element] of sliders) element.hidden = hidden.includes(key) || !used(key);
    }
    const used = (key) => !(key in uses) || uses[key].includes(setting.loss);

    // ---- planes, figures, curves

    const people = W.make("div", {});
    const before = { plane: null };
    const after = { plane: null };
    const figures = W.make("dl", { class: "wb-figures" });
    const state = W.make("p", { role: "status", class: "wb-muted" });
    const curves = W.lessonCurves(words, say.table);
    const player = W.lessonPlayer({ ask, draw, told });

    async function ask(frame, count) {
      const body = { setting, images, state: frame?.state || null, count, steps: 1 };
      return (await host.ask("api/lessons/losses/frames", { method: "POST", body, ...PATIENT })).frames;
    }

    function told(next) {
      play.textContent = player.playing() ? words.pause : words.play;
      const waiting = step === 0 ? words.loading : words.computing;
      state.textContent = next === "waiting" ? waiting : "";
    }

    function draw(frame) {
      step += 1;
      past.push({ step, loss: frame.loss, spread: frame.spread, recall: frame.recall ?? null });
      if (past.length > KEPT) past = past.filter((_, place) => place % 2);
      after.plane.draw({ points: frame.points, own: frame.state.own });
      made.element.dataset.frames = step;
      tell(frame);
      if (step % 6 === 0 || !player.playing()) curves.draw(past);
      if (step === 1) made.onChange?.();
    }

    function tell({ loss, spread }) {
      const share = spread / untrained;
      const recall = past.findLast((one) => one.recall !== null)?.recall ?? null;
      const told = { step: String(step), loss: loss.toFixed(3), spread: W.percent(share), recall: W.percent(recall) };
      W.fill(figures, Object.entries(told).map(([key, value]) => W.make("div", {}, W.make("dt", {}, words.figures[key]), W.make("dd", {}, value))));
      collapsed.hidden = share > COLLAPSED;
    }
    const collapsed = W.make("p", { class: "wb-lesson-collapsed", role: "status", hidden: true }, words.collapsed);

    async function begin() {
      const mine = ++ticket;
      const question = new URLSearchParams({ setting: textOf(setting) });
      const start = await host.ask(`api/lessons/losses/start?${question}`);
      if (mine !== ticket) return;
      images = start.images;
      untrained = start.spread;
      past = [];
      step = 0;
      collapsed.hidden = true;
      W.fill(figures);
      curves.draw(past);
      before.plane ||= W.lessonPlane({ people: start.people, words, moved, name: words.planes.before_told });
      after.plane ||= W.lessonPlane({ people: start.people, words, name: words.planes.after_told });
      if (!people.childElementCount) W.fill(people, W.make("div", { class: "wb-planes" }, plane(words.planes.before, before.plane), plane(words.planes.after, after.plane)), before.plane.legend);
      before.plane.draw({ points: images, own: null }, true);
      after.plane.draw({ points: start.points, own: null }, true);
      player.go(null);
    }
    const textOf = (values) => Object.entries(values).map((pair) => pair.join(":")).join(",");
    const plane = (title, { element }) => W.make("figure", { class: "wb-drawn" }, W.make("figcaption", {}, title), element);

    function moved(index, [x, y]) {
      images = [...images];
      [images[2 * index], images[2 * index + 1]] = [x, y];
      player.go(player.now());
    }

    // ---- the whole

    const out = (key, element) => {
      element.hidden ||= hidden.includes(key);
      return element;
    };
    const named = W.make("label", { class: "wb-lesson-field" }, `${words.loss} `, losses);
    const seeded = W.make("label", { class: "wb-lesson-field" }, `${words.seed} `, seed);
    const live = W.make(
      "section",
      { class: "wb-card wb-lesson-interactive" },
      W.make("h3", {}, words.pull),
      W.make("p", { class: "wb-muted wb-hint" }, words.hint),
      W.make("div", { class: "wb-row" }, out("loss", named), ...sliders.values(), out("seed", seeded)),
      W.make("div", { class: "wb-row wb-lesson-play" }, play, one, again, state),
      people,
      collapsed,
      figures,
      curves.element,
    );
    show();
    const real = hidden.includes("training") ? null : W.lessonTraining(host, training, words, trained);
    made.element = W.make("div", { class: "wb-lesson-parts" }, live, real?.element);
    begin().catch(W.tell);
    return Object.assign(made, {
      claims: async () => {
        const question = new URLSearchParams({ run: real?.run() || "" });
        return (await host.ask(`api/lessons/losses/claims?${question}`, PATIENT)).claims;
      },
      follow: real?.follow,
      stop: () => player.pause(),
    });
  };

  // Loss and spread of every frame so far, drawn small.
  W.lessonCurves = function ({ curves: said, figures }, title) {
    const [WIDE, HIGH] = [700, 110];
    const box = W.make("div", {});
    const { element: details, body } = W.details(title);
    const key = W.make("p", { class: "wb-muted wb-hint" }, said.key);
    const element = W.make("div", { class: "wb-lesson-curves" }, box, key, details);
    let shown = [];

    function line(values, style) {
      const top = Math.max(...values, 1e-9);
      const corner = (value, place) => `${((WIDE * place) / Math.max(1, values.length - 1)).toFixed(1)} ${(HIGH - 4 - ((HIGH - 8) * value) / top).toFixed(1)}`;
      return W.svg("path", { class: style, d: `M${values.map(corner).join("L")}` });
    }

    function draw(past) {
      shown = past;
      element.hidden = past.length < 2;
      if (element.hidden) return;
      const { loss, spread, step } = past.at(-1);
      const label = W.lessonText(said.told, { loss: loss.toFixed(3), spread: spread.toFixed(3), step });
      const settings = { viewBox: `0 0 ${WIDE} ${HIGH}`, role: "img", "aria-label": label, preserveAspectRatio: "none" };
      W.fill(box, W.svg("svg", settings, line(past.map((one) => one.loss), "wb-curve-loss"), line(past.map((one) => one.spread), "wb-curve-spread")));
      if (details.open) table();
    }

    function table() {
      const every = Math.max(1, Math.ceil(shown.length / 20));
      const rows = shown.filter((_, place) => place % every === 0 || place === shown.length - 1);
      W.fill(body, W.lessonTable(said.table, [figures.step, figures.loss, said.spread], rows.map((one) => [String(one.step), one.loss.toFixed(4), one.spread.toFixed(4)])));
    }
    details.addEventListener("toggle", () => details.open && table());
    return { element, draw };
  };
})((globalThis.Workbench = globalThis.Workbench || {}));
