// What a run ranks: choose a run, weights and a query or an image of one's own; go on from any image,
// and back; re-rank; see how the list formed.
(function (W) {
  "use strict";

  const OFF = "0";
  const PAUSE_MS = 500;
  const LENGTHS = [5, 10, 20, 50, 100];
  const CRUMBS = 8;
  const NOTHING = { run: null, weights: "", source: "query", query: null, k: 10, rerank: "" };

  const pause = () => new Promise((resume) => setTimeout(resume, PAUSE_MS));

  // `host.value` is {run, weights, source, query, k, rerank}.
  W.rankings = function (element, host) {
    let seen = { ...NOTHING, ...host.value };
    let trail = [];
    let shown = null;
    let opened = false;
    let ticket = 0;
    // What lists are asked with: a re-ranking that was refused is not.
    let rerank = "";

    const runs = W.make("select", { class: "wb-input", "aria-label": "Run" });
    const weights = W.make("select", { class: "wb-input", "aria-label": "Weights" });
    const lengths = W.make(
      "select",
      { class: "wb-input", "aria-label": "Length of the list" },
      LENGTHS.map((k) => W.make("option", { value: k }, `top ${k}`)),
    );
    const reRanking = W.reRanking({ change: (text) => refine(text).catch(W.tell) });
    const bar = W.make(
      "div",
      { class: "wb-row wb-rank-bar" },
      runs,
      weights,
      lengths,
      reRanking.toggle,
      W.linkButton(host, () => shown?.link),
    );
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
    const waiting = W.make("div", { class: "wb-hero" });
    W.fill(element, bar, summary, reRanking.panel, waiting, content);

    const path = () => `${W.runPath(seen.run)}/rankings`;
    const weighted = () => `${path()}/${encodeURIComponent(seen.weights)}`;
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

    function say(...words) {
      waiting.hidden = words.length === 0;
      content.hidden = words.length > 0;
      if (words.length) reRanking.panel.hidden = true;
      W.fill(waiting, words);
    }
    const title = (words) => W.make("h2", {}, words);
    const paragraph = (words) => W.make("p", {}, words);

    // ---- run and weights

    async function open() {
      opened = false;
      try {
        await openRun(++ticket);
      } catch (error) {
        if (!(error instanceof W.Refused)) throw error;
        opened = true;
        summary.textContent = "";
        say(title("No rankings here"), paragraph(error.message));
      }
    }

    async function openRun(mine) {
      const found = (await host.ask("api/runs?brief=1")).runs;
      if (mine !== ticket) return;
      const usable = found.filter((run) => run.rank || run.id === seen.run);
      seen.run ||= (usable.find((run) => run.embedded) || usable[0])?.id || null;
      const option = ({ id, label }) => W.make("option", { value: id, selected: id === seen.run }, label);
      W.fill(runs, usable.map(option));
      bar.hidden = summary.hidden = !seen.run;
      if (!seen.run) return sayNothingYet();
      lengths.value = LENGTHS.includes(seen.k) ? seen.k : "";
      const answer = await settled(mine);
      if (!answer) return;
      if (!answer.ready) return offer(answer);
      opened = true;
      say();
      reRanking.draw(answer.re_ranking);
      const first = await queries.load();
      if (mine !== ticket) return;
      if (seen.query === null && first !== null) Object.assign(seen, { source: "query", query: first });
      if (seen.query !== null) await show().catch(W.tell);
    }

    // The state of the weights, asked again while their re-ranking is being counted; null where
    // something else was asked for meanwhile. What was seen stays until then.
    async function settled(mine) {
      for (;;) {
        const question = new URLSearchParams({ weights: seen.weights, rerank: seen.rerank });
        const answer = await host.ask(`${path()}?${question}`, { timeout: 120000 });
        if (mine !== ticket) return null;
        seen.weights = answer.chosen;
        drawWeights(answer);
        reRanking.toggle.hidden = !answer.ready;
        if (!answer.ready) return answer;
        summary.textContent = answer.words;
        own.draw(answer.uploads);
        const { working, refused, value } = answer.re_ranking;
        if (!working) {
          rerank = refused ? OFF : value;
          seen.rerank = refused ? seen.rerank : value;
          return answer;
        }
        reRanking.draw(answer.re_ranking);
        await pause();
      }
    }

    function sayNothingYet() {
      const words = "A run that has finished, or was stopped after a checkpoint, shows here what it ranks.";
      say(title("Nothing to rank yet"), paragraph(`${words} Press Start under Train.`));
    }

    function drawWeights({ weights: all, chosen }) {
      const words = ({ label, ready }) => (ready ? label : `${label} (not embedded yet)`);
      const option = (one) => W.make("option", { value: one.key, selected: one.key === chosen }, words(one));
      W.fill(weights, all.map(option));
      weights.hidden = all.length === 0;
    }

    // Embedding takes as long as an evaluation, so it is made only when somebody wants to look.
    function offer({ working, words, can_embed: can, chosen }) {
      summary.textContent = "";
      if (working) {
        // The loop below looks again.
        return say(title("Embedding"), paragraph(words));
      }
      const embed = async () => {
        await host.ask(weighted(), { method: "POST", body: {} });
        await open();
      };
      const button = W.button("Embed now", () => W.act(button, embed), "wb-primary");
      const heading = chosen ? "These weights have no embeddings yet" : "No rankings here";
      say(title(heading), paragraph(words), can && chosen ? button : null);
    }

    // ---- one ranking

    function choose(item, keep = true) {
      if (keep && shown) trail.push(shown.query);
      Object.assign(seen, { source: item.source, query: item.index });
      return show().catch(W.tell);
    }

    async function show() {
      const mine = ++ticket;
      queries.mark(seen.source === "query" ? seen.query : null);
      const settings = new URLSearchParams({ k: seen.k, rerank });
      const question = `${weighted()}/${seen.source}/${seen.query}?${settings}`;
      const ask = () => host.ask(question, { timeout: 60000 });
      let answer = await ask();
      // The first image of one's own waits for the network.
      while (mine === ticket && answer.working) {
        note.textContent = answer.words;
        note.hidden = false;
        await pause();
        answer = await ask();
      }
      if (mine !== ticket) return;
      note.hidden = true;
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
        const next = trail.pop() || { source: "query", index: queries.first() };
        shown = null;
        choose(next, false);
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
      open().catch(W.tell);
    }

    function refine(text) {
      seen.rerank = text;
      return open();
    }

    runs.addEventListener("change", () => start({ ...NOTHING, run: runs.value, k: seen.k }));
    weights.addEventListener("change", () => {
      seen.weights = weights.value;
      open().catch(W.tell);
    });
    lengths.addEventListener("change", () => {
      seen.k = Number(lengths.value);
      if (shown) show().catch(W.tell);
    });
    host.onValue((value) => {
      const same = (key) => (value[key] ?? NOTHING[key]) === seen[key];
      if (!Object.keys(NOTHING).every(same)) start({ ...NOTHING, ...value });
    });
    say(paragraph("Opening the rankings…"));
    // A run may end while this tab is hidden: look again as long as there is nothing to show.
    W.every(element, 2500, async () => {
      if (!opened && !(waiting.querySelector("button") && seen.run)) await open();
    });
  };
})((globalThis.Workbench = globalThis.Workbench || {}));
