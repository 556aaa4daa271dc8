// Lessons: choose one, answer its question, work with its interactive, see its claims hold.
(function (W) {
  "use strict";

  const MEMORY = "workbench.lessons";
  const INTERACTIVES = {
    figures: (host, facts) => W.lessonFigures(host, facts),
    losses: (host, facts) => W.lessonLosses(host, facts),
  };

  // What is seen, without what was answered and trained.
  const viewOf = ({ lesson, setting, hide, language }) => ({ lesson: lesson || "", setting: setting || "", hide: hide || "", language: language || "" });

  // `host.value` is {lesson, setting, hide, language, training} and, where a face keeps them, {answers:
  // {lesson: choice}}.
  W.learn = function (element, lender) {
    const host = W.lessonHost(lender);
    let seen = viewOf(host.value);
    let interactive = null;
    let answered = null;
    let ticket = 0;
    let later = 0;
    let say = {};

    const list = W.make("nav", { class: "wb-lessons" });
    const body = W.make("article", { class: "wb-lesson" });
    W.fill(element, list, body);
    W.fill(body, W.make("div", { class: "wb-hero" }, W.make("p", {}, "Opening the lessons…")));

    // ---- what was answered, kept by the face or by the browser

    function answers() {
      if (host.value.answers) return host.value.answers;
      try {
        return JSON.parse(localStorage.getItem(MEMORY)) || {};
      } catch {
        return {};
      }
    }

    function keep(choice) {
      answered = choice;
      const kept = { ...answers(), [seen.lesson]: choice };
      if (choice === null) delete kept[seen.lesson];
      if (host.value.answers) return host.show({ ...host.value, ...seen, answers: kept });
      try {
        localStorage.setItem(MEMORY, JSON.stringify(kept));
      } catch {
        // A browser that keeps nothing asks again.
      }
    }

    // ---- one lesson

    const hidden = () => seen.hide.split(",").filter(Boolean);

    async function open() {
      const mine = ++ticket;
      interactive?.stop();
      interactive = null;
      const { lessons, words } = await host.ask("api/lessons");
      if (mine !== ticket) return;
      say = words;
      list.setAttribute("aria-label", say.lessons);
      element.lang = seen.language || "en";
      seen.lesson ||= lessons[0].name;
      W.fill(list, lessons.map(card));
      list.hidden = hidden().includes("lessons");
      const question = new URLSearchParams({ setting: seen.setting });
      const lesson = await host.ask(`api/lessons/${encodeURIComponent(seen.lesson)}?${question}`);
      if (mine !== ticket) return;
      const rest = W.make("div", { class: "wb-lesson-rest", "aria-live": "off" });
      const given = answers()[seen.lesson];
      answered = given ?? null;
      const asked = W.lessonQuestion(lesson.question, say, { given, answer: (choice) => answer(lesson, rest, choice) });
      const title = W.make("h2", {}, lesson.title);
      const minutes = W.make("span", { class: "wb-muted" }, W.lessonText(say.about, lesson));
      const head = W.make("header", {}, W.make("div", { class: "wb-row" }, title, minutes), W.make("p", {}, lesson.about));
      W.fill(body, head, asked.element, rest);
      if (given) await reveal(lesson, rest, given, asked);
      remember();

      async function answer(what, where, choice) {
        keep(choice);
        await reveal(what, where, choice, asked);
      }
    }

    function card({ name, title, minutes }) {
      const settings = { type: "button", class: "wb-lesson-card", "aria-pressed": name === seen.lesson };
      const words = W.make("span", { class: "wb-muted" }, W.lessonText(say.minutes, { minutes }));
      const button = W.make("button", settings, W.make("b", {}, title), words);
      button.addEventListener("click", () => start({ ...seen, lesson: name, setting: "" }));
      return button;
    }

    // ---- what an answer reveals

    async function reveal(lesson, where, choice, asked) {
      const mine = ticket;
      const question = new URLSearchParams({ choice });
      const path = `api/lessons/${encodeURIComponent(lesson.name)}`;
      let answer = null;
      try {
        answer = await host.ask(`${path}/answer?${question}`);
      } catch (error) {
        if (!(error instanceof W.Refused)) throw error;
        // An answer kept from an older lesson is none: ask again.
        return keep(null);
      }
      if (mine !== ticket) return;
      asked.show(answer, () => {
        keep(null);
        start({ ...seen });
      });
      interactive?.stop();
      interactive = INTERACTIVES[lesson.name](host, {
        setting: lesson.setting,
        usual: lesson.usual,
        uses: lesson.uses,
        words: answer.words,
        say,
        training: answer.training,
        hidden: hidden(),
        trained(run) {
          host.show({ ...host.value, training: run });
          remember();
        },
        changed(text) {
          seen.setting = text;
          clearTimeout(later);
          later = setTimeout(remember, 250);
        },
      });
      const claims = W.lessonClaims(() => interactive.claims(), say, answer.checked);
      interactive.onChange = claims.clear;
      const teacher = host.share && W.lessonLink(answer.words.controls, say, { hidden: hidden(), link: teachersLink });
      W.fill(
        where,
        sectionOf("tasks", say.tasks, W.make("ol", { class: "wb-lesson-tasks" }, answer.tasks.map((text) => W.make("li", {}, text)))),
        interactive.element,
        sectionOf("explanations", say.explanations, W.make("dl", { class: "wb-lesson-terms" }, answer.explanations.map(term))),
        sectionOf("claims", say.claims, claims.element),
        teacher,
      );
    }

    const sectionOf = (control, title, ...content) =>
      hidden().includes(control) ? null : W.make("section", { class: "wb-card" }, W.make("h3", {}, title), content);

    const term = ({ title, text }) => W.make("div", {}, W.make("dt", {}, title), W.make("dd", {}, text));

    // ---- links

    async function linkOf(hide, training = "") {
      const question = new URLSearchParams({ setting: seen.setting, hide, training });
      return (await host.ask(`api/lessons/${encodeURIComponent(seen.lesson)}/link?${question}`)).link;
    }

    const teachersLink = async (hide) => location.origin + location.pathname + (await linkOf(hide.join(",")));

    async function remember() {
      host.show({ ...host.value, ...seen });
      if (!element.getClientRects().length) return;
      const link = await linkOf(seen.hide, host.value.training || "").catch(() => null);
      if (link && element.getClientRects().length) host.remember(link);
    }

    function start(next) {
      seen = viewOf(next);
      return open().catch(fail);
    }

    function fail(error) {
      if (!(error instanceof W.Refused)) return W.tell(error);
      W.fill(body, W.make("div", { class: "wb-hero" }, W.make("h2", {}, "No such lesson"), W.make("p", {}, error.message)));
    }

    let opened = false;
    host.onValue((value) => {
      if (!opened) return;
      interactive?.follow?.(value.training);
      // No lesson in particular: the one that is open.
      const same = (key) => (value[key] || (key === "lesson" ? seen.lesson : "")) === seen[key];
      // An answer given in Python is as good as one given here.
      const elsewhere = value.answers && (value.answers[seen.lesson] ?? null) !== answered;
      if (elsewhere || !Object.keys(seen).every(same)) start(value);
    });
    // Asked for when the tab is first seen, and it is known which lesson the address names.
    const looking = W.every(element, 300, async () => {
      if (opened) return looking.stop();
      if (host.value.lesson === undefined) return;
      opened = true;
      await start(host.value);
    });
  };
})((globalThis.Workbench = globalThis.Workbench || {}));
