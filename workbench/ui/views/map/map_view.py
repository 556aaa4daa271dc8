"""Maps of embeddings as faces show them: JSON with the words, points as bytes.

A point is an image: the queries first, then the gallery (once, where they are the same). Bytes are
little-endian rows in the order of the points: 32-bit numbers, or 8-bit where it says so.
"""

from functools import lru_cache
from pathlib import Path
from typing import Any

from workbench.errors import RunError, ShapeError, WorkbenchError
from workbench.inspection.map_making import judged, keep, parts_of, right_first
from workbench.inspection.maps import EmbeddingMap, MapMethod, kept_map, map_file
from workbench.retrieval.embeddings.store import Embeddings
from workbench.retrieval.projection.projection import FEWEST, Distance, Points, pca_of_parts
from workbench.retrieval.projection.trust import true_neighbours
from workbench.retrieval.rankings import Rankings
from workbench.runs.folder import RunFolder
from workbench.ui.links import Colour, Link, write_link
from workbench.ui.views.map import map_frames
from workbench.ui.views.map.map_frames import computing
from workbench.ui.views.map.map_images import MapImages
from workbench.ui.views.map.map_live import LIVE, is_live, live_choices, live_facts, live_images
from workbench.ui.views.map.map_tasks import make_umap, mapped_steps, umap_state
from workbench.ui.views.rankings.embedding_tasks import embedding_in_words
from workbench.ui.views.rankings.stored_rankings import Weights, choose, weights_of
from workbench.ui.words import percent


def overview(run: RunFolder, wanted: str = "") -> dict[str, Any]:
    """Which weights have a map, which are meant and what their map holds, or why there is none."""
    choices = [{"key": one.key, "label": one.label, "ready": one.ready} for one in weights_of(run)]
    answer: dict[str, Any] = {"weights": choices, "chosen": "", "ready": False, "working": False}
    try:
        choices += live_choices(run, wanted)
        if is_live(run, wanted):
            return answer | {"chosen": LIVE, "can_embed": False} | live_facts(run)
        chosen = choose(run, wanted)
        answer |= {"chosen": chosen.key, "can_embed": not run.status().alive and not chosen.ready}
        working = None if chosen.ready else embedding_in_words(run, chosen)
        if working is not None:
            return answer | {"working": True, "words": working}
        return answer | _facts(run, chosen)
    except WorkbenchError as error:
        return answer | {"words": str(error)}


def images_of(run: RunFolder, wanted: str) -> bytes:
    """Identity (-1 junk, -2 distractor) and camera (-1 unknown) of every point."""
    return _images(run, wanted).labels()


def verdicts_of(run: RunFolder, wanted: str) -> bytes:
    """Of every point, 8 bits: 1 right first, 0 wrong first, -1 no query that counts."""
    embeddings = _embeddings(run, choose(run, wanted))
    return right_first(Rankings(embeddings, run.recipe().evaluation)).tobytes()


def points_of(run: RunFolder, wanted: str, method: MapMethod) -> bytes:
    """Across and up of every point. Raises RunError where the map is not made yet."""
    return _points(run, choose(run, wanted), method).astype("<f4").tobytes()


def trust_of(run: RunFolder, wanted: str, method: MapMethod) -> dict[str, Any]:
    """How far to believe the map, from 0 to 1, what chance would reach, and that in words."""
    judged_map = _judged(run, choose(run, wanted), method)
    told = trust_in_words(judged_map.trust, judged_map.chance, judged_map.k)
    measured, of = judged_map.measured, len(judged_map.points)
    if measured < of:
        told["words"] += f" Measured at {measured:,} of the {of:,} points, evenly spread."
    return told


def shares_of(run: RunFolder, wanted: str, method: MapMethod) -> bytes:
    """Of every point, the share of its nearest on the map that are its true nearest.

    NaN where it was not measured.
    """
    shares = _judged(run, choose(run, wanted), method).true_neighbours
    return shares.astype("<f4").tobytes()


def frames_of(run: RunFolder, wanted: str, method: MapMethod) -> dict[str, Any]:
    """The maps of the snapshots: steps, how many images, how far to believe each map."""
    found = map_frames.frames_of(run, method, len(_images(run, wanted)))
    words = [
        trust_in_words(trust, found["chance"], found["k"])["words"] for trust in found["trust"]
    ]
    return {**found, "words": words}


def point_of(
    run: RunFolder, wanted: str, method: MapMethod, point: int, step: int | None = None
) -> dict[str, Any]:
    """One image: what it is, its true neighbours, and which of them the map shows near it.

    With ``step`` on the map of that snapshot. Raises DataError where there is no such point.
    """
    images = _images(run, wanted)
    told = images.told(point)
    if step is None:
        weights = choose(run, wanted)
        vectors = parts_of(_embeddings(run, weights))
        points = _points(run, weights, method)
        found = true_neighbours(vectors, points, point, distance=_distance(run))
        numbers = found.index.tolist()
    else:
        numbers, found = map_frames.neighbours_of(run, method, step, point)
    near = [
        {**images.told(number), "near": close}
        for number, close in zip(numbers, found.near.tolist(), strict=True)
    ]
    return {
        **told,
        "picture": images.is_there(point),
        "neighbours": near,
        "words": _lines_in_words(len(near), int(found.near.sum())),
    }


