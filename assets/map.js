// The embedding of a run as a plane of images: choose a run and weights, and look at their map.
(function (W) {
  "use strict";

  const VIEW = { method: "pca", colour: "identity", step: null, point: null };
  const NOTHING = { run: null, weights: "", ...VIEW };

  // `host.value` is {run, weights, method, colour, step, point}. Tells Python of `aim` and `rank` with
  // {run, weights, source, query}: this image is the query of the rankings; `rank` also shows them.
  W.map = function (element, host) {
    let seen = { ...NOTHING, ...host.value };
    let later = 0;

    const choice = W.runChoice(host, {
      seen: () => seen,
      path: "maps",
      words: {
        opening: "Opening the map…",
        nothing: "Nothing to map yet",
        until: "A run shows here what its embedding looks like, from its first evaluation on.",
        refused: "No map here",
      },
      usable: (run) => run.rank || run.snapshots,
      overview: (current) => choice.ask(current),
      hide: (hidden) => (board.element.hidden = summary.hidden = rest.hidden = hidden),
      show: openBoard,
      pick: (change) => start(change.run ? { ...viewOf(seen), ...change, step: null, point: null } : { ...seen, ...change }),
    });
    const summary = W.make("p", { class: "wb-words" });
    const board = W.mapBoard(host, { changed, fail, tell, told });
    const rest = W.make("div", { class: "wb-bar-rest" }, board.choices, W.linkButton(host));
    const bar = W.make("div", { class: "wb-row wb-rank-bar" }, choice.runs, choice.weights, rest);
    W.fill(element, bar, summary, choice.waiting, board.element);

    const { weighted } = choice;

    // What a person caused is told in the panel: the run may have been deleted meanwhile.
    function fail(error) {
      if (!(error instanceof W.Refused)) return W.tell(error);
      return choice.refuse(error.message);
    }

    async function openBoard(answer) {
      told(answer);
      // Before anything is embedded the pictures are those of the data.
      const images = answer.live ? `${W.runPath(seen.run)}/filmstrip` : weighted("images");
      const live = answer.live ? `${W.runPath(seen.run)}/maps/live` : null;
      try {
        await board.open(answer, { maps: weighted("maps"), images, live }, viewOf(seen));
      } catch (error) {
        fail(error);
      }
    }

    function told({ words, missing = "", live, alive }) {
      summary.textContent = [words, missing].filter(Boolean).join(" ");
      // What the run has embedded when it ends can be chosen.
      if (live && !alive) choice.ask(() => true).catch(W.tell);
    }

    const viewOf = ({ method, colour, step, point }) => ({
      method: method === "umap" ? "umap" : "pca",
      ...{ colour, step, point },
    });

    // ---- what a person chooses

    function start(next) {
      seen = { ...NOTHING, ...next };
      return choice.open().catch(W.tell);
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

    host.onValue((value) => {
      const same = (key) => (value[key] ?? NOTHING[key]) === seen[key];
      if (!Object.keys(NOTHING).every(same)) start(value);
    });
    choice.wait();
    // Also looks whether a UMAP is ready, or a run that trains has been evaluated again.
    W.every(element, 1500, async () => {
      await choice.look();
      if (choice.isOpen()) await board.poll();
    });
  };
})((globalThis.Workbench = globalThis.Workbench || {}));
