// A ranked list as a row of cards that can be moved: by dragging, or by buttons.
(function (W) {
  "use strict";

  const SIGNS = { match: "✓", wrong: "✕", distractor: "○", same_camera: "□", junk: "△" };
  const LETTERS = Object.fromEntries(Object.keys(SIGNS).map((kind) => [kind[0], kind]));
  const MOST = 40;
  const THRESHOLD = 6;

  // Places with "=" before them tie with the place before.
  function parse(text) {
    const kinds = [...text.replaceAll("=", "")].map((letter) => LETTERS[letter]);
    const tied = new Set();
    let place = 0;
    for (const letter of text) {
      if (letter === "=") tied.add(place);
      else place += 1;
    }
    return { kinds, tied };
  }

  // `words` are those of the lesson; `changed(text)` is called after every move; `hidden` are controls
  // that are left out: tie, add.
  W.lessonCards = function ({ text, words, hidden, changed }) {
    const said = words.cards;
    let cards = [];
    let tied = new Set();
    const list = W.make("ol", { class: "wb-learn-cards", "aria-label": said.list });
    const status = W.make("p", { class: "wb-hidden", "aria-live": "polite" });
    const adds = Object.keys(SIGNS).map((kind) =>
      W.button(`+ ${words.kinds[kind]}`, () => add(kind), "wb-small wb-quiet"),
    );
    const tools = W.make("div", { class: "wb-row", role: "group", "aria-label": said.add }, adds);
    tools.hidden = hidden.includes("add");
    const element = W.make("div", {}, list, tools, status);

    const written = () => cards.map((one, place) => `${tied.has(place) ? "=" : ""}${one.kind[0]}`).join("");

    function make(kind) {
      const rank = W.make("b", { class: "wb-number" }, "");
      const button = (label, sign, work) => {
        const made = W.make("button", { type: "button", class: "wb-plain", "aria-label": label }, sign);
        made.addEventListener("click", work);
        return made;
      };
      const one = { kind, rank };
      one.left = button(said.left, "◀", () => move(one, -1));
      one.right = button(said.right, "▶", () => move(one, 1));
      one.remove = button(said.remove, "×", () => remove(one));
      one.remove.hidden = hidden.includes("add");
      one.tie = button(said.tie, "=", () => tie(one));
      one.tie.classList.add("wb-learn-tie");
      const face = W.make(
        "span",
        { class: "wb-learn-face" },
        rank,
        W.make("span", { class: "wb-learn-sign", "aria-hidden": true }, SIGNS[kind]),
        W.make("span", { class: "wb-learn-kind" }, words.kinds[kind]),
      );
      const buttons = W.make("span", { class: "wb-learn-buttons" }, one.left, one.remove, one.right);
      one.element = W.make("li", { class: `wb-learn-card wb-${kind}` }, one.tie, face, buttons);
      face.addEventListener("pointerdown", (event) => drag(one, event));
      return one;
    }

    // ---- changes

    function tell(text, facts = {}) {
      update();
      status.textContent = W.lessonText(text, { ...facts, count: cards.length });
      changed(written());
    }

    const tellPlace = (one) => tell(said.moved, { kind: words.kinds[one.kind], place: cards.indexOf(one) + 1 });

    function move(one, by) {
      const from = cards.indexOf(one);
      const to = from + by;
      if (to < 0 || to >= cards.length) return;
      swap(from, to);
      tellPlace(one);
    }

    // The neighbour is moved and not the card itself, which keeps its focus.
    function swap(from, to) {
      const [one, other] = [cards[from], cards[to]];
      if (to < from) one.element.after(other.element);
      else one.element.before(other.element);
      [cards[from], cards[to]] = [other, one];
    }

    function tie(one) {
      const place = cards.indexOf(one);
      if (!tied.delete(place)) tied.add(place);
      tell(tied.has(place) ? said.tied : said.untied);
    }

    function remove(one) {
      if (cards.length === 1) return;
      const place = cards.indexOf(one);
      cards.splice(place, 1);
      one.element.remove();
      tied = new Set([...tied].filter((other) => other !== place).map((other) => (other > place ? other - 1 : other)));
      tied.delete(0);
      tell(said.removed);
      cards[Math.min(place, cards.length - 1)].remove.focus();
    }

    function add(kind) {
      if (cards.length >= MOST) return W.notice(W.lessonText(said.most, { count: MOST }));
      // In front, where it can be seen and matters most.
      const one = make(kind);
      cards.unshift(one);
      tied = new Set([...tied].map((place) => place + 1));
      list.prepend(one.element);
      return tell(said.added, { kind: words.kinds[kind] });
    }

    // ---- dragging

    function drag(one, event) {
      if (event.button !== 0) return;
      const [x, y] = [event.clientX, event.clientY];
      let moving = false;
      let moved = false;
      const follow = (next) => {
        moving ||= Math.hypot(next.clientX - x, next.clientY - y) > THRESHOLD;
        if (!moving) return;
        one.element.classList.add("wb-dragged");
        const under = document.elementFromPoint(next.clientX, next.clientY)?.closest(".wb-learn-card");
        const to = cards.findIndex((other) => other.element === under);
        let from = cards.indexOf(one);
        if (to < 0 || to === from) return;
        moved = true;
        for (const by = Math.sign(to - from); from !== to; from += by) swap(from, from + by);
        update();
      };
      const end = () => {
        for (const name of ["pointerup", "pointercancel"]) removeEventListener(name, end);
        removeEventListener("pointermove", follow);
        one.element.classList.remove("wb-dragged");
        if (moved) tellPlace(one);
      };
      addEventListener("pointermove", follow);
      for (const name of ["pointerup", "pointercancel"]) addEventListener(name, end);
      event.preventDefault();
    }

    function update() {
      cards.forEach((one, place) => {
        // Not disabled: a button at the end of the list keeps its focus.
        one.left.setAttribute("aria-disabled", place === 0);
        one.right.setAttribute("aria-disabled", place === cards.length - 1);
        one.remove.disabled = cards.length === 1;
        one.tie.hidden = place === 0 || hidden.includes("ties");
        one.tie.setAttribute("aria-pressed", String(tied.has(place)));
        one.element.classList.toggle("wb-tied", tied.has(place));
      });
    }

    function set(next) {
      const { kinds, tied: places } = parse(next);
      tied = places;
      cards = kinds.map(make);
      W.fill(list, cards.map((one) => one.element));
      update();
    }

    set(text);
    return {
      element,
      text: written,
      set(next) {
        set(next);
        changed(next);
      },
      // Ranks of the cards as the library counts them, null where a card does not count.
      ranks(found) {
        cards.forEach((one, place) => {
          const rank = found[place] ?? null;
          one.rank.textContent = rank === null ? said.out : String(rank);
          one.element.classList.toggle("wb-out", rank === null);
        });
      },
    };
  };

  W.lessonSigns = SIGNS;
  W.lessonKinds = (text) => parse(text).kinds;
})((globalThis.Workbench = globalThis.Workbench || {}));
