// What happened to a run, in words, and what its process printed.
(function (W) {
  "use strict";

  const SHORT = 6;
  const clock = (time) =>
    new Date(time * 1000).toLocaleTimeString([], {
      hour: "2-digit",
      minute: "2-digit",
      second: "2-digit",
      hour12: false,
    });

  // Evaluations, checkpoints, warnings and decisions, the newest first. `run()` says of which run.
  W.journal = function (element, host, run) {
    const list = W.make("ol", {});
    const more = W.button("Show all", showAll, "wb-small wb-quiet");
    const nothing = W.make("p", { class: "wb-muted", hidden: true }, "No event so far.");
    W.fill(element, W.make("h2", {}, "What happened"), nothing, list, more);
    let next = 0;
    let shown = null;

    function showAll() {
      list.classList.remove("wb-short");
      more.hidden = true;
    }

    function entry({ kind, time, step, text }) {
      return W.make(
        "li",
        { class: `wb-event-${kind}` },
        W.make("time", {}, clock(time)),
        W.make("span", { class: "wb-number" }, `step ${step}`),
        W.make("span", {}, kind === "warning" ? W.make("b", {}, "Warning. ") : null, text),
      );
    }

    const loop = W.every(element, 3000, async () => {
      const mine = shown;
      if (!mine) return;
      const answer = await host.ask(`${W.runPath(mine)}/journal?from=${next}`);
      if (mine !== shown) return;
      next = answer.next;
      for (const line of answer.lines) list.prepend(entry(line));
      nothing.hidden = list.children.length > 0;
      more.hidden = list.children.length <= SHORT || !list.classList.contains("wb-short");
      more.textContent = `Show all ${list.children.length}`;
    });
    return {
      open() {
        if (shown === run()) return;
        shown = run();
        next = 0;
        W.fill(list);
        list.classList.add("wb-short");
        more.hidden = true;
        loop.now();
      },
    };
  };

  // The output of a run's process, one click away: read only while it is open.
  W.outputLog = function (element, host, run) {
    const text = W.make("pre", { class: "wb-code wb-log", tabindex: 0, "aria-label": "Output of the run" });
    W.fill(element, W.make("summary", {}, "Output log"), text);
    let next = 0;
    let shown = null;

    const loop = W.every(text, 1500, async () => {
      const mine = shown;
      if (!element.open || !mine) return;
      const answer = await host.ask(`${W.runPath(mine)}/log?from=${next}`);
      if (mine !== shown) return;
      const atEnd = text.scrollTop + text.clientHeight >= text.scrollHeight - 30;
      if (next === 0) text.textContent = answer.text ? "" : "The process has printed nothing.";
      if (answer.skipped) text.textContent = "… earlier lines are in output.log of the run's folder\n";
      text.append(answer.text);
      next = answer.next;
      if (atEnd) text.scrollTop = text.scrollHeight;
    });
    element.addEventListener("toggle", () => loop.now());
    return {
      open() {
        if (shown === run()) return;
        shown = run();
        next = 0;
        text.textContent = "";
        loop.now();
      },
    };
  };
})((globalThis.Workbench = globalThis.Workbench || {}));
