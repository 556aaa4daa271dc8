// Plays frames that Python computes some at a time, the next ones being asked for while these are shown.
(function (W) {
  "use strict";

  const PER_SECOND = 24;
  const CHUNK = 36;
  const FEW = 20;

  // `ask(frame, count)` resolves to the frames after `frame`; `draw(frame)` shows one; `told(state)` is
  // called with playing, paused, waiting or failed. A frame is {points, own, ...}.
  W.lessonPlayer = function ({ ask, draw, told }) {
    let now = null;
    let ahead = [];
    let playing = false;
    let asking = null;
    let generation = 0;
    let due = 0;

    // What was computed after another past is thrown away.
    function go(frame) {
      generation += 1;
      ahead = [];
      asking = null;
      now = frame;
    }

    function fetch(count = CHUNK) {
      if (asking) return asking;
      const mine = generation;
      const from = ahead.at(-1) || now;
      const answer = ask(from, count).then((frames) => {
        if (mine === generation) ahead.push(...frames);
      });
      asking = answer.finally(() => {
        if (mine === generation) asking = null;
      });
      return asking;
    }

    function show() {
      if (!ahead.length) return false;
      now = ahead.shift();
      draw(now);
      return true;
    }

    function turn(time) {
      if (!playing) return;
      if (ahead.length < FEW) fetch().catch(fail);
      if (time >= due) {
        const shown = show();
        told(shown ? "playing" : "waiting");
        // After a pause no frame is skipped: the play goes on from where it was.
        due = Math.max(due + 1000 / PER_SECOND, time - 1000 / PER_SECOND);
      }
      requestAnimationFrame(turn);
    }

    function fail(error) {
      pause("failed");
      W.tell(error);
    }

    function play() {
      if (playing) return;
      playing = true;
      due = 0;
      told("playing");
      requestAnimationFrame(turn);
    }

    function pause(state = "paused") {
      playing = false;
      told(state);
    }

    return {
      play,
      pause,
      playing: () => playing,
      now: () => now,
      // Begins anew from a frame, playing on where it played.
      go,
      // One frame, for people who want to look closely.
      async step() {
        pause();
        const mine = generation;
        if (!ahead.length) await fetch();
        if (mine === generation) show();
      },
    };
  };
})((globalThis.Workbench = globalThis.Workbench || {}));
