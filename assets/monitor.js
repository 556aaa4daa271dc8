// One run as it happens: its state in words, its progress, its curves, its log.
(function (W) {
  "use strict";

  // Shows `host.value.run`; without one, says what to do. Tells Python of `rank` and `start`.
  W.monitor = function (element, host) {
    const run = () => host.value.run || null;
    const choose = W.make("select", { class: "wb-input wb-run-choice", "aria-label": "Run shown" });
    const state = W.make("span", {});
    const words = W.make("p", { class: "wb-words", "aria-live": "polite" });
    const bar = W.make("div", { class: "wb-progress", role: "progressbar", "aria-label": "Progress", "aria-valuemin": 0, "aria-valuemax": 100 }, W.make("div", {}));
    const figures = W.make("dl", { class: "wb-figures" });
    const buttons = W.make("div", { class: "wb-row wb-end" });
    const problem = W.make("div", { class: "wb-problem", role: "alert", hidden: true });
    const curves = W.make("div", {});
    const journal = W.make("section", { class: "wb-card wb-journal", "aria-label": "What happened" });
    const log = W.make("details", { class: "wb-details" });
    const facts = W.make("details", { class: "wb-details" });
    const head = W.make("header", { class: "wb-monitor-head" }, W.make("div", { class: "wb-row" }, choose, state, buttons), words, bar, problem, figures);
    const shown = W.make("div", { class: "wb-monitor" }, head, curves, journal, log, facts);
    const empty = W.make("div", { class: "wb-hero" });
    W.fill(element, empty, shown);

    let detail = null;
    let known = "";
    let turns = 0;
    const inner = {
      ...host,
      get value() {
        return { run: run(), ended: detail ? !detail.alive : false };
      },
      onValue() {},
    };
    W.plotly(host).catch(() => {});
    const panel = W.curves(curves, inner);
    const tail = logPanel(log, host, run);
    const story = journalPanel(journal, host, run);

    // Whether there is a run at all is known only when the server has answered.
    let asked = false;
    function show() {
      empty.hidden = Boolean(run()) || !asked;
      shown.hidden = !run();
      if (!run()) return drawEmpty();
      panel.open(run());
      tail.open();
      story.open();
    }

    function drawEmpty() {
      W.fill(
        empty,
        W.make("img", { src: host.address("panel/people.svg"), alt: "", width: 420, height: 150 }),
        W.make("h2", {}, "Nothing trained yet"),
        W.make("p", {}, host.value.invitation || "Press Start: the selected recipe trains and its curves appear here."),
        W.make("button", { type: "button", class: "wb-button wb-primary wb-large", onclick: () => document.dispatchEvent(new CustomEvent("workbench:start")) }, "Start"),
      );
    }

    async function refresh() {
      if (!run() || turns++ % 5 === 0) {
        const list = await host.ask("api/runs?brief=1");
        asked = true;
        if (!run() && list.runs.length) open(list.runs[0].id);
        drawChoice(list.runs);
      }
      const mine = run();
      if (!mine) return show();
      const answer = await host.ask(`api/runs/${encodeURIComponent(mine)}`).catch((error) => {
        if (error instanceof W.Refused) return null;
        throw error;
      });
      if (mine !== run()) return;
      if (!answer) return open(null);
      detail = answer;
      draw();
    }

    function drawChoice(runs) {
      const text = JSON.stringify([runs.map((one) => [one.id, one.label, one.state]), run()]);
      if (text === known || document.activeElement === choose) return;
      known = text;
      W.fill(choose, runs.map((one) => W.make("option", { value: one.id, selected: one.id === run() }, one.id === run() ? one.label : `${one.label} · ${one.state}`)));
    }
    choose.addEventListener("change", () => {
      choose.blur();
      open(choose.value);
    });

    function open(id) {
      detail = null;
      known = "";
      turns = 0;
      host.show({ ...host.value, run: id });
      show();
      loop.now();
    }

    function draw() {
      W.fill(state, W.state(detail.state));
      words.textContent = detail.words;
      const share = detail.share;
      bar.classList.toggle("wb-unknown", share === null && detail.alive);
      bar.classList.toggle("wb-preparing", detail.step === 0);
      bar.firstChild.style.width = share === null ? "" : `${100 * share}%`;
      if (share === null) bar.removeAttribute("aria-valuenow");
      else bar.setAttribute("aria-valuenow", Math.round(100 * share));
      problem.hidden = !detail.error;
      problem.textContent = detail.error || "";
      drawFigures();
      drawButtons();
      drawFacts();
      W.remember(detail.link && element.getClientRects().length ? detail.link : null);
    }

    function drawFigures() {
      const latest = (name) => curves.series?.series[name]?.last.at(-1);
      const entries = [["Step", detail.total ? `${detail.step} of ${detail.total}` : String(detail.step)]];
      if (detail.alive) entries.push(["Time left", W.duration(detail.eta)]);
      else entries.push(["Took", W.duration(detail.duration)]);
      if (detail.alive) entries.push(["Images per second", W.number(Math.round(latest("images_per_second") ?? 0) || null)]);
      const figure = (label, key) => {
        const raw = detail.metrics?.raw?.[key] ?? latest(`raw.${key}`);
        const averaged = detail.metrics?.averaged?.[key] ?? latest(`averaged.${key}`);
        if (raw === undefined || raw === null) return;
        if (averaged !== undefined && averaged !== null) entries.push([`${label} averaged`, W.percent(averaged), true]);
        entries.push([`${label} raw`, W.percent(raw), averaged === undefined || averaged === null]);
      };
      figure("mAP", "mAP");
      figure("Rank-1", "rank1");
      W.fill(
        figures,
        entries.map(([label, value, strong]) => W.make("div", { class: strong ? "wb-strong" : "" }, W.make("dt", {}, label), W.make("dd", {}, value))),
      );
    }

    let drawnButtons = "";
    function drawButtons() {
      const text = JSON.stringify([run(), detail.can, detail.state]);
      if (text === drawnButtons) return;
      drawnButtons = text;
      const action = (label, name, style = "") => {
        const button = W.make("button", { type: "button", class: `wb-button ${style}` }, label);
        button.addEventListener("click", () =>
          W.act(button, async () => {
            await host.ask(`api/runs/${encodeURIComponent(run())}/${name}`, { method: "POST", body: {}, timeout: 30000 });
            await loop.now();
          }),
        );
        return button;
      };
      W.fill(
        buttons,
        detail.can.rank ? W.make("button", { type: "button", class: "wb-button wb-primary", onclick: () => host.tell("rank", { run: run() }) }, "See what it ranks") : null,
        detail.can.resume ? action("Resume", "resume", detail.can.rank ? "" : "wb-primary") : null,
        detail.can.stop ? action("Stop", "stop", "wb-stop") : null,
        detail.state === "stopping" ? W.make("button", { type: "button", class: "wb-button wb-stop", disabled: true }, "Stopping…") : null,
      );
    }

    let drawnFacts = "";
    function drawFacts() {
      const text = JSON.stringify([detail.id, detail.facts, detail.changed, detail.command]);
      if (text === drawnFacts) return;
      drawnFacts = text;
      W.fill(
        facts,
        W.make("summary", {}, "What this run is"),
        W.make(
          "div",
          { class: "wb-facts" },
          W.make("dl", {}, detail.facts.flatMap(([label, value]) => [W.make("dt", {}, label), W.make("dd", {}, value)])),
          W.changes(detail.changed),
          W.make("pre", { class: "wb-code", tabindex: 0, "aria-label": "Command" }, detail.command),
          W.make(
            "div",
            { class: "wb-row" },
            W.copyButton("Copy command", async () => detail.command),
            W.copyButton("Copy recipe as YAML", async () => (await host.ask(`api/runs/${encodeURIComponent(run())}/recipe`)).yaml),
            W.make("button", { type: "button", class: "wb-button wb-small", onclick: () => host.tell("reuse", { run: run() }) }, "Use these settings"),
            W.make("a", { class: "wb-button wb-small", href: host.address(`api/runs/${encodeURIComponent(run())}/curves.csv`), download: `${run()}.csv` }, "Curves as CSV"),
          ),
        ),
      );
    }

    const loop = W.every(element, () => (detail && !detail.alive ? 3000 : 1000), refresh);
    host.onValue((value) => {
      detail = null;
      known = drawnButtons = drawnFacts = "";
      turns = 0;
      show();
      loop.now();
      if (value.run) panel.refresh();
    });
    show();
  };

  W.changes = function (changed) {
    if (!changed.length) return W.make("p", { class: "wb-muted" }, "Exactly as the preset.");
    return W.make("ul", { class: "wb-changes" }, changed.map((one) => W.make("li", {}, W.make("code", {}, one.path), " = ", W.make("code", {}, one.value))));
  };

  // Evaluations, checkpoints, warnings and decisions in words, the newest first.
  function journalPanel(element, host, run) {
    const list = W.make("ol", {});
    const older = W.make("button", { type: "button", class: "wb-button wb-small wb-quiet", hidden: true }, "Show all");
    W.fill(element, W.make("h2", {}, "What happened"), list, older);
    let next = 0;
    let shown = null;
    older.addEventListener("click", () => {
      list.classList.remove("wb-short");
      older.hidden = true;
    });
    const clock = (time) => new Date(time * 1000).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit", second: "2-digit", hour12: false });
    const loop = W.every(element, 2000, async () => {
      const mine = shown;
      if (!mine) return;
      const answer = await host.ask(`api/runs/${encodeURIComponent(mine)}/journal?from=${next}`);
      if (mine !== shown) return;
      next = answer.next;
      for (const line of answer.lines) {
        const mark = { warning: "Warning. ", resumed: "" }[line.kind];
        list.prepend(W.make("li", { class: `wb-event-${line.kind}` }, W.make("time", {}, clock(line.time)), W.make("span", { class: "wb-number" }, `step ${line.step}`), W.make("span", {}, mark ? W.make("b", {}, mark) : null, line.text)));
      }
      older.hidden = list.children.length <= 6 || !list.classList.contains("wb-short");
      older.textContent = `Show all ${list.children.length}`;
    });
    return {
      open() {
        if (shown === run()) return;
        shown = run();
        next = 0;
        W.fill(list);
        list.classList.add("wb-short");
        older.hidden = true;
        loop.now();
      },
    };
  }

  function logPanel(element, host, run) {
    const text = W.make("pre", { class: "wb-code wb-log", tabindex: 0, "aria-label": "Output of the run" });
    W.fill(element, W.make("summary", {}, "Output log"), text);
    let next = 0;
    let shown = null;
    const loop = W.every(text, 1500, async () => {
      const mine = shown;
      if (!element.open || !mine) return;
      const answer = await host.ask(`api/runs/${encodeURIComponent(mine)}/log?from=${next}`);
      if (mine !== shown) return;
      const atEnd = text.scrollTop + text.clientHeight >= text.scrollHeight - 30;
      if (next === 0 && !answer.text) text.textContent = "The process has printed nothing.";
      else if (next === 0) text.textContent = answer.skipped ? "… earlier lines are in output.log of the run's folder\n" : "";
      text.append(answer.text);
      next = answer.next;
      if (atEnd) text.scrollTop = text.scrollHeight;
    });
    element.addEventListener("toggle", () => loop.now());
    return {
      open() {
        if (shown === run()) return;
        shown = run();
        next = 0;
        text.textContent = "";
        loop.now();
      },
    };
  }
})((globalThis.Workbench = globalThis.Workbench || {}));
