"""How far to believe a map: are a point's neighbours there its true ones?"""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float32, Float64, Int64

from workbench.errors import ShapeError
from workbench.retrieval.projection import (
    Distance,
    Points,
    Vectors,
    blocks,
    nearest_to,
    prepared,
    squared_distances,
)

K = 10


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
    per_point = np.concatenate([_shares(true, plane, rows, k) for rows in blocks(len(true))])
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
    shown = _nearest_on_the_map(plane, slice(point, point + 1), len(index))[0]
    return TrueNeighbours(index, np.isin(index, shown))


def _shares(
    true: Float32[np.ndarray, "points dim"],
    plane: Float64[np.ndarray, "points 2"],
    rows: slice,
    k: int,
) -> Float64[np.ndarray, "rows"]:
    apart = squared_distances(true, rows)
    near = np.take_along_axis(apart, _nearest_on_the_map(plane, rows, k), axis=1)
    apart.partition(k - 1, axis=1)
    return (near <= apart[:, k - 1 : k]).mean(1)


def _nearest_on_the_map(
    plane: Float64[np.ndarray, "points 2"], rows: slice, k: int
) -> Int64[np.ndarray, "rows k"]:
    across, up = plane.T
    shown = np.square(across[rows, None] - across) + np.square(up[rows, None] - up)
    shown[np.arange(len(shown)), np.arange(rows.start, rows.stop)] = np.inf
    return np.argpartition(shown, k - 1, axis=1)[:, :k]
