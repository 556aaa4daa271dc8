// A slider over the evaluations of a training, with a button that plays them.
(function (W) {
  "use strict";

  const PAUSE = 500;

  // `show(place)` draws the map of an evaluation and resolves when it is there; `leave()` goes back to
  // the map of all images, or to the latest of a run that trains.
  W.mapTime = function ({ show, leave }) {
    const play = W.button("Play", () => (playing ? pause() : start()), "wb-small");
    const slider = W.make("input", { type: "range", min: 0, step: 1, "aria-label": "Evaluation of the training" });
    const told = W.make("output", {});
    const back = W.button("All images again", () => go(null), "wb-small");
    const words = W.make("span", { class: "wb-muted" });
    const track = W.make("label", { class: "wb-slider wb-map-slider" }, "Over training", slider, told);
    const controls = W.make("div", { class: "wb-row" }, play, track, back);
    const element = W.make("section", { class: "wb-map-time", "aria-label": "Over training" }, controls, words);
    let steps = [];
    let playing = false;

    function label() {
      play.textContent = playing ? "Pause" : "Play";
      play.setAttribute("aria-label", playing ? "Pause the training" : "Play the training from its start");
    }

    function pause() {
      playing = false;
      label();
    }

    async function start() {
      playing = true;
      label();
      const first = !back.hidden && Number(slider.value) < steps.length - 1 ? Number(slider.value) : 0;
      try {
        for (let place = first; playing && place < steps.length; place += 1) {
          await shown(place);
          await new Promise((resolve) => setTimeout(resolve, PAUSE));
        }
      } catch (error) {
        W.tell(error);
      }
      pause();
    }

    function go(place) {
      pause();
      (place === null ? leave() : shown(place)).catch(W.tell);
    }

    // The first evaluation waits until all are laid on each other.
    function shown(place) {
      slider.value = place;
      told.textContent = `step ${steps[place]}: coming…`;
      return show(place);
    }

    slider.addEventListener("input", () => go(Number(slider.value)));
    label();
    return {
      element,
      pause,
      // The `steps` there are with a sentence, the one that is shown (null for the map of all images, or
      // for the latest of a run that trains, which `live` says).
      set({ steps: all, words: sentence }, step, live) {
        steps = all;
        const place = step === null && live ? steps.length - 1 : steps.indexOf(step);
        const which = `step ${steps[place]} (${place + 1} of ${steps.length})`;
        const now = step !== null ? which : live ? `${which}, the latest` : "now: all images";
        controls.hidden = steps.length === 0;
        slider.max = Math.max(0, steps.length - 1);
        slider.value = step === null ? slider.max : place;
        told.textContent = now;
        slider.setAttribute("aria-valuetext", now);
        back.hidden = step === null;
        back.textContent = live ? "Follow the training" : "All images again";
        words.textContent = sentence;
      },
    };
  };
})((globalThis.Workbench = globalThis.Workbench || {}));
