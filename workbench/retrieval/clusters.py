"""How well clusters of the vectors agree with their classes."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import fsum, log

import numpy as np
from jaxtyping import Float, Float32, Float64, Int64

from workbench.errors import DataError, RecipeError
from workbench.retrieval.exact.counting import Progress
from workbench.retrieval.exact.nearest import nearest_only
from workbench.retrieval.exact.pairs import FeaturePairs
from workbench.retrieval.exact.vector_pairs import device_of, pairs_on
from workbench.retrieval.exact.vectors import require_direction, squared_lengths
from workbench.retrieval.features import Features, Numbers, read_features, read_numbers

POINTS = 16_384  # points compared with moved centres at once: 32 MB of them at width 512


@dataclass(frozen=True, eq=False)
class ClusterAgreement:
    """Clusters found by k-means, beside the classes.

    Attributes:
        nmi: Normalised mutual information of clusters and classes, from 0 to 1: divided by the mean
            of both entropies.
        assignments: Cluster of each vector.
        distortion: Sum of squared distances to the centres.
        iterations: Rounds done; fewer than allowed where nothing moved any more.
        num_clusters: How many clusters.
    """

    nmi: float
    assignments: Int64[np.ndarray, "images"]
    distortion: float
    iterations: int
    num_clusters: int


@dataclass(frozen=True, eq=False)
class Assignment:
    """The nearest centre of each point, and how far it is (squared)."""

    clusters: Int64[np.ndarray, "images"]
    distances: Float64[np.ndarray, "images"]
    centres: Float32[np.ndarray, "clusters dim"]


@dataclass(frozen=True)
class Rounds:
    """How Lloyd's rounds go: how many at most, from which centres, where products are made."""

    most: int
    seed: int
    device: str | None
    progress: Progress | None


def cluster_agreement(
    features: Features,
    ids: Numbers,
    *,
    clusters: int | None = None,
    iterations: int = 20,
    seed: int = 0,
    normalise: bool = True,
    progress: Progress | None = None,
) -> ClusterAgreement:
    """Normalised mutual information of the classes and a k-means clustering (Lloyd's rounds).

    Each vector goes to the exactly nearest centre, so assignments are the same on every machine.
    Centres begin at vectors drawn by ``seed``; a cluster that runs empty begins again at one of the
    vectors farthest from their centres.

    Args:
        features: Vectors ``(images, dim)``: NumPy arrays or torch tensors of any floating type.
        ids: Classes ``(images,)``, whole numbers.
        clusters: How many; None for as many as there are classes.
        iterations: Rounds at most.
        seed: Of the first centres.
        normalise: Divide each vector by its length first.
        progress: Called as ``progress(stage, done, total)`` before each round.

    Raises:
        ShapeError: Lengths do not fit together.
        DataError: A row is not finite, or is zero and to be divided by its length.
        RecipeError: A number is out of range.
    """
    vectors = read_features(features, "features")
    classes = read_numbers(ids, "ids", len(vectors))
    number = len(np.unique(classes)) if clusters is None else clusters
    if not 1 <= number <= len(vectors):
        raise RecipeError(f"clusters = {number}: must be from 1 to {len(vectors)}, the images.", "")
    if iterations < 1:
        raise RecipeError(f"iterations = {iterations}: must be 1 or more.", "")
    points = _points(vectors, normalise)
    device = device_of(features)
    found = _lloyd(points, number, Rounds(iterations, seed, device, progress))
    return ClusterAgreement(
        nmi=normalised_mutual_information(found[0], classes),
        assignments=found[0],
        distortion=found[1],
        iterations=found[2],
        num_clusters=number,
    )


def normalised_mutual_information(
    left: Int64[np.ndarray, "images"], right: Int64[np.ndarray, "images"]
) -> float:
    """Mutual information of two labellings, divided by the mean of their entropies.

    1 where both are a single group. Raises DataError where there is nothing.
    """
    images = len(left)
    if not images:
        raise DataError("There is nothing to compare: give at least one image.")
    _, left = np.unique(left, return_inverse=True)
    _, right = np.unique(right, return_inverse=True)
    both, sizes = np.unique(np.stack([left, right]), axis=1, return_counts=True)
    left_sizes, right_sizes = np.bincount(left), np.bincount(right)
    entropies = _entropy(left_sizes.tolist()), _entropy(right_sizes.tolist())
    if not any(entropies):
        return 1.0
    expected = left_sizes[both[0]] * right_sizes[both[1]]
    pairs = zip(sizes.tolist(), expected.tolist(), strict=True)
    shared = fsum(size / images * log(size * images / product) for size, product in pairs)
    return min(max(2 * shared / sum(entropies), 0.0), 1.0)


