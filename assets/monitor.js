// One run as it happens: its state in words, its progress, its curves, its story.
(function (W) {
  "use strict";

  const LISTED_EVERY = 5;

  // Shows `host.value.run`; without one the newest, and without any says what to do. Tells Python
  // of `rank` and `reuse` with {run}.
  W.monitor = function (element, host) {
    let current = host.value.run || null;
    let detail = null;
    const run = () => current;
    const choice = W.make("select", { class: "wb-input wb-run-choice", "aria-label": "Run shown" });
    const head = W.runHead();
    const curveBox = W.make("div", {});
    const story = W.make("section", { class: "wb-card wb-journal", "aria-label": "What happened" });
    const log = W.make("details", { class: "wb-details" });
    const facts = W.details("What this run is");
    const film = W.filmstrip(host, {
      run,
      alive: () => Boolean(detail?.alive),
      canRank: () => Boolean(detail?.can.rank),
      rank: (query) => host.tell("rank", { run: run(), query }),
    });
    const parts = [head.element, curveBox, film.element, story, log, facts.element];
    const shown = W.make("div", { class: "wb-monitor" }, parts);
    const empty = W.make("div", { class: "wb-hero", hidden: true });
    head.row.prepend(choice);
    W.fill(element, empty, shown);

    let listed = 0;
    // Whether there is a run at all is known only when the server has answered.
    let answered = false;
    let drawnChoice = "";
    let drawnFacts = "";

    // The scripts of the charts are large: they load while the first answers are on their way.
    W.plotly(host).catch(() => {});
    const inner = {
      ...host,
      get value() {
        return { run: run(), ended: detail ? !detail.alive : false };
      },
      onValue() {},
    };
    const curves = W.curves(curveBox, inner);
    const journal = W.journal(story, host, run);
    const output = W.outputLog(log, host, run);

    function show() {
      empty.hidden = Boolean(run()) || !answered;
      shown.hidden = !run();
      if (!run()) return drawEmpty();
      curves.open(run());
      film.open();
      journal.open();
      output.open();
    }

    function drawEmpty() {
      const start = () => host.starts.dispatchEvent(new CustomEvent("workbench:start"));
      W.fill(
        empty,
        W.make("img", { src: host.address("panel/people.svg"), alt: "", width: 430, height: 150 }),
        W.make("h2", {}, "Nothing trained yet"),
        W.make("p", {}, host.value.invitation || "Press Start: the selected recipe trains here."),
        host.starts ? W.button("Start", start, "wb-primary wb-large") : null,
      );
    }

    function open(id) {
      current = id;
      detail = null;
      drawnChoice = drawnFacts = "";
      listed = 0;
      host.show({ ...host.value, run: id });
      show();
    }

    async function refresh() {
      if (!run() || listed++ % LISTED_EVERY === 0) {
        const { runs } = await host.ask("api/runs?brief=1");
        answered = true;
        if (!run() && runs.length) open(runs[0].id);
        drawChoice(runs);
      }
      const mine = run();
      if (!mine) return show();
      const answer = await host.ask(W.runPath(mine)).catch(gone);
      if (mine !== run()) return;
      if (!answer) return open(null);
      detail = answer;
      head.draw(detail, curveBox.series, actions);
      drawFacts();
      if (element.getClientRects().length) host.remember(detail.link);
    }

    // A run that was deleted gives way to the newest, and it is said why.
    function gone(error) {
      W.tell(error);
      return W.unlessRefused(error);
    }

    function drawChoice(runs) {
      const text = JSON.stringify([runs.map((one) => [one.id, one.label, one.state]), run()]);
      if (text === drawnChoice || document.activeElement === choice) return;
      drawnChoice = text;
      const words = (one) => (one.id === run() ? one.label : `${one.label} · ${one.state}`);
      const option = (one) => W.make("option", { value: one.id, selected: one.id === run() }, words(one));
      W.fill(choice, runs.map(option));
    }
    choice.addEventListener("change", () => {
      const id = choice.value;
      choice.blur();
      open(id);
      loop.now();
    });

    function actions({ can, state }) {
      const post = (label, name, style) => {
        const path = `${W.runPath(run())}/${name}`;
        const ask = () => host.ask(path, { method: "POST", body: {}, timeout: 30000 });
        const button = W.button(label, () => W.act(button, () => ask().then(() => loop.now())), style);
        return button;
      };
      const rank = () => host.tell("rank", { run: run() });
      const edit = W.button("Edit its settings", () => host.tell("reuse", { run: run() }));
      edit.title = "Takes them into the form, where they can be changed for a new start";
      return [
        can.rank ? W.button("See what it ranks", rank, "wb-primary") : null,
        state === "failed" && host.starts ? edit : null,
        can.resume ? post("Resume", "resume", can.rank ? "" : "wb-primary") : null,
        can.stop ? post("Stop", "stop", "wb-stop") : null,
      ];
    }

    function drawFacts() {
      const text = JSON.stringify([detail.id, detail.facts]);
      if (text === drawnFacts) return;
      drawnFacts = text;
      const yaml = async () => (await host.ask(`${W.runPath(run())}/recipe`)).yaml;
      const table = { href: host.address(`${W.runPath(run())}/curves.csv`), download: `${run()}.csv` };
      const fact = ([label, words]) => [W.make("dt", {}, label), W.make("dd", {}, words)];
      W.fill(
        facts.body,
        W.make("dl", { class: "wb-facts" }, detail.facts.flatMap(fact)),
        W.changes(detail.changed),
        W.code("Command", detail.command),
        W.make(
          "div",
          { class: "wb-row" },
          W.copyButton("Copy command", () => detail.command),
          W.copyButton("Copy recipe as YAML", yaml),
          W.button("Use these settings", () => host.tell("reuse", { run: run() }), "wb-small"),
          W.make("a", { class: "wb-button wb-small", ...table }, "Curves as CSV"),
        ),
      );
    }

    // Once it trains the curves bring what is new; the state need not be asked for as often.
    const pause = () => (!detail ? 1000 : !detail.alive ? 3000 : detail.step > 0 ? 2000 : 1000);
    const loop = W.every(element, pause, refresh);
    // A value without a run leaves what is shown.
    host.onValue((value) => {
      if (!value.run || value.run === current) return;
      open(value.run);
      loop.now();
    });
    show();
  };

  W.changes = function (changed) {
    if (!changed.length) return W.make("p", { class: "wb-muted" }, "Exactly as the preset.");
    const code = (text) => W.make("code", {}, text);
    const line = ({ path, value }) => W.make("li", {}, code(path), " = ", code(value));
    return W.make("ul", { class: "wb-changes" }, changed.map(line));
  };
})((globalThis.Workbench = globalThis.Workbench || {}));
