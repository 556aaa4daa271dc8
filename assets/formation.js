// How the list of one query formed: a row of images for every snapshot, looked up when it is opened.
(function (W) {
  "use strict";

  const UNANSWERED = "The server does not answer: the snapshots are asked for again.";
  const AGAIN_MS = 2000;

  // `ask(item)` answers {rows, words}; `picture(item, height)` is an address.
  W.formation = function ({ ask, picture }) {
    const { element, body } = W.details("How this list formed");
    element.classList.add("wb-formation");
    let item = null;
    let drawn = null;

    async function draw() {
      if (!element.isConnected || !element.open || !item || drawn === item) return;
      const mine = (drawn = item);
      W.fill(body, W.make("p", { class: "wb-muted" }, "Reading the snapshots…"));
      try {
        const answer = await ask(mine);
        if (mine === item) W.fill(body, W.make("p", { class: "wb-muted" }, answer.words), tableOf(answer.rows));
      } catch (error) {
        const refused = error instanceof W.Refused;
        if (mine === item) W.fill(body, W.make("p", { role: "status" }, refused ? error.message : UNANSWERED));
        if (refused) return;
        if (mine === drawn) {
          drawn = null;
          setTimeout(() => draw().catch(W.tell), AGAIN_MS);
        }
        throw error;
      }
    }

    function tableOf(rows) {
      const head = ["Step", "First match", "List"].map((text) => W.make("th", { scope: "col" }, text));
      const table = W.make(
        "table",
        { class: "wb-formed" },
        W.make("thead", {}, W.make("tr", {}, head)),
        W.make("tbody", {}, rows.map(row)),
      );
      return W.make(
        "div",
        { class: "wb-table-box", tabindex: 0, role: "group", "aria-label": "The list at each snapshot" },
        table,
      );
    }

    function row(found) {
      const hits = found.items.map((one) => {
        const hit = W.hit();
        hit.show({ ...one, src: picture(one, 96) });
        return hit.element;
      });
      return W.make(
        "tr",
        {},
        W.make("th", { scope: "row", class: "wb-number" }, String(found.step)),
        W.make("td", {}, W.firstMatch(found)),
        W.make("td", {}, W.make("span", { class: "wb-film-hits" }, hits)),
      );
    }

    element.addEventListener("toggle", () => draw().catch(W.tell));
    return {
      element,
      // Of an image without a past, such as a visitor's own, there is nothing to show.
      show(next) {
        item = next;
        element.hidden = !next;
        draw().catch(W.tell);
      },
    };
  };
})((globalThis.Workbench = globalThis.Workbench || {}));
