// The ranking as it forms: the first images of some queries at every evaluation, and their replay.
(function (W) {
  "use strict";

  const HITS = 5;
  const FRAME_MS = 800;
  const NOTHING = { frames: [], queries: [], gallery: {}, words: "" };

  // `run()` says of which run, `alive()` whether more is to come; `rank(query)` opens a query's list,
  // where `canRank()`.
  W.filmstrip = function (host, { run, alive, canRank, rank }) {
    const { element, summary, body } = W.details("The ranking as it forms");
    const latest = W.make("span", { class: "wb-film-latest wb-muted" });
    summary.append(" ", latest);
    element.classList.add("wb-film");
    let film = NOTHING;
    let shown = null;
    let mark = "";
    let rows = [];
    let chosen = null;

    const player = W.filmPlayer({ count: () => film.frames.length, show: drawFrame });
    const words = W.make("p", { class: "wb-film-words" });
    const grid = W.make("ul", { class: "wb-film-queries", "aria-label": "Pinned queries" });
    const ranks = W.filmRanks(host);
    const about = W.make("p", { class: "wb-muted wb-hint" }, ABOUT);
    const chosenBox = W.make("div", { class: "wb-row wb-film-chosen", "aria-live": "polite" });
    const content = W.make("div", {}, player.element, words, grid, W.verdictLegend(), chosenBox, ranks.element);
    const none = W.make("p", { class: "wb-muted" });
    W.fill(body, about, none, content);

    const picture = (source, index) =>
      host.address(`${W.runPath(shown)}/filmstrip/${source}/${index}.jpg?height=96`);

    function draw() {
      const there = film.frames.length > 0;
      content.hidden = !there;
      none.hidden = there;
      none.textContent = film.words;
      latest.textContent = there ? film.words : "";
      if (!there || !element.open) return;
      if (rows.length !== film.queries.length) drawQueries();
      player.update();
      ranks.draw(film, chosen);
    }

    function drawQueries() {
      rows = film.queries.map((query, place) => {
        const who = `Query ${query.index}, identity ${query.identity_words}`;
        const face = W.make("img", { src: picture("query", query.index), alt: "", width: 40, height: 80 });
        const button = W.make(
          "button",
          { type: "button", class: "wb-film-query", "aria-pressed": "false", title: `${who}: show its line` },
          face,
        );
        button.addEventListener("click", () => choose(chosen === place ? null : place));
        const hits = Array.from({ length: HITS }, W.hit);
        const told = W.make("span", { class: "wb-film-rank" });
        const list = W.make("span", { class: "wb-film-hits" }, hits.map((hit) => hit.element));
        return { who, button, hits, told, element: W.make("li", {}, button, list, told) };
      });
      W.fill(grid, rows.map((row) => row.element));
    }

    function drawFrame(at) {
      const frame = film.frames[at];
      player.tell(`step ${frame.step}`, `${at + 1} of ${film.frames.length}`);
      words.textContent = frame.words;
      frame.strips.forEach((strip, place) => {
        const row = rows[place];
        row.hits.forEach((hit, order) => hit.show(hitOf(strip.hits[order], order)));
        row.told.textContent = `match ${W.firstMatch(strip)}`;
        row.button.setAttribute("aria-label", `${row.who}: match ${W.firstMatch(strip)}. Show its line`);
      });
    }

    function hitOf(hit, order) {
      if (!hit) return null;
      const { caption } = film.gallery[hit.index];
      return { rank: order + 1, verdict: hit.verdict, caption, src: picture("gallery", hit.index) };
    }

    function choose(place) {
      chosen = place;
      rows.forEach(({ button }, other) => button.setAttribute("aria-pressed", String(other === place)));
      const query = place === null ? null : film.queries[place];
      const open = () => rank(query.index);
      W.fill(
        chosenBox,
        query ? W.make("span", {}, `${rows[place].who} is the bold line below.`) : null,
        query && canRank() ? W.button("See its whole list", open, "wb-small") : null,
      );
      ranks.draw(film, chosen);
    }

    const loop = W.every(element, () => (alive() ? 3000 : 15000), async () => {
      const mine = shown;
      if (!mine) return;
      const question = new URLSearchParams({ known: mark });
      const answer = await host.ask(`${W.runPath(mine)}/filmstrip?${question}`).catch(W.unlessRefused);
      if (!answer || mine !== shown || answer.unchanged) return;
      mark = answer.mark;
      film = { ...NOTHING, ...answer };
      draw();
    });
    element.addEventListener("toggle", () => {
      player.stop();
      draw();
    });
    draw();
    return {
      element,
      open() {
        if (shown === run()) return;
        shown = run();
        mark = "";
        film = NOTHING;
        rows = [];
        player.restart();
        choose(null);
        draw();
        loop.now();
      },
    };
  };

  const ABOUT =
    "The same queries at every evaluation, by the raw weights of that step. Images that the protocol" +
    " leaves out are not shown.";

  // A slider over frames with a button that plays them; it stays at the newest one while it is there.
  // Who wants no motion goes on by one frame at a press.
  W.filmPlayer = function ({ count, show }) {
    const play = W.button("", press, "wb-small");
    const slider = W.make("input", { type: "range", min: 0, max: 0, step: 1, value: 0, "aria-label": "Evaluation" });
    const told = W.make("output", { class: "wb-number" });
    const label = W.make("label", { class: "wb-slider" }, slider, told);
    const element = W.make("div", { class: "wb-row wb-film-player" }, play, label);
    let at = null;
    let timer = 0;

    const last = () => count() - 1;
    const place = () => Math.min(at ?? last(), last());

    function press() {
      const next = place() >= last() ? 0 : place() + 1;
      if (W.calm()) return go(next);
      if (timer) return stop();
      if (next === 0) go(0);
      timer = setInterval(turn, FRAME_MS);
      drawButton();
    }

    function turn() {
      if (!element.isConnected || document.hidden || !element.getClientRects().length) return stop();
      go(place() + 1);
      if (place() >= last()) stop();
    }

    function go(next) {
      // At the newest frame it follows what comes.
      at = next >= last() ? null : next;
      update();
    }

    function stop() {
      clearInterval(timer);
      timer = 0;
      drawButton();
    }

    function drawButton() {
      const word = W.calm() ? "Next" : timer ? "Pause" : "Play";
      play.textContent = word;
      play.setAttribute("aria-label", word === "Next" ? "Next evaluation" : `${word} the evaluations`);
      play.disabled = count() < 2;
    }

    function update() {
      if (count() < 1) return;
      slider.max = last();
      slider.value = place();
      show(place());
      drawButton();
    }

    slider.addEventListener("input", () => {
      stop();
      go(Number(slider.value));
    });
    drawButton();
    return {
      element,
      update,
      stop,
      restart() {
        stop();
        at = null;
      },
      tell(step, which) {
        told.textContent = `${step} (${which})`;
        slider.setAttribute("aria-valuetext", `${step}, evaluation ${which}`);
      },
    };
  };
})((globalThis.Workbench = globalThis.Workbench || {}));
