// What a run ranks: one query, its list, why an image is left out, and how the figure comes about.
(function (W) {
  "use strict";

  // Match, wrong and distractor differ by sign, word and border as well as by colour.
  const VERDICTS = {
    match: { sign: "✓", word: "match" },
    wrong: { sign: "✕", word: "wrong" },
    distractor: { sign: "○", word: "distractor" },
  };
  const PAGE = 60;

  // `host.value` is {run, weights, source, query, k}.
  W.rankings = function (element, host) {
    let seen = { run: null, weights: "", source: "query", query: null, k: 10, ...host.value };
    let trail = [];
    let shown = null;
    let order = "worst";
    let seed = 0;
    let listed = { key: "", total: 0, queries: [] };
    let ticket = 0;

    const runChoice = W.make("select", { class: "wb-input", "aria-label": "Run" });
    const weightsChoice = W.make("select", { class: "wb-input", "aria-label": "Weights" });
    const kChoice = W.make("select", { class: "wb-input", "aria-label": "Length of the list" }, [5, 10, 20, 50, 100].map((k) => W.make("option", { value: k }, `top ${k}`)));
    const summary = W.make("p", { class: "wb-words" });
    const orderChoice = W.make(
      "select",
      { class: "wb-input", "aria-label": "Order of the queries" },
      W.make("option", { value: "worst" }, "Worst first"),
      W.make("option", { value: "id" }, "By identity"),
      W.make("option", { value: "random" }, "Random order"),
    );
    const jump = W.make("input", { class: "wb-input", type: "search", inputmode: "numeric", placeholder: "Identity", "aria-label": "Show queries of this identity" });
    const strip = W.make("div", { class: "wb-strip", role: "listbox", "aria-label": "Queries", tabindex: -1 });
    const more = W.make("button", { type: "button", class: "wb-button wb-small wb-quiet", hidden: true }, "More queries");
    const crumbs = W.make("nav", { class: "wb-trail", "aria-label": "Queries seen before" });
    const asked = W.make("div", { class: "wb-query" });
    const list = W.make("ol", { class: "wb-ranked", "aria-label": "Ranked images" });
    const view = { x: null, log: false, revision: "pr" };
    const percent = { tickformat: ".0%", range: [0, 1.03], nticks: 6 };
    const chart = W.chart(host, { title: "Precision over recall", view, options: { x: { ...percent, title: { text: "recall", standoff: 4 } }, y: percent, hovermode: "closest" } });
    const figures = W.make("div", { class: "wb-ap" });
    const side = W.make("aside", { class: "wb-rank-side", "aria-label": "Queries" }, W.make("div", { class: "wb-row" }, orderChoice, jump), strip, more);
    const legend = W.make("p", { class: "wb-verdict-legend wb-muted" }, Object.entries(VERDICTS).map(([name, one]) => W.make("span", { class: `wb-verdict wb-${name}` }, `${one.sign} ${one.word}`)), W.make("span", { class: "wb-verdict wb-excluded" }, "– left out by the protocol"));
    const main = W.make("section", { class: "wb-rank-main" }, crumbs, W.make("div", { class: "wb-rank-top" }, asked, W.make("div", { class: "wb-card" }, figures, chart.figure)), legend, list);
    const link = W.copyButton("Copy link", async () => location.origin + location.pathname + (shown?.link || location.search));
    const bar = W.make("div", { class: "wb-row wb-rank-bar" }, runChoice, weightsChoice, kChoice, link);
    const content = W.make("div", { class: "wb-rank" }, side, main);
    const waiting = W.make("div", { class: "wb-hero", hidden: true });
    W.fill(element, bar, summary, waiting, content);

    const base = () => `api/runs/${encodeURIComponent(seen.run)}/rankings`;
    const image = (item, height) => host.address(`api/runs/${encodeURIComponent(seen.run)}/images/${encodeURIComponent(seen.weights)}/${item.source}/${item.index}.jpg?height=${height}`);

    function say(...content_) {
      waiting.hidden = content_.length === 0;
      content.hidden = content_.length > 0;
      W.fill(waiting, ...content_);
    }

    say(W.make("p", {}, "Opening the rankings…"));

    // ---- run and weights

    async function open() {
      const mine = ++ticket;
      const { runs } = await host.ask("api/runs?brief=1");
      if (mine !== ticket) return;
      const usable = runs.filter((run) => run.rank || run.id === seen.run);
      W.fill(runChoice, usable.map((run) => W.make("option", { value: run.id }, run.label)));
      seen.run ||= (usable.find((run) => run.embedded) || usable[0])?.id || null;
      bar.hidden = summary.hidden = !seen.run;
      if (!seen.run) return say(W.make("h2", {}, "Nothing to rank yet"), W.make("p", {}, "A run that has finished, or was stopped after a checkpoint, shows here what it ranks. Press Start under Train."));
      runChoice.value = seen.run;
      kChoice.value = [5, 10, 20, 50, 100].includes(seen.k) ? seen.k : "";
      const question = new URLSearchParams({ weights: seen.weights || "" });
      const answer = await refused(() => host.ask(`${base()}?${question}`, { timeout: 120000 }));
      if (mine !== ticket || !answer) return;
      seen.weights = answer.chosen;
      W.fill(weightsChoice, answer.weights.map((one) => W.make("option", { value: one.key, selected: one.key === answer.chosen }, one.ready ? one.label : `${one.label} (not embedded yet)`)));
      if (!answer.ready) return offer(answer);
      say();
      summary.textContent = answer.words;
      await Promise.all([drawStrip(true), seen.query === null ? null : show()]);
      if (mine === ticket && seen.query === null && listed.queries.length) await choose({ source: "query", index: listed.queries[0].index }, false);
    }

    async function refused(work) {
      try {
        return await work();
      } catch (error) {
        if (!(error instanceof W.Refused)) throw error;
        summary.textContent = "";
        say(W.make("h2", {}, "No rankings here"), W.make("p", {}, error.message));
        return null;
      }
    }

    function offer(answer) {
      summary.textContent = "";
      if (answer.working) {
        say(W.make("h2", {}, "Embedding"), W.make("p", {}, answer.words));
        setTimeout(() => open(), 1500);
        return;
      }
      const button = W.make("button", { type: "button", class: "wb-button wb-primary" }, "Embed now");
      button.addEventListener("click", () =>
        W.act(button, async () => {
          await host.ask(`${base()}/${encodeURIComponent(seen.weights)}`, { method: "POST", body: {} });
          await open();
        }),
      );
      say(W.make("h2", {}, "These weights have no embeddings yet"), W.make("p", {}, answer.words), answer.can_embed ? button : null);
    }

    // ---- the queries

    async function drawStrip(fresh) {
      const key = JSON.stringify([seen.run, seen.weights, order, seed, jump.value]);
      if (fresh && key === listed.key) return mark();
      const from = key === listed.key ? listed.queries.length : 0;
      const question = new URLSearchParams({ order, seed, from, count: PAGE, identity: jump.value.trim() });
      const answer = await host.ask(`${base()}/${encodeURIComponent(seen.weights)}/queries?${question}`, { timeout: 60000 });
      if (from === 0) {
        listed = { key, total: answer.total, queries: [] };
        W.fill(strip);
      }
      listed.queries.push(...answer.queries);
      strip.append(...answer.queries.map(thumbnail));
      if (!listed.queries.length) W.fill(strip, W.make("p", { class: "wb-muted" }, "No query has this identity."));
      more.hidden = listed.queries.length >= listed.total;
      more.textContent = `More queries (${listed.queries.length} of ${listed.total})`;
      mark();
    }

    function thumbnail(query) {
      const value = query.average_precision === null ? "not counted" : `AP ${W.percent(query.average_precision)}`;
      return W.make(
        "button",
        { type: "button", role: "option", class: "wb-thumb", "data-index": query.index, "aria-label": `Query ${query.index}, identity ${query.identity}, camera ${query.camera}, ${value}`, onclick: () => choose({ source: "query", index: query.index }, true) },
        W.make("img", { src: image({ source: "query", index: query.index }, 96), alt: "", loading: "lazy", width: 44, height: 88 }),
        W.make("span", {}, value.replace("AP ", "")),
      );
    }

    function mark() {
      strip.querySelectorAll(".wb-thumb").forEach((one) => {
        const mine = seen.source === "query" && Number(one.dataset.index) === seen.query;
        one.setAttribute("aria-selected", String(mine));
      });
    }

    // ---- one ranking

    async function choose(item, keep) {
      if (keep && shown) trail.push({ ...shown.query });
      Object.assign(seen, { source: item.source, query: item.index });
      mark();
      await show();
    }

    async function show() {
      const mine = ++ticket;
      const answer = await refused(() => host.ask(`${base()}/${encodeURIComponent(seen.weights)}/${seen.source}/${seen.query}?k=${seen.k}`, { timeout: 60000 }));
      if (mine !== ticket || !answer) return;
      say();
      shown = answer;
      drawTrail();
      drawQuery();
      drawFigures();
      W.fill(list, answer.items.map(tile));
      host.show({ ...seen });
      if (element.getClientRects().length) W.remember(answer.link);
    }

    function drawTrail() {
      crumbs.hidden = trail.length === 0;
      const back = W.make("button", { type: "button", class: "wb-button wb-small", "aria-label": "Back to the query before" }, "← Back");
      back.addEventListener("click", () => choose(trail.pop(), false));
      const steps = trail.slice(-8).map((one, place, all) => {
        const button = W.make("button", { type: "button", class: "wb-crumb", "aria-label": `Back to ${one.source} image ${one.index}, identity ${one.identity}` }, W.make("img", { src: image(one, 96), alt: "", width: 18, height: 36 }));
        button.addEventListener("click", () => {
          trail = trail.slice(0, trail.length - (all.length - place));
          choose(one, false);
        });
        return button;
      });
      W.fill(crumbs, trail.length ? [back, ...steps] : []);
    }

    function drawQuery() {
      const query = shown.query;
      W.fill(
        asked,
        W.make("img", { src: image(query, 384), alt: `Query image, identity ${query.identity}`, width: 128, height: 256 }),
        W.make("div", {}, W.make("h2", {}, query.source === "query" ? `Query ${query.index}` : `Gallery image ${query.index} as query`), W.make("p", {}, query.name), W.make("p", { class: "wb-muted" }, shown.words)),
      );
    }

    function drawFigures() {
      const value = shown.average_precision;
      W.fill(
        figures,
        W.make("div", { class: "wb-strong" }, W.make("dt", {}, "Average precision"), W.make("dd", {}, value === null ? "not counted" : W.percent(value))),
        W.make("div", {}, W.make("dt", {}, "First match at rank"), W.make("dd", {}, shown.first_match === null ? "–" : String(shown.first_match))),
        W.make("div", {}, W.make("dt", {}, "Matches in the gallery"), W.make("dd", {}, String(shown.matches))),
      );
      const curve = shown.precision_recall;
      chart.figure.hidden = curve === null;
      if (!curve) return;
      chart.set([
        {
          name: "precision",
          label: "precision",
          latest: "",
          colour: "--wb-series-1",
          traces: (ink) => [{ x: curve.recall, y: curve.precision, mode: "lines+markers", line: { color: ink, width: 2, shape: curve.shape }, marker: { size: 6 }, fill: "tozeroy", fillcolor: W.faded(ink), hovertemplate: "recall %{x:.0%}, precision %{y:.0%}<extra></extra>" }],
        },
      ]);
    }

    function tile(item) {
      const verdict = VERDICTS[item.verdict];
      const left = Boolean(item.excluded);
      const who = `identity ${item.identity_words}, camera ${item.camera_words}, distance ${item.distance.toFixed(4)}`;
      const label = left ? `Left out: ${item.excluded}. ${who}. Make it the query` : `Rank ${item.rank}, ${verdict.word}, ${who}. Make it the query`;
      return W.make(
        "li",
        {},
        W.make(
          "button",
          { type: "button", class: `wb-tile ${left ? "wb-excluded" : `wb-${item.verdict}`}`, "aria-label": label, title: "Make it the query", onclick: () => choose(item, true) },
          W.make("span", { class: "wb-tile-head" }, W.make("b", {}, left ? "–" : `${item.rank}`), W.make("span", { class: "wb-verdict" }, left ? "left out" : `${verdict.sign} ${verdict.word}`)),
          W.make("img", { src: image(item, 192), alt: "", loading: "lazy", width: 88, height: 176 }),
          W.make("span", { class: "wb-tile-foot" }, left ? item.excluded : item.caption),
          W.make("span", { class: "wb-tile-foot wb-number" }, item.distance.toFixed(4)),
        ),
      );
    }

    // ---- what a person chooses

    runChoice.addEventListener("change", () => {
      seen = { ...seen, run: runChoice.value, weights: "", source: "query", query: null };
      trail = [];
      shown = null;
      open();
    });
    weightsChoice.addEventListener("change", () => {
      seen.weights = weightsChoice.value;
      open();
    });
    kChoice.addEventListener("change", () => {
      seen.k = Number(kChoice.value);
      if (seen.query !== null) show();
    });
    orderChoice.addEventListener("change", () => {
      order = orderChoice.value;
      seed = order === "random" ? Math.floor(Math.random() * 1e6) : 0;
      drawStrip(true);
    });
    jump.addEventListener("change", () => drawStrip(true));
    more.addEventListener("click", () => W.act(more, () => drawStrip(false)));
    strip.addEventListener("keydown", (event) => {
      const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
      if (!step) return;
      const all = [...strip.querySelectorAll(".wb-thumb")];
      const next = all[all.indexOf(document.activeElement) + step];
      if (next) {
        next.focus();
        event.preventDefault();
      }
    });
    host.onValue((value) => {
      if (["run", "weights", "source", "query", "k"].every((key) => (value[key] ?? null) === (seen[key] ?? null))) return;
      seen = { run: null, weights: "", source: "query", query: null, k: 10, ...value };
      trail = [];
      shown = null;
      open();
    });
    // A run may end while this tab is hidden: look again whenever it is opened with nothing to show.
    W.every(element, 2500, async () => {
      if (!shown && (waiting.hidden ? !listed.queries.length : !seen.run)) await open();
    });
  };
})((globalThis.Workbench = globalThis.Workbench || {}));
