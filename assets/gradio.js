// Lends a panel to a Gradio page: the thin adapter between `gr.HTML` and `Workbench.<panel>`.
(function (W) {
  "use strict";

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
      plotlyVersion: props.plotly,
      address: (path) => path,
    };
    panel(element.querySelector(".wb-panel"), host);
  };
})((globalThis.Workbench = globalThis.Workbench || {}));
