// What every panel uses: elements, words for numbers, questions to the server, polling, notices.
//
// A panel is a plain function `Workbench.panel(element, host)`. `host` is what a face lends it:
//   host.value           what the panel shows, decided by Python ({run: ...}, {preset: ...})
//   host.onValue(work)   calls work(value) whenever Python changes it
//   host.show(value)     changes it
//   host.tell(event, data)  tells Python what the person did
//   host.ask(path, {method, body})  a question to the server, answered as JSON
//   host.bytes(path, {method, body})  one that is answered as an ArrayBuffer
//   host.plotlyVersion   of the script it serves as panel/plotly.js
//   host.script(path)    resolves to where a script of that path can be loaded from
//   host.address(path)   where an image of that path can be loaded from
//   host.remember(link)  keeps the address of what is seen
//   host.share           whether such an address can be given to somebody
//   host.starts          where "workbench:start" is said and heard; null where nothing can start
//   host.closed          an AbortSignal for hosts whose panels come and go: what a panel hangs on the
//                        window or the document goes with it
(function (W) {
  "use strict";

  W.Refused = class extends Error {
    constructor(message, answer) {
      super(message);
      this.answer = answer;
    }
  };

  // make("button", {class: "wb-button", onclick: work, "aria-label": "Stop"}, "Stop")
  W.make = function (tag, settings = {}, ...children) {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(settings)) {
      if (!isShown(value)) continue;
      if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
      else if (name === "value" || name === "checked" || name === "open") element[name] = value;
      else element.setAttribute(name, value === true && !name.startsWith("aria-") ? "" : value);
    }
    element.append(...children.flat().filter(isShown));
    return element;
  };

  W.fill = function (element, ...children) {
    element.replaceChildren(...children.flat().filter(isShown));
    return element;
  };

  const isShown = (child) => child !== null && child !== undefined && child !== false;

  // ---- small parts

  W.button = (label, work, style = "") =>
    W.make("button", { type: "button", class: `wb-button ${style}`.trim(), onclick: work }, label);

  W.link = (label, work) => W.make("button", { type: "button", class: "wb-link", onclick: work }, label);

  W.code = (label, text) => W.make("pre", { class: "wb-code", tabindex: 0, "aria-label": label }, text);

  W.details = function (title) {
    const summary = W.make("summary", {}, title);
    const body = W.make("div", {});
    return { element: W.make("details", { class: "wb-details" }, summary, body), summary, body };
  };

  W.state = (state) =>
    W.make(
      "span",
      { class: `wb-state wb-state-${state}` },
      W.make("span", { class: "wb-dot", "aria-hidden": true }),
      state,
    );

  // ---- words

  W.capital = (text) => text.charAt(0).toUpperCase() + text.slice(1);

  // The words of a search.
  W.words = (text) => text.toLowerCase().split(/\s+/).filter(Boolean);

  W.percent = (value) => (value === null || value === undefined ? "–" : `${(100 * value).toFixed(1)} %`);

  W.number = function (value) {
    if (value === null || value === undefined) return "–";
    if (Number.isInteger(value)) return String(value);
    const size = Math.abs(value);
    if (size !== 0 && size < 1e-3) return value.toExponential(1);
    return value.toFixed(size < 1 ? 4 : size < 100 ? 2 : 0);
  };

  W.duration = function (seconds) {
    if (seconds === null || seconds === undefined) return "–";
    const whole = Math.max(0, Math.round(seconds));
    if (whole < 60) return `${whole} s`;
    const two = (part) => String(Math.floor(part)).padStart(2, "0");
    if (whole < 3600) return `${Math.floor(whole / 60)} min ${two(whole % 60)} s`;
    if (whole < 86400) return `${Math.floor(whole / 3600)} h ${two((whole % 3600) / 60)} min`;
    return `${Math.floor(whole / 86400)} d ${Math.floor((whole % 86400) / 3600)} h`;
  };

  W.ago = function (time) {
    if (!time) return "–";
    const seconds = Date.now() / 1000 - time;
    if (seconds < 45) return "just now";
    return `${W.duration(seconds).replace(/ \d+ s$/, "")} ago`;
  };

  // ---- questions to the server

  W.runPath = (run) => `api/runs/${encodeURIComponent(run)}`;

  W.ask = async (path, settings) => (await answerOf(path, settings)).json();

  W.bytes = async (path, settings) => (await answerOf(path, settings)).arrayBuffer();

  async function answerOf(path, { method = "GET", body = null, timeout = 10000 } = {}) {
    const settings = { method, signal: AbortSignal.timeout(timeout) };
    if (body instanceof Blob) settings.body = body;
    else if (body !== null) {
      settings.body = JSON.stringify(body);
      settings.headers = { "Content-Type": "application/json" };
    }
    let answer;
    try {
      answer = await fetch(path, settings);
    } catch (error) {
      W.connection(false);
      throw error;
    }
    W.connection(true);
    if (answer.ok) return answer;
    const unread = { error: `The server answered ${answer.status}.` };
    const data = await answer.json().catch(() => unread);
    throw new W.Refused(data.error || unread.error, data);
  }

  // Where notices and dialogs lie, above every panel and styled as one.
  function layer() {
    let element = document.querySelector("body > .wb-panel");
    if (!element) document.body.append((element = W.make("div", { class: "wb-panel" })));
    return element;
  }

  let lost = null;
  W.connection = function (alive) {
    if (alive && lost) {
      lost.remove();
      lost = null;
    } else if (!alive && !lost) {
      lost = W.make(
        "div",
        { class: "wb-connection", role: "status" },
        "The page's server does not answer. Runs go on without it; this page comes back by itself.",
      );
      layer().append(lost);
    }
  };

  // Asks again and again while `element` is on the page and can be seen. An answer is waited for, so
  // that none is taken twice; `pause` is the wait in milliseconds after it, or a function of nothing.
  W.every = function (element, pause, work) {
    let timer = 0;
    let busy = false;
    let ended = false;
    let met = false;
    const seen = () => !document.hidden && element.getClientRects().length > 0;
    const wait = () => (typeof pause === "function" ? pause() : pause);
    async function turn() {
      clearTimeout(timer);
      if (ended || busy) return;
      // A panel may be made before it is put on the page; once taken off, it does not come back.
      met ||= element.isConnected;
      if (met && !element.isConnected) return stop();
      if (seen()) {
        busy = true;
        try {
          await work();
        } catch (error) {
          if (error instanceof W.Refused) W.notice(error.message, "problem");
          else if (!isNetwork(error)) console.error(error);
        }
        busy = false;
      }
      if (!ended) timer = setTimeout(turn, wait());
    }
    function stop() {
      ended = true;
      clearTimeout(timer);
      document.removeEventListener("visibilitychange", turn);
    }
    document.addEventListener("visibilitychange", turn);
    turn();
    return { now: turn, stop };
  };

  function isNetwork(error) {
    return error.told || error instanceof TypeError || error.name === "TimeoutError" || error.name === "AbortError";
  }

  // Calls `work` whenever the colours around a panel may have changed; returns what disconnects it.
  W.onTheme = function (work) {
    // At the next frame: JupyterLab hides everything while it changes its theme, and what is hidden is not drawn.
    const observer = new MutationObserver(() => requestAnimationFrame(() => work()));
    const attributeFilter = ["class", "data-jp-theme-light"];
    observer.observe(document.body, { attributes: true, attributeFilter });
    return observer;
  };

  // ---- notices and dialogs

  W.notice = function (message, kind = "info") {
    let list = document.querySelector(".wb-notices");
    if (!list) {
      list = W.make("div", { class: "wb-notices", role: "status", "aria-live": "polite" });
      layer().append(list);
    }
    const told = [...list.children].some((one) => one.firstChild.textContent === message);
    if (told) return;
    const close = W.make("button", { type: "button", class: "wb-plain", "aria-label": "Close" }, "×");
    const note = W.make("div", { class: `wb-notice wb-${kind}` }, message, close);
    close.addEventListener("click", () => note.remove());
    list.append(note);
    setTimeout(() => note.remove(), 8000);
  };

  // Tells of an error: a refusal in its own words, a silent server once for all, unless the host has.
  W.tell = function (error) {
    if (error instanceof W.Refused) W.notice(error.message, "problem");
    else if (isNetwork(error)) error.told || W.connection(false);
    else throw error;
  };

  // For `catch`: null where the server refused, so that the caller can go on without an answer.
  W.unlessRefused = function (error) {
    if (error instanceof W.Refused) return null;
    throw error;
  };

  // Runs an action of a button: it cannot be pressed twice, and a refusal is told in words.
  W.act = async function (button, work) {
    button.disabled = true;
    try {
      return await work();
    } catch (error) {
      W.tell(error);
      return null;
    } finally {
      button.disabled = false;
    }
  };

  // Asks before something that cannot be undone in one click. Resolves to the text given, or null.
  W.confirm = function ({ title, text, action, value = null, label = "" }) {
    const field =
      value === null
        ? null
        : W.make("input", { type: "text", class: "wb-input", value, maxlength: 80, "aria-label": label });
    // The first button is what Enter presses; styles show it last.
    const buttons = W.make(
      "div",
      { class: "wb-dialog-buttons" },
      W.make("button", { class: "wb-button wb-primary", value: "yes" }, action),
      W.make("button", { class: "wb-button", value: "no" }, "Cancel"),
    );
    const body = [W.make("h2", {}, title), text ? W.make("p", {}, text) : null, field, buttons];
    const dialog = W.make(
      "dialog",
      { class: "wb-dialog", "aria-label": title },
      W.make("form", { method: "dialog" }, body),
    );
    layer().append(dialog);
    dialog.showModal();
    if (field) field.select();
    return new Promise((resolve) => {
      dialog.addEventListener("close", () => {
        dialog.remove();
        resolve(dialog.returnValue === "yes" ? (field ? field.value : "yes") : null);
      });
    });
  };

  W.copyButton = function (label, text) {
    const button = W.button(label, copy, "wb-small");
    async function copy() {
      const content = await text();
      try {
        await navigator.clipboard.writeText(content);
        button.textContent = "Copied";
      } catch {
        button.textContent = "Select and copy it by hand";
      }
      setTimeout(() => (button.textContent = label), 1600);
    }
    return button;
  };

  // A button that copies the address of what is seen, where there is one; `link` may be a newer one
  // than the address bar has.
  W.linkButton = function (host, link = () => null) {
    if (!host.share) return null;
    const address = () => location.origin + location.pathname + (link() || location.search);
    return W.copyButton("Copy link", address);
  };

  // The address bar says what is seen; the server writes the links.
  W.remember = function (link) {
    if (!link) return;
    const theme = new URLSearchParams(location.search).get("__theme");
    const address = theme ? `${link}&__theme=${theme}` : link;
    if (address !== location.search) history.replaceState(history.state, "", address);
  };
})((globalThis.Workbench = globalThis.Workbench || {}));
