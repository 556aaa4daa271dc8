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

from collections.abc import Callable, Iterator
from functools import partial
from typing import Literal

import numpy as np
from jaxtyping import Float, Float64, Int64

from workbench.errors import ShapeError
from workbench.retrieval.exact.compiled import kernels, shares, thread_count, threads
from workbench.retrieval.exact.pair_sides import Distance as Distance
from workbench.retrieval.exact.pair_sides import Side
from workbench.retrieval.exact.product_blocks import ProductBlocks
from workbench.retrieval.exact.vectors import (
    is_plain,
    require_direction,
    squared_lengths,
    sum_in_order,
)

WORTH_THREADS_EXACT = 2**21  # numbers of pairs that are worth several threads
PAIR_NUMBERS = 2**17  # float64 numbers in work while values of pairs are summed: 1 MB

Scores = Float64[np.ndarray, "pairs"]


class FeaturePairs(ProductBlocks):
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
        asking = _side(query, distance, names[0])
        shown = asking if gallery is query else _side(gallery, distance, names[1])
        super().__init__(asking, shown, distance)

    def scores(
        self, queries: Int64[np.ndarray, "pairs"], gallery: Int64[np.ndarray, "pairs"]
    ) -> Float64[np.ndarray, "pairs"]:
        """The exact scores of the pairs ``(queries[i], gallery[i])``."""
        return self._each(self._exact, queries, gallery)

    def quick_scores(
        self, queries: Int64[np.ndarray, "pairs"], gallery: Int64[np.ndarray, "pairs"]
    ) -> tuple[Float64[np.ndarray, "pairs"], Float64[np.ndarray, "queries"]] | None:
        """Scores of the same pairs in float64, summed in any order, and a margin for each query."""
        if kernels() is None:
            return None
        scores = self._each(partial(self._compiled, "quick_scores"), queries, gallery)
        return scores, self.margin(slice(None), slice(None), "float64")

    def _each(
        self,
        score: Callable[[Int64[np.ndarray, "some"], Int64[np.ndarray, "some"], Scores], object],
        queries: Int64[np.ndarray, "pairs"],
        gallery: Int64[np.ndarray, "pairs"],
    ) -> Scores:
        """Scores of a list of pairs, piece by piece; side by side where there are many."""
        scores = np.empty(len(queries))

        def work(part: slice) -> None:
            score(queries[part], gallery[part], scores[part])

        parts = list(self._parts(len(queries)))
        if len(parts) == 1 and len(queries) * self.dim >= WORTH_THREADS_EXACT:
            with threads() as run:
                run(work, shares(len(queries), thread_count()))
            return scores
        for part in parts:
            work(part)
        return scores

    def _exact(
        self,
        queries: Int64[np.ndarray, "pairs"],
        gallery: Int64[np.ndarray, "pairs"],
        out: Scores,
    ) -> None:
        if not self._compiled("exact_scores", queries, gallery, out):
            out[:] = self._summed(queries, gallery)

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
