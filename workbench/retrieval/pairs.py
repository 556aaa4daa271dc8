"""How near two images are, as a number that is the same on every machine.

The **value of a pair** is a float64 sum, dimension by dimension from the first to the last: of the
products of the two vectors (cosine; each vector first divided by its float64 length, computed the
same way) or of their squared differences (euclidean). Two images tie exactly when these values are
equal.

A matrix product in low precision is many times faster, but its last digits depend on the processor,
the number of threads and even on the column a vector stands in. It is used to sort pairs roughly,
together with a bound on how far it can be from the value (``products``); whatever the bound leaves
open is decided by the value itself.
"""

from collections.abc import Iterator
from dataclasses import replace
from typing import Literal

import numpy as np
from jaxtyping import Float, Float64, Int64

from workbench.errors import ShapeError
from workbench.retrieval.blocks import Block
from workbench.retrieval.compiled import Runner, kernels, multiplying, shares, thread_count, threads
from workbench.retrieval.products import (
    LARGEST_IN_SINGLE,
    SHORT,
    UNDERFLOW,
    UNDERFLOW_IN_SINGLE,
    Precision,
    Rows,
    fastest,
    format_of,
    margin,
    margin_in_single,
    margin_of_shortening,
    multiply,
)
from workbench.retrieval.sides import Distance as Distance
from workbench.retrieval.sides import Side
from workbench.retrieval.vectors import (
    is_plain,
    require_direction,
    squared_lengths,
    sum_in_order,
)

QUERY_BLOCK = 512  # queries of one matrix product
SQUARE_BLOCK = 2048  # images on either side of a product of images with themselves: 16 MB
GALLERY_BLOCK = 8192  # gallery images of one matrix product, at most: 8 MB of scores
BLOCK_NUMBERS = 2**21  # numbers of gallery vectors held at once, at most: 8 MB in float32
WORTH_THREADS_EXACT = 2**21  # numbers of pairs that are worth several threads
PAIR_NUMBERS = 2**17  # float64 numbers in work while values of pairs are summed: 1 MB


