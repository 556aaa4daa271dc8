"""How near two images are, as a number that is the same on every machine.

The **value of a pair** is a float64 sum, dimension by dimension from the first to the last: of the
products of the two vectors (cosine; each vector first divided by its float64 length, computed the
same way) or of their squared differences (euclidean). Two images tie exactly when these values are
equal.

A matrix product in float32 is many times faster, but its last digits depend on the processor, the
number of threads and even on the column a vector stands in. It is used to sort pairs roughly,
together with a bound on how far it can be from the value; whatever the bound leaves open is decided
by the value itself.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, Protocol, runtime_checkable

import numpy as np
from jaxtyping import Float, Float64, Int64

from workbench.errors import DataError, ShapeError
from workbench.retrieval.compiled import kernels
from workbench.retrieval.sides import Distance as Distance
from workbench.retrieval.sides import Rough as Rough
from workbench.retrieval.sides import Side
from workbench.retrieval.vectors import (
    is_plain,
    require_direction,
    squared_lengths,
    sum_in_order,
)

UNDERFLOW = 1e-300  # far above anything lost to subnormal numbers, far below any real difference
# The same in float32, for vectors whose squared lengths are at most LARGEST_IN_SINGLE.
UNDERFLOW_IN_SINGLE = 1e-30
LARGEST_IN_SINGLE = 1e30

QUERY_BLOCK = 512  # queries of one matrix product
GALLERY_BLOCK = 8192  # gallery images of one matrix product, at most: 8 MB of scores
BLOCK_NUMBERS = 2**21  # numbers of gallery vectors held at once, at most: 8 MB in float32
PAIR_NUMBERS = 2**17  # float64 numbers in work while values of pairs are summed: 1 MB


@dataclass(frozen=True, eq=False)
class Block:
    """Scores of some queries against some gallery images, known up to a margin.

    ``scores`` is ``(queries of the block, gallery images of the block)``, float32 or float64,
    larger is nearer, and may be overwritten by whoever receives it. ``margin``, one per query,
    bounds the difference to the pair's true score.
    """

    queries: slice
    gallery: slice
    scores: Float[np.ndarray, "queries gallery"]
    margin: Float64[np.ndarray, "queries"]


@runtime_checkable
class Pairs(Protocol):
    """Scores of all pairs of a query and a gallery image, larger is nearer."""

    @property
    def shape(self) -> tuple[int, int]:
        """Number of queries and of gallery images."""
        ...

    def scores(
        self, queries: Int64[np.ndarray, "pairs"], gallery: Int64[np.ndarray, "pairs"]
    ) -> Float64[np.ndarray, "pairs"]:
        """The exact scores of the pairs ``(queries[i], gallery[i])``."""
        ...

    def quick_scores(
        self, queries: Int64[np.ndarray, "pairs"], gallery: Int64[np.ndarray, "pairs"]
    ) -> tuple[Float64[np.ndarray, "pairs"], Float64[np.ndarray, "queries"]] | None:
        """Scores of the same pairs up to a margin for each query, None where exact is as quick."""
        ...

    def blocks(self, product: Rough = np.float32) -> Iterator[Block]:
        """Every pair once, in blocks whose size bounds the memory in use."""
        ...


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
        squares = [squared_lengths(query, "query"), squared_lengths(gallery, "gallery")]
        if distance == "cosine":
            require_direction(squares[0], "query")
            require_direction(squares[1], "gallery")
        self._query = Side(query, squares[0], distance)
        self._gallery = Side(gallery, squares[1], distance)

    @property
    def shape(self) -> tuple[int, int]:
        """Number of queries and of gallery images."""
        return len(self._query.vectors), len(self._gallery.vectors)

    @property
    def dim(self) -> int:
        """Width of the vectors."""
        return self._query.vectors.shape[1]

    def scores(
        self, queries: Int64[np.ndarray, "pairs"], gallery: Int64[np.ndarray, "pairs"]
    ) -> Float64[np.ndarray, "pairs"]:
        """The exact scores of the pairs ``(queries[i], gallery[i])``."""
        scores = np.empty(len(queries))
        for part in self._parts(len(queries)):
            left, right = queries[part], gallery[part]
            if not self._compiled("exact_scores", left, right, scores[part]):
                scores[part] = self._summed(left, right)
        return scores

    def quick_scores(
        self, queries: Int64[np.ndarray, "pairs"], gallery: Int64[np.ndarray, "pairs"]
    ) -> tuple[Float64[np.ndarray, "pairs"], Float64[np.ndarray, "queries"]] | None:
        """Scores of the same pairs in float64, summed in any order, and a margin for each query."""
        if kernels() is None:
            return None
        scores = np.empty(len(queries))
        for part in self._parts(len(queries)):
            self._compiled("quick_scores", queries[part], gallery[part], scores[part])
        whole = slice(None)
        return scores, margin(self.dim) * self._reach(whole, whole) + UNDERFLOW

    def blocks(self, product: Rough = np.float32) -> Iterator[Block]:
        """Every pair once, in blocks whose size bounds the memory in use.

        Args:
            product: Number format of the matrix product. Lengths that float32 cannot hold are
                multiplied in float64 all the same.
        """
        product = product if self._fits_single() else np.float64
        queries, images = self.shape
        step = min(images, GALLERY_BLOCK, max(1, BLOCK_NUMBERS // self.dim))
        memory = np.empty(min(QUERY_BLOCK, queries) * step, dtype=product)
        for start in range(0, images, step):
            gallery = slice(start, min(start + step, images))
            vectors = self._gallery.rows(gallery, product)
            for first in range(0, queries, QUERY_BLOCK):
                rows = slice(first, min(first + QUERY_BLOCK, queries))
                yield self._block(rows, gallery, vectors, memory)

    def _block(
        self,
        queries: slice,
        gallery: slice,
        gallery_rows: Float[np.ndarray, "gallery dim"],
        memory: Float[np.ndarray, "numbers"],
    ) -> Block:
        query_rows = self._query.rows(queries, memory.dtype.type)
        shape = len(query_rows), len(gallery_rows)
        scores = memory[: shape[0] * shape[1]].reshape(shape)
        np.matmul(query_rows, gallery_rows.T, out=scores)
        if self.distance == "euclidean":
            scores *= 2
            scores -= self._gallery.squares[gallery].astype(scores.dtype)
            scores -= self._query.squares[queries, None].astype(scores.dtype)
        single = scores.dtype == np.float32
        error = margin_in_single(self.dim) if single else margin(self.dim)
        lost = UNDERFLOW_IN_SINGLE if single else UNDERFLOW
        return Block(queries, gallery, scores, error * self._reach(queries, gallery) + lost)

    def _reach(self, queries: slice, gallery: slice) -> Float64[np.ndarray, "queries"]:
        """What the rounding of a score is relative to, for each query."""
        squares = self._query.squares[queries]
        if self.distance == "cosine":
            return np.ones(len(squares))
        return (np.sqrt(squares) + np.sqrt(self._gallery.squares[gallery].max())) ** 2

    def _fits_single(self) -> bool:
        longest = float(max(self._query.squares.max(), self._gallery.squares.max()))
        return self.distance == "cosine" or longest <= LARGEST_IN_SINGLE

    def _parts(self, pairs: int) -> Iterator[slice]:
        """Pieces of a list of pairs: whole where compiled loops take the vectors as they are."""
        direct = kernels() and is_plain(self._query.vectors) and is_plain(self._gallery.vectors)
        step = max(1, pairs if direct else PAIR_NUMBERS // self.dim)
        return (slice(start, start + step) for start in range(0, pairs, step))

    def _compiled(
        self,
        name: Literal["exact_scores", "quick_scores"],
        queries: Int64[np.ndarray, "pairs"],
        gallery: Int64[np.ndarray, "pairs"],
        out: Float64[np.ndarray, "pairs"],
    ) -> bool:
        """Let a compiled loop write ``out``; False where there is none."""
        fast = kernels()
        if fast is None:
            return False
        left, left_lengths, rows = self._query.chosen(queries)
        right, right_lengths, columns = self._gallery.chosen(gallery)
        cosine = self.distance == "cosine"
        loop = getattr(fast, name)
        loop(left, right, left_lengths, right_lengths, rows, columns, cosine, out)
        return True

    def _summed(
        self, queries: Int64[np.ndarray, "pairs"], gallery: Int64[np.ndarray, "pairs"]
    ) -> Float64[np.ndarray, "pairs"]:
        left = self._query.vectors[queries].astype(np.float64)
        right = self._gallery.vectors[gallery].astype(np.float64)
        if self.distance == "cosine":
            left /= self._query.lengths[queries, None]
            right /= self._gallery.lengths[gallery, None]
            left *= right
            return sum_in_order(left)
        left -= right
        left *= left
        return -sum_in_order(left)


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

    def quick_scores(
        self, queries: Int64[np.ndarray, "pairs"], gallery: Int64[np.ndarray, "pairs"]
    ) -> None:
        """Nothing is quicker than looking a distance up."""

    def blocks(self, product: Rough = np.float64) -> Iterator[Block]:
        """Every pair once, in blocks of queries; always in float64."""
        for start in range(0, self.shape[0], QUERY_BLOCK):
            rows = slice(start, min(start + QUERY_BLOCK, self.shape[0]))
            scores = -self._distances[rows].astype(np.float64)
            yield Block(rows, slice(0, self.shape[1]), scores, np.zeros(len(scores)))


def margin(dim: int, unit_roundoff: float = 2.0**-53) -> float:
    """How far a float64 product of two unit vectors can be from the value of the pair.

    Whatever the order of summation, with or without fused multiplication, a sum of ``n`` products
    is within ``n u / (1 - n u)`` of the true one, relative to the lengths (Higham 2002, sec. 3.1);
    that holds for the product and for the value, hence twice. Twelve roundings are added for the
    lengths, the euclidean combination and the comparison itself.
    """
    error = (dim + 12) * unit_roundoff
    return 2 * error / (1 - error)


def margin_in_single(dim: int) -> float:
    """The same of a float32 product of vectors that were rounded to float32.

    The rounding of each vector adds one rounding for each of its numbers. A euclidean score takes
    twice the product, which is at most half the squared sum of the lengths.
    """
    error = (dim + 12) * 2.0**-24
    return error / (1 - error) + margin(dim)
