"""Making maps of a run's embeddings, and of those it had at each evaluation. No torch here."""

import contextlib
import io
from collections.abc import Callable
from pathlib import Path

import numpy as np
from jaxtyping import Float, Float32, Int8

from workbench.errors import RunError
from workbench.experiment.run_rankings import embeddings_folder, open_rankings
from workbench.inspection.filmstrip import Snapshot, snapshot_embeddings
from workbench.inspection.maps import (
    EmbeddingMap,
    SnapshotMaps,
    kept_map,
    map_file,
    read_snapshot_maps,
    snapshots_file,
)
from workbench.retrieval.embeddings.store import Embeddings
from workbench.retrieval.exact.stacked_vectors import Part, Stacked, as_distance, blocks, shape_of
from workbench.retrieval.metrics import relevance_of
from workbench.retrieval.projection.projection import Distance, Points, nearest_to, pca, turned
from workbench.retrieval.projection.trust import trust
from workbench.retrieval.rankings import Rankings
from workbench.retrieval.relevance import pairs_of
from workbench.runs.files import write_atomically
from workbench.runs.folder import RunFolder

BLOCK = 512
RIGHT, WRONG, NOT_ASKED = 1, 0, -1

Vectors = Float[np.ndarray, "points dim"]


def everything(embeddings: Embeddings) -> Vectors:
    """The vectors of all images, queries first."""
    parts = parts_of(embeddings)
    return np.asarray(parts[0]) if len(parts) == 1 else np.concatenate(parts)


def parts_of(embeddings: Embeddings) -> list[Part]:
    """The arrays that ``everything`` consists of, as they are stored."""
    if embeddings.leave_one_out:
        return [embeddings.gallery]
    return [embeddings.query, embeddings.gallery]


def pca_of(
    run: RunFolder, weights: str = "averaged", checkpoint: str | None = None
) -> EmbeddingMap:
    """The principal components of a checkpoint's embeddings with their trust, kept in the cache.

    Raises RunError where the run or the checkpoint is gone.
    """
    if not run.path.is_dir():
        raise RunError(f"Run {run.id} has been deleted: choose another one.")
    folder = embeddings_folder(run, weights, checkpoint)
    if (known := kept_map(run, "pca", folder)) is not None:
        return known
    rankings = open_rankings(run, weights, checkpoint)
    vectors, distance = parts_of(rankings.embeddings), rankings.evaluation.distance
    made = judged(vectors, pca(vectors, distance), distance)
    keep(map_file(run, "pca", folder.name), made)
    return made


def pca_of_snapshots(run: RunFolder) -> SnapshotMaps:
    """The principal components of every snapshot, each turned onto the one before it.

    So more snapshots never change the maps there are: while a run trains only the newest is made,
    the others come from the cache. Raises RunError where there is no snapshot yet.
    """
    snapshots = snapshot_embeddings(run)
    steps, sample = tuple(one.step for one in snapshots), snapshots[-1].sample
    beginning = _kept_beginning(run, snapshots)
    maps = list(beginning.maps) if beginning else []
    if len(maps) == len(steps):
        return SnapshotMaps(steps, sample, tuple(maps))
    distance: Distance = run.recipe().evaluation.distance
    for snapshot in snapshots[len(maps) :]:
        points = pca(snapshot.vectors, distance)
        points = turned(points, maps[-1].points) if maps else points
        maps.append(judged(snapshot.vectors, points, distance))
    made = SnapshotMaps(steps, sample, tuple(maps))
    keep(snapshots_file(run, "pca", steps), made)
    if beginning:
        snapshots_file(run, "pca", beginning.steps).unlink(missing_ok=True)
    return made


def _kept_beginning(run: RunFolder, snapshots: list[Snapshot]) -> SnapshotMaps | None:
    """The longest kept maps that these snapshots begin with; None where there are none."""
    for count in range(len(snapshots), 0, -1):
        steps = tuple(one.step for one in snapshots[:count])
        file = snapshots_file(run, "pca", steps)
        with contextlib.suppress(OSError):
            made = file.stat().st_mtime_ns
            written = [(run.snapshots / str(step)).stat().st_mtime_ns for step in steps]
            known = read_snapshot_maps(file)
            same = known is not None and np.array_equal(known.sample, snapshots[-1].sample)
            # A run that went on from an earlier step has made the later snapshots anew.
            if known is not None and same and known.steps == steps and made >= max(written):
                return known
    return None


