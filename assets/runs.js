// All runs as a table: sorted, filtered, renamed, stopped, resumed, deleted, laid over each other.
(function (W) {
  "use strict";

  const COLUMNS = [
    { key: "label", title: "Run", text: true },
    { key: "state", title: "State", text: true },
    { key: "preset", title: "Preset", text: true },
    { key: "changed", title: "Changed" },
    { key: "created", title: "Started" },
    { key: "duration", title: "Took", right: true },
    { key: "mAP", title: "mAP", right: true },
    { key: "rank1", title: "Rank-1", right: true },
  ];
  const CHIPS = 3;

  // Tells Python of `show` and `rank` with {run}.
  W.runs = function (element, host) {
    let runs = [];
    let sort = { key: "created", down: true };
    const picked = new Map();
    const rows = new Map();
    const heads = new Map();
    const search = W.make("input", {
      type: "search",
      class: "wb-input",
      placeholder: "Filter by name, preset, state or change",
      "aria-label": "Filter runs",
    });
    const count = W.make("span", { class: "wb-muted", role: "status" });
    const body = W.make("tbody", {});
    const table = W.make("table", { class: "wb-table" }, W.make("thead", {}, headRow()), body);
    const region = { tabindex: 0, role: "region", "aria-label": "Runs" };
    const box = W.make("div", { class: "wb-table-box", ...region }, table);
    const empty = W.make("p", { class: "wb-muted wb-hint", hidden: true });
    const tick = "Tick runs to lay their curves over each other.";
    const hint = W.make("p", { class: "wb-muted wb-hint" }, tick);
    const curves = W.make("div", {});
    const overlay = W.make("section", { class: "wb-card wb-overlay", hidden: true }, curves);
    overlay.setAttribute("aria-label", "Curves of the picked runs");
    const tools = W.make("div", { class: "wb-row wb-runs-tools" }, search, count);
    W.fill(element, tools, box, empty, hint, overlay);
    const comparison = W.comparison(curves, { ...host, value: { runs: [] }, onValue() {} });
    search.addEventListener("input", draw);

    function headRow() {
      const hidden = (words) => W.make("span", { class: "wb-hidden" }, words);
      const cells = COLUMNS.map(({ key, title, text, right }) => {
        const arrow = W.make("span", { "aria-hidden": true });
        const button = W.make("button", { type: "button", class: "wb-sort" }, title, arrow);
        button.addEventListener("click", () => {
          sort = { key, down: sort.key === key ? !sort.down : !text };
          draw();
        });
        const head = W.make("th", { scope: "col", class: right ? "wb-right" : null }, button);
        heads.set(key, head);
        return head;
      });
      const first = W.make("th", { class: "wb-pick" }, hidden("Compare"));
      return W.make("tr", {}, first, cells, W.make("th", {}, hidden("Actions")));
    }

    // ---- which rows, in which order

    function worth(run) {
      if (sort.key === "mAP" || sort.key === "rank1") return run.figures?.[sort.key] ?? -1;
      return sort.key === "changed" ? run.changed.length : (run[sort.key] ?? -1);
    }

    function visible() {
      const wanted = W.words(search.value);
      const text = (run) => {
        const changes = run.changed.map((one) => `${one.path}=${one.value}`);
        return [run.label, run.id, run.state, run.preset, ...changes].join(" ").toLowerCase();
      };
      const direction = sort.down ? -1 : 1;
      return runs
        .filter((run) => wanted.every((word) => text(run).includes(word)))
        .map((run) => [worth(run), run])
        .sort(([one], [two]) => (one < two ? -direction : one > two ? direction : 0))
        .map(([, run]) => run);
    }

    function draw() {
      const kept = visible();
      const total = `${runs.length} ${runs.length === 1 ? "run" : "runs"}`;
      count.textContent = kept.length === runs.length ? total : `${kept.length} of ${total}`;
      for (const [key, head] of heads) {
        const mine = key === sort.key;
        head.setAttribute("aria-sort", mine ? (sort.down ? "descending" : "ascending") : "none");
        head.querySelector("span").textContent = mine ? (sort.down ? " ↓" : " ↑") : "";
      }
      table.hidden = kept.length === 0;
      empty.hidden = kept.length > 0;
      empty.textContent = runs.length
        ? "No run fits the filter."
        : "Nothing trained yet: press Start under Train.";
      hint.hidden = runs.length < 2 || picked.size > 0;
      const present = new Set(kept.map((run) => run.id));
      for (const [id, row] of rows) {
        if (present.has(id)) continue;
        row.element.remove();
        rows.delete(id);
      }
      kept.forEach((run, place) => {
        const row = rowFor(run);
        if (body.children[place] !== row) body.insertBefore(row, body.children[place] || null);
      });
    }

    // A row is made anew only where the run has changed, and keeps the focus that was in it.
    function rowFor(run) {
      const text = JSON.stringify(run);
      const old = rows.get(run.id);
      if (old?.text === text) return old.element;
      const fresh = rowOf(run);
      if (old) {
        const controls = (row) => [...row.querySelectorAll("button, input")];
        const held = controls(old.element).indexOf(document.activeElement);
        old.element.replaceWith(fresh);
        if (held >= 0) controls(fresh)[held]?.focus();
      }
      rows.set(run.id, { element: fresh, text });
      return fresh;
    }

    // ---- one row

    function rowOf(run) {
      const cell = (label, ...content) => W.make("td", { "data-label": label }, content);
      const number = (label, words, title = "") =>
        W.make("td", { class: "wb-right wb-number", "data-label": label, title }, words);
      const weights = run.figures ? told(run.figures) : "";
      const name = W.link(run.label, () => host.tell("show", { run: run.id }));
      name.title = run.id;
      const started = cell("Started", W.ago(run.created));
      if (run.created) started.title = new Date(run.created * 1000).toLocaleString();
      const state = cell("State", W.state(run.state));
      state.title = run.words;
      return W.make(
        "tr",
        { "data-run": run.id },
        W.make("td", { class: "wb-pick" }, pick(run)),
        W.make("td", { class: "wb-run-name" }, name),
        state,
        cell("Preset", run.preset),
        cell("Changed", run.problem ? problem(run) : chips(run.changed)),
        started,
        number("Took", W.duration(run.duration)),
        number("mAP", W.percent(run.figures?.mAP), weights),
        number("Rank-1", W.percent(run.figures?.rank1), weights),
        W.make("td", { class: "wb-actions" }, actions(run)),
      );
    }

    // All figures there are, a line each.
    function told({ weights, ...figures }) {
      const line = ([name, value]) => `${W.figureName(name)} ${W.percent(value)}`;
      return [`${weights} weights`, ...Object.entries(figures).map(line)].join("\n");
    }

    function problem(run) {
      return W.make("span", { class: "wb-problem" }, `Unreadable: ${run.problem}`);
    }

    function chips(changed) {
      if (!changed.length) return W.make("span", { class: "wb-muted" }, "–");
      const whole = ({ path, value }) => `${path} = ${value}`;
      const chip = (one) => W.make("li", { title: whole(one) }, `${one.short} ${one.value}`);
      const rest = changed.slice(CHIPS);
      const more = W.make("li", { title: rest.map(whole).join("\n") }, `+${rest.length}`);
      const first = changed.slice(0, CHIPS).map(chip);
      return W.make("ul", { class: "wb-chips" }, first, rest.length ? more : null);
    }

    function pick(run) {
      const box = W.make("input", {
        type: "checkbox",
        checked: picked.has(run.id),
        "aria-label": `Compare ${run.label}`,
      });
      box.addEventListener("change", () => {
        if (box.checked) picked.set(run.id, run.label);
        else picked.delete(run.id);
        compare();
      });
      return box;
    }

    function compare() {
      overlay.hidden = picked.size === 0;
      hint.hidden = runs.length < 2 || picked.size > 0;
      const computed = (id) => runs.find((run) => run.id === id)?.computed;
      comparison.open([...picked].map(([run, name]) => ({ run, name, computed: computed(run) })));
    }

    // A run that somebody else deleted is compared no longer.
    function forget() {
      const there = new Set(runs.map((run) => run.id));
      const gone = [...picked.keys()].filter((id) => !there.has(id));
      gone.forEach((id) => picked.delete(id));
      if (gone.length) compare();
    }

    function actions(run) {
      const post = (name, body = {}) =>
        host.ask(`${W.runPath(run.id)}/${name}`, { method: "POST", body, timeout: 30000 });
      const action = (label, work) => {
        const button = W.link(label, () => W.act(button, () => work().then(() => loop.now())));
        button.setAttribute("aria-label", `${label} ${run.label}`);
        return button;
      };
      async function rename() {
        const name = await W.confirm({
          title: "Rename the run",
          text: run.id,
          action: "Rename",
          value: run.name,
          label: "Name",
        });
        if (name !== null) await post("rename", { name });
      }
      async function remove() {
        const text = "Its folder moves to .trash inside the runs folder; it can be moved back by hand.";
        if ((await W.confirm({ title: `Delete ${run.label}?`, text, action: "Delete" })) === null) return;
        await post("delete");
        picked.delete(run.id);
        compare();
      }
      return [
        run.can.rank ? action("Rankings", async () => host.tell("rank", { run: run.id })) : null,
        run.can.stop ? action("Stop", () => post("stop")) : null,
        run.can.resume ? action("Resume", () => post("resume")) : null,
        action("Rename", rename),
        run.can.delete ? action("Delete", remove) : null,
      ];
    }

    const pause = () => (runs.some((run) => run.alive) ? 2000 : 5000);
    const loop = W.every(element, pause, async () => {
      runs = (await host.ask("api/runs")).runs;
      forget();
      draw();
    });
    host.onValue(() => loop.now());
  };
})((globalThis.Workbench = globalThis.Workbench || {}));
