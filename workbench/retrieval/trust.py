"""How far to believe a map: are a point's neighbours there its true ones?"""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float32, Float64, Int64

from workbench.errors import ShapeError
from workbench.retrieval.nearest import nearest_columns
from workbench.retrieval.pairs import FeaturePairs
from workbench.retrieval.projection import Distance, Points, Vectors, nearest_to, prepared

K = 10
CERTAIN = 1e-12  # relative difference of squares that no rounding of a few operations makes


@dataclass(frozen=True)
class Trust:
    """Share of true neighbours among the neighbours on a map.

    Attributes:
        per_point: of each point, from 0 to 1.
        overall: mean over all points.
        chance: what a map that knows nothing would have.
        k: how many neighbours were looked at.
    """

    per_point: Float64[np.ndarray, "points"]
    overall: float
    chance: float
    k: int


def trust(
    vectors: Vectors,
    points: Float32[np.ndarray, "mapped 2"],
    k: int = K,
    distance: Distance = "cosine",
) -> Trust:
    """Of each point's ``k`` nearest on the map, how many are among its ``k`` nearest in truth.

    Another point as near as the k-th true neighbour counts as one. ``k`` is at most the number of
    other points. Raises ShapeError where map and vectors are not of the same images.
    """
    if len(vectors) != len(points):
        raise ShapeError(
            f"The map has {len(points)} points for {len(vectors)} vectors: make it again."
        )
    true, plane = prepared(vectors, distance), points.astype(np.float64)
    k = min(k, len(true) - 1)
    pairs, every = FeaturePairs(true, true, "euclidean"), np.arange(len(true))
    # A point is its own nearest, or as near as those that are: the k-th other comes after k.
    farthest = pairs.scores(every, nearest_columns(pairs, k + 1)[:, k])
    shown = nearest_in_the_plane(plane, k)
    near = pairs.scores(np.repeat(every, k), shown.ravel()).reshape(-1, k)
    per_point = (near >= farthest[:, None]).mean(1)
    return Trust(per_point, float(per_point.mean()), k / (len(true) - 1), k)


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
    vectors: Vectors, points: Points, point: int, k: int = K, distance: Distance = "cosine"
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
