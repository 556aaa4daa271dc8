// Which run and weights a panel looks at, what it says where there is nothing to see, and small parts
// that panels share: filled lists, arrow keys, questions whose answers take a while.
(function (W) {
  "use strict";

  const AGAIN_MS = 400;
  const LISTED_EVERY_MS = 10000;
  const STEPS = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 };

  W.select = (label) => W.make("select", { class: "wb-input", "aria-label": label });

  // `pairs` are [value, words].
  W.options = function (list, pairs, chosen) {
    const option = ([value, words]) => W.make("option", { value, selected: value === chosen }, words);
    return W.fill(list, pairs.map(option));
  };

  // Arrow keys go from one of the `wanted` buttons in `list` to the next.
  W.arrows = function (list, wanted) {
    list.addEventListener("keydown", (event) => {
      const all = [...list.querySelectorAll(wanted)];
      const next = all[all.indexOf(document.activeElement) + (STEPS[event.key] || NaN)];
      if (!next) return;
      next.focus();
      event.preventDefault();
    });
  };

  // Pictures in `element` that cannot be loaded leave a word in their place; `tell()` is called then.
  W.withoutPictures = function (element, tell) {
    // Errors of images do not rise: they are met on the way down.
    const gone = ({ target }) => {
      if (target.tagName !== "IMG") return;
      const { width, height } = target;
      const style = `width: ${width}px; height: ${height}px`;
      target.replaceWith(W.make("span", { class: "wb-gone", style }, "no image"));
      tell();
    };
    element.addEventListener("error", gone, true);
  };

  // Asks until the answer is no longer `working`, and tells what is waited for; null where nobody
  // waits any more, which `current()` says.
  W.settled = async function (ask, { current, tell }) {
    while (current()) {
      const answer = await ask();
      if (!current()) return null;
      if (!answer.working) return answer;
      tell(answer.words);
      await new Promise((done) => setTimeout(done, AGAIN_MS));
    }
    return null;
  };

  // `seen()` is the panel's own {run, weights, ...}, whose run and weights are decided here.
  //   path          of the panel's questions about a run: "rankings"
  //   words         {opening, nothing, until, refused}: sentences and titles where there is nothing
  //   usable(run)   whether a run has something to show
  //   overview(current)  asks the server how the weights stand; null where nobody waits any more
  //   hide(hidden)  hides or shows the panel's content
  //   show(answer, current)  draws what is ready
  //   pick(change)  is called with {run} or {weights} a person chose
  W.runChoice = function (host, { seen, path, words, usable, overview, hide, show, pick }) {
    const runs = W.select("Run");
    const weights = W.select("Weights");
    const waiting = W.make("div", { class: "wb-hero" });
    let ticket = 0;
    let settled = false;
    let listed = 0;

    const title = (text) => W.make("h2", {}, text);
    const paragraph = (text) => W.make("p", {}, text);
    const weighted = (kind) => `${W.runPath(seen().run)}/${kind}/${encodeURIComponent(seen().weights)}`;

    function say(...what) {
      waiting.hidden = what.length === 0;
      hide(what.length > 0);
      W.fill(waiting, what);
    }

    // What is asked for from now on makes everything that was asked before void.
    function begin() {
      const mine = ++ticket;
      return () => mine === ticket;
    }

    function refuse(message) {
      settled = true;
      say(title(words.refused), paragraph(message));
    }

    async function list() {
      listed = Date.now();
      const found = (await host.ask("api/runs?brief=1")).runs;
      return found.filter((run) => usable(run) || run.id === seen().run);
    }

    // A run that is not there leaves the choice open: any of the others can be chosen then.
    function drawRuns(choices) {
      const pairs = choices.map(({ id, label }) => [id, label]);
      const known = choices.some(({ id }) => id === seen().run);
      if (seen().run && !known) pairs.unshift(["", "Choose a run"]);
      W.options(runs, pairs, known ? seen().run : "");
    }

    // Runs come and go while one of them is looked at.
    async function listAgain() {
      const choices = await list();
      const told = choices.map(({ id, label }) => id + label).join();
      const drawn = [...runs.options].map((one) => one.value + one.textContent).join();
      const isThere = choices.some(({ id }) => id === seen().run);
      if (told !== drawn && isThere && document.activeElement !== runs) drawRuns(choices);
    }

    async function open() {
      const current = begin();
      settled = false;
      try {
        await openRun(current);
      } catch (error) {
        if (!(error instanceof W.Refused)) throw error;
        if (current()) refuse(error.message);
      }
    }

    async function openRun(current) {
      const choices = await list();
      if (!current()) return;
      seen().run ||= (choices.find((run) => run.embedded) || choices[0])?.id || null;
      drawRuns(choices);
      runs.hidden = !seen().run;
      // Which weights there are is known with the first answer.
      weights.hidden = !seen().run || !weights.options.length;
      if (!seen().run) return say(title(words.nothing), paragraph(`${words.until} Press Start under Train.`));
      const answer = await overview(current);
      if (!answer || !current()) return;
      if (!answer.ready) return offer(answer);
      settled = true;
      say();
      await show(answer, current);
    }

    // The weights there are, and which of them is meant.
    function draw({ weights: all, chosen }) {
      seen().weights = chosen;
      const name = ({ label, ready }) => (ready ? label : `${label} (not embedded yet)`);
      W.options(weights, all.map((one) => [one.key, name(one)]), chosen);
      weights.hidden = all.length === 0;
    }

    // Embedding takes as long as an evaluation, so it is made only when somebody wants to look.
    function offer({ working, words: text, can_embed: can, chosen }) {
      if (working) return say(title("Embedding"), paragraph(text));
      const embed = async () => {
        await host.ask(weighted("rankings"), { method: "POST", body: {} });
        await open();
      };
      const button = W.button("Embed now", () => W.act(button, embed), "wb-primary");
      const heading = can && chosen ? "These weights have no embeddings yet" : words.refused;
      return say(title(heading), paragraph(text), can && chosen ? button : null);
    }

    runs.addEventListener("change", () => runs.value && pick({ run: runs.value }));
    weights.addEventListener("change", () => pick({ weights: weights.value }));
    return {
      runs,
      weights,
      waiting,
      weighted,
      begin,
      draw,
      open,
      refuse,
      // Once everything is there that `hide` hides.
      wait: () => say(paragraph(words.opening)),
      // How the chosen weights stand, with a `question` beside them.
      async ask(current, question = {}) {
        const asked = new URLSearchParams({ weights: seen().weights, ...question });
        const answer = await host.ask(`${W.runPath(seen().run)}/${path}?${asked}`, { timeout: 120000 });
        if (!current()) return null;
        draw(answer);
        return answer;
      },
      isOpen: () => settled,
      // A run may end while its tab is hidden: looks again as long as there is nothing to show.
      async look() {
        if (!settled && !(waiting.querySelector("button") && seen().run)) await open();
        else if (Date.now() - listed > LISTED_EVERY_MS) await listAgain();
      },
    };
  };
})((globalThis.Workbench = globalThis.Workbench || {}));
