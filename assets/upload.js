// A visitor's own image as the query: a button, a place to drop it, and the way to forget it again.
(function (W) {
  "use strict";

  // `dropping` is where files may be dropped; `choose(item)` is called for an image that was taken.
  W.ownImages = function (host, { dropping, choose, picture, gone }) {
    const file = W.make("input", {
      type: "file",
      accept: "image/jpeg,image/png,image/webp,image/bmp",
      hidden: true,
      "aria-label": "Image file to rank",
    });
    const button = W.button("Choose an image", () => file.click(), "wb-small");
    const error = W.make("p", { class: "wb-upload-error", role: "alert", hidden: true });
    const about = W.make("p", { class: "wb-muted" });
    const held = W.make("div", { class: "wb-upload-held", role: "group", "aria-label": "Your images" });
    const element = W.make(
      "section",
      { class: "wb-upload", "aria-label": "Rank an image of your own" },
      W.make("b", {}, "Rank an image of your own"),
      W.make("span", { class: "wb-row" }, button, W.make("span", { class: "wb-muted" }, "or drop it here")),
      file,
      error,
      held,
      about,
    );
    const words = new Set();
    let limits = null;
    let renewing = 0;

    function refuse(message) {
      error.textContent = message;
      error.hidden = !message;
    }

    async function take(files) {
      refuse("");
      const [one] = files;
      if (!one) return refuse("That was no file: drop an image file here.");
      if (limits && one.size > limits.bytes) return refuse(limits.refusal);
      try {
        const settings = { method: "POST", body: new Blob([one]), timeout: 60000 };
        const { upload } = await host.ask("api/uploads", settings);
        words.add(upload);
        keepOn();
        drawHeld();
        choose({ source: "upload", index: upload });
      } catch (problem) {
        if (!(problem instanceof W.Refused)) throw problem;
        refuse(problem.message);
      }
    }

    function drawHeld() {
      const each = [...words].map((word, place) => {
        const item = { source: "upload", index: word };
        const small = W.make("img", { src: picture(item, 96), alt: "", width: 30, height: 60 });
        const name = `your image ${place + 1}`;
        const show = W.make("button", { type: "button", class: "wb-crumb", "aria-label": `Rank ${name}` }, small);
        show.addEventListener("click", () => choose(item));
        const forget = W.make("button", { type: "button", class: "wb-plain", "aria-label": `Forget ${name}` }, "×");
        forget.addEventListener("click", () => W.act(forget, () => drop(word)));
        return W.make("span", {}, show, forget);
      });
      W.fill(held, each);
    }

    async function drop(word) {
      await host.ask(`api/uploads/${word}/forget`, { method: "POST", body: {} });
      lose(word);
    }

    function lose(word) {
      words.delete(word);
      drawHeld();
      gone({ source: "upload", index: word });
    }

    // The page is still open: its images are kept.
    function keepOn() {
      renewing ||= setInterval(async () => {
        for (const word of words) {
          const path = `api/uploads/${word}/renew`;
          const kept = host.ask(path, { method: "POST", body: {} });
          await kept.catch((problem) => (problem instanceof W.Refused ? lose(word) : null));
        }
      }, 1000 * limits.renew_seconds);
    }

    // A kernel cannot be told any more when its page is left: it forgets them in its own time.
    if (host.closed) host.closed.addEventListener("abort", () => clearInterval(renewing));
    else addEventListener("pagehide", leave);
    function leave() {
      words.forEach((word) => navigator.sendBeacon(host.address(`api/uploads/${word}/forget`)));
      words.clear();
      drawHeld();
    }
    file.addEventListener("change", () => {
      take([...file.files]).catch(W.tell);
      file.value = "";
    });

    const carriesFile = (event) => [...(event.dataTransfer?.types || [])].includes("Files");
    dropping.addEventListener("dragover", (event) => {
      if (!carriesFile(event)) return;
      event.preventDefault();
      dropping.classList.add("wb-dropping");
    });
    dropping.addEventListener("dragleave", (event) => {
      if (!dropping.contains(event.relatedTarget)) dropping.classList.remove("wb-dropping");
    });
    dropping.addEventListener("drop", (event) => {
      dropping.classList.remove("wb-dropping");
      if (!carriesFile(event)) return;
      event.preventDefault();
      take([...event.dataTransfer.files]).catch(W.tell);
    });

    return {
      element,
      draw(told) {
        limits = told;
        about.textContent = told.words;
      },
    };
  };
})((globalThis.Workbench = globalThis.Workbench || {}));