def _entropy(sizes: Sequence[int]) -> float:
    total = sum(sizes)
    return fsum(size / total * log(total / size) for size in sizes)


def _points(
    vectors: Float[np.ndarray, "images dim"], normalise: bool
) -> Float32[np.ndarray, "images dim"]:
    squares = squared_lengths(vectors, "features")
    if not normalise:
        return vectors.astype(np.float32)
    require_direction(squares, "features")
    points = np.empty(vectors.shape, dtype=np.float32)
    for start in range(0, len(points), 1024):
        part = slice(start, start + 1024)
        points[part] = vectors[part].astype(np.float64) / np.sqrt(squares[part, None])
    return points


def _lloyd(
    points: Float32[np.ndarray, "images dim"], number: int, rounds: Rounds
) -> tuple[Int64[np.ndarray, "images"], float, int]:
    """Assignments, distortion and number of rounds."""
    drawn = np.random.default_rng(rounds.seed).choice(len(points), number, replace=False)
    centres = points[np.sort(drawn)]
    found = None
    for done in range(rounds.most):
        if rounds.progress is not None:
            rounds.progress("clustering", done, rounds.most)
        latest, found = found, _assigned(points, centres, found, rounds.device)
        if latest is not None and np.array_equal(found.clusters, latest.clusters):
            return found.clusters, fsum(found.distances.tolist()), done
        centres = _centres(points, found.clusters, found.distances, number)
    if found is None:
        raise AssertionError("there is at least one round")
    return found.clusters, fsum(found.distances.tolist()), rounds.most


def _assigned(
    points: Float32[np.ndarray, "images dim"],
    centres: Float32[np.ndarray, "clusters dim"],
    latest: Assignment | None,
    device: str | None,
) -> Assignment:
    """The nearest centre of each point, of equally near ones the first.

    A point whose own centre has not moved away cannot be nearer to another that has not moved than
    it was: it is compared with those that have. The result is that of comparing it with all.
    """
    whole = pairs_on(device, points, centres, "euclidean")
    every = np.arange(len(points))
    if latest is None:
        return _nearest(whole, every, nearest_only(whole), centres)
    moved = (centres != latest.centres).any(axis=1)
    own = -whole.scores(every, latest.clusters)
    stays = (own < latest.distances) | ~moved[latest.clusters]
    clusters = latest.clusters.copy()
    rest = np.flatnonzero(~stays)
    if len(rest):
        clusters[rest] = nearest_only(pairs_on(device, points[rest], centres, "euclidean"))
    changed, rows = np.flatnonzero(moved), np.flatnonzero(stays)
    for start in range(0, len(rows) if len(changed) else 0, POINTS):
        part = rows[start : start + POINTS]
        some = pairs_on(device, points[part], centres[changed], "euclidean")
        rival = changed[nearest_only(some)]
        apart = -whole.scores(part, rival)
        nearer = (apart < own[part]) | ((apart == own[part]) & (rival < clusters[part]))
        clusters[part[nearer]] = rival[nearer]
    return _nearest(whole, every, clusters, centres)


def _nearest(
    pairs: FeaturePairs,
    every: Int64[np.ndarray, "images"],
    clusters: Int64[np.ndarray, "images"],
    centres: Float32[np.ndarray, "clusters dim"],
) -> Assignment:
    return Assignment(clusters, -pairs.scores(every, clusters), centres)


def _centres(
    points: Float32[np.ndarray, "images dim"],
    assigned: Int64[np.ndarray, "images"],
    distances: Float[np.ndarray, "images"],
    number: int,
) -> Float32[np.ndarray, "clusters dim"]:
    """The mean of each cluster; an empty one gets one of the points farthest from their centres."""
    sizes = np.bincount(assigned, minlength=number)
    order = np.argsort(assigned, kind="stable")
    ends = np.cumsum(sizes)
    centres = np.empty((number, points.shape[1]), dtype=np.float32)
    for cluster in np.flatnonzero(sizes):
        members = points[order[ends[cluster] - sizes[cluster] : ends[cluster]]]
        # Added from the first to the last: NumPy sums the first axis in order.
        centres[cluster] = members.sum(axis=0, dtype=np.float64) / sizes[cluster]
    empty = np.flatnonzero(sizes == 0)
    centres[empty] = points[np.argsort(-distances, kind="stable")[: len(empty)]]
    return centres
