// What stands beside the points of a map: the image under the pointer, how far to believe the map,
// and how far a UMAP is that somebody asked for.
(function (W) {
  "use strict";

  const TALLEST = 260;

  // Follows the pointer over `frame`.
  W.mapTip = function (frame, picture) {
    const tip = W.make("div", { class: "wb-map-tip", "aria-hidden": true, hidden: true });
    frame.append(tip);
    return {
      hide: () => (tip.hidden = true),
      show(row, [x, y]) {
        const share = row["true neighbours"];
        const lines = [
          `Point ${row.point}: ${row.source} ${row.index}`,
          `identity ${W.identityWords(row.identity)}, camera ${W.cameraWords(row.camera)}`,
          row["first hit"] && row.source === "query" ? `first hit ${row["first hit"]}` : null,
          share === null ? null : `true neighbours ${W.percent(share)}`,
        ];
        W.fill(tip, picture(row, 192), lines.filter(Boolean).map((words) => W.make("span", {}, words)));
        const right = x > frame.clientWidth / 2;
        tip.style.left = right ? "" : `${x + 14}px`;
        tip.style.right = right ? `${frame.clientWidth - x + 14}px` : "";
        tip.style.top = `${Math.max(0, Math.min(y - 40, frame.clientHeight - TALLEST))}px`;
        tip.hidden = false;
      },
    };
  };

  // set(null) while it is counted, set({trust, words}) then.
  W.mapTrust = function () {
    const value = W.make("dd", {});
    const name = W.make("dt", {}, "True neighbours on this map");
    const words = W.make("p", { class: "wb-muted" });
    const figure = W.make("dl", { class: "wb-figures" }, W.make("div", { class: "wb-strong" }, name, value));
    const named = { class: "wb-card wb-map-trust", "aria-label": "How far to believe the map" };
    return {
      element: W.make("section", named, figure, words),
      set(trust) {
        value.textContent = trust ? W.percent(trust.trust) : "counting…";
        words.textContent = trust ? trust.words : "Each image's neighbours on the map are compared with its true ones.";
      },
    };
  };

  // `make()` begins a UMAP. set(null) where none is wanted, else its state {working, words}.
  W.mapWaiting = function (make) {
    const words = W.make("span", {});
    const button = W.button("Make the UMAP", () => W.act(button, make), "wb-small");
    const element = W.make("div", { class: "wb-map-state", role: "status", hidden: true }, words, button);
    return {
      element,
      set(state) {
        element.hidden = state === null;
        if (!state) return;
        const text = `${state.words} Until then you see the principal components.`;
        if (words.textContent !== text) words.textContent = text;
        button.hidden = state.working;
      },
    };
  };
})((globalThis.Workbench = globalThis.Workbench || {}));
