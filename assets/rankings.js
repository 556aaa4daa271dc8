// What a run ranks: choose a run, weights and a query or an image of one's own; go on from any image,
// and back; re-rank; see how the list formed.
(function (W) {
  "use strict";

  const OFF = "0";
  const LENGTHS = [5, 10, 20, 50, 100];
  const CRUMBS = 8;
  const NOTHING = { run: null, weights: "", source: "query", query: null, k: 10, rerank: "" };

  // `host.value` is {run, weights, source, query, k, rerank}.
  W.rankings = function (element, host) {
    let seen = { ...NOTHING, ...host.value };
    let trail = [];
    let shown = null;
    // What lists are asked with: a re-ranking that was refused is not.
    let rerank = "";

    const choice = W.runChoice(host, {
      seen: () => seen,
      path: "rankings",
      words: {
        opening: "Opening the rankings…",
        nothing: "Nothing to rank yet",
        until: "A run that has finished, or was stopped after a checkpoint, shows here what it ranks.",
        refused: "No rankings here",
      },
      usable: (run) => run.rank,
      overview: settled,
      hide,
      show: openQueries,
      pick: (change) => {
        if (change.run) return start({ ...NOTHING, ...change, k: seen.k });
        Object.assign(seen, change);
        return choice.open().catch(W.tell);
      },
    });
    const lengths = W.make(
      "select",
      { class: "wb-input", "aria-label": "Length of the list" },
      LENGTHS.map((k) => W.make("option", { value: k }, `top ${k}`)),
    );
    const reRanking = W.reRanking({ change: (text) => refine(text).catch(W.tell) });
    const link = W.linkButton(host, () => shown?.link);
    const rest = W.make("div", { class: "wb-bar-rest" }, lengths, reRanking.toggle, link);
    const bar = W.make("div", { class: "wb-row wb-rank-bar" }, choice.runs, choice.weights, rest);
    const summary = W.make("p", { class: "wb-words" });
    const crumbs = W.make("nav", { class: "wb-trail", "aria-label": "Queries seen before" });
    const side = W.make("aside", { class: "wb-rank-side", "aria-label": "Queries" });
    const strip = W.make("div", {});
    const note = W.make("p", { class: "wb-muted", role: "status", hidden: true });
    const list = W.make("div", {});
    const formation = W.formation({
      ask: ({ source, index }) => {
        const question = `${encodeURIComponent(seen.weights)}/${source}/${index}`;
        return host.ask(`${W.runPath(seen.run)}/formation/${question}`, { timeout: 60000 });
      },
      picture: (item, height) => picture(item, height),
    });
    const main = W.make("section", { class: "wb-rank-main" }, crumbs, note, list, formation.element);
    const content = W.make("div", { class: "wb-rank" }, side, main);
    W.fill(element, bar, summary, reRanking.panel, choice.waiting, content);

    const weighted = () => choice.weighted("rankings");
    const picture = ({ source, index }, height) => {
      if (source === "upload") return host.address(`api/uploads/${index}.jpg?height=${height}`);
      const images = `${W.runPath(seen.run)}/images/${encodeURIComponent(seen.weights)}`;
      return host.address(`${images}/${source}/${index}.jpg?height=${height}`);
    };
    const queries = W.queries(strip, {
      ask(question) {
        question.set("rerank", rerank);
        return host.ask(`${weighted()}/queries?${question}`, { timeout: 120000 });
      },
      picture,
      choose: (index) => choose({ source: "query", index }),
    });
    const ranked = W.ranked(list, host, { picture, choose });
    const own = W.ownImages(host, { dropping: content, choose, picture, gone: forgotten });
    W.fill(side, own.element, strip);
    W.withoutPictures(content, () => {
      if (list.hidden) return;
      note.textContent = "Images are no longer on the disk: the list stays, without their pictures.";
      note.hidden = false;
    });

    // ---- run and weights

    function hide(hidden) {
      content.hidden = summary.hidden = rest.hidden = hidden;
      if (hidden) reRanking.panel.hidden = true;
    }

    async function openQueries(answer, current) {
      reRanking.draw(answer.re_ranking);
      const first = await queries.load();
      if (!current()) return;
      lengths.value = LENGTHS.includes(seen.k) ? seen.k : "";
      if (seen.query === null && first !== null) Object.assign(seen, { source: "query", query: first });
      if (seen.query !== null) return show().catch(W.tell);
      list.hidden = formation.element.hidden = true;
    }

    // The state of the weights, asked again while their re-ranking is being counted; null where
    // something else was asked for meanwhile. What was seen stays until then.
    async function settled(current) {
      const ask = async () => {
        const answer = await choice.ask(current, { rerank: seen.rerank });
        if (!answer?.ready) return { working: false, answer };
        summary.textContent = answer.words;
        own.draw(answer.uploads);
        const { working, refused, value } = answer.re_ranking;
        if (working) reRanking.draw(answer.re_ranking);
        else {
          rerank = refused ? OFF : value;
          seen.rerank = refused ? seen.rerank : value;
        }
        return { working, answer };
      };
      return (await W.settled(ask, { current, tell: () => {} }))?.answer ?? null;
    }

    // ---- one ranking

    function choose(item, keep = true) {
      // Another run is being opened: what can still be clicked on is of the run before.
      if (!seen.weights && item.source !== "upload") return;
      if (keep && shown) trail.push(shown.query);
      Object.assign(seen, { source: item.source, query: item.index });
      return show().catch(W.tell);
    }

    async function show() {
      if (seen.query === null || !seen.weights) return; // not there yet: the list of queries shows its first
      const current = choice.begin();
      try {
        await ask(current);
      } catch (error) {
        // A list that is seen stays, with a notice; where there is none the sentence takes its place.
        if (shown || !(error instanceof W.Refused)) throw error;
        if (!current()) return;
        note.textContent = error.message;
        note.hidden = false;
        list.hidden = formation.element.hidden = true;
      }
    }

    async function ask(current) {
      queries.mark(seen.source === "query" ? seen.query : null);
      const settings = new URLSearchParams({ k: seen.k, rerank });
      const question = `${weighted()}/${seen.source}/${seen.query}?${settings}`;
      const answered = () => host.ask(question, { timeout: 60000 });
      // The first image of one's own waits for the network.
      const tell = (words) => {
        note.textContent = words;
        note.hidden = false;
      };
      const answer = await W.settled(answered, { current, tell });
      if (!answer) return;
      note.hidden = true;
      list.hidden = false;
      shown = answer;
      ranked.draw(answer);
      formation.show(seen.source === "upload" ? null : answer.query);
      drawTrail();
      host.show({ ...seen });
      if (element.getClientRects().length) host.remember(answer.link);
    }

    // An image of one's own that is not kept any more is not gone back to.
    function forgotten({ index }) {
      const kept = (one) => one.source !== "upload" || one.index !== index;
      trail = trail.filter(kept);
      if (shown && !kept(shown.query)) {
        const next = trail.pop();
        shown = null;
        if (next) choose(next, false);
        // The first query of the list, which may still have to come.
        else start({ source: "query", query: null });
      } else drawTrail();
    }

    function drawTrail() {
      crumbs.hidden = trail.length === 0;
      const back = W.button("← Back", () => choose(trail.pop(), false), "wb-small");
      back.setAttribute("aria-label", "Back to the query before");
      const recent = trail.slice(-CRUMBS);
      const step = (one, place) => {
        const name = one.source === "upload" ? "your image" : `${one.source} image ${one.index}`;
        const label = `Back to ${name}, identity ${one.identity_words}`;
        const small = W.make("img", { src: picture(one, 96), alt: "", width: 18, height: 36 });
        const button = W.make("button", { type: "button", class: "wb-crumb", "aria-label": label }, small);
        button.addEventListener("click", () => {
          trail = trail.slice(0, trail.length - recent.length + place);
          choose(one, false);
        });
        return button;
      };
      W.fill(crumbs, back, recent.map(step));
    }

    // ---- what a person chooses

    function start(change) {
      seen = { ...seen, ...change };
      trail = [];
      shown = null;
      drawTrail();
      choice.open().catch(W.tell);
    }

    function refine(text) {
      seen.rerank = text;
      return choice.open();
    }

    lengths.addEventListener("change", () => {
      seen.k = Number(lengths.value);
      if (shown) show().catch(W.tell);
    });
    host.onValue((value) => {
      const same = (key) => (value[key] ?? NOTHING[key]) === seen[key];
      if (!Object.keys(NOTHING).every(same)) start({ ...NOTHING, ...value });
    });
    choice.wait();
    W.every(element, 2500, choice.look);
  };
})((globalThis.Workbench = globalThis.Workbench || {}));
