"""How far to believe a map: are a point's neighbours there its true ones?"""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float32, Float64, Int64

from workbench.errors import ShapeError
from workbench.retrieval.exact.nearest import nearest_columns
from workbench.retrieval.exact.pairs import FeaturePairs
from workbench.retrieval.exact.stacked_vectors import (
    Stacked,
    as_distance,
    parts_in,
    rows_of,
    shape_of,
)
from workbench.retrieval.projection.projection import (
    Distance,
    Points,
    nearest_in_blocks,
    nearest_to,
    prepared,
)

K = 10
LARGEST_EXACT = 10**12
"""Products of numbers of the largest map that is judged at every point: squared points by width."""
SAMPLE = 1000
"""Points at which a larger map is judged, evenly spread: 1.6 percent of standard error at most."""
SHOWN_AT_ONCE = 100
CERTAIN = 1e-12  # relative difference of squares that no rounding of a few operations makes


@dataclass(frozen=True)
class Trust:
    """Share of true neighbours among the neighbours on a map.

    Attributes:
        per_point: of each point, from 0 to 1; NaN where it was not measured.
        overall: mean over the points that were measured.
        chance: what a map that knows nothing would have.
        k: how many neighbours were looked at.
    """

    per_point: Float64[np.ndarray, "points"]
    overall: float
    chance: float
    k: int

    @property
    def measured(self) -> int:
        """At how many points it was measured."""
        return int(np.isfinite(self.per_point).sum())


def trust(
    vectors: Stacked,
    points: Float32[np.ndarray, "mapped 2"],
    k: int = K,
    distance: Distance = "cosine",
) -> Trust:
    """Of each point's ``k`` nearest on the map, how many are among its ``k`` nearest in truth.

    Another point as near as the k-th true neighbour counts as one. ``k`` is at most the number of
    other points. Where all pairs take more than ``LARGEST_EXACT`` products, ``SAMPLE`` points are
    measured, each against all others. Raises ShapeError where map and vectors are not of the same
    images.
    """
    count, dim = shape_of(vectors)
    if count != len(points):
        raise ShapeError(f"The map has {len(points)} points for {count} vectors: make it again.")
    plane, k = points.astype(np.float64), min(k, count - 1)
    per_point = np.full(count, np.nan)
    if count * count * dim > LARGEST_EXACT and count > SAMPLE:
        chosen = np.linspace(0, count - 1, SAMPLE).round().astype(np.int64)
        per_point[chosen] = _shares_of_some(vectors, plane, chosen, k, distance)
    else:
        per_point[:] = _shares(vectors, plane, k, distance)
    return Trust(per_point, float(np.nanmean(per_point)), k / (count - 1), k)


def _shares(
    vectors: Stacked, plane: Float64[np.ndarray, "points 2"], k: int, distance: Distance
) -> Float64[np.ndarray, "points"]:
    parts = parts_in(vectors)
    true = prepared(parts[0] if len(parts) == 1 else np.concatenate(parts), distance)
    pairs, every = FeaturePairs(true, true, "euclidean"), np.arange(len(true))
    # A point is its own nearest, or as near as those that are: the k-th other comes after k.
    farthest = pairs.scores(every, nearest_columns(pairs, k + 1)[:, k])
    shown = nearest_in_the_plane(plane, k)
    near = pairs.scores(np.repeat(every, k), shown.ravel()).reshape(-1, k)
    return (near >= farthest[:, None]).mean(1)


def _shares_of_some(
    vectors: Stacked,
    plane: Float64[np.ndarray, "points 2"],
    chosen: Int64[np.ndarray, "chosen"],
    k: int,
    distance: Distance,
) -> Float64[np.ndarray, "chosen"]:
    """The same of some points, without a copy of all vectors."""
    asking = as_distance(rows_of(vectors, chosen), distance)
    farthest = nearest_in_blocks(asking, vectors, k + 1, distance)[1][:, k]
    shares = np.empty(len(chosen))
    for start in range(0, len(chosen), SHOWN_AT_ONCE):
        part = slice(start, min(start + SHOWN_AT_ONCE, len(chosen)))
        shown = np.stack([_nearest_of_one(plane, point, k) for point in chosen[part].tolist()])
        once, place = np.unique(shown, return_inverse=True)
        there = as_distance(rows_of(vectors, once), distance)
        pairs = FeaturePairs(asking[part], there, "euclidean")
        near = pairs.scores(np.repeat(np.arange(len(shown)), k), place.ravel()).reshape(-1, k)
        shares[part] = (near >= farthest[part, None]).mean(1)
    return shares


@dataclass(frozen=True)
class TrueNeighbours:
    """The true neighbours of one point, nearest first.

    Attributes:
        index: which points.
        near: whether each is also among the point's nearest on the map.
    """

    index: Int64[np.ndarray, "k"]
    near: Bool[np.ndarray, "k"]


def true_neighbours(
    vectors: Stacked, points: Points, point: int, k: int = K, distance: Distance = "cosine"
) -> TrueNeighbours:
    """The ``k`` nearest of one point in truth, and which of them a map shows near it."""
    index = nearest_to(vectors, point, k, distance)
    plane = points.astype(np.float64)
    shown = _nearest_of_one(plane, point, len(index))
    return TrueNeighbours(index, np.isin(index, shown))


def nearest_in_the_plane(
    plane: Float64[np.ndarray, "points 2"], k: int
) -> Int64[np.ndarray, "points k"]:
    """The exact ``k`` nearest others of each point of a plane; of equally near ones the first."""
    # Loaded where it is needed: most who import this module never judge a map.
    from scipy.spatial import KDTree

    every, known = np.arange(len(plane)), min(k + 2, len(plane))
    _, found = KDTree(plane).query(plane, known)
    squares = np.square(plane[every, None] - plane[found]).sum(axis=2)
    squares[found == every[:, None]] = -1.0  # itself stands first and is left out
    order = np.lexsort((found, squares), axis=1)
    found, squares = (np.take_along_axis(of, order, axis=1) for of in (found, squares))
    nearest = found[:, 1 : k + 1].astype(np.int64)
    # What the tree has not named is at least as far as the last it has: that may be a tie.
    unsure = found[:, 0] != every
    if known < len(plane):
        unsure |= squares[:, k] >= squares[:, -1] * (1 - CERTAIN)
    for point in np.flatnonzero(unsure).tolist():
        nearest[point] = _nearest_of_one(plane, point, k)
    return nearest


def _nearest_of_one(
    plane: Float64[np.ndarray, "points 2"], point: int, k: int
) -> Int64[np.ndarray, "k"]:
    squares = np.square(plane - plane[point]).sum(axis=1)
    squares[point] = np.inf
    farthest = np.partition(squares, k - 1)[k - 1]
    nearer = np.flatnonzero(squares < farthest)
    return np.append(nearer, np.flatnonzero(squares == farthest)[: k - len(nearer)])
