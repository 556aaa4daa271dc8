// The point looked at: its image, how far to believe its place, its true neighbours.
(function (W) {
  "use strict";

  // `picture(item, height)` is an element; `choose(point)` looks at another one; `rank(item)` opens its
  // ranking; `single(identity)` singles out an identity.
  W.mapCard = function ({ picture, choose, rank, single }) {
    const element = W.make("section", { class: "wb-card wb-map-card", "aria-label": "The point looked at" });
    const hint = "Click a point, or type its number above: here come its image and its true neighbours.";

    function clear() {
      W.fill(element, W.make("p", { class: "wb-muted" }, hint));
    }

    const title = ({ source, index }) => (source === "query" ? `Query ${index}` : `Gallery image ${index}`);

    // trust: {share, k} or null while it is counted.
    function draw(item, { trust, verdict, canRank }) {
      const who = `Identity ${W.identityWords(item.identity)}, camera ${W.cameraWords(item.camera)}.`;
      const asked = verdict === null || verdict < 0 ? "" : ` First hit: ${W.verdictWords(verdict)}.`;
      const rankings = canRank ? W.button("Show its ranking", () => rank(item), "wb-primary wb-small") : null;
      const waits = canRank ? null : W.make("p", { class: "wb-muted" }, "Its ranking can be shown when the run has ended.");
      const one = W.button("Single out this identity", () => single(item.identity), "wb-small");
      const text = W.make(
        "div",
        {},
        W.make("h2", {}, title(item)),
        W.make("p", { class: "wb-muted wb-number" }, `Point ${item.point}`),
        W.make("p", {}, who + asked),
        item.picture ? null : W.make("p", { class: "wb-problem" }, "Its image is no longer on the disk."),
        W.make("div", { class: "wb-row" }, rankings, one),
        waits,
      );
      W.fill(
        element,
        W.make("div", { class: "wb-map-self" }, item.picture ? picture(item, 192) : null, text),
        W.make("dl", { class: "wb-figures" }, figure(trust)),
        W.make("p", { class: "wb-muted" }, trustInWords(trust)),
        W.make("h3", {}, "True neighbours"),
        W.make("p", { class: "wb-muted" }, item.words),
        W.make("ol", { class: "wb-map-neighbours" }, item.neighbours.map((near) => tile(near, item))),
      );
    }

    function figure(trust) {
      const known = trust?.share === null ? "not measured" : W.percent(trust?.share ?? 0);
      const value = trust ? known : "counting…";
      return W.make("div", { class: "wb-strong" }, W.make("dt", {}, "True neighbours here"), W.make("dd", {}, value));
    }

    const trustInWords = (trust) =>
      trust?.share === null
        ? "How far to believe the map was measured at other points."
        : trust
          ? `Of the ${trust.k} points nearest to it on the map, ${W.percent(trust.share)} are among its ${trust.k} nearest by the embedding itself.`
        : "How far to believe this place is being counted.";

    function tile(near, item) {
      const same = near.identity === item.identity && near.identity >= 0;
      const where = near.near ? "near on the map" : "far on the map";
      const label = `${title(near)}, ${W.captionOf(near)}, ${same ? "same identity" : "another identity"}, ${where}`;
      const button = W.make(
        "button",
        { type: "button", class: `wb-thumb ${near.near ? "wb-near" : "wb-far"}`, "aria-label": label, title: label },
        picture(near, 96),
        W.make("span", {}, `${same ? "✓" : "✕"} ${W.captionOf({ identity: near.identity })}`),
      );
      button.addEventListener("click", () => choose(near.point));
      return W.make("li", {}, button);
    }

    clear();
    return { element, clear, draw };
  };
})((globalThis.Workbench = globalThis.Workbench || {}));
