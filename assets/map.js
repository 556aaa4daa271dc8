// The embedding of a run as a plane of images: choose a run and weights, and look at their map.
(function (W) {
  "use strict";

  const VIEW = { method: "pca", colour: "identity", step: null, point: null };
  const NOTHING = { run: null, weights: "", ...VIEW };

  // `host.value` is {run, weights, method, colour, step, point}. Tells Python of `aim` and `rank` with
  // {run, weights, source, query}: this image is the query of the rankings; `rank` also shows them.
  W.map = function (element, host) {
    let seen = { ...NOTHING, ...host.value };
    let opened = false;
    let ticket = 0;
    let later = 0;

    const runs = W.make("select", { class: "wb-input", "aria-label": "Run" });
    const weights = W.make("select", { class: "wb-input", "aria-label": "Weights" });
    const summary = W.make("p", { class: "wb-words" });
    const waiting = W.make("div", { class: "wb-hero" });
    const board = W.mapBoard(host, { changed, fail, tell });
    const link = W.linkButton(host);
    const bar = W.make("div", { class: "wb-row wb-rank-bar" }, runs, weights, board.choices, link);
    W.fill(element, bar, summary, waiting, board.element);

    const path = () => `${W.runPath(seen.run)}/maps`;
    const weighted = (part) => `${W.runPath(seen.run)}/${part}/${encodeURIComponent(seen.weights)}`;

    function say(...words) {
      waiting.hidden = words.length === 0;
      board.element.hidden = words.length > 0;
      W.fill(waiting, words);
    }
    const title = (words) => W.make("h2", {}, words);
    const paragraph = (words) => W.make("p", {}, words);

    // What a person caused is told in the panel: the run may have been deleted meanwhile.
    function fail(error) {
      if (!(error instanceof W.Refused)) return W.tell(error);
      opened = true;
      summary.textContent = "";
      return say(title("No map here"), paragraph(error.message));
    }

    const open = () => openRun(++ticket).catch(fail);

    async function openRun(mine) {
      opened = false;
      const found = (await host.ask("api/runs?brief=1")).runs;
      if (mine !== ticket) return;
      const usable = found.filter((run) => run.rank || run.id === seen.run);
      seen.run ||= (usable.find((run) => run.embedded) || usable[0])?.id || null;
      const option = (value, words, chosen) => W.make("option", { value, selected: value === chosen }, words);
      W.fill(runs, usable.map(({ id, label }) => option(id, label, seen.run)));
      bar.hidden = summary.hidden = !seen.run;
      if (!seen.run) return sayNothingYet();
      const question = new URLSearchParams({ weights: seen.weights });
      const answer = await host.ask(`${path()}?${question}`, { timeout: 120000 });
      if (mine !== ticket) return;
      seen.weights = answer.chosen;
      const words = ({ label, ready }) => (ready ? label : `${label} (not embedded yet)`);
      W.fill(weights, answer.weights.map((one) => option(one.key, words(one), answer.chosen)));
      weights.hidden = answer.weights.length === 0;
      if (!answer.ready) return offer(answer);
      opened = true;
      summary.textContent = [answer.words, answer.missing].filter(Boolean).join(" ");
      say();
      await board.open(answer, { maps: weighted("maps"), images: weighted("images") }, viewOf(seen));
    }

    const viewOf = ({ method, colour, step, point }) => ({
      method: method === "umap" ? "umap" : "pca",
      ...{ colour, step, point },
    });

    function sayNothingYet() {
      const words = "A run that has finished, or was stopped after a checkpoint, shows here what its embedding looks like.";
      say(title("Nothing to map yet"), paragraph(`${words} Press Start under Train.`));
    }

    // Embedding takes as long as an evaluation, so it is made only when somebody wants to look.
    function offer({ working, words, can_embed: can, chosen }) {
      summary.textContent = "";
      if (working) return say(title("Embedding"), paragraph(words));
      const embed = async () => {
        await host.ask(weighted("rankings"), { method: "POST", body: {} });
        await open();
      };
      const button = W.button("Embed now", () => W.act(button, embed), "wb-primary");
      const heading = can && chosen ? "These weights have no embeddings yet" : "No map here";
      return say(title(heading), paragraph(words), can && chosen ? button : null);
    }

    // ---- what a person chooses

    function start(next) {
      seen = { ...NOTHING, ...next };
      return open();
    }

    function tell(event, { source, index }) {
      host.tell(event, { run: seen.run, weights: seen.weights, source, query: index });
    }

    function changed(view) {
      Object.assign(seen, view);
      host.show({ ...seen });
      clearTimeout(later);
      later = setTimeout(remember, 250);
    }

    async function remember() {
      const visible = () => element.getClientRects().length > 0;
      const told = Object.entries(viewOf(seen)).filter(([, value]) => value !== null);
      if (!visible()) return;
      const answer = await host.ask(`${weighted("maps")}/link?${new URLSearchParams(told)}`).catch(() => null);
      if (answer && visible()) host.remember(answer.link);
    }

    runs.addEventListener("change", () => start({ ...viewOf(seen), run: runs.value, step: null, point: null }));
    weights.addEventListener("change", () => start({ ...seen, weights: weights.value }));
    host.onValue((value) => {
      const same = (key) => (value[key] ?? NOTHING[key]) === seen[key];
      if (!Object.keys(NOTHING).every(same)) start(value);
    });
    say(paragraph("Opening the map…"));
    // A run may end while this tab is hidden, and a UMAP be ready: look again as long as it matters.
    W.every(element, 1500, async () => {
      if (opened) await board.poll();
      else if (!(waiting.querySelector("button") && seen.run)) await open();
    });
  };
})((globalThis.Workbench = globalThis.Workbench || {}));
