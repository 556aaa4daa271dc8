"""How near two images are, as a number that is the same on every machine.

The **value of a pair** is a float64 sum, dimension by dimension from the first to the last: of the
products of the two vectors (cosine; each vector first divided by its float64 length, computed the
same way) or of their squared differences (euclidean). Two images tie exactly when these values are
equal.

A matrix product is much faster, but its last bits depend on the processor, the number of threads
and even on the column a vector stands in. It is used to sort pairs roughly, together with a bound
on how far it can be from the value; whatever the bound leaves open is decided by the value itself.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from jaxtyping import Float, Float64, Int64
from numpy.typing import NDArray

from workbench.errors import DataError, ShapeError

Distance = Literal["cosine", "euclidean"]

UNIT_ROUNDOFF = 2.0**-53
UNDERFLOW = 1e-300  # far above anything lost to subnormal numbers, far below any real difference
SMALLEST_SQUARE = 1e-280  # below it a squared length has lost digits, and a direction with them
LARGEST_SQUARE = 1e300  # above it a squared distance may overflow

QUERY_BLOCK = 128  # queries of one matrix product
GALLERY_BLOCK = 8192  # gallery images of one matrix product, at most: 8 MB of scores
BLOCK_NUMBERS = 2**21  # float64 numbers of gallery vectors held at once, at most: 16 MB
PAIR_NUMBERS = 2**17  # float64 numbers in work while values of pairs are summed: 1 MB


@dataclass(frozen=True, eq=False)
class Block:
    """Scores of some queries against some gallery images, known up to a margin.

    ``scores`` is ``(queries of the block, gallery images of the block)``, larger is nearer, and may
    be overwritten by whoever receives it. ``margin``, one per query, bounds the difference to the
    pair's true score.
    """

    queries: slice
    gallery: slice
    scores: Float64[np.ndarray, "queries gallery"]
    margin: Float64[np.ndarray, "queries"]


class FeaturePairs:
    """All pairs of query and gallery vectors.

    The score of a pair is its value under cosine and the negated value under euclidean, so that
    larger is always nearer.

    Args:
        query: Vectors ``(queries, dim)``, float16, float32 or float64.
        gallery: Vectors ``(images, dim)``.
        distance: ``"cosine"`` or ``"euclidean"`` (squared).

    Raises:
        ShapeError: The vectors differ in width.
        DataError: A vector is not finite, too long, or without direction under cosine.
    """

    def __init__(
        self,
        query: Float[np.ndarray, "queries dim"],
        gallery: Float[np.ndarray, "images otherdim"],
        distance: Distance,
    ) -> None:
        if query.shape[1] != gallery.shape[1]:
            raise ShapeError(
                f"query vectors have width {query.shape[1]}, gallery vectors {gallery.shape[1]}:"
                " both must come from the same network and settings."
            )
        self.distance: Distance = distance
        self._query = np.asarray(query)
        self._gallery = np.asarray(gallery)
        self._query_squares = squared_lengths(query, "query")
        self._gallery_squares = squared_lengths(gallery, "gallery")
        if distance == "cosine":
            _require_direction(self._query_squares, "query")
            _require_direction(self._gallery_squares, "gallery")

    @property
    def shape(self) -> tuple[int, int]:
        """Number of queries and of gallery images."""
        return self._query.shape[0], self._gallery.shape[0]

    def scores(
        self, queries: Int64[np.ndarray, "pairs"], gallery: Int64[np.ndarray, "pairs"]
    ) -> Float64[np.ndarray, "pairs"]:
        """The exact scores of the pairs ``(queries[i], gallery[i])``."""
        scores = np.empty(len(queries))
        step = max(1, PAIR_NUMBERS // self._query.shape[1])
        for start in range(0, len(queries), step):
            part = slice(start, start + step)
            left = self._rows(self._query, self._query_squares, queries[part])
            right = self._rows(self._gallery, self._gallery_squares, gallery[part])
            if self.distance == "cosine":
                left *= right
                scores[part] = sum_in_order(left)
            else:
                left -= right
                left *= left
                scores[part] = -sum_in_order(left)
        return scores

    def blocks(self) -> Iterator[Block]:
        """Every pair once, in blocks whose size bounds the memory in use."""
        queries, images = self.shape
        step = min(images, GALLERY_BLOCK, max(1, BLOCK_NUMBERS // self._query.shape[1]))
        memory = np.empty(min(QUERY_BLOCK, queries) * step)
        for start in range(0, images, step):
            gallery = slice(start, min(start + step, images))
            vectors = self._rows(self._gallery, self._gallery_squares, gallery)
            for first in range(0, queries, QUERY_BLOCK):
                rows = slice(first, min(first + QUERY_BLOCK, queries))
                yield self._block(rows, gallery, vectors, memory)

    def _block(
        self,
        queries: slice,
        gallery: slice,
        gallery_rows: Float64[np.ndarray, "gallery dim"],
        memory: Float64[np.ndarray, "numbers"],
    ) -> Block:
        query_rows = self._rows(self._query, self._query_squares, queries)
        shape = len(query_rows), len(gallery_rows)
        scores = memory[: shape[0] * shape[1]].reshape(shape)
        np.matmul(query_rows, gallery_rows.T, out=scores)
        if self.distance == "cosine":
            reach = np.ones(shape[0])
        else:
            query_squares, gallery_squares = (
                self._query_squares[queries],
                self._gallery_squares[gallery],
            )
            scores *= 2
            scores -= gallery_squares
            scores -= query_squares[:, None]
            reach = (np.sqrt(query_squares) + np.sqrt(gallery_squares.max())) ** 2
        return Block(queries, gallery, scores, margin(self._query.shape[1]) * reach + UNDERFLOW)

    def _rows(
        self,
        features: Float[np.ndarray, "images dim"],
        squares: Float64[np.ndarray, "images"],
        chosen: slice | Int64[np.ndarray, "chosen"],
    ) -> Float64[np.ndarray, "chosen dim"]:
        """The vectors as they enter a value: float64, under cosine divided by their length."""
        rows = features[chosen].astype(np.float64)
        if self.distance == "cosine":
            rows /= np.sqrt(squares[chosen])[:, None]
        return rows


class MatrixPairs:
    """All pairs of a given matrix of distances, taken as they stand; smaller is nearer.

    Args:
        distances: ``(queries, images)``, float32 or float64.

    Raises DataError where a distance is not finite.
    """

    def __init__(self, distances: Float[np.ndarray, "queries images"]) -> None:
        self._distances = distances
        for row, line in enumerate(distances):
            if not np.isfinite(line).all():
                raise DataError(
                    f"distances[{row}] holds a value that is not finite (NaN or infinite):"
                    " compute them again."
                )

    @property
    def shape(self) -> tuple[int, int]:
        """Number of queries and of gallery images."""
        return self._distances.shape[0], self._distances.shape[1]

    def scores(
        self, queries: Int64[np.ndarray, "pairs"], gallery: Int64[np.ndarray, "pairs"]
    ) -> Float64[np.ndarray, "pairs"]:
        """The negated distances of the pairs ``(queries[i], gallery[i])``."""
        return -self._distances[queries, gallery].astype(np.float64)

    def blocks(self) -> Iterator[Block]:
        """Every pair once, in blocks of queries."""
        for start in range(0, self.shape[0], QUERY_BLOCK):
            rows = slice(start, min(start + QUERY_BLOCK, self.shape[0]))
            scores = -self._distances[rows].astype(np.float64)
            yield Block(rows, slice(0, self.shape[1]), scores, np.zeros(len(scores)))


Pairs = FeaturePairs | MatrixPairs


def sum_in_order(terms: Float64[np.ndarray, "rows dim"]) -> Float64[np.ndarray, "rows"]:
    """The sum of each row from its first number to its last; ``terms`` is overwritten.

    NumPy's own sum adds in an order of its choice, a running sum has only one.
    """
    return np.add.accumulate(terms, axis=1, out=terms)[:, -1].copy()


def margin(dim: int) -> float:
    """How far a float64 product of two unit vectors can be from the value of the pair.

    Whatever the order of summation, with or without fused multiplication, a sum of ``n`` products
    is within ``n u / (1 - n u)`` of the true one, relative to the lengths (Higham 2002, sec. 3.1);
    that holds for the product and for the value, hence twice. Eight roundings are added for the
    lengths, the euclidean combination and the comparison itself.
    """
    error = (dim + 8) * UNIT_ROUNDOFF
    return 2 * error / (1 - error)


def squared_lengths(
    features: Float[np.ndarray, "images dim"], name: str
) -> Float64[np.ndarray, "images"]:
    """The squared length of each vector, summed in order in float64.

    Raises DataError naming the first vector that is not finite or too long for float64.
    """
    squares = np.empty(len(features))
    step = max(1, PAIR_NUMBERS // features.shape[1])
    for start in range(0, len(features), step):
        rows = features[start : start + step].astype(np.float64)
        with np.errstate(over="ignore", invalid="ignore"):
            rows *= rows
            squares[start : start + step] = sum_in_order(rows)
    bad = np.flatnonzero(~(squares <= LARGEST_SQUARE))
    if len(bad):
        _refuse(features[bad[0]], f"{name}[{bad[0]}]")
    return squares


def _refuse(row: NDArray[Any], where: str) -> None:
    if np.isfinite(row).all():
        raise DataError(
            f"{where} is too long (its squared length exceeds 1e300): scale the vectors down."
        )
    raise DataError(
        f"{where} holds a value that is not finite (NaN or infinite): embed this image again."
    )


def _require_direction(squares: Float64[np.ndarray, "images"], name: str) -> None:
    short = np.flatnonzero(squares < SMALLEST_SQUARE)
    if len(short):
        raise DataError(
            f"{name}[{short[0]}] is a zero vector, which has no direction: cosine cannot rank it,"
            " use distance='euclidean' or embed this image again."
        )
