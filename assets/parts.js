// Why an image is ranked where it is: choose a run, a query and a hit; heat over both, part by part.
(function (W) {
  "use strict";

  const HITS = 20;
  // Re-ranking mixes in other images: a pair is explained by its own similarity.
  const OFF = "0";
  const USUAL_OPACITY = 0.85;
  const AGAIN = 400;
  const STEPS = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 };
  const NOTHING = { run: null, weights: "", source: "query", query: null, hit: null, method: "" };

  // `host.value` is {run, weights, source, query, hit, method}; tells Python of `rank` with
  // {run, weights, source, query}: show the ranked list of that query.
  W.parts = function (element, host) {
    let seen = { ...NOTHING, ...host.value };
    let shown = null;
    let opened = false;
    let ticket = 0;

    const select = (label) => W.make("select", { class: "wb-input", "aria-label": label });
    const runs = select("Run");
    const weights = select("Weights");
    const method = select("Method");
    const label = select("True part to look for");
    const opacity = W.make("input", {
      type: "range",
      min: 0,
      max: 1,
      step: 0.05,
      value: USUAL_OPACITY,
      "aria-label": "Opacity of the heat",
    });
    const slider = W.make("label", { class: "wb-slider" }, W.make("span", {}, "Heat"), opacity);
    const back = W.button("← Ranked list", () => host.tell("rank", place()), "wb-small");
    back.setAttribute("aria-label", "Show the ranked list of this query");
    const copy = W.linkButton(host, () => shown?.link);
    const bar = W.make("div", { class: "wb-row wb-rank-bar" }, runs, weights, method, label, slider, back, copy);
    const about = W.make("p", { class: "wb-muted wb-hint" });
    const side = W.make("aside", { class: "wb-rank-side", "aria-label": "Queries" });
    const strip = W.make("div", { class: "wb-parts-hits", role: "listbox", "aria-label": "Hits of the ranked list" });
    const words = W.make("h2", { class: "wb-pair-words" });
    const state = W.make("p", { class: "wb-parts-state", role: "status", "aria-live": "polite" });
    const cards = W.make("div", { class: "wb-parts-cards" });
    const reading = W.details("How to read this");
    reading.element.open = true;
    const main = W.make("section", { class: "wb-rank-main" }, strip, words, state, cards, reading.element);
    const content = W.make("div", { class: "wb-rank wb-parts" }, side, main);
    const waiting = W.make("div", { class: "wb-hero" });
    bar.hidden = true;
    W.fill(element, bar, about, waiting, content);

    const base = () => W.runPath(seen.run);
    const weighted = (kind) => `${base()}/${kind}/${encodeURIComponent(seen.weights)}`;
    const place = () => ({ run: seen.run, weights: seen.weights, source: seen.source, query: seen.query });
    const picture = ({ source, index }, height) =>
      host.address(`${weighted("images")}/${source}/${index}.jpg?height=${height}`);
    const pairPath = () => `${weighted("parts")}/${seen.source}/${seen.query}/${seen.hit}`;
    const version = () => new URLSearchParams({ method: shown.method, v: shown.version });

    const queries = W.queries(side, {
      ask(question) {
        question.set("rerank", OFF);
        return host.ask(`${weighted("rankings")}/queries?${question}`, { timeout: 120000 });
      },
      picture,
      choose: (index) => choose({ source: "query", query: index, hit: null }),
    });
    const drawn = W.partCards(cards, {
      picture: (of) =>
        picture(of === "query" ? { source: shown.source, index: shown.query } : { source: "gallery", index: shown.hit }, 384),
      heat: (part, of) => host.address(`${pairPath()}/${encodeURIComponent(part)}/${of}.png?${version()}`),
      mask: (part) => host.address(`${weighted("masks")}/${encodeURIComponent(part)}.png`),
    });

    function say(...what) {
      waiting.hidden = what.length === 0;
      content.hidden = about.hidden = what.length > 0;
      W.fill(waiting, what);
    }
    const title = (text) => W.make("h2", {}, text);
    const paragraph = (text) => W.make("p", {}, text);

    // ---- run and weights

    async function open() {
      opened = false;
      try {
        await openRun(++ticket);
      } catch (error) {
        if (!(error instanceof W.Refused)) throw error;
        opened = true;
        say(title("No heatmaps here"), paragraph(error.message));
      }
    }

    async function openRun(mine) {
      const found = (await host.ask("api/runs?brief=1")).runs;
      if (mine !== ticket) return;
      const usable = found.filter((run) => run.rank || run.id === seen.run);
      seen.run ||= (usable.find((run) => run.embedded) || usable[0])?.id || null;
      fillSelect(runs, usable.map(({ id, label: name }) => [id, name]), seen.run);
      bar.hidden = !seen.run;
      if (!seen.run) return sayNothingYet();
      const question = new URLSearchParams({ weights: seen.weights });
      const answer = await host.ask(`${base()}/parts?${question}`, { timeout: 120000 });
      if (mine !== ticket) return;
      drawChoices(answer);
      if (!answer.ready) return offer(answer);
      opened = true;
      say();
      const first = await queries.load();
      if (mine !== ticket) return;
      if (seen.query === null) Object.assign(seen, { source: "query", query: first, hit: null });
      if (seen.query !== null) await show();
    }

    function fillSelect(one, choices, chosen) {
      const option = ([value, text]) => W.make("option", { value, selected: value === chosen }, text);
      W.fill(one, choices.map(option));
    }

    function sayNothingYet() {
      const text = "A run that has finished, or was stopped after a checkpoint, shows here what it looks at.";
      say(title("Nothing to look into yet"), paragraph(`${text} Press Start under Train.`));
    }

    function drawChoices({ weights: all, chosen, methods, reading: told }) {
      seen.weights = chosen;
      if (!methods.some((one) => one.name === seen.method)) seen.method = methods[0].name;
      const name = ({ label: text, ready }) => (ready ? text : `${text} (not embedded yet)`);
      fillSelect(weights, all.map((one) => [one.key, name(one)]), chosen);
      fillSelect(method, methods.map((one) => [one.name, one.title]), seen.method);
      weights.hidden = all.length === 0;
      const entry = ([word, meaning]) => W.make("div", {}, W.make("dt", {}, word), W.make("dd", {}, meaning));
      W.fill(reading.body, W.make("dl", { class: "wb-reading" }, told.map(entry)));
    }

    // Embedding takes as long as an evaluation, so it is made only when somebody wants to look.
    function offer({ working, words: text, can_embed: can, chosen }) {
      if (working) return say(title("Embedding"), paragraph(text));
      const embed = async () => {
        await host.ask(weighted("rankings"), { method: "POST", body: {} });
        await open();
      };
      const button = W.button("Embed now", () => W.act(button, embed), "wb-primary");
      const heading = chosen ? "These weights have no embeddings yet" : "No heatmaps here";
      return say(title(heading), paragraph(text), can && chosen ? button : null);
    }

    // ---- one pair

    const choose = (change) => {
      Object.assign(seen, change);
      return show().catch(W.tell);
    };

    async function show() {
      const mine = ++ticket;
      queries.mark(seen.source === "query" ? seen.query : null);
      cards.setAttribute("aria-busy", "true");
      try {
        const question = `${weighted("rankings")}/${seen.source}/${seen.query}?k=${HITS}&rerank=${OFF}`;
        const list = await host.ask(question, { timeout: 60000 });
        if (mine !== ticket) return;
        seen.hit ??= list.items.find((item) => item.rank === 1)?.index ?? null;
        drawHits(list.items);
        if (seen.hit === null) return refuse("The gallery holds no image that counts for this query.");
        const answer = await explained(mine);
        if (answer) draw(answer);
      } catch (error) {
        if (!(error instanceof W.Refused)) throw error;
        if (mine === ticket) refuse(error.message);
      } finally {
        if (mine === ticket) cards.removeAttribute("aria-busy");
      }
    }

    // Heatmaps are made in the background: ask until they are there, or somebody wants another pair.
    async function explained(mine) {
      while (mine === ticket && element.isConnected) {
        const answer = await host.ask(`${pairPath()}?${new URLSearchParams({ method: seen.method })}`);
        if (mine !== ticket) return null;
        if (!answer.working) return answer;
        tellState(answer.words, true);
        await new Promise((done) => setTimeout(done, AGAIN));
      }
      return null;
    }

    function tellState(text, working = false) {
      state.hidden = !text;
      state.classList.toggle("wb-working", working);
      if (state.textContent !== text) state.textContent = text;
    }

    function refuse(message) {
      shown = null;
      words.textContent = "";
      cards.hidden = true;
      tellState(message);
    }

    function draw(answer) {
      shown = answer;
      tellState("");
      cards.hidden = false;
      words.textContent = answer.words;
      about.textContent = answer.about;
      drawLabels(answer);
      drawn.draw(answer);
      mark(answer.hit);
      host.show({ ...seen });
      if (element.getClientRects().length) host.remember(answer.link);
    }

    function drawLabels({ whole }) {
      const known = [whole.truth.query, whole.truth.hit].filter(Boolean);
      label.hidden = known.length === 0;
      const names = [...new Set(known.flatMap(({ labels }) => labels.map((one) => one.name)))];
      if (!names.includes(label.value)) {
        fillSelect(label, [["", "True part: the most heated"], ...names.map((one) => [one, `True part: ${one}`])], "");
        drawn.point("");
      } else if (label.options.length !== names.length + 1) {
        const chosen = label.value;
        fillSelect(label, [["", "True part: the most heated"], ...names.map((one) => [one, `True part: ${one}`])], chosen);
      }
    }

    // ---- hits

    function drawHits(items) {
      W.fill(strip, items.map(hit));
      mark(seen.hit);
    }

    function hit(item) {
      const where = item.excluded ? `Left out: ${item.excluded}` : `Rank ${item.rank}, ${item.verdict}`;
      const name = `${where}. Identity ${item.identity_words}, distance ${item.distance.toFixed(4)}`;
      const sign = item.excluded ? "–" : `${item.rank} ${W.verdicts[item.verdict].sign}`;
      const style = `wb-thumb wb-parts-hit wb-${item.excluded ? "excluded" : item.verdict}`;
      const button = W.make(
        "button",
        { type: "button", role: "option", class: style, "data-index": item.index, "aria-label": name, title: where },
        W.make("img", { src: picture(item, 96), alt: "", loading: "lazy", width: 44, height: 88 }),
        W.make("span", {}, sign),
      );
      button.addEventListener("click", () => choose({ hit: item.index }));
      return button;
    }

    function mark(index) {
      for (const one of strip.querySelectorAll(".wb-parts-hit")) {
        one.setAttribute("aria-selected", String(Number(one.dataset.index) === index));
      }
    }

    strip.addEventListener("keydown", (event) => {
      const all = [...strip.querySelectorAll(".wb-parts-hit")];
      const next = all[all.indexOf(document.activeElement) + (STEPS[event.key] || NaN)];
      if (!next) return;
      next.focus();
      event.preventDefault();
    });

    // ---- what a person chooses

    function start(change) {
      seen = { ...seen, ...change };
      shown = null;
      open().catch(W.tell);
    }

    const glow = () => element.style.setProperty("--wb-heat", opacity.value);
    opacity.addEventListener("input", glow);
    glow();
    label.addEventListener("change", () => drawn.point(label.value));
    runs.addEventListener("change", () => start({ ...NOTHING, run: runs.value, method: seen.method }));
    weights.addEventListener("change", () => start({ weights: weights.value }));
    method.addEventListener("change", () => choose({ method: method.value }));
    host.onValue((value) => {
      const same = (key) => (value[key] ?? NOTHING[key]) === seen[key];
      if (!Object.keys(NOTHING).every(same)) start({ ...NOTHING, ...value });
    });
    say(paragraph("Opening the heatmaps…"));
    // A run may end while this tab is hidden: look again as long as there is nothing to show.
    W.every(element, 2500, async () => {
      if (!opened && !(waiting.querySelector("button") && seen.run)) await open();
    });
  };
})((globalThis.Workbench = globalThis.Workbench || {}));
