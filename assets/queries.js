// The queries of a run as small pictures, in an order one asks for, a page at a time.
(function (W) {
  "use strict";

  const PAGE = 60;

  // `ask(question)` answers {total, queries}; `picture(item, height)` is an address; `choose(index)`
  // is called for the query that was picked.
  W.queries = function (element, { ask, picture, choose }) {
    const option = (value, words) => W.make("option", { value }, words);
    const order = W.make(
      "select",
      { class: "wb-input", "aria-label": "Order of the queries" },
      option("worst", "Worst first"),
      option("id", "By identity"),
      option("random", "Random order"),
    );
    const identity = W.make("input", {
      class: "wb-input",
      type: "search",
      inputmode: "numeric",
      placeholder: "Identity",
      "aria-label": "Show queries of this identity",
    });
    const words = W.make("p", { class: "wb-muted wb-strip-words" }, "Queries, each with its average precision");
    const strip = W.make("div", { class: "wb-strip", role: "listbox", "aria-label": "Queries" });
    const loadMore = () => W.act(more, () => load(held.length));
    const more = W.button("More queries", loadMore, "wb-small wb-quiet");
    more.hidden = true;
    W.fill(element, W.make("div", { class: "wb-row" }, order, identity), words, strip, more);

    let held = [];
    let seed = 0;
    let marked = null;
    let ticket = 0;

    // An answer that comes after another question was asked is left alone.
    async function load(from = 0) {
      const mine = ++ticket;
      const question = { order: order.value, seed, from, count: PAGE, identity: identity.value.trim() };
      const answer = await ask(new URLSearchParams(question));
      if (mine !== ticket) return first();
      if (from === 0) {
        held = [];
        W.fill(strip);
      }
      held.push(...answer.queries);
      strip.append(...answer.queries.map(thumbnail));
      if (!held.length) strip.append(W.make("p", { class: "wb-muted" }, "No query has this identity."));
      more.hidden = held.length >= answer.total;
      more.textContent = `More queries (${held.length} of ${answer.total})`;
      mark(marked);
      return first();
    }

    const first = () => held[0]?.index ?? null;

    function thumbnail({ index, identity: who, camera, average_precision: value }) {
      const figure = value === null ? "not counted" : W.percent(value);
      const label = `Query ${index}, identity ${who}, camera ${camera}, average precision ${figure}`;
      const source = picture({ source: "query", index }, 96);
      const button = W.make(
        "button",
        { type: "button", role: "option", class: "wb-thumb", "data-index": index, "aria-label": label },
        W.make("img", { src: source, alt: "", loading: "lazy", width: 44, height: 88 }),
        W.make("span", {}, figure),
      );
      button.addEventListener("click", () => choose(index));
      return button;
    }

    function mark(index) {
      marked = index;
      for (const one of strip.querySelectorAll(".wb-thumb")) {
        one.setAttribute("aria-selected", String(Number(one.dataset.index) === index));
      }
    }

    order.addEventListener("change", () => {
      seed = order.value === "random" ? Math.floor(Math.random() * 1e6) : 0;
      load().catch(W.tell);
    });
    identity.addEventListener("change", () => load().catch(W.tell));
    W.arrows(strip, ".wb-thumb");
    return { load, mark, first };
  };
})((globalThis.Workbench = globalThis.Workbench || {}));