def maps_of_snapshots(
    run: RunFolder,
    method: str,
    make: Callable[[Vectors, Points | None, Distance], Points],
    told: Callable[[int, int], None] = lambda done, total: None,
) -> SnapshotMaps:
    """A map of every snapshot, the last one first; its points are where the others start.

    So the same image stays near one place where its neighbours stay the same, and what moves has
    been learned. Raises RunError where there is no snapshot yet.
    """
    snapshots = snapshot_embeddings(run)
    steps = tuple(snapshot.step for snapshot in snapshots)
    file = snapshots_file(run, method, steps)
    if (known := read_snapshot_maps(file)) is not None and known.steps == steps:
        return known
    distance: Distance = run.recipe().evaluation.distance
    maps: list[EmbeddingMap] = []
    last: Points | None = None
    for snapshot in reversed(snapshots):
        points = make(snapshot.vectors, last, distance)
        points = points if not maps else turned(points, maps[-1].points)
        last = points if last is None else last
        maps.append(judged(snapshot.vectors, points, distance))
        told(len(maps), len(steps))
    made = SnapshotMaps(steps, snapshots[-1].sample, tuple(reversed(maps)))
    keep(file, made)
    return made


def judged(vectors: Stacked, points: Points, distance: Distance) -> EmbeddingMap:
    """A map with its trust score."""
    found = trust(vectors, points, distance=distance)
    return EmbeddingMap(points, found.per_point, found.chance, found.k)


def keep(file: Path, made: EmbeddingMap | SnapshotMaps) -> None:
    """Write a map into the cache; a full disk costs time later, not the map."""
    written = io.BytesIO()
    if isinstance(made, EmbeddingMap):
        about = np.array([made.chance, made.k], dtype=np.float64)
        np.savez(written, points=made.points, true_neighbours=made.true_neighbours, about=about)
    else:
        about = np.array([made.maps[-1].chance, made.maps[-1].k], dtype=np.float64)
        np.savez(
            written,
            steps=np.array(made.steps),
            sample=made.sample,
            points=np.stack([one.points for one in made.maps]),
            true_neighbours=np.stack([one.true_neighbours for one in made.maps]),
            about=about,
        )
    with contextlib.suppress(OSError):
        file.parent.mkdir(exist_ok=True)
        write_atomically(file, written.getvalue(), durable=False)


def true_neighbours(rankings: Rankings, point: int, k: int = 10) -> list[int]:
    """The ``k`` images nearest to one in truth, as points of the map, nearest first."""
    parts = parts_of(rankings.embeddings)
    return nearest_to(parts, point, k, rankings.evaluation.distance).tolist()


def right_first(rankings: Rankings) -> Int8[np.ndarray, "points"]:
    """Of each image whether, as a query, the nearest image that counts is a right answer.

    ``RIGHT``, ``WRONG``, or ``NOT_ASKED`` for images of the gallery and queries without an answer.
    For colouring: equally near images are not told apart as exactly as figures tell them.
    """
    embeddings, labels = rankings.embeddings, rankings.embeddings.labels()
    relevance = relevance_of(labels, rankings.evaluation.drop_same_camera, embeddings.leave_one_out)
    answered = np.zeros(len(embeddings.query), dtype=bool)
    answered[relevance.matches[0]] = True
    verdict = np.full(shape_of(parts_of(embeddings))[0], NOT_ASKED, dtype=np.int8)
    opposite, groups = _groups(embeddings)
    for start in range(0, len(answered), BLOCK):
        rows = slice(start, min(start + BLOCK, len(answered)))
        apart = _apart(embeddings, rows, rankings.evaluation.distance)
        apart[:, relevance.junk] = np.inf
        apart[pairs_of(relevance.excluded, rows)] = np.inf
        if opposite is not None:
            apart[opposite[rows, None] != groups[None]] = np.inf
        right = np.zeros(apart.shape, dtype=bool)
        right[pairs_of(relevance.matches, rows)] = True
        first = right[np.arange(len(apart)), apart.argmin(1)]
        has_answer = answered[rows] & (right & np.isfinite(apart)).any(axis=1)
        verdict[rows] = np.where(has_answer, first, NOT_ASKED)
    return verdict


def _groups(embeddings: Embeddings) -> tuple[np.ndarray | None, np.ndarray]:
    """The group each query is ranked against, None without pairings; that of gallery images."""
    groups = np.array([image.group for image in embeddings.gallery_images])
    if not embeddings.pairings:
        return None, groups
    paired = {pairing.query: pairing.gallery for pairing in embeddings.pairings}
    return np.array([paired.get(image.group, "") for image in embeddings.query_images]), groups


def _apart(
    embeddings: Embeddings, rows: slice, distance: Distance
) -> Float32[np.ndarray, "queries images"]:
    """Squared distances of some queries to the gallery, without each query's own length."""
    query = as_distance(embeddings.query[rows], distance)
    apart = np.empty((len(query), len(embeddings.gallery)), dtype=np.float32)
    for columns, block in blocks(embeddings.gallery, distance):
        lengths = np.einsum("ij,ij->i", block, block)
        apart[:, columns] = lengths - 2 * (query @ block.T)
    return apart
