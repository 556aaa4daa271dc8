// All runs as a table: sorted, filtered, renamed, stopped, resumed, deleted, laid over each other.
(function (W) {
  "use strict";

  const COLUMNS = [
    { key: "label", title: "Run", text: true },
    { key: "state", title: "State", text: true },
    { key: "preset", title: "Preset", text: true },
    { key: "changes", title: "Changed" },
    { key: "created", title: "Started" },
    { key: "duration", title: "Took" },
    { key: "mAP", title: "mAP" },
    { key: "rank1", title: "Rank-1" },
  ];

  // Tells Python of `show` and `rank` with {run}.
  W.runs = function (element, host) {
    let runs = [];
    let sort = { key: "created", down: true };
    const picked = new Map();
    const search = W.make("input", { type: "search", class: "wb-input", placeholder: "Filter by name, preset, state or change", "aria-label": "Filter runs" });
    const count = W.make("span", { class: "wb-muted", role: "status" });
    const head = W.make("tr", {}, W.make("th", { class: "wb-pick" }, W.make("span", { class: "wb-hidden" }, "Compare")));
    const body = W.make("tbody", {});
    const table = W.make("table", { class: "wb-table" }, W.make("thead", {}, head), body);
    const overlay = W.make("section", { class: "wb-card", hidden: true, "aria-label": "Curves of the picked runs" });
    const hint = W.make("p", { class: "wb-muted wb-hint" }, "Tick runs to lay their curves over each other.");
    const empty = W.make("p", { class: "wb-muted wb-hint", hidden: true });
    W.fill(element, W.make("div", { class: "wb-row wb-runs-tools" }, search, count), W.make("div", { class: "wb-table-box", tabindex: 0, role: "region", "aria-label": "Runs" }, table), empty, hint, overlay);
    const comparison = W.comparison(W.make("div", {}), { ...host, value: { runs: [] }, onValue() {} });
    overlay.append(comparison.element);

    for (const column of COLUMNS) {
      const button = W.make("button", { type: "button", class: "wb-sort" }, column.title, W.make("span", { "aria-hidden": true }));
      button.addEventListener("click", () => {
        sort = { key: column.key, down: sort.key === column.key ? !sort.down : !column.text };
        draw();
      });
      column.head = W.make("th", { scope: "col", class: column.key === "mAP" || column.key === "rank1" || column.key === "duration" ? "wb-right" : "" }, button);
      head.append(column.head);
    }
    head.append(W.make("th", {}, W.make("span", { class: "wb-hidden" }, "Actions")));
    search.addEventListener("input", () => draw());

    const words = (run) => [run.label, run.id, run.state, run.preset, ...run.changed.map((one) => `${one.path}=${one.value}`)].join(" ").toLowerCase();
    const worth = (run, key) => (key === "mAP" || key === "rank1" ? (run.figures?.[key] ?? -1) : key === "changes" ? run.changed.length : (run[key] ?? -1));

    function visible() {
      const wanted = search.value.toLowerCase().split(/\s+/).filter(Boolean);
      const kept = runs.filter((run) => wanted.every((word) => words(run).includes(word)));
      const order = (one, two) => {
        const a = worth(one, sort.key);
        const b = worth(two, sort.key);
        return (a < b ? -1 : a > b ? 1 : 0) * (sort.down ? -1 : 1);
      };
      return kept.sort(order);
    }

    const rows = new Map();
    function draw() {
      const kept = visible();
      count.textContent = kept.length === runs.length ? `${runs.length} ${runs.length === 1 ? "run" : "runs"}` : `${kept.length} of ${runs.length} runs`;
      for (const column of COLUMNS) {
        const mine = column.key === sort.key;
        column.head.setAttribute("aria-sort", mine ? (sort.down ? "descending" : "ascending") : "none");
        column.head.querySelector("span").textContent = mine ? (sort.down ? " ↓" : " ↑") : "";
      }
      empty.hidden = kept.length > 0;
      empty.textContent = runs.length ? "No run fits the filter." : "Nothing trained yet: press Start under Train.";
      hint.hidden = runs.length < 2 || picked.size > 0;
      table.hidden = kept.length === 0;
      const present = new Set(kept.map((run) => run.id));
      for (const [id, row] of rows) {
        if (!present.has(id)) {
          row.element.remove();
          rows.delete(id);
        }
      }
      kept.forEach((run, place) => {
        let row = rows.get(run.id);
        const text = JSON.stringify(run);
        if (!row || row.text !== text) {
          const fresh = rowOf(run);
          if (row && row.element.contains(document.activeElement)) {
            const names = [...row.element.querySelectorAll("button, input")];
            const held = names.indexOf(document.activeElement);
            row.element.replaceWith(fresh);
            fresh.querySelectorAll("button, input")[held]?.focus();
          } else if (row) row.element.replaceWith(fresh);
          row = { element: fresh, text };
          rows.set(run.id, row);
        }
        if (body.children[place] !== row.element) body.insertBefore(row.element, body.children[place] || null);
      });
    }

    function rowOf(run) {
      const pick = W.make("input", { type: "checkbox", checked: picked.has(run.id), "aria-label": `Compare ${run.label}` });
      pick.addEventListener("change", () => {
        if (pick.checked) picked.set(run.id, run.label);
        else picked.delete(run.id);
        overlay.hidden = picked.size === 0;
        hint.hidden = picked.size > 0;
        comparison.open([...picked].map(([id, name]) => ({ run: id, name })));
      });
      const changed = run.changed.length
        ? W.make("ul", { class: "wb-chips" }, run.changed.slice(0, 3).map((one) => W.make("li", { title: `${one.path} = ${one.value}` }, `${one.short} ${one.value}`)), run.changed.length > 3 ? W.make("li", { title: run.changed.map((one) => `${one.path} = ${one.value}`).join("\n") }, `+${run.changed.length - 3}`) : null)
        : W.make("span", { class: "wb-muted" }, "–");
      const figure = (key) => W.make("td", { class: "wb-right wb-number", "data-label": key === "mAP" ? "mAP" : "Rank-1", title: run.figures ? `${run.figures.weights} weights` : "" }, W.percent(run.figures?.[key]));
      return W.make(
        "tr",
        { "data-run": run.id },
        W.make("td", { class: "wb-pick" }, pick),
        W.make("td", { class: "wb-run-name" }, W.make("button", { type: "button", class: "wb-link", title: run.id, onclick: () => host.tell("show", { run: run.id }) }, run.label)),
        W.make("td", { "data-label": "State", title: run.words }, W.state(run.state)),
        W.make("td", { "data-label": "Preset" }, run.preset),
        W.make("td", { "data-label": "Changed" }, changed),
        W.make("td", { "data-label": "Started", title: new Date(run.created * 1000).toLocaleString() }, W.ago(run.created)),
        W.make("td", { class: "wb-right wb-number", "data-label": "Took" }, W.duration(run.duration)),
        figure("mAP"),
        figure("rank1"),
        W.make("td", { class: "wb-actions" }, actions(run)),
      );
    }

    function actions(run) {
      const post = (name, body = {}) => host.ask(`api/runs/${encodeURIComponent(run.id)}/${name}`, { method: "POST", body, timeout: 30000 });
      const button = (label, work) => {
        const made = W.make("button", { type: "button", class: "wb-link", "aria-label": `${label} ${run.label}` }, label);
        made.addEventListener("click", () =>
          W.act(made, async () => {
            await work();
            await loop.now();
          }),
        );
        return made;
      };
      const rename = async () => {
        const name = await W.confirm({ title: "Rename the run", text: run.id, action: "Rename", value: run.name, label: "Name" });
        if (name !== null) await post("rename", { name });
      };
      const remove = async () => {
        const sure = await W.confirm({ title: `Delete ${run.label}?`, text: "Its folder moves to .trash inside the runs folder; it can be moved back by hand.", action: "Delete" });
        if (sure === null) return;
        await post("delete");
        picked.delete(run.id);
        comparison.open([...picked].map(([id, name]) => ({ run: id, name })));
        overlay.hidden = picked.size === 0;
      };
      return [
        run.can.rank ? button("Rankings", async () => host.tell("rank", { run: run.id })) : null,
        run.can.stop ? button("Stop", () => post("stop")) : null,
        run.can.resume ? button("Resume", () => post("resume")) : null,
        button("Rename", rename),
        run.can.delete ? button("Delete", remove) : null,
      ];
    }

    const loop = W.every(element, () => (runs.some((run) => run.alive) ? 2000 : 5000), async () => {
      const answer = await host.ask("api/runs");
      runs = answer.runs;
      if (!element.querySelector("dialog[open]")) draw();
    });
    host.onValue(() => loop.now());
  };
})((globalThis.Workbench = globalThis.Workbench || {}));
