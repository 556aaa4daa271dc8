"""Vectors of several arrays, in memory or mapped, read in blocks as they enter distances."""

from collections.abc import Iterator, Sequence

import numpy as np
from jaxtyping import Float, Float32, Float64, Int64

from workbench.errors import ShapeError
from workbench.retrieval.exact.pair_sides import Distance

NUMBERS = 2**24
"""Numbers of a block of rows: 64 MB as float32."""
NOT_FINITE = "A vector is not finite: embed the images again with precision fp32."

Part = Float[np.ndarray, "_ dim"]
Stacked = Part | Sequence[Part]
"""One array, or several with rows of one width that follow each other."""


def parts_in(vectors: Stacked) -> list[Part]:
    """The arrays that ``vectors`` consists of."""
    return [vectors] if isinstance(vectors, np.ndarray) else list(vectors)


def shape_of(vectors: Stacked) -> tuple[int, int]:
    """How many rows there are, and their width."""
    parts = parts_in(vectors)
    return sum(len(part) for part in parts), parts[0].shape[1]


def as_distance(array: Part, distance: Distance) -> Float32[np.ndarray, "_ dim"]:
    """Rows between which euclidean distances are taken: of length one where it is cosine."""
    array = np.ascontiguousarray(array, dtype=np.float32)
    if distance == "euclidean":
        return array
    return array / np.maximum(np.linalg.norm(array, axis=1, keepdims=True), 1e-12)


def blocks(
    vectors: Stacked, distance: Distance
) -> Iterator[tuple[slice, Float32[np.ndarray, "block dim"]]]:
    """All rows in order as ``as_distance`` has them, with their places.

    Raises ShapeError where a value is not finite.
    """
    step, first = max(1, NUMBERS // shape_of(vectors)[1]), 0
    for part in parts_in(vectors):
        for start in range(0, len(part), step):
            require_finite(part[start : start + step])
            block = as_distance(part[start : start + step], distance)
            yield slice(first, first + len(block)), block
            first += len(block)


def require_finite(vectors: Part) -> None:
    """Raise ShapeError where a value is not finite."""
    if not np.isfinite(vectors).all():
        raise ShapeError(NOT_FINITE)


def rows_of(
    vectors: Stacked, places: Int64[np.ndarray, "chosen"]
) -> Float32[np.ndarray, "chosen dim"]:
    """Some rows as they are stored, in the order of ``places``; only those are read."""
    rows = np.empty((len(places), shape_of(vectors)[1]), dtype=np.float32)
    first = 0
    for part in parts_in(vectors):
        here = (places >= first) & (places < first + len(part))
        rows[here] = part[places[here] - first]
        first += len(part)
    return rows


def lengths(vectors: Stacked) -> Float64[np.ndarray, "rows"]:
    """The length of every vector, in float64."""
    step = max(1, NUMBERS // (4 * shape_of(vectors)[1]))
    return np.concatenate(
        [
            np.linalg.norm(np.asarray(part[start : start + step], dtype=np.float64), axis=1)
            for part in parts_in(vectors)
            for start in range(0, len(part), step)
        ]
    )
