// One map that can be looked at: points, legend, time, the point looked at, the images chosen.
(function (W) {
  "use strict";

  const COLOURS = ["identity", "camera", "split", "correctness"];
  const METHODS = { pca: "PCA (at once)", umap: "UMAP (made when chosen)" };
  const GLIDE = 900;

  // `changed(view)` is called with {method, colour, step, point} when a person looks at something else,
  // `fail(error)` when the server refuses; `tell(event, item)` passes an image on; `told(facts)` of a run
  // that trains what is known of it now.
  W.mapBoard = function (host, { changed, fail, tell, told }) {
    let view = null;
    let facts = null;
    let data = null;
    let now = null;
    let single = null;
    let ticket = 0;
    let address = { maps: "", images: "", live: null };

    const select = (label, change) => {
      const list = W.select(label);
      list.addEventListener("change", () => change(list.value));
      return list;
    };
    const methods = select("How the map is made", chooseMethod);
    const colours = select("Coloured by", (colour) => change({ colour }));
    const number = (label, help, work) => {
      const settings = { type: "number", min: 0, placeholder: label, "aria-label": help, title: help };
      const field = W.make("input", { class: "wb-input wb-map-number", ...settings });
      field.addEventListener("change", () => work(field.value === "" ? null : Number(field.value)));
      return field;
    };
    const point = number("Point", "Number of the point to look at", visit);
    const identity = number("Identity", "Identity to single out", singleOut);
    const state = W.mapWaiting(make);
    const plot = W.mapPlot(host, { hover, choose: (place) => visit(now.numbers[place]), pick });
    const legend = W.mapLegend(() => draw());
    const frame = W.make("div", { class: "wb-map-frame" }, plot.element);
    const tip = W.mapTip(frame, picture);
    const time = W.mapTime({
      show: (place) => showStep(facts.snapshots.steps[place]),
      leave: () => change({ step: null }),
    });
    const believed = W.mapTrust();
    const card = W.mapCard({ picture, choose: visit, rank: (item) => tell("rank", item), single: singleOut });
    const picks = W.mapPicks({ rows, picture, choose: visit, clear: () => singleOut(null) });
    const file = W.button("All points as CSV", () => picks.download(now.numbers), "wb-small wb-quiet");
    const fields = W.make("div", { class: "wb-row wb-end" }, point, identity, file);
    const tools = W.make("div", { class: "wb-row" }, plot.tools, fields);
    const main = W.make("section", { class: "wb-card wb-map-main" }, tools, frame, legend.element, time.element);
    const side = W.make("aside", { class: "wb-map-side" }, believed.element, card.element);
    const element = W.make("div", { class: "wb-map" }, state.element, main, side, picks.element);

    // ---- the map

    // The evaluation shown, null for the map of all images: a run that trains has its latest.
    const stepShown = () => view.step ?? (facts.live ? facts.snapshots.steps.at(-1) : null);
    const umap = () => (stepShown() === null ? facts.umap : facts.snapshots.umap);
    const method = () => (view.method === "umap" && umap().ready ? "umap" : "pca");

    async function show(glide = false) {
      const mine = ++ticket;
      drawChoices();
      const images = await data.images();
      const step = stepShown();
      const film = step === null ? null : await data.frames(method());
      const map = film ? mapAt(film, step) : { points: await data.points(method()) };
      const verdicts = view.colour === "correctness" ? await data.verdicts() : (now && now.verdicts) || null;
      if (mine !== ticket) return;
      const numbers = film ? film.sample : Int32Array.from(images.identity.keys());
      const same = now && now.method === method() && now.step === step;
      const kept = same ? { trust: now.trust, item: now.item } : { trust: null, item: null };
      const extent = film ? film.points : map.points;
      now = { images, verdicts, numbers, extent, points: map.points, method: method(), step, ...kept };
      drawTime();
      await draw(glide);
      changed(view);
      await Promise.all([judge(mine, film, map), look(view.point), learn(mine)]);
    }

    // A run that went on from an earlier evaluation may have lost the one that was shown.
    const mapAt = (film, step) => film.maps.find((one) => one.step === step) || film.maps.at(-1);

    const drawTime = () => time.set(facts.snapshots, view.step, facts.live);

    function drawChoices() {
      const known = COLOURS.filter((name) => !facts.live || name !== "correctness");
      methods.hidden = facts.live;
      W.options(methods, Object.entries(METHODS), view.method);
      W.options(colours, known.map((name) => [name, `coloured by ${name}`]), view.colour);
      state.set(view.method === "umap" && !umap().ready ? umap() : null);
    }

    function draw(glide = false) {
      if (!now) return null;
      const { groups, note: told } = W.mapGroups(view.colour, single, { ...now, queries: facts.queries });
      const later = view.colour === "correctness" && now.step !== null && single === null;
      const note = later ? `${told} So it is with the weights chosen above, not at this step.` : told;
      const drawn = {
        title: `${now.method.toUpperCase()} map of ${now.numbers.length} images by ${view.colour}. ${note}`,
        revision: `${address.maps} ${now.method} ${now.step === null}`,
        groups: legend.set(groups, note, `${view.colour} ${single}`),
        points: now.points,
        extent: now.extent,
        star: starOf(now.item),
      };
      return glide ? plot.glide(drawn, GLIDE) : plot.draw(drawn);
    }

    function starOf(item) {
      if (!item) return null;
      const ends = item.neighbours.map((end) => ({ place: placeOf(end.point), near: end.near }));
      return { place: placeOf(item.point), ends };
    }

    const isWhole = () => now.numbers.length === now.images.identity.length;
    const placeOf = (wanted) => (isWhole() ? wanted : now.numbers.indexOf(wanted));

    // What is counted after the picture: how far to believe it, and whose first hit is right.
    async function judge(mine, film, map) {
      if (!film && !now.trust) believed.set(null);
      const trust = film ? { ...map, k: film.k } : await data.trust(method());
      if (mine !== ticket) return;
      now.trust = trust;
      believed.set(trust);
      drawCard();
    }

    // First hits are known of embedded weights alone.
    async function learn(mine) {
      if (facts.live) return;
      const verdicts = await data.verdicts();
      if (mine !== ticket) return;
      now.verdicts = verdicts;
      drawCard();
    }

    // ---- over training

    async function showStep(step) {
      const glide = stepShown() !== null;
      view.step = step;
      try {
        await show(glide);
      } catch (error) {
        if (!(error instanceof W.Refused)) throw error;
        // Without a film there still is the map.
        facts.snapshots = { ...facts.snapshots, steps: [], words: error.message };
        await change({ step: null });
      }
    }

    // ---- UMAP: made by a process of its own, while the principal components are looked at

    const question = () => `${address.maps}/umap?snapshots=${stepShown() !== null}`;

    async function make() {
      take(await host.ask(question(), { method: "POST", body: {} }));
    }

    function take(answer) {
      if (stepShown() === null) facts.umap = answer;
      else facts.snapshots.umap = answer;
      drawChoices();
    }

    function chooseMethod(wanted) {
      view.method = wanted;
      const begin = wanted === "umap" && !umap().ready && !umap().working ? make() : Promise.resolve();
      begin.then(() => show()).catch(fail);
    }

    // ---- one point, one identity, several points

    async function look(wanted) {
      const place = wanted === null ? 0 : placeOf(wanted);
      const known = place >= 0 && place < now.numbers.length && Number.isInteger(place);
      if (!known) W.notice(`Point ${wanted} is not on this map of ${now.numbers.length} images.`, "problem");
      view.point = known ? wanted : null;
      point.value = view.point ?? "";
      const step = now.step === null ? "" : `?step=${now.step}`;
      const asked = `${address.maps}/${method()}/points/${view.point}${step}`;
      const item = view.point === null ? null : await host.ask(asked, { timeout: 60000 });
      if (view.point !== (item && item.point)) return;
      now.item = item;
      if (item) drawCard();
      else card.clear();
      await draw();
    }

    function visit(wanted) {
      if (!now) return;
      const seen = async () => {
        await look(wanted);
        changed(view);
        if (now.item && !facts.live) tell("aim", now.item);
      };
      seen().catch(fail);
    }

    // First hits are known of the weights chosen, not of each step.
    const verdictOf = (wanted) => (now.verdicts && now.step === null ? now.verdicts[wanted] : null);

    // Of many wide vectors some points are measured; the others have no share.
    function shareOf(place) {
      const share = now.trust ? now.trust.shares[place] : null;
      return Number.isNaN(share) ? null : share;
    }

    function drawCard() {
      if (!now?.item) return;
      const trust = now.trust && { share: shareOf(placeOf(now.item.point)), k: now.trust.k };
      card.draw(now.item, { trust, verdict: verdictOf(now.item.point), canRank: !facts.live });
    }

    function singleOut(wanted) {
      if (!now) return;
      single = wanted;
      identity.value = wanted ?? "";
      const same = wanted === null ? [] : [...now.numbers].filter((one) => now.images.identity[one] === wanted);
      picks.draw(same, `Identity ${W.identityWords(wanted ?? 0)}`);
      plot.clear();
      draw();
    }

    function pick(places) {
      picks.draw(places.map((place) => now.numbers[place]), "Chosen");
    }

    function rows(numbers) {
      return [...numbers].map((one) => {
        const place = placeOf(one);
        const behind = one - facts.queries;
        return {
          point: one,
          ...(behind < 0 ? { source: "query", index: one } : { source: "gallery", index: behind }),
          identity: now.images.identity[one],
          camera: now.images.camera[one],
          across: now.points[2 * place],
          up: now.points[2 * place + 1],
          "first hit": verdictOf(one) === null ? null : W.verdictWords(verdictOf(one)),
          "true neighbours": shareOf(place),
        };
      });
    }

    // An image that has gone from the disk leaves its words.
    function picture({ source, index }, height) {
      const src = host.address(`${address.images}/${source}/${index}.jpg?height=${height}`);
      const image = W.make("img", { src, alt: "", loading: "lazy", width: height / 2, height });
      image.addEventListener("error", () => image.replaceWith(W.make("span", { class: "wb-map-gone" }, "no image")));
      return image;
    }

    function hover(place, at) {
      if (place === null || !now) tip.hide();
      else tip.show(rows([now.numbers[place]])[0], at);
    }

    // New evaluations stand in the slider; a person who looks at the latest sees its points move on.
    async function follow() {
      const asked = address.live;
      const news = await host.ask(`${asked}?known=${encodeURIComponent(facts.mark)}`, { timeout: 60000 });
      if (news.unchanged || asked !== address.live) return;
      facts = { ...facts, ...news };
      told(facts);
      data.renew("pca");
      if (view.step === null) await show(true);
      else drawTime();
    }

    function change(some) {
      Object.assign(view, some);
      return show().catch(fail);
    }

    return {
      element,
      choices: [methods, colours],
      // The map of weights whose `known` facts the server told, at `paths` {maps, images}.
      open(known, paths, wanted) {
        [facts, address, view] = [known, paths, { ...wanted }];
        if (facts.live) view.method = "pca";
        if (facts.live && view.colour === "correctness") view.colour = COLOURS[0];
        if (!facts.snapshots.steps.includes(view.step)) view.step = null;
        single = now = null;
        time.pause();
        picks.draw([], "");
        data = W.mapData(host, address.maps);
        return show();
      },
      // Whether a UMAP that a person waits for has come, or a run that trains was evaluated again.
      async poll() {
        if (facts?.live) return follow().catch(fail);
        if (!view || view.method !== "umap" || !umap().working) return;
        take(await host.ask(question()));
        if (umap().ready) await show();
      },
    };
  };
})((globalThis.Workbench = globalThis.Workbench || {}));
