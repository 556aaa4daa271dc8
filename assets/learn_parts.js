// What every lesson has: a question before anything is revealed, claims at the end, a teacher's link.
(function (W) {
  "use strict";

  const SILENT = ["TypeError", "TimeoutError", "AbortError"];
  const PAUSE_MS = 1000;

  // A text with its facts: "{place} of {count}".
  W.lessonText = (text, facts) => text.replace(/\{(\w+)\}/g, (_, name) => facts[name]);

  // The host for lessons, which asks in the learner's language: a server that is silent is asked again
  // until it answers. What must not be done twice is asked with `once`.
  W.lessonHost = function (host) {
    async function ask(path, { once = false, ...settings } = {}) {
      const { language } = host.value;
      const spoken = language ? `${path}${path.includes("?") ? "&" : "?"}${new URLSearchParams({ language })}` : path;
      for (;;) {
        try {
          return await host.ask(spoken, { timeout: 60000, ...settings });
        } catch (error) {
          if (once || host.closed?.aborted || !SILENT.includes(error.name)) throw error;
          await new Promise((resume) => setTimeout(resume, PAUSE_MS));
        }
      }
    }
    return Object.create(host, { ask: { value: ask } });
  };

  // `say` holds what every lesson says. `answer(choice)` is called once a choice is made; `show(answer,
  // again)` compares it.
  W.lessonQuestion = function ({ text, choices }, say, { given, answer }) {
    const group = `lesson-${Math.random().toString(36).slice(2)}`;
    const told = W.make("div", { class: "wb-lesson-told", role: "status" });
    const submit = W.button(say.answer, () => W.act(submit, () => answer(chosen())), "wb-primary");
    const options = choices.map(({ key, text: words }) => {
      const radio = W.make("input", { type: "radio", name: group, value: key, checked: key === given });
      radio.addEventListener("change", () => (submit.disabled = false));
      return W.make("label", { class: "wb-lesson-choice" }, radio, W.make("span", {}, words));
    });
    const fields = W.make("fieldset", {}, W.make("legend", {}, text), options);
    const chosen = () => fields.querySelector("input:checked").value;
    submit.disabled = !given;
    const element = W.make("section", { class: "wb-card wb-lesson-question" }, W.make("h3", {}, say.ask), fields, submit, told);

    function show({ choice, agreed, told: words, reveal }, again) {
      for (const radio of fields.querySelectorAll("input")) {
        radio.disabled = true;
        radio.checked = radio.value === choice;
      }
      submit.hidden = true;
      const sign = W.make("b", { class: agreed ? "wb-lesson-agreed" : "wb-lesson-differed" }, agreed ? "✓ " : "↺ ", words);
      W.fill(told, W.make("p", {}, sign), W.make("p", {}, reveal), W.button(say.again, again, "wb-small wb-quiet"));
    }
    return { element, show };
  };

  // `ask()` resolves to claims: {words, holds, bound}; `checked` says what they are checked on.
  W.lessonClaims = function (ask, say, checked) {
    const list = W.make("ul", { class: "wb-claims" });
    const note = W.make("p", { class: "wb-muted" }, checked);
    const status = W.make("p", { role: "status" });
    const check = W.button(say.check, () => W.act(check, run), "wb-primary");

    async function run() {
      status.textContent = say.computing;
      try {
        const claims = await ask();
        const held = claims.filter((one) => one.holds).length;
        W.fill(list, claims.map(row));
        status.textContent = W.lessonText(say.held, { held, count: claims.length });
      } catch (error) {
        status.textContent = "";
        throw error;
      }
    }

    const row = ({ words, holds, bound }) =>
      W.make(
        "li",
        { class: holds ? "wb-holds" : "wb-fails" },
        W.make("b", {}, holds ? `✓ ${say.holds}` : `✕ ${say.fails}`),
        W.make("span", {}, words),
        W.make("small", { class: "wb-muted" }, W.lessonText(say.asserted, { bound })),
      );

    function clear() {
      if (!list.childElementCount) return;
      W.fill(list);
      status.textContent = say.changed;
    }
    return { element: W.make("div", {}, note, check, status, list), clear };
  };

  // A link that opens this lesson as it is, with chosen controls hidden. `controls` is {key: words}.
  W.lessonLink = function (controls, say, { hidden, link }) {
    if (hidden.includes("link")) return null;
    const { element, body } = W.details(say.link);
    const others = { lessons: say.hide_lessons, explanations: say.hide_explanations, claims: say.hide_claims, link: say.hide_link };
    const boxes = Object.entries({ ...controls, ...others }).map(([key, words]) => {
      const box = W.make("input", { type: "checkbox", value: key, checked: hidden.includes(key) });
      return W.make("label", { class: "wb-switch" }, box, W.make("span", {}, words));
    });
    const chosen = () => boxes.map((one) => one.firstChild).filter((box) => box.checked).map((box) => box.value);
    W.fill(
      body,
      W.make("p", { class: "wb-muted" }, say.link_note),
      W.make("div", { class: "wb-row wb-lesson-hide" }, boxes),
      W.copyButton(say.copy, () => link(chosen())),
    );
    return element;
  };

  // ---- drawing: SVG elements with attributes

  W.svg = function (tag, settings = {}, ...children) {
    const made = document.createElementNS("http://www.w3.org/2000/svg", tag);
    for (const [name, value] of Object.entries(settings)) made.setAttribute(name, value);
    made.append(...children.flat().filter(Boolean));
    return made;
  };

  // A table of plain numbers: `columns` are titles, `rows` lists of texts.
  W.lessonTable = function (title, columns, rows) {
    const head = W.make("tr", {}, columns.map((text) => W.make("th", { scope: "col" }, text)));
    const body = rows.map((row) => W.make("tr", {}, row.map((text) => W.make("td", { class: "wb-number" }, text))));
    const table = W.make("table", { class: "wb-lesson-table" }, W.make("thead", {}, head), W.make("tbody", {}, body));
    return W.make("div", { class: "wb-table-box", tabindex: 0, role: "group", "aria-label": title }, table);
  };
})((globalThis.Workbench = globalThis.Workbench || {}));
