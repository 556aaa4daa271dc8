// The numbers of a map as typed arrays, asked for once, and the words for an image.
(function (W) {
  "use strict";

  const PATIENT = { timeout: 600000 };
  const VERDICTS = { 1: "✓ right", 0: "✕ wrong", "-1": "not asked" };

  // `path` is that of the maps of one run and weights.
  W.mapData = function (host, path) {
    const known = new Map();
    const bytes = (name) => host.bytes(`${path}/${name}`, PATIENT);
    function once(name, load) {
      if (!known.has(name)) {
        const answer = load();
        known.set(name, answer);
        answer.catch(() => known.delete(name));
      }
      return known.get(name);
    }
    return {
      // Asks for the maps over training anew.
      renew: (method) => known.delete(`${method}/frames`),
      images: () => once("images", async () => pairs(new Int32Array(await bytes("images")))),
      verdicts: () => once("verdicts", async () => new Int8Array(await bytes("verdicts"))),
      points: (method) => once(method, async () => new Float32Array(await bytes(`${method}/points`))),
      trust: (method) =>
        once(`${method}/trust`, async () => {
          const told = await host.ask(`${path}/${method}/trust`, PATIENT);
          return { ...told, shares: new Float32Array(await bytes(`${method}/shares`)) };
        }),
      frames: (method) =>
        once(`${method}/frames`, async () => {
          const told = await host.ask(`${path}/${method}/frames`, PATIENT);
          const sample = new Int32Array(await bytes(`${method}/frames/sample`));
          const points = new Float32Array(await bytes(`${method}/frames/points`));
          const shares = new Float32Array(await bytes(`${method}/frames/shares`));
          const part = (all, place, width) => {
            const size = width * sample.length;
            return all.subarray(place * size, (place + 1) * size);
          };
          const maps = told.steps.map((step, place) => ({
            step,
            points: part(points, place, 2),
            shares: part(shares, place, 1),
            trust: told.trust[place],
            words: told.words[place],
          }));
          return { ...told, sample, points, maps };
        }),
    };
  };

  function pairs(flat) {
    const every = (offset) => Int32Array.from({ length: flat.length / 2 }, (_, row) => flat[2 * row + offset]);
    return { identity: every(0), camera: every(1) };
  }

  // From the lowest to the highest, with a margin, of points lying one after the other.
  W.mapRange = function (points) {
    const low = [Infinity, Infinity];
    const high = [-Infinity, -Infinity];
    points.forEach((value, place) => {
      low[place % 2] = Math.min(low[place % 2], value);
      high[place % 2] = Math.max(high[place % 2], value);
    });
    return [0, 1].map((axis) => {
      const margin = 0.05 * (high[axis] - low[axis]) || 1;
      return [low[axis] - margin, high[axis] + margin];
    });
  };

  // ---- words

  W.identityWords = (identity) => (identity >= 0 ? String(identity) : identity === -1 ? "junk" : "distractor");
  W.cameraWords = (camera) => (camera < 0 ? "unknown" : String(camera));
  W.verdictWords = (verdict) => VERDICTS[verdict] || "–";
  W.captionOf = ({ identity, camera }) =>
    `${identity >= 0 ? `id ${identity}` : W.identityWords(identity)}${camera >= 0 ? ` · cam ${camera}` : ""}`;
})((globalThis.Workbench = globalThis.Workbench || {}));