def start_umap(run: RunFolder, wanted: str, *, snapshots: bool = False) -> None:
    """Start making a UMAP. Raises RunError where that cannot be done now."""
    make_umap(run, choose(run, wanted), snapshots=snapshots)


def link_of(
    run: RunFolder,
    weights: str,
    method: MapMethod,
    colour: Colour,
    step: int | None,
    point: int | None,
) -> str:
    """The address that opens what is seen."""
    link = Link(
        tab="map", run=run.id, weights=weights, method=method, colour=colour, step=step, point=point
    )
    return write_link(link)


def trust_in_words(trust: float, chance: float, k: int) -> dict[str, Any]:
    """The figures of a trust score with the sentence that explains them."""
    return {
        "trust": trust,
        "chance": chance,
        "k": k,
        "words": (
            f"Of the {k} images nearest to a point on this map, {percent(trust)} on average are"
            f" among its {k} nearest by the embedding itself. A map that knows nothing would reach"
            f" {percent(chance)}."
        ),
    }


def _images(run: RunFolder, wanted: str) -> MapImages:
    if is_live(run, wanted):
        return live_images(run)
    return MapImages.of(_embeddings(run, choose(run, wanted)))


def _facts(run: RunFolder, weights: Weights) -> dict[str, Any]:
    embeddings = _embeddings(run, weights)
    images, queries = len(MapImages.of(embeddings)), len(embeddings.query)
    if images < FEWEST:
        raise ShapeError(
            f"A map needs at least {FEWEST} images, these embeddings have {images}: embed more."
        )
    parts = f" ({queries:,} queries, {images - queries:,} of the gallery)"
    sides = "" if embeddings.leave_one_out else parts
    steps = mapped_steps(run)
    return {
        "ready": True,
        "live": False,
        "images": images,
        "queries": queries,
        "words": (
            f"{images:,} images{sides} by {weights.label}: each point is an image, and images that"
            " the network finds alike lie near each other."
        ),
        "missing": "" if embeddings.root.is_dir() else _gone(embeddings.root),
        "umap": umap_state(run, weights),
        "snapshots": {
            "steps": list(steps),
            "umap": umap_state(run, weights, snapshots=True) if steps else None,
            "words": map_frames.in_words(run, steps),
        },
    }


def _points(run: RunFolder, weights: Weights, method: MapMethod) -> Points:
    folder = run.embeddings_named(weights.key)
    known = kept_map(run, method, folder)
    if known is not None:
        return known.points
    if method == "umap":
        raise _not_made(weights)
    return _components(folder, _changed(folder), _distance(run))


@lru_cache(maxsize=4)
def _components(folder: Path, changed: float, distance: Distance) -> Points:
    return pca_of_parts(parts_of(_loaded(folder, changed)), distance)


def _embeddings(run: RunFolder, weights: Weights) -> Embeddings:
    """Opened here and not with the rankings: who looks at a map waits for no figures."""
    if not weights.ready:
        raise RunError(
            f"The {weights.label} of run {run.id} are not embedded yet: its queries and gallery"
            " have to go through the network once."
        )
    folder = run.embeddings_named(weights.key)
    return _loaded(folder, _changed(folder))


@lru_cache(maxsize=4)
def _loaded(folder: Path, changed: float) -> Embeddings:
    return Embeddings.load(folder)


def _changed(folder: Path) -> float:
    file = folder / "images.json"
    return file.stat().st_mtime if file.is_file() else 0.0


def _judged(run: RunFolder, weights: Weights, method: MapMethod) -> EmbeddingMap:
    known = kept_map(run, method, run.embeddings_named(weights.key))
    if known is not None:
        return known
    with computing:
        known = kept_map(run, method, run.embeddings_named(weights.key))
        if known is not None:
            return known
        vectors = parts_of(_embeddings(run, weights))
        made = judged(vectors, _points(run, weights, method), _distance(run))
        keep(map_file(run, method, weights.key), made)
        return made


def _distance(run: RunFolder) -> Distance:
    return run.recipe().evaluation.distance


def _not_made(weights: Weights) -> RunError:
    return RunError(f"The UMAP of the {weights.label} is not made yet: ask for it first.")


def _lines_in_words(k: int, near: int) -> str:
    return (
        f"Lines lead to its {k} nearest images by the embedding itself: solid to the {near} that"
        f" are also among its {k} nearest on the map, dashed to the {k - near} that the map puts"
        " farther away."
    )


def _gone(root: Path) -> str:
    return f"The images are no longer in {root}: the map stays, but it has no pictures to show."
