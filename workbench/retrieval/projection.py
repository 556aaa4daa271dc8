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
from workbench.retrieval.nearest import nearest_columns
from workbench.retrieval.pairs import FeaturePairs
from workbench.retrieval.principal import Rows, leading_axes

Method = Literal["pca", "umap"]
Distance = Literal["cosine", "euclidean"]
Vectors = Float[np.ndarray, "points dim"]
Part = Float[np.ndarray, "_ dim"]
Points = Float32[np.ndarray, "points 2"]
LARGEST_DENSE = 2048
"""Side of the largest matrix that is decomposed whole, in about three seconds."""
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
    array = np.ascontiguousarray(vectors, dtype=np.float32)
    if not np.isfinite(array).all():
        raise _not_finite()
    if distance == "euclidean":
        return array
    return array / np.maximum(np.linalg.norm(array, axis=1, keepdims=True), 1e-12)


def _require_enough(count: int) -> None:
    if count < FEWEST:
        raise ShapeError(f"A map needs at least {FEWEST} images, here are {count}: embed more.")


def _not_finite() -> ShapeError:
    return ShapeError("A vector is not finite: embed the images again with precision fp32.")


def neighbours(vectors: Vectors, k: int, distance: Distance = "cosine") -> Neighbours:
    """The exact ``k`` nearest others of each point, at most as many as there are."""
    points = prepared(vectors, distance)
    k = min(k, len(points) - 1)
    pairs, every = FeaturePairs(points, points, "euclidean"), np.arange(len(points))
    found = nearest_columns(pairs, k + 1)
    others = found != every[:, None]
    others[others.all(axis=1), k] = False  # more equal points than k: any others are as near
    index = found[others].reshape(-1, k)
    squares = -pairs.scores(np.repeat(every, k), index.ravel()).reshape(-1, k)
    return Neighbours(index, np.sqrt(squares).astype(np.float32))


def nearest_to(
    vectors: Vectors, point: int, k: int, distance: Distance = "cosine"
) -> Int64[np.ndarray, "k"]:
    """The exact ``k`` nearest others of one point, nearest first, at most as many as there are."""
    points = prepared(vectors, distance).astype(np.float64)
    apart = np.square(points - points[point]).sum(1)
    apart[point] = np.inf
    return np.argsort(apart, kind="stable")[: min(k, len(points) - 1)]


def pca(vectors: Vectors, distance: Distance = "cosine") -> Points:
    """The first two principal components, the same for the same vectors.

    Each component points to where its largest loading is positive, so that signs do not depend on
    the solver. Points that do not spread in two directions have zeros in the second. Raises
    ShapeError where there are fewer than four points, or a value is not finite.
    """
    return pca_of_parts([vectors], distance)


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
            raise _not_finite() from None
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
