"""Embeddings as points of a plane: principal components at once, and maps that can be compared."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
import torch
from jaxtyping import Float, Float32, Int64

from workbench.errors import ShapeError

Method = Literal["pca", "umap"]
Distance = Literal["cosine", "euclidean"]
Vectors = Float[np.ndarray, "points dim"]
Points = Float32[np.ndarray, "points 2"]
BLOCK = 1024
"""Rows whose distances to all others are held at once."""


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

    Raises ShapeError where there are fewer than three points, or a value is not finite.
    """
    if len(vectors) < 3:
        raise ShapeError(f"A map needs at least 3 images, here are {len(vectors)}: embed more.")
    array = np.ascontiguousarray(vectors, dtype=np.float32)
    if not np.isfinite(array).all():
        raise ShapeError("A vector is not finite: embed the images again with precision fp32.")
    if distance == "euclidean":
        return array
    return array / np.maximum(np.linalg.norm(array, axis=1, keepdims=True), 1e-12)


def neighbours(vectors: Vectors, k: int, distance: Distance = "cosine") -> Neighbours:
    """The exact ``k`` nearest others of each point, at most as many as there are."""
    points = torch.from_numpy(prepared(vectors, distance))
    k = min(k, len(points) - 1)
    found = [_nearest(points, start, k) for start in range(0, len(points), BLOCK)]
    index, near = (torch.cat(part).numpy() for part in zip(*found, strict=True))
    return Neighbours(index, near)


def pca(vectors: Vectors, distance: Distance = "cosine") -> Points:
    """The first two principal components, the same for the same vectors.

    Each component points to where its largest loading is positive, so that signs do not depend on
    the solver. Points that do not spread in two directions have zeros in the second.
    """
    points = prepared(vectors, distance).astype(np.float64)
    centred = points - points.mean(0)
    # The covariance is small: as many rows as a vector has numbers, however many images there are.
    values, axes = np.linalg.eigh(centred.T @ centred)
    axes = axes[:, np.argsort(-values, kind="stable")[:2]]
    axes = axes * np.sign(axes[np.abs(axes).argmax(0), np.arange(axes.shape[1])])
    plane = np.zeros((len(points), 2), dtype=np.float32)
    plane[:, : axes.shape[1]] = centred @ axes
    return plane


def turned(points: Points, onto: Points) -> Points:
    """A map moved, turned or mirrored, not stretched, to lie as near to another as it can.

    Source: Schoenemann 1966, A generalized solution of the orthogonal Procrustes problem.
    """
    here, there = (part.astype(np.float64) for part in (points, onto))
    centred, target = here - here.mean(0), there - there.mean(0)
    left, _, right = np.linalg.svd(centred.T @ target)
    return (centred @ (left @ right) + there.mean(0)).astype(np.float32)


def _nearest(
    points: Float32[torch.Tensor, "points dim"], start: int, k: int
) -> tuple[torch.Tensor, torch.Tensor]:
    squares = squared_distances(points[start : start + BLOCK], points)
    rows = torch.arange(len(squares))
    squares[rows, rows + start] = torch.inf  # not one's own neighbour
    near, index = squares.topk(k, largest=False)
    return index, near.sqrt()


def squared_distances(
    rows: Float[torch.Tensor, "rows dim"], points: Float[torch.Tensor, "points dim"]
) -> Float[torch.Tensor, "rows points"]:
    """Squared euclidean distances, not below zero."""
    lengths = points.square().sum(1)
    own = rows.square().sum(1, keepdim=True)
    return torch.addmm(own + lengths, rows, points.T, alpha=-2.0).clamp_(min=0.0)
