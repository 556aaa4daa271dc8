// What a token of an image listens to: its group over the image, and the keys every head chose.
(function (W) {
  "use strict";

  const ARROWS = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };
  const MIDDLE = { top: 0.5, left: 0.5 };
  // A key that is held passes over many tokens: only the one it rests on is asked for.
  const REST_MS = 250;
  const GROUP_COLOURS = ["#440154", "#3b528b", "#21918c", "#5ec962", "#fde725"];

  const cell = ([row, column], settings) =>
    W.svg("rect", { x: column, y: row, width: 1, height: 1, ...settings });

  function layer({ rows, columns }, ...children) {
    const box = { viewBox: `0 0 ${columns} ${rows}`, preserveAspectRatio: "none", "aria-hidden": "true" };
    return W.svg("svg", { class: "wb-tokens", ...box }, ...children);
  }

  // The token's group follows from how far its tokens lie apart: it needs no answer.
  function members({ rows, columns, strides: [down, across] }, [row, column]) {
    const found = [];
    for (let y = row % down; y < rows; y += down) {
      for (let x = column % across; x < columns; x += across) found.push([y, x]);
    }
    return found;
  }

  function groups({ rows, columns, strides: [down, across] }) {
    const last = Math.max(down * across - 1, 1);
    const found = [];
    for (let row = 0; row < rows; row++) {
      for (let column = 0; column < columns; column++) {
        const share = ((row % down) * across + (column % across)) / last;
        found.push(cell([row, column], { class: "wb-token-group", style: `fill: ${colourAt(share)}` }));
      }
    }
    return found;
  }

  function colourAt(share) {
    const at = share * (GROUP_COLOURS.length - 1);
    const [low, high] = [Math.floor(at), Math.ceil(at)];
    return `color-mix(in srgb, ${GROUP_COLOURS[high]} ${Math.round(100 * (at - low))}%, ${GROUP_COLOURS[low]})`;
  }

  const ring = (token) => [
    cell(token, { class: "wb-token-halo" }),
    cell(token, { class: "wb-token-ring" }),
  ];

  function kept(keys) {
    const top = keys[0]?.[2] || 1;
    return keys.map(([row, column, weight]) =>
      cell([row, column], { class: "wb-token-key", "fill-opacity": (0.2 + (0.8 * weight) / top).toFixed(2) }),
    );
  }

  // What all heads hear of each token on average.
  function together(heads) {
    const sums = new Map();
    for (const [row, column, weight] of heads.flat()) {
      const key = `${row} ${column}`;
      const before = sums.get(key) || [row, column, 0];
      sums.set(key, [row, column, before[2] + weight / heads.length]);
    }
    return [...sums.values()].sort((a, b) => b[2] - a[2]);
  }

  // `ask(image, place)` answers {blocks} or {working, words}; `picture(image)` is an address.
  W.attention = function ({ ask, picture }) {
    const { element, body } = W.details("Attention: what one place of the image listens to");
    element.classList.add("wb-attention");
    const image = W.select("Image to look at");
    const block = W.select("Block");
    const every = W.toggle("All groups", "Colour every group of the map, not only this token's", () => draw());
    const bar = W.make("div", { class: "wb-row wb-attention-bar" }, image, block, every.element);
    const told = W.make("p", { class: "wb-muted" });
    const status = W.make("p", { class: "wb-attention-place", role: "status", "aria-live": "polite" });
    const photo = W.make("img", { alt: "", width: 128, height: 256, draggable: "false" });
    const drawn = W.make("div", {});
    const stage = W.make(
      "div",
      {
        class: "wb-attention-stage",
        tabindex: 0,
        role: "application",
        "aria-roledescription": "token chooser",
        "aria-label": "Token of the image: arrow keys move it, a click chooses another",
      },
      photo,
      drawn,
    );
    const chosen = W.make("figure", { class: "wb-attention-chosen" }, stage, W.make("figcaption", {}, "Click a place, or move with the arrow keys"));
    const heads = W.make("div", { class: "wb-attention-heads" });
    const key = W.make(
      "p",
      { class: "wb-muted" },
      "Ring: the token. Outlined: its group, the only tokens it can hear. Yellow: the keys that were kept," +
        " the fuller the more is heard; every picture has a scale of its own.",
    );
    const table = W.details("Keys as a table");
    W.fill(body, told, bar, W.make("div", { class: "wb-attention-parts" }, chosen, heads), status, key, table.element);
    let images = [];
    let blocks = [];
    let place = { ...MIDDLE };
    let ticket = 0;
    let later = 0;

    const current = () => blocks[Number(block.value)] || blocks[0];
    const seen = () => images[Number(image.value)] || images[0];
    const tokenOf = ({ rows, columns }) => [Math.floor(place.top * rows), Math.floor(place.left * columns)];
    // Keys belong to the token they were asked for: until they come there are none.
    const fresh = (one) => String(tokenOf(one)) === String([one.row, one.column]);

    async function look() {
      clearTimeout(later);
      const mine = ++ticket;
      if (!element.open || !images.length) return;
      const still = () => mine === ticket && element.isConnected;
      try {
        const answer = await W.settled(() => ask(seen(), place), { current: still, tell: say });
        if (!answer) return;
        const before = block.value || String(answer.blocks.length - 1);
        blocks = answer.blocks;
        W.options(block, blocks.map(({ title }, at) => [String(at), title]), before);
        draw();
      } catch (error) {
        if (!(error instanceof W.Refused)) throw error;
        if (still()) say(error.message);
      }
    }

    const say = (words) => {
      if (status.textContent !== words) status.textContent = words;
    };

    function draw() {
      const one = current();
      if (!one) return;
      const token = tokenOf(one);
      const outlined = members(one, token).map((at) => cell(at, { class: "wb-token-member" }));
      const keys = fresh(one) ? one.heads : [];
      stage.classList.toggle("wb-dimmed", !every.on());
      W.fill(drawn, layer(one, every.on() ? groups(one) : kept(together(keys)), outlined, ring(token)));
      told.textContent = one.words;
      W.fill(heads, keys.map((list, number) => headPicture(one, token, list, number)));
      if (keys.length) say(`Row ${token[0] + 1} of ${one.rows}, column ${token[1] + 1} of ${one.columns}.`);
      drawTable(keys);
    }

    function headPicture(one, token, list, number) {
      const box = W.make(
        "div",
        { class: "wb-heat-box wb-dimmed" },
        W.make("img", { src: picture(seen()), alt: "", width: 64, height: 128 }),
        layer(one, kept(list), members(one, token).map((at) => cell(at, { class: "wb-token-member" })), ring(token)),
      );
      const best = list[0] ? `, most ${W.percent(list[0][2])}` : "";
      return W.make("figure", { class: "wb-heat" }, box, W.make("figcaption", {}, `Head ${number + 1}${best}`));
    }

    function drawTable(keys) {
      if (!table.element.open) return;
      const rows = keys.flatMap((list, head) =>
        list.map(([row, column, weight]) => [head + 1, row + 1, column + 1, W.percent(weight)].map(String)),
      );
      W.fill(table.body, W.lessonTable("Keys of every head", ["Head", "Row", "Column", "Heard"], rows));
    }

    // ---- what a person chooses

    function choose(top, left) {
      const inside = (share) => Math.min(Math.max(share, 0), 0.999999);
      place = { top: inside(top), left: inside(left) };
      draw();
      clearTimeout(later);
      later = setTimeout(() => look().catch(W.tell), REST_MS);
    }

    stage.addEventListener("click", (event) => {
      const box = photo.getBoundingClientRect();
      choose((event.clientY - box.top) / box.height, (event.clientX - box.left) / box.width);
    });
    stage.addEventListener("keydown", (event) => {
      const step = ARROWS[event.key];
      const one = current();
      if (!step || !one) return;
      event.preventDefault();
      const [row, column] = tokenOf(one);
      choose((row + step[0] + 0.5) / one.rows, (column + step[1] + 0.5) / one.columns);
    });
    image.addEventListener("change", () => show(images));
    block.addEventListener("change", draw);
    element.addEventListener("toggle", () => look().catch(W.tell));
    table.element.addEventListener("toggle", draw);

    // `next` are the images that can be looked at, [{name, source, index}]; none hides the panel.
    function show(next) {
      const same = String(next.map(({ name }) => name)) === String(images.map(({ name }) => name));
      images = next;
      element.hidden = !images.length;
      if (!images.length) return;
      if (!same) W.options(image, images.map(({ name }, at) => [String(at), name]), "0");
      photo.src = picture(seen());
      photo.alt = seen().name;
      blocks = blocks.map((one) => ({ ...one, row: -1 }));
      draw();
      look().catch(W.tell);
    }
    element.hidden = true;
    return { element, show };
  };
})((globalThis.Workbench = globalThis.Workbench || {}));
