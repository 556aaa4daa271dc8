"""Rough scores of all pairs of two sides, by matrix products of blocks, each with its margin."""

from collections.abc import Callable, Iterator
from threading import Lock, local

import numpy as np
from jaxtyping import Float, Float64

from workbench.retrieval.exact.blocks import Block, hand_out
from workbench.retrieval.exact.compiled import Runner, multiplying, shares, thread_count
from workbench.retrieval.exact.pair_sides import Distance, Side
from workbench.retrieval.exact.products import (
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

QUERY_BLOCK = 1024  # queries of one matrix product, at most
GALLERY_BLOCK = 4096  # gallery images of one matrix product, at most: 16 MB of scores
SCORES = 3 * 2**21  # numbers that all threads hold at once, about: 25 MB in float32
SQUARE_BLOCK = 1000  # images on either side of a product of images with themselves: 2 x 4 MB
TURNED = 32  # rows of such a block written as columns at a time
SHARES = 2  # of a block, for each thread: none waits long for another
BLOCK_NUMBERS = 2**21  # numbers of gallery vectors made ready at once, at most: 8 MB in float32


class ProductBlocks:
    """All pairs of a query and a gallery image, multiplied block by block.

    Args:
        query: The side of the queries.
        gallery: The side of the gallery; the very same where images are paired with themselves.
        distance: ``"cosine"`` or ``"euclidean"`` (squared).
    """

    def __init__(self, query: Side, gallery: Side, distance: Distance) -> None:
        self.distance: Distance = distance
        self._query = query
        self._gallery = gallery

    @property
    def shape(self) -> tuple[int, int]:
        """Number of queries and of gallery images."""
        return len(self._query.vectors), len(self._gallery.vectors)

    @property
    def dim(self) -> int:
        """Width of the vectors."""
        return self._query.vectors.shape[1]

    @property
    def is_square(self) -> bool:
        """Whether both sides are the same vectors, so that a pair has the score of its mirror."""
        return self._gallery is self._query

    def blocks(self, precision: Precision | None = None) -> Iterator[Block]:
        """Every pair once, in blocks whose size bounds the memory in use.

        Args:
            precision: Of the matrix product; None for the fastest on this machine. Lengths that
                float32 cannot hold are multiplied in float64 all the same.
        """
        precision = self._possible(precision)
        queries, images = self.shape
        memory = _memory(min(QUERY_BLOCK, queries), min(GALLERY_BLOCK, images), precision)
        with multiplying(queries * images * self.dim) as run:
            for gallery, rows in self._ready(precision):
                for part in _steps(queries, QUERY_BLOCK):
                    yield from self._along(part, gallery, rows, precision, memory, run)

    def each_block(self, use: Callable[[Block], None], precision: Precision | None = None) -> None:
        """Give every block to ``use``, side by side; never two of the same query at a time.

        Each thread multiplies what it uses, while it is near at hand, and waits for nobody but one
        who uses the same queries.
        """
        precision = self._possible(precision)
        if precision == "bfloat16":  # torch has threads of its own
            hand_out(self.blocks(precision), use)
        elif self.is_square:
            self._each_both_ways(use, precision)
        else:
            self._each_along(use, precision)

    def _each_along(self, use: Callable[[Block], None], precision: Precision) -> None:
        """Queries are shared out; who has some multiplies them with the whole gallery."""
        queries, images = self.shape
        own = local()
        room = SCORES // GALLERY_BLOCK
        if not self._query.is_ready(precision):
            room = min(room, BLOCK_NUMBERS // self.dim)
        most = max(1, min(QUERY_BLOCK, room // thread_count()))
        turns = -(-queries // (thread_count() * most))
        parts = shares(queries, thread_count() * turns)
        with multiplying(queries * images * self.dim) as run:
            for gallery, rows in self._ready(precision):

                def work(part: slice, gallery: slice = gallery, rows: Rows = rows) -> None:
                    if not hasattr(own, "memory"):
                        own.memory = _memory(
                            min(most, queries), min(GALLERY_BLOCK, images), precision
                        )
                    for block in self._along(part, gallery, rows, precision, own.memory, None):
                        use(block)

                run(work, parts)

    def _each_both_ways(self, use: Callable[[Block], None], precision: Precision) -> None:
        """Images with themselves, each pair multiplied once: a product serves both ways."""
        images = self.shape[0]
        most = min(SQUARE_BLOCK, images)
        if not self._query.is_ready(precision):
            most = max(1, min(most, BLOCK_NUMBERS // (self.dim * thread_count())))
        parts = shares(images, -(-images // most))
        in_use = [Lock() for _ in parts]
        own = local()

        def work(pair: tuple[int, int]) -> None:
            if not hasattr(own, "memory"):
                own.memory = [_memory(most, most, precision) for _ in range(2)]
            one, other = (parts[place] for place in pair)
            ways = self._both_ways(one, other, precision, own.memory)
            for place, block in zip(pair, ways, strict=False):
                with in_use[place]:
                    use(block)

        # Pairs that follow one another have no part in common, so nobody waits for long.
        apart = range(len(parts))
        pairs = [(first, first + step) for step in apart for first in range(len(parts) - step)]
        with multiplying(images * images * self.dim // 2) as run:
            run(work, pairs)

    def _both_ways(
        self,
        one: slice,
        other: slice,
        precision: Precision,
        memory: list[Float[np.ndarray, "numbers"]],
    ) -> list[Block]:
        """Two parts of the images against each other, as queries and gallery and the other way."""
        rows = self._query.rows(one, precision)
        others = rows if other == one else self._query.rows(other, precision)
        block = self._block(one, rows, other, others, precision, memory[0], None)
        if other == one:
            return [block]
        scores = memory[1][: block.scores.size].reshape(block.scores.shape[::-1])
        for start in range(0, len(rows), TURNED):  # a strip stays in the nearest cache
            scores[:, start : start + TURNED] = block.scores[start : start + TURNED].T
        margin = self._error(other, one, others, rows, precision)
        return [block, Block(other, one, scores, margin)]

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

    def _ready(self, precision: Precision) -> Iterator[tuple[slice, Rows]]:
        """The gallery as it enters a product: whole where nothing is to be done, else in parts."""
        images = self.shape[1]
        step = images
        if not self._gallery.is_ready(precision):
            step = min(GALLERY_BLOCK, max(1, BLOCK_NUMBERS // self.dim))
        for gallery in _steps(images, step):
            yield gallery, self._gallery.rows(gallery, precision)

    def _along(
        self,
        queries: slice,
        gallery: slice,
        gallery_rows: Rows,
        precision: Precision,
        memory: Float[np.ndarray, "numbers"],
        run: Runner | None,
    ) -> Iterator[Block]:
        """Some queries against what is ready of the gallery, block by block."""
        asking = self._query.rows(queries, precision)
        for within in _steps(len(gallery_rows), GALLERY_BLOCK):
            share = slice(gallery.start + within.start, gallery.start + within.stop)
            shown = gallery_rows.only(within)
            yield self._block(queries, asking, share, shown, precision, memory, run)

    def _block(
        self,
        queries: slice,
        query_rows: Rows,
        gallery: slice,
        gallery_rows: Rows,
        precision: Precision,
        memory: Float[np.ndarray, "numbers"],
        run: Runner | None,
    ) -> Block:
        """The scores of one block, multiplied by this thread, or by those of ``run``."""
        shape = len(query_rows), len(gallery_rows)
        scores = memory[: shape[0] * shape[1]].reshape(shape)

        def work(part: slice) -> None:
            share = scores[:, part]
            multiply(query_rows, gallery_rows.only(part), precision, share)
            if self.distance == "euclidean":
                squares = self._query.squares[queries], self._gallery.squares[gallery][part]
                share *= 2
                share -= squares[1].astype(scores.dtype)
                share -= squares[0][:, None].astype(scores.dtype)

        if run is None or precision == "bfloat16":
            work(slice(0, shape[1]))
        else:
            run(work, shares(shape[1], thread_count() * SHARES))
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

    def _possible(self, precision: Precision | None) -> Precision:
        return (precision or fastest()) if self._fits_single() else "float64"

    def _fits_single(self) -> bool:
        longest = float(max(self._query.squares.max(), self._gallery.squares.max()))
        return self.distance == "cosine" or longest <= LARGEST_IN_SINGLE


def _steps(length: int, step: int) -> Iterator[slice]:
    return (slice(start, min(start + step, length)) for start in range(0, length, step))


def _memory(rows: int, columns: int, precision: Precision) -> Float[np.ndarray, "numbers"]:
    return np.empty(rows * columns, dtype=format_of(precision))
