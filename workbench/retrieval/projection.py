"""Embeddings as points of a plane: principal components at once, and maps that can be compared.

No torch here: a page draws the components as soon as it is asked.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from jaxtyping import Float, Float32, Float64, Int64
from threadpoolctl import threadpool_limits

from workbench.errors import ShapeError
from workbench.retrieval.nearest import nearest_columns
from workbench.retrieval.pairs import FeaturePairs

Method = Literal["pca", "umap"]
Distance = Literal["cosine", "euclidean"]
Vectors = Float[np.ndarray, "points dim"]
Points = Float32[np.ndarray, "points 2"]
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
    if len(vectors) < FEWEST:
        raise ShapeError(
            f"A map needs at least {FEWEST} images, here are {len(vectors)}: embed more."
        )
    array = np.ascontiguousarray(vectors, dtype=np.float32)
    if not np.isfinite(array).all():
        raise ShapeError("A vector is not finite: embed the images again with precision fp32.")
    if distance == "euclidean":
        return array
    return array / np.maximum(np.linalg.norm(array, axis=1, keepdims=True), 1e-12)


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
    the solver. Points that do not spread in two directions have zeros in the second.
    """
    points = prepared(vectors, distance).astype(np.float64)
    centred = points - points.mean(0)
    # The covariance is small: as many rows as a vector has numbers, however many images there are.
    axes = _leading(centred.T @ centred)
    axes = axes * np.sign(axes[np.abs(axes).argmax(0), np.arange(axes.shape[1])])
    plane = np.zeros((len(points), 2), dtype=np.float32)
    plane[:, : axes.shape[1]] = centred @ axes
    return plane


def _leading(covariance: Float64[np.ndarray, "dim dim"]) -> Float64[np.ndarray, "dim axes"]:
    """The eigenvectors of the two largest eigenvalues, the largest first."""
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
