// Which points look alike: by identity, camera, split, or whether their first hit is right.
(function (W) {
  "use strict";

  const COLOURS = 12;
  const SYMBOLS = ["circle", "square", "diamond", "triangle-up"];
  const MOST_NAMED = 24;
  // As MapImages labels them: 0 may be a person.
  const DISTRACTOR = -2;
  const JUNK = -1;
  const QUIET = { colour: "--wb-map-quiet", opacity: 0.55, size: 4 };

  // shown: {numbers, images, verdicts, queries}: which points, and what is known of all points by
  // number. Answers {groups, note}; a group is {name, label, sign, colour, symbol, size, opacity,
  // places}, with its places among the points shown, and stands in the legend where it has a label.
  W.mapGroups = function (colour, single, shown) {
    if (single !== null) return singled(single, shown);
    return { identity: byIdentity, camera: byCamera, split: bySplit, correctness: byVerdict }[colour](shown);
  };

  function sorted({ numbers }, keyOf) {
    const found = new Map();
    numbers.forEach((number, place) => {
      const key = keyOf(number);
      if (found.has(key)) found.get(key).push(place);
      else found.set(key, [place]);
    });
    return found;
  }

  const look = (turn) => ({
    colour: `--wb-map-${(turn % COLOURS) + 1}`,
    symbol: SYMBOLS[Math.floor(turn / COLOURS) % SYMBOLS.length],
    size: 7,
    opacity: 0.9,
  });

  function byIdentity(shown) {
    const all = sorted(shown, (number) => shown.images.identity[number]);
    const known = [...all.keys()].filter((identity) => identity >= 0).sort((one, two) => one - two);
    const looks = COLOURS * SYMBOLS.length;
    const groups = [];
    known.forEach((identity, turn) => {
      const same = groups[turn % looks];
      if (same) same.places.push(...all.get(identity));
      else groups.push({ name: `look ${turn}`, places: all.get(identity), ...look(turn) });
    });
    for (const [identity, label] of [[DISTRACTOR, "distractors"], [JUNK, "junk"]]) {
      const places = all.get(identity);
      if (places) groups.unshift({ name: label, label, places, symbol: "circle-open", ...QUIET });
    }
    const repeat = `Colours and shapes repeat after ${looks} of them`;
    const note = known.length > looks ? repeat : "Each has a colour and a shape";
    return { groups, note: `${known.length} identities. ${note}: single one out to see where it is.` };
  }

  function byCamera(shown) {
    const all = sorted(shown, (number) => shown.images.camera[number]);
    const cameras = [...all.keys()].sort((one, two) => one - two);
    const named = cameras.length <= MOST_NAMED;
    const groups = cameras.map((camera, turn) => {
      const label = named ? `camera ${W.cameraWords(camera)}` : undefined;
      return { name: `camera ${camera}`, label, places: all.get(camera), ...look(turn) };
    });
    return { groups, note: named ? "" : `${cameras.length} cameras, too many to list: point at one.` };
  }

  function bySplit(shown) {
    const all = sorted(shown, (number) => number < shown.queries);
    const both = shown.queries === shown.images.identity.length;
    const groups = [
      { name: "gallery", label: "gallery", symbol: "circle", colour: "--wb-map-1", size: 6, opacity: 0.75, key: false },
      {
        ...{ name: "query", label: both ? "query and gallery at once" : "query" },
        ...{ symbol: "diamond", colour: "--wb-map-2", size: 8, opacity: 0.95, key: true },
      },
    ];
    return { groups: present(groups, all), note: "" };
  }

  function byVerdict(shown) {
    const all = sorted(shown, (number) => shown.verdicts[number]);
    const groups = [
      { name: "not asked", label: "no query that counts", sign: "·", symbol: "circle-open", ...QUIET, key: -1 },
      ...[
        { name: "right", label: "first hit right", sign: "✓", symbol: "circle", colour: "--wb-match", key: 1 },
        { name: "wrong", label: "first hit wrong", sign: "✕", symbol: "x", colour: "--wb-wrong", key: 0 },
      ].map((group) => ({ size: 8, opacity: 0.95, ...group })),
    ];
    const note = "Of each query: whether the nearest image that counts shows the same identity.";
    return { groups: present(groups, all), note };
  }

  const present = (groups, all) =>
    groups.filter(({ key }) => all.has(key)).map((group) => ({ ...group, places: all.get(group.key) }));

  function singled(single, shown) {
    const all = sorted(shown, (number) => shown.images.identity[number] === single);
    const count = all.get(true)?.length || 0;
    const who = `identity ${W.identityWords(single)}`;
    const groups = [
      { name: "others", label: "all others", symbol: "circle-open", ...QUIET, key: false },
      {
        ...{ name: "single", label: who, symbol: "circle", colour: "--wb-map-single", key: true },
        ...{ size: 11, opacity: 1 },
      },
    ];
    const images = `${count} ${count === 1 ? "image" : "images"}`;
    return { groups: present(groups, all), note: count ? `${W.capital(who)}: ${images}.` : `No point is of ${who}.` };
  }
})((globalThis.Workbench = globalThis.Workbench || {}));
