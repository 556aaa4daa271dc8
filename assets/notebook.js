// Lends a panel to a notebook: the thin adapter between anywidget and `Workbench.<panel>`.
(function (W) {
  "use strict";

  // `request(path, settings)` resolves to {status, type, bytes}; `closed` is the view's AbortSignal.
  W.notebook = function (element, model, request, closed) {
    // Keys pressed in a panel are not the notebook's own shortcuts.
    const root = W.make("div", { class: "wb-notebook", "data-lm-suppress-shortcuts": "true" });
    const silent = W.make("p", { class: "wb-problem", role: "alert", hidden: true });
    const panel = W.make("div", { class: "wb-panel" });
    root.append(W.make("div", { class: "wb-panel" }, silent), panel);
    element.append(root);
    const pictures = W.notebookPictures(root, request, closed);

    async function answered(path, settings) {
      try {
        const answer = await request(path, settings);
        silent.hidden = true;
        if (answer.status < 400) return answer.bytes;
        const told = JSON.parse(new TextDecoder().decode(answer.bytes));
        throw new W.Refused(told.error || `The kernel answered ${answer.status}.`, told);
      } catch (error) {
        if (error.told && !closed.aborted) {
          silent.textContent = error.message;
          silent.hidden = false;
        }
        throw error;
      }
    }

    const host = {
      get value() {
        return model.get("value") || {};
      },
      onValue(work) {
        const heard = () => work(model.get("value") || {});
        model.on("change:value", heard);
        closed.addEventListener("abort", () => model.off("change:value", heard));
      },
      show(value) {
        if (JSON.stringify(value) === JSON.stringify(model.get("value"))) return;
        model.set("value", value);
        // Not as a change of state: of those the next waits until the kernel was idle, which it never is
        // while a cell awaits something.
        model.send({ show: value });
      },
      tell(event, data) {
        model.send({ tell: event, data });
      },
      ask: async (path, settings) => JSON.parse(new TextDecoder().decode(await answered(path, settings))),
      bytes: answered,
      plotlyVersion: model.get("_plotly"),
      script: async (path) => {
        const bytes = await answered(path, { timeout: 60000 });
        return URL.createObjectURL(new Blob([bytes], { type: "text/javascript" }));
      },
      address: pictures.address,
      // What is seen is kept by the widget: the address bar is the notebook's.
      remember() {},
      share: false,
      starts: null,
      closed,
    };
    W[model.get("_panel")](panel, host);
  };

  // What a person sets up, and below it the run that came of it.
  W.training = function (element, host) {
    const starts = new EventTarget();
    const settings = W.make("div", { class: "wb-panel" });
    const followed = W.make("div", { class: "wb-panel" });
    W.fill(element, settings, followed);
    element.classList.add("wb-notebook-training");
    const merge = (change) => host.show({ ...host.value, ...change });
    W.editor(settings, {
      ...host,
      starts,
      get value() {
        return host.value;
      },
      show: ({ preset, overrides }) => merge({ preset, overrides }),
      tell(event, data) {
        merge({ run: data.run });
        host.tell(event, data);
      },
    });
    W.monitor(followed, {
      ...host,
      starts,
      get value() {
        return host.value;
      },
      show: ({ run }) => merge({ run }),
    });
  };

  // One figure of the runs of `host.value.runs`, a list of ids, over each other.
  W.compared = function (element, host) {
    const curves = W.make("div", {});
    const none = W.make("p", { class: "wb-muted" });
    W.fill(element, none, W.make("section", { class: "wb-card" }, curves));
    const comparison = W.comparison(curves, host);
    async function open({ runs = [] }) {
      const rows = (await host.ask("api/runs?brief=1")).runs;
      const known = new Map(rows.map(({ id, label, computed }) => [id, { name: label, computed }]));
      const shown = runs.filter((run) => known.has(run));
      const gone = runs.filter((run) => !known.has(run));
      none.hidden = shown.length > 0 && !gone.length;
      none.textContent = gone.length
        ? `Not in the runs folder any more: ${gone.join(", ")}.`
        : "No run to compare yet: train one, or name runs of the runs folder.";
      comparison.open(shown.map((run) => ({ run, ...known.get(run) })));
    }
    host.onValue((value) => open(value).catch(W.tell));
    open(host.value).catch(W.tell);
  };
})((globalThis.Workbench = globalThis.Workbench || {}));
