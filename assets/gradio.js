// Lends a panel to a Gradio page: the thin adapter between `gr.HTML` and `Workbench.<panel>`.
(function (W) {
  "use strict";

  const THEME = "workbench.theme";

  // Gradio follows the system's light or dark; a person's own choice is kept in the browser.
  W.themeButton = function (element) {
    const button = W.make("button", { type: "button", class: "wb-button wb-small wb-quiet" });
    const show = (dark) => {
      document.body.classList.toggle("dark", dark);
      button.textContent = dark ? "Light" : "Dark";
      button.setAttribute("aria-label", `Switch to ${dark ? "light" : "dark"} colours`);
    };
    const chosen = localStorage.getItem(THEME);
    show(chosen ? chosen === "dark" : document.body.classList.contains("dark"));
    button.addEventListener("click", () => {
      const dark = !document.body.classList.contains("dark");
      localStorage.setItem(THEME, dark ? "dark" : "light");
      show(dark);
    });
    W.fill(element.querySelector(".wb-theme"), button);
  };

  W.gradio = function (panel, element, { props, trigger, watch }, events) {
    const host = {
      get value() {
        return props.value || {};
      },
      onValue(work) {
        watch("value", () => work(props.value || {}));
      },
      show(value) {
        props.value = value;
      },
      tell(event, data) {
        if (!events.includes(event)) throw new Error(`Python does not listen to ${event}`);
        trigger(event, data);
      },
      ask: W.ask,
      bytes: W.bytes,
      plotlyVersion: props.plotly,
      script: async (path) => path,
      address: (path) => path,
      remember: W.remember,
      share: true,
      starts: document,
    };
    panel(element.querySelector(".wb-panel"), host);
  };

  // The curves of a long run are read while the page is still put together: a second of work.
  const link = new URLSearchParams(location.search);
  if (link.get("run") && (link.get("tab") || "train") === "train") {
    fetch(`${W.runPath(link.get("run"))}/curves?points=1`).catch(() => {});
  }
})((globalThis.Workbench = globalThis.Workbench || {}));
