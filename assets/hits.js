// Images of ranked lists, with what they are to the query.
(function (W) {
  "use strict";

  // Match, wrong and distractor differ by sign, word and border as well as by colour. Of a visitor's
  // own image nobody knows who is on it: then nothing is right or wrong.
  W.verdicts = {
    match: { sign: "✓", word: "match" },
    wrong: { sign: "✕", word: "wrong" },
    distractor: { sign: "○", word: "distractor" },
    unknown: { sign: "", word: "" },
  };

  // The signs that short lists use, in words.
  W.verdictLegend = (...more) =>
    W.make(
      "p",
      { class: "wb-verdict-legend wb-muted" },
      Object.entries(W.verdicts)
        .filter(([, { sign }]) => sign)
        .map(([name, { sign, word }]) => W.make("span", { class: `wb-verdict wb-${name}` }, `${sign} ${word}`)),
      more,
    );

  // One small image of a short list. `show(hit)` changes it: {rank, verdict, caption, src}, or null.
  W.hit = function () {
    const image = W.make("img", { alt: "", loading: "lazy", width: 40, height: 80 });
    const sign = W.make("span", { class: "wb-hit-sign", "aria-hidden": true });
    const element = W.make("span", { class: "wb-hit" }, image, sign);
    let shown = "";

    function show(hit) {
      element.hidden = !hit;
      if (!hit) return;
      const verdict = W.verdicts[hit.verdict];
      const told = [verdict.word, hit.caption].filter(Boolean).join(", ");
      element.className = `wb-hit wb-${hit.verdict}`;
      element.title = told;
      image.alt = `Rank ${hit.rank}: ${told}`;
      sign.textContent = verdict.sign;
      if (hit.src === shown) return;
      // What moved into this place appears softly, unless a person does not want that.
      if (shown) image.animate?.(softly(), { duration: 250 });
      image.src = shown = hit.src;
    }
    return { element, show };
  };

  W.calm = () => matchMedia("(prefers-reduced-motion: reduce)").matches;
  const softly = () => (W.calm() ? [] : [{ opacity: 0.2 }, { opacity: 1 }]);

  W.firstMatch = ({ first_match: first, looked_at: looked }) =>
    first === null ? `none in the first ${looked}` : `at rank ${first}`;
})((globalThis.Workbench = globalThis.Workbench || {}));
