// The images of a data set by person and camera, a page at a time, each to be looked at alone.
(function (W) {
  "use strict";

  const PAGE = 60;

  // `ask(path, question)` answers api/data/<path>; `picture({part, index}, height)` is an address;
  // `parts` are {name, words}, `cameras` {camera, words}; `changed(identity)` tells what is looked at.
  W.samples = function (element, { ask, picture, parts, cameras, identity, changed }) {
    const option = (value, words) => W.make("option", { value }, words);
    const select = (label, ...options) => W.make("select", { class: "wb-input", "aria-label": label }, options.flat());
    const part = select("Part", parts.map((one) => option(one.name, one.words)));
    const camera = select(
      "Camera",
      option("", "All cameras"),
      cameras.map((one) => option(one.camera, one.camera ? `Camera ${one.words}` : "Camera unknown")),
    );
    const who = W.make("input", {
      class: "wb-input wb-who",
      type: "search",
      inputmode: "numeric",
      placeholder: "Identity",
      "aria-label": "Identity",
    });
    const step = (words, sign) => {
      const button = W.button(sign, () => load({ identity: button.target }), "wb-small wb-quiet");
      button.setAttribute("aria-label", words);
      return button;
    };
    const before = step("Identity before", "‹");
    const after = step("Next identity", "›");
    const words = W.make("p", { class: "wb-words", role: "status" });
    const grid = W.make("div", { class: "wb-people" });
    const turn = (label, sign) => {
      const go = () => load({ from: seen.from + sign * PAGE }).then(() => part.scrollIntoView({ block: "nearest" }));
      return W.button(label, go, "wb-small");
    };
    const back = turn("Images before", -1);
    const on = turn("More images", 1);
    const place = W.make("span", { class: "wb-muted" });
    const pages = W.make("nav", { class: "wb-row", "aria-label": "Pages of images" }, back, place, on);
    const choices = W.make("div", { class: "wb-row wb-sample-bar" }, part, camera, who, before, after);
    W.fill(element, choices, words, grid, pages);

    let seen = { part: "", identity: identity ?? null, camera: "", from: 0 };
    // What was asked for last: a quick hand chooses again before the answer is there.
    let asked = seen;
    let ticket = 0;

    async function load(change = {}) {
      const wanted = { ...asked, from: 0, ...change };
      asked = wanted;
      const mine = ++ticket;
      const question = { part: wanted.part, from: Math.max(0, wanted.from), count: PAGE };
      if (wanted.identity !== null) question.identity = wanted.identity;
      if (wanted.camera !== "") question.camera = wanted.camera;
      try {
        const answer = await ask("samples", question);
        if (mine !== ticket) return;
        seen = asked = { ...wanted, part: answer.part, from: answer.from };
        draw(answer);
        changed(seen.identity);
      } catch (error) {
        if (mine === ticket) asked = seen;
        if (!(error instanceof W.Refused)) return W.tell(error);
        words.textContent = error.message;
        W.fill(grid);
        pages.hidden = true;
      }
    }

    function draw({ words: told, images, people, total, previous, next }) {
      part.value = seen.part;
      camera.value = seen.camera;
      who.value = seen.identity ?? "";
      words.textContent = told;
      for (const [button, target] of [[before, previous], [after, next]]) {
        button.target = target;
        button.hidden = seen.identity === null;
        button.disabled = target === null;
      }
      const groups = new Map();
      for (const one of images) groups.set(one.identity, [...(groups.get(one.identity) || []), one]);
      W.fill(grid, [...groups].map(([number, members]) => person(people[number], number, members)));
      pages.hidden = total <= PAGE;
      back.disabled = seen.from === 0;
      on.disabled = seen.from + images.length >= total;
      place.textContent = `${seen.from + 1}–${seen.from + images.length} of ${total}`;
    }

    function person({ title, words: about }, number, members) {
      const alone = seen.identity === number;
      const name = alone ? title : W.link(title, () => load({ identity: number }));
      const head = W.make("h4", {}, name, W.make("span", { class: "wb-muted" }, ` ${about}`));
      return W.make("section", { class: "wb-person" }, head, W.make("div", { class: "wb-shots" }, members.map(shot)));
    }

    function shot(one) {
      const seenBy = one.camera >= 0 ? `camera ${one.camera_words}` : "camera unknown";
      const image = W.make("img", {
        src: picture({ part: seen.part, index: one.index }, 96),
        alt: "",
        loading: "lazy",
        height: 96,
        onerror: () => image.replaceWith(W.make("span", { class: "wb-unread" }, "cannot be shown")),
      });
      const label = `${one.identity_words}, ${seenBy}, ${one.file}`;
      return W.make(
        "button",
        { type: "button", class: "wb-shot", "aria-label": label, title: one.file, onclick: () => enlarge(one) },
        image,
        one.camera >= 0 ? W.make("span", {}, `cam ${one.camera_words}`) : null,
      );
    }

    // One image as large as it is, up to the height of a thumbnail, with what is known about it.
    function enlarge(one) {
      const close = W.make("button", { class: "wb-button", value: "no" }, "Close");
      const told = W.make("p", { class: "wb-words" }, `${one.identity_words}, camera ${one.camera_words}.`);
      const large = { src: picture({ part: seen.part, index: one.index }, 512), alt: one.identity_words };
      const body = W.make(
        "form",
        { method: "dialog" },
        W.make("img", { class: "wb-large", ...large }),
        told,
        W.make("p", { class: "wb-muted wb-file" }, one.file),
        W.make("div", { class: "wb-dialog-buttons" }, close),
      );
      const dialog = W.make("dialog", { class: "wb-dialog", "aria-label": one.file }, body);
      dialog.addEventListener("close", () => dialog.remove());
      element.append(dialog);
      dialog.showModal();
      ask(`facts/${seen.part}/${one.index}`)
        .then(({ width, height }) => told.append(` ${width} x ${height} pixels.`))
        .catch((error) => {
          dialog.querySelector("img").remove();
          told.textContent = error.message;
        });
    }

    part.addEventListener("change", () => load({ part: part.value }));
    camera.addEventListener("change", () => load({ camera: camera.value }));
    who.addEventListener("change", () => {
      const text = who.value.trim();
      if (/^-?\d{1,9}$/.test(text)) load({ identity: Number(text) });
      else if (text === "") load({ identity: null });
      else words.textContent = `'${text}' is no identity: give a whole number, or nothing to see all.`;
    });
    load();
    return { load };
  };
})((globalThis.Workbench = globalThis.Workbench || {}));
