"""Embeddings as points of a plane: principal components at once, and maps that can be compared.

No torch here: a page draws the components as soon as it is asked.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from jaxtyping import Float, Float32, Float64, Int64
from threadpoolctl import threadpool_limits

from workbench.errors import ShapeError
from workbench.retrieval.exact.nearest import nearest_columns
from workbench.retrieval.exact.pairs import FeaturePairs
from workbench.retrieval.exact.stacked_vectors import (
    NOT_FINITE,
    Stacked,
    as_distance,
    blocks,
    parts_in,
    require_finite,
    rows_of,
    shape_of,
)
from workbench.retrieval.exact.stacked_vectors import Part as Part
from workbench.retrieval.projection.principal_components import Rows, leading_axes

Method = Literal["pca", "umap"]
Distance = Literal["cosine", "euclidean"]
Vectors = Float[np.ndarray, "points dim"]
Points = Float32[np.ndarray, "points 2"]
LARGEST_DENSE = 2048
"""Side of the largest matrix that is decomposed whole, in about three seconds."""
LARGEST_COPY = 2**27
"""Numbers of the largest copy that is made of vectors: 512 MB as float32."""
ASKING = 4096
"""Points whose neighbours are looked for at once where vectors are read in blocks."""
FEWEST = 4
"""Three points are a triangle however they lie: a map of them says nothing."""


@dataclass(frozen=True)
class Neighbours:
    """The nearest other points of each point, nearest first.

    Attributes:
        index: ``(points, k)``.
        distance: euclidean, between vectors of length one where the distance is cosine.
    """

    index: Int64[np.ndarray, "points k"]
    distance: Float32[np.ndarray, "points k"]


def prepared(vectors: Vectors, distance: Distance = "cosine") -> Float32[np.ndarray, "points dim"]:
    """What euclidean distances are taken between: rows of length one where the distance is cosine.

    Raises ShapeError where there are fewer than four points, or a value is not finite.
    """
    _require_enough(len(vectors))
    require_finite(vectors)
    return as_distance(vectors, distance)


def _require_enough(count: int) -> None:
    if count < FEWEST:
        raise ShapeError(f"A map needs at least {FEWEST} images, here are {count}: embed more.")


def neighbours(vectors: Stacked, k: int, distance: Distance = "cosine") -> Neighbours:
    """The exact ``k`` nearest others of each point, at most as many as there are.

    Vectors that together are large are read in blocks, which takes twice the products.
    """
    count, dim = shape_of(vectors)
    if count * dim > LARGEST_COPY:
        return _neighbours_in_blocks(vectors, k, distance)
    points = prepared(np.concatenate(parts_in(vectors)), distance)
    k = min(k, len(points) - 1)
    pairs, every = FeaturePairs(points, points, "euclidean"), np.arange(len(points))
    found = nearest_columns(pairs, k + 1)
    others = found != every[:, None]
    others[others.all(axis=1), k] = False  # more equal points than k: any others are as near
    index = found[others].reshape(-1, k)
    squares = -pairs.scores(np.repeat(every, k), index.ravel()).reshape(-1, k)
    return Neighbours(index, np.sqrt(squares).astype(np.float32))


def nearest_in_blocks(
    asking: Float32[np.ndarray, "asking dim"], vectors: Stacked, k: int, distance: Distance
) -> tuple[Int64[np.ndarray, "asking k"], Float64[np.ndarray, "asking k"]]:
    """The exact ``k`` nearest rows of vectors that enter distances as they are, and their scores.

    Scores are negative squared distances, nearest first; equally near rows are in order.
    """
    every = np.arange(len(asking))
    columns = np.empty((len(asking), 0), dtype=np.int64)
    scores = np.empty((len(asking), 0))
    for rows, block in blocks(vectors, distance):
        pairs = FeaturePairs(asking, block, "euclidean")
        near = nearest_columns(pairs, min(k, len(block)))
        values = pairs.scores(np.repeat(every, near.shape[1]), near.ravel()).reshape(near.shape)
        columns, scores = np.hstack([columns, near + rows.start]), np.hstack([scores, values])
        order = np.lexsort((columns, -scores), axis=1)[:, :k]
        columns, scores = (np.take_along_axis(of, order, axis=1) for of in (columns, scores))
    return columns, scores


def _neighbours_in_blocks(vectors: Stacked, k: int, distance: Distance) -> Neighbours:
    count = shape_of(vectors)[0]
    k, index, apart = min(k, count - 1), [], []
    for start in range(0, count, ASKING):
        every = np.arange(start, min(start + ASKING, count))
        asking = as_distance(rows_of(vectors, every), distance)
        columns, scores = nearest_in_blocks(asking, vectors, k + 1, distance)
        others = columns != every[:, None]
        others[others.all(axis=1), k] = False
        index.append(columns[others].reshape(-1, k))
        apart.append(np.sqrt(-scores[others]).astype(np.float32).reshape(-1, k))
    return Neighbours(np.concatenate(index), np.concatenate(apart))


def nearest_to(
    vectors: Stacked, point: int, k: int, distance: Distance = "cosine"
) -> Int64[np.ndarray, "k"]:
    """The exact ``k`` nearest others of one point, nearest first, at most as many as there are."""
    count = shape_of(vectors)[0]
    _require_enough(count)
    own = as_distance(rows_of(vectors, np.array([point])), distance).astype(np.float64)
    apart = np.empty(count)
    for rows, block in blocks(vectors, distance):
        step = max(1, len(block) // 8)
        for start in range(0, len(block), step):
            near = block[start : start + step].astype(np.float64) - own
            first = rows.start + start
            apart[first : first + len(near)] = np.square(near, out=near).sum(1)
    apart[point] = np.inf
    return np.argsort(apart, kind="stable")[: min(k, count - 1)]


def pca(vectors: Stacked, distance: Distance = "cosine") -> Points:
    """The first two principal components, the same for the same vectors.

    Each component points to where its largest loading is positive, so that signs do not depend on
    the solver. Points that do not spread in two directions have zeros in the second. Raises
    ShapeError where there are fewer than four points, or a value is not finite.
    """
    return pca_of_parts(parts_in(vectors), distance)


def pca_of_parts(parts: Sequence[Part], distance: Distance = "cosine") -> Points:
    """``pca`` of the rows of all ``parts``; many wide ones are read in blocks."""
    count, dim = sum(len(part) for part in parts), parts[0].shape[1]
    _require_enough(count)
    if min(count, dim) > LARGEST_DENSE:
        return _large_plane(parts, distance)
    points = prepared(np.concatenate(parts), distance).astype(np.float64)
    centred = points - points.mean(0)
    if dim <= LARGEST_DENSE:
        axes = _signed(_leading(centred.T @ centred))
    else:  # fewer points than numbers: the same axes from their products with each other
        axes = centred.T @ _leading(centred @ centred.T)
        axes = _signed(axes / np.maximum(np.linalg.norm(axes, axis=0), 1e-300))
    plane = np.zeros((len(points), 2), dtype=np.float32)
    plane[:, : axes.shape[1]] = centred @ axes
    return plane


def _large_plane(parts: Sequence[Part], distance: Distance) -> Points:
    # One thread: the same bits on any machine, and no waiting where a training shares the cores.
    with threadpool_limits(1, "blas"):
        try:
            rows = Rows(parts, distance == "cosine")
        except ValueError:
            raise ShapeError(NOT_FINITE) from None
        return rows.times(_signed(leading_axes(rows))).astype(np.float32)


def _signed(axes: Float64[np.ndarray, "dim axes"]) -> Float64[np.ndarray, "dim axes"]:
    """Each axis with its largest loading positive."""
    return axes * np.sign(axes[np.abs(axes).argmax(0), np.arange(axes.shape[1])])


def _leading(covariance: Float64[np.ndarray, "dim dim"]) -> Float64[np.ndarray, "dim axes"]:
    """The eigenvectors of a small matrix's two largest eigenvalues, the largest first."""
    # On several threads it takes ten times as long where a training shares the processor.
    with threadpool_limits(1, "blas"):
        values, axes = np.linalg.eigh(covariance)
    return axes[:, np.argsort(-values, kind="stable")[:2]]


def turned(points: Points, onto: Points) -> Points:
    """A map moved, turned or mirrored, not stretched, to lie as near to another as it can.

    Source: Schoenemann 1966, A generalized solution of the orthogonal Procrustes problem.
    """
    here, there = (part.astype(np.float64) for part in (points, onto))
    centred, target = here - here.mean(0), there - there.mean(0)
    left, _, right = np.linalg.svd(centred.T @ target)
    return (centred @ (left @ right) + there.mean(0)).astype(np.float32)