class FeaturePairs:
    """All pairs of query and gallery vectors.

    The score of a pair is its value under cosine and the negated value under euclidean, so that
    larger is always nearer.

    Args:
        query: Vectors ``(queries, dim)``, float16, float32 or float64.
        gallery: Vectors ``(images, dim)``.
        distance: ``"cosine"`` or ``"euclidean"`` (squared).
        names: What a caller calls the two.

    Raises:
        ShapeError: The vectors differ in width.
        DataError: A vector is not finite, too long, or without direction under cosine.
    """

    def __init__(
        self,
        query: Float[np.ndarray, "queries dim"],
        gallery: Float[np.ndarray, "images otherdim"],
        distance: Distance,
        names: tuple[str, str] = ("query", "gallery"),
    ) -> None:
        if query.shape[1] != gallery.shape[1]:
            raise ShapeError(
                f"{names[0]} vectors have width {query.shape[1]}, {names[1]} vectors"
                f" {gallery.shape[1]}: both must come from the same network and settings."
            )
        self.distance: Distance = distance
        self._query = _side(query, distance, names[0])
        self._gallery = self._query if gallery is query else _side(gallery, distance, names[1])

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

        def score(part: slice) -> None:
            pairs = queries[part], gallery[part]
            if not self._compiled("exact_scores", *pairs, scores[part]):
                scores[part] = self._summed(*pairs)

        parts = list(self._parts(len(queries)))
        if len(parts) == 1 and len(queries) * self.dim >= WORTH_THREADS_EXACT:
            with threads() as run:
                run(score, shares(len(queries), thread_count()))
            return scores
        for part in parts:
            score(part)
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
        return scores, self.margin(slice(None), slice(None), "float64")

    def blocks(self, precision: Precision | None = None) -> Iterator[Block]:
        """Every pair once, in blocks whose size bounds the memory in use.

        Args:
            precision: Of the matrix product; None for the fastest on this machine. Lengths that
                float32 cannot hold are multiplied in float64 all the same.
        """
        precision = (precision or fastest()) if self._fits_single() else "float64"
        queries, images = self.shape
        step = min(images, GALLERY_BLOCK)
        if not self._gallery.is_ready(precision):
            step = min(step, max(1, BLOCK_NUMBERS // self.dim))
        memory = np.empty(min(QUERY_BLOCK, queries) * step, dtype=format_of(precision))
        with multiplying(queries * images * self.dim) as run:
            for start in range(0, images, step):
                gallery = slice(start, min(start + step, images))
                rows = self._gallery.rows(gallery, precision)
                for first in range(0, queries, QUERY_BLOCK):
                    part = slice(first, min(first + QUERY_BLOCK, queries))
                    asking = self._query.rows(part, precision)
                    yield self._block(part, asking, gallery, rows, precision, memory, run)

    @property
    def is_square(self) -> bool:
        """Whether both sides are the same vectors, so that a pair has the score of its mirror."""
        return self._gallery is self._query

    def blocks_above_diagonal(self) -> Iterator[Block]:
        """The same where both sides are the same, half of it mirrored: see ``is_square``."""
        precision = fastest() if self._fits_single() else "float64"
        images = len(self._query.vectors)
        step = max(1, min(images, SQUARE_BLOCK, BLOCK_NUMBERS // self.dim))
        memory = np.empty(step * step, dtype=format_of(precision))
        parts = [slice(start, min(start + step, images)) for start in range(0, images, step)]
        with multiplying(images * images * self.dim // 2) as run:
            for place, gallery in enumerate(parts):
                rows = self._gallery.rows(gallery, precision)
                for queries in parts[:place]:
                    others = self._query.rows(queries, precision)
                    block = self._block(queries, others, gallery, rows, precision, memory, run)
                    margin = self._error(gallery, queries, rows, others, precision)
                    yield replace(block, mirrored=margin)
                yield self._block(gallery, rows, gallery, rows, precision, memory, run)

    def _block(
        self,
        queries: slice,
        query_rows: Rows,
        gallery: slice,
        gallery_rows: Rows,
        precision: Precision,
        memory: Float[np.ndarray, "numbers"],
        run: Runner,
    ) -> Block:
        shape = len(query_rows), len(gallery_rows)
        scores = memory[: shape[0] * shape[1]].reshape(shape)

        def work(part: slice) -> None:
            multiply(query_rows.only(part), gallery_rows, precision, scores[part])
            if self.distance == "euclidean":
                squares = self._query.squares[queries][part], self._gallery.squares[gallery]
                scores[part] *= 2
                scores[part] -= squares[1].astype(scores.dtype)
                scores[part] -= squares[0][:, None].astype(scores.dtype)

        number = 1 if precision == "bfloat16" else thread_count()  # torch has threads of its own
        run(work, shares(len(query_rows), number))
        error = self._error(queries, gallery, query_rows, gallery_rows, precision)
        return Block(queries, gallery, scores, error)

    def _error(
        self,
        queries: slice,
        gallery: slice,
        query_rows: Rows,
        gallery_rows: Rows,
        precision: Precision,
    ) -> Float64[np.ndarray, "queries"]:
        """The margin of a block, with what shortening takes away."""
        error = self.margin(queries, gallery, precision)
        lost = margin_of_shortening(
            query_rows, gallery_rows, self._query.reach(queries), self._gallery.longest(gallery)
        )
        return error + (lost if self.distance == "cosine" else 2 * lost)

    def margin(
        self, queries: slice, gallery: slice, precision: Precision
    ) -> Float64[np.ndarray, "queries"]:
        """Bound on the error of a product of these vectors, without what shortening takes away."""
        reach = self._query.reach(queries) + self._gallery.longest(gallery)
        reach *= reach if self.distance == "euclidean" else 0.5
        if precision == "float64":
            return margin(self.dim) * reach + UNDERFLOW
        error = margin_in_single(self.dim) * (SHORT if precision == "bfloat16" else 1.0)
        stretch = (1 + self._query.stretch) * (1 + self._gallery.stretch) - 1
        return error * (1 + stretch) * reach + stretch + UNDERFLOW_IN_SINGLE

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


def _side(vectors: Float[np.ndarray, "images dim"], distance: Distance, name: str) -> Side:
    """One side of all pairs, refused by its name where a vector cannot be compared."""
    squares = squared_lengths(vectors, name)
    if distance == "cosine":
        require_direction(squares, name)
    return Side(vectors, squares, distance)
