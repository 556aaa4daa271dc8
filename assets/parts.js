// Why an image is ranked where it is: choose a run, a query and a hit; heat over both, part by part.
(function (W) {
  "use strict";

  const HITS = 20;
  // Re-ranking mixes in other images: a pair is explained by its own similarity.
  const OFF = "0";
  const USUAL_OPACITY = 0.85;
  const NOTHING = { run: null, weights: "", source: "query", query: null, hit: null, method: "" };

  // `host.value` is {run, weights, source, query, hit, method}; tells Python of `rank` with
  // {run, weights, source, query}: show the ranked list of that query.
  W.parts = function (element, host) {
    let seen = { ...NOTHING, ...host.value };
    let shown = null;

    const choice = W.runChoice(host, {
      seen: () => seen,
      path: "parts",
      words: {
        opening: "Opening the heatmaps…",
        nothing: "Nothing to look into yet",
        until: "A run that has finished, or was stopped after a checkpoint, shows here what it looks at.",
        refused: "No heatmaps here",
      },
      usable: (run) => run.rank,
      overview: async (current) => {
        const answer = await choice.ask(current);
        if (answer) drawChoices(answer);
        return answer;
      },
      hide: (hidden) => (content.hidden = about.hidden = rest.hidden = hidden),
      show: openQueries,
      pick: (change) => start(change.run ? { ...NOTHING, ...change, method: seen.method } : change),
    });
    const method = W.select("Method");
    const label = W.select("True part to look for");
    // Which parts there are is known with the first pair.
    label.hidden = true;
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
    const rest = W.make("div", { class: "wb-bar-rest" }, method, label, slider, back, copy);
    const bar = W.make("div", { class: "wb-row wb-rank-bar" }, choice.runs, choice.weights, rest);
    const about = W.make("p", { class: "wb-muted wb-hint" });
    const side = W.make("aside", { class: "wb-rank-side", "aria-label": "Queries" });
    const strip = W.make("div", { class: "wb-parts-hits", role: "listbox", "aria-label": "Hits of the ranked list" });
    const listed = W.make("p", { class: "wb-muted wb-strip-words" }, "The first of its ranked list: choose one to see why it stands there");
    const words = W.make("h2", { class: "wb-pair-words" });
    const state = W.make("p", { class: "wb-parts-state", role: "status", "aria-live": "polite", hidden: true });
    const cards = W.make("div", { class: "wb-parts-cards", hidden: true });
    const reading = W.details("How to read this");
    reading.element.open = true;
    const { weighted } = choice;
    const attention = W.attention({
      ask: ({ source, index }, at) => host.ask(`${weighted("attention")}/${source}/${index}?${new URLSearchParams(at)}`, { timeout: 60000 }),
      picture: (of) => picture(of, 384),
    });
    const lengths = W.lengths({
      ask: () => host.ask(weighted("lengths"), { timeout: 120000 }),
      start: () => host.ask(weighted("lengths"), { method: "POST", body: {} }),
      picture: (of) => picture(of, 96),
      choose: ({ source, index }) => choose({ source, query: index, hit: null }),
    });
    const below = [attention.element, lengths.element, reading.element];
    const main = W.make("section", { class: "wb-rank-main" }, listed, strip, words, state, cards, below);
    const content = W.make("div", { class: "wb-rank wb-parts" }, side, main);
    W.fill(element, bar, about, choice.waiting, content);

    const place = () => ({ run: seen.run, weights: seen.weights, source: seen.source, query: seen.query });
    const picture = ({ source, index }, height) =>
      host.address(
        source === "upload"
          ? `api/uploads/${index}.jpg?height=${height}`
          : `${weighted("images")}/${source}/${index}.jpg?height=${height}`,
      );
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

    // ---- run and weights

    async function openQueries(_, current) {
      tellState("Reading the ranked lists…", true);
      const first = await queries.load();
      if (!current()) return;
      if (seen.query === null) Object.assign(seen, { source: "query", query: first, hit: null });
      if (seen.query !== null) await show();
      else tellState("There is no query here: choose another run.");
    }

    function drawChoices({ methods, reading: told }) {
      if (!methods.some((one) => one.name === seen.method)) seen.method = methods[0].name;
      W.options(method, methods.map((one) => [one.name, one.title]), seen.method);
      const entry = ([word, meaning]) => W.make("div", {}, W.make("dt", {}, word), W.make("dd", {}, meaning));
      W.fill(reading.body, W.make("dl", { class: "wb-reading" }, told.map(entry)));
    }

    // ---- one pair

    const choose = (change) => {
      // Another run is being opened: what can still be clicked on is of the run before.
      if (!seen.weights) return;
      Object.assign(seen, change);
      return show().catch(W.tell);
    };

    async function show() {
      if (seen.query === null) return; // not there yet: the list of queries shows its first
      const current = choice.begin();
      queries.mark(seen.source === "query" ? seen.query : null);
      cards.setAttribute("aria-busy", "true");
      try {
        const question = `${weighted("rankings")}/${seen.source}/${seen.query}?k=${HITS}&rerank=${OFF}`;
        const list = await settled(question, current);
        if (!list) return;
        seen.hit ??= list.items.find((item) => item.rank === 1)?.index ?? null;
        drawHits(list.items);
        if (seen.hit === null) return refuse("The gallery holds no image that counts for this query.");
        const answer = await settled(`${pairPath()}?${new URLSearchParams({ method: seen.method })}`, current);
        if (answer) draw(answer);
      } catch (error) {
        if (!(error instanceof W.Refused)) throw error;
        if (current()) refuse(error.message);
      } finally {
        if (current()) cards.removeAttribute("aria-busy");
      }
    }

    // Heatmaps are made in the background, and so is the list of an image of one's own.
    const settled = (path, current) =>
      W.settled(() => host.ask(path, { timeout: 60000 }), {
        current: () => current() && element.isConnected,
        tell: (words) => tellState(words, true),
      });

    function tellState(text, working = false) {
      state.hidden = !text;
      state.classList.toggle("wb-working", working);
      if (state.textContent !== text) state.textContent = text;
    }

    function refuse(message) {
      shown = null;
      words.textContent = "";
      cards.hidden = true;
      attention.show([]);
      tellState(message);
    }

    function draw(answer) {
      shown = answer;
      tellState("");
      cards.hidden = false;
      words.textContent = answer.words;
      about.textContent = answer.about;
      drawn.draw(answer, labelOf(answer));
      attention.show(answer.attends ? lookedAt(answer) : []);
      lengths.show(`${answer.run} ${answer.weights}`);
      mark(answer.hit);
      host.show({ ...seen });
      if (element.getClientRects().length) host.remember(answer.link);
    }

    // An image of one's own is kept by the page alone: the network looks at the hit then.
    function lookedAt({ source, query, hit }) {
      const both = [
        { name: `The query, ${source} ${query}`, source, index: query },
        { name: `The hit, gallery ${hit}`, source: "gallery", index: hit },
      ];
      return both.filter((one) => one.source !== "upload");
    }

    // The true part to look for, as long as it can be seen on one of the two; "" for the hottest.
    function labelOf({ whole }) {
      const known = [whole.truth.query, whole.truth.hit].filter(Boolean);
      label.hidden = known.length === 0;
      const names = [...new Set(known.flatMap(({ labels }) => labels.map((one) => one.name)))];
      const chosen = names.includes(label.value) ? label.value : "";
      const pairs = [["", "True part: the most heated"], ...names.map((one) => [one, `True part: ${one}`])];
      if (String(names) !== String([...label.options].slice(1).map((one) => one.value))) {
        W.options(label, pairs, chosen);
      }
      return chosen;
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

    W.arrows(strip, ".wb-parts-hit");
    W.withoutPictures(strip, () => {});

    // ---- what a person chooses

    function start(change) {
      seen = { ...seen, ...change };
      shown = null;
      choice.open().catch(W.tell);
    }

    const glow = () => element.style.setProperty("--wb-heat", opacity.value);
    opacity.addEventListener("input", glow);
    glow();
    label.addEventListener("change", () => drawn.point(label.value));
    method.addEventListener("change", () => choose({ method: method.value }));
    host.onValue((value) => {
      const same = (key) => (value[key] ?? NOTHING[key]) === seen[key];
      if (!Object.keys(NOTHING).every(same)) start({ ...NOTHING, ...value });
    });
    choice.wait();
    W.every(element, 2500, choice.look);
  };
})((globalThis.Workbench = globalThis.Workbench || {}));
