"""The nearest images of each query, in exact order, without sorting all of them."""

from dataclasses import dataclass
from threading import Lock
from types import ModuleType
from typing import Any

import numpy as np
from jaxtyping import Float, Float64, Int64

from workbench.retrieval.exact.blocks import Block, Pairs
from workbench.retrieval.exact.compiled import Runner, kernels, threads
from workbench.retrieval.exact.counting import Progress

ROOM = 3  # so many times k scores are kept for a query while blocks come and go, and
SPARE = 29  # so many more
QUERIES = 4096  # queries put in order at once

Columns = Int64[np.ndarray, "queries known"]


@dataclass(frozen=True, eq=False)
class Nearest:
    """The k nearest gallery images of each query, nearest first.

    Attributes:
        columns: Gallery images; equally near ones in gallery order.
        lowest: Exact score of the farthest image of all.
    """

    columns: Int64[np.ndarray, "queries k"]
    lowest: Float64[np.ndarray, "queries"]


def find_nearest(pairs: Pairs, k: int, progress: Progress | None = None) -> Nearest:
    """The ``k`` nearest gallery images of each query, at most as many as there are.

    Scores of a product decide where they differ by more than its margin, else those of the
    definition.
    """
    near, far = _best(pairs, min(k, pairs.shape[1]), 1), _best(pairs, 1, -1)
    _keep(pairs, [near, far], progress)  # in this order: the farthest are found by negated scores
    with threads() as run:
        columns = near.ordered(run)
        lowest = far.ordered(run)[:, 0]
    return Nearest(columns, pairs.scores(np.arange(len(columns)), lowest))


def nearest_columns(
    pairs: Pairs, k: int, progress: Progress | None = None
) -> Int64[np.ndarray, "queries k"]:
    """The ``k`` nearest gallery images of each query; equally near ones in gallery order."""
    best = _best(pairs, min(k, pairs.shape[1]), 1)
    _keep(pairs, [best], progress)
    with threads() as run:
        return best.ordered(run)


def nearest_only(pairs: Pairs) -> Int64[np.ndarray, "queries"]:
    """The nearest gallery image of each query, of equally near ones the first."""
    return nearest_columns(pairs, 1)[:, 0]


def _keep(pairs: Pairs, every: "list[_BestCompiled | _Best]", progress: Progress | None) -> None:
    """Let all of them keep what they need of every block."""
    telling, done, total = Lock(), 0, pairs.shape[0] * pairs.shape[1]

    def keep(block: Block) -> None:
        nonlocal done
        for best in every:
            best.add(block)
        with telling:
            done += block.scores.size
            if progress is not None:
                progress("finding neighbours", done, total)

    pairs.each_block(keep)


def _best(pairs: Pairs, k: int, sign: int) -> "_BestCompiled | _Best":
    fast = kernels("exact.counting_kernels")
    return _BestCompiled(fast, pairs, k, sign) if fast else _Best(pairs, k, sign)


class _BestCompiled:
    """The k nearest of each query, or with ``sign`` -1 the farthest, as blocks come and go.

    Kept are the scores that may be among the k best. A query with more of them than there is room
    for is looked at again in the end, image by image.
    """

    def __init__(self, fast: ModuleType, pairs: Pairs, k: int, sign: int) -> None:
        self._fast = fast
        self._pairs = pairs
        self._k = k
        self._sign = sign
        self._margin = np.zeros(pairs.shape[0])
        self._sizes = np.zeros(pairs.shape[0], dtype=np.int64)
        self._columns = np.zeros((pairs.shape[0], ROOM * k + SPARE), dtype=np.int32)
        self._scores: Float[np.ndarray, "queries room"] | None = None
        self._floors: Float[np.ndarray, "queries"] | None = None
        self._making = Lock()

    def add(self, block: Block) -> None:
        """Keep what may be among the best of one block; blocks of other queries may be beside."""
        kept, floors = self._room(block.scores.dtype)
        if self._sign < 0:
            np.negative(block.scores, out=block.scores)
        mine = block.queries
        self._widen(mine, block.margin, floors)
        self._fast.keep_nearest(
            block.scores, self._margin[mine], self._k, block.gallery.start,
            self._sizes[mine], floors[mine], kept[mine], self._columns[mine],
        )  # fmt: skip

    def _room(
        self, kind: np.dtype[Any]
    ) -> tuple[Float[np.ndarray, "queries room"], Float[np.ndarray, "queries"]]:
        """Where scores are kept, in the type of the first block, and what a score must reach."""
        with self._making:
            if self._scores is None or self._floors is None:
                self._scores = np.zeros(self._columns.shape, kind)
                self._floors = np.full(len(self._sizes), -np.inf, kind)
            return self._scores, self._floors

    def _widen(
        self,
        queries: slice,
        margin: Float64[np.ndarray, "queries"],
        floors: Float[np.ndarray, "images"],
    ) -> None:
        """Let a larger margin than before lower what a score must reach to matter."""
        known = self._margin[queries]
        grown = np.maximum(margin - known, 0.0)
        lowered = (floors[queries] - 2 * grown).astype(floors.dtype)
        down = np.nextafter(lowered, floors.dtype.type(-np.inf))
        floors[queries] = np.where(grown > 0, down, floors[queries])
        known += grown

    def ordered(self, run: Runner) -> Columns:
        """The columns of the best, the best first; equally good ones in gallery order."""
        queries = len(self._sizes)
        parts = [slice(i, min(i + QUERIES, queries)) for i in range(0, queries, QUERIES)]
        columns = np.concatenate(run(self._order, parts))
        every = np.arange(self._pairs.shape[1])
        for query in np.flatnonzero(self._sizes < 0):
            scores = self._sign * self._pairs.scores(np.full(len(every), query), every)
            columns[query] = np.lexsort((every, -scores))[: self._k]
        return columns

    def _order(self, part: slice) -> Columns:
        if self._scores is None:
            raise AssertionError("there is no block without a pair")
        scores, columns = self._scores[part].astype(np.float64), self._columns[part]
        scores[np.arange(scores.shape[1]) >= self._sizes[part, None]] = -np.inf
        order = np.argsort(-scores, axis=1)
        scores, columns = (np.take_along_axis(of, order, axis=1) for of in (scores, columns))
        band = 2 * self._margin[part, None]
        matters = scores >= scores[:, self._k - 1 : self._k] - band
        close = (scores[:, :-1] <= scores[:, 1:] + band) & matters[:, 1:]
        close &= np.isfinite(scores[:, 1:])
        unsure = np.zeros(scores.shape, dtype=bool)
        unsure[:, 1:] |= close
        unsure[:, :-1] |= close
        row, place = np.nonzero(unsure)
        exact = self._pairs.scores(row + part.start, columns[row, place].astype(np.int64))
        scores[row, place] = self._sign * exact
        order = np.lexsort((columns, -scores), axis=1)[:, : self._k]
        return np.take_along_axis(columns, order, axis=1).astype(np.int64)


class _Best:
    """The same in NumPy."""

    def __init__(self, pairs: Pairs, k: int, sign: int) -> None:
        self._pairs = pairs
        self._k = k
        self._sign = sign
        self._latest: dict[int, tuple[np.ndarray, np.ndarray]] = {}

    def add(self, block: Block) -> None:
        """Put the best of one block among the best so far, exactly ordered."""
        if self._sign < 0:
            np.negative(block.scores, out=block.scores)
        none = np.empty((len(block.scores), 0))
        known = self._latest.get(block.queries.start, (none, none.astype(np.int64)))
        self._latest[block.queries.start] = self._merged(block, *known)

    def ordered(self, _run: Runner) -> Columns:
        """The columns of the best, the best first; equally good ones in gallery order."""
        return np.concatenate([self._latest[start][1] for start in sorted(self._latest)])

    def _merged(
        self, block: Block, scores: Float64[np.ndarray, "queries known"], columns: Columns
    ) -> tuple[Float64[np.ndarray, "queries best"], Int64[np.ndarray, "queries best"]]:
        queries, known = scores.shape
        images = known + block.scores.shape[1]
        near = block.scores >= (self._floor(block, scores) - 2 * block.margin)[:, None]
        row, column = np.nonzero(near)
        column = column + block.gallery.start
        exact = self._sign * self._pairs.scores(row + block.queries.start, column)
        row = np.concatenate([np.repeat(np.arange(queries), known), row])
        column = np.concatenate([columns.ravel(), column])
        score = np.concatenate([scores.ravel(), exact])
        order = np.lexsort((column, -score, row))
        first = np.searchsorted(row[order], np.arange(queries))
        chosen = order[first[:, None] + np.arange(min(self._k, images))]
        return score[chosen], column[chosen]

    def _floor(
        self, block: Block, scores: Float64[np.ndarray, "queries k"]
    ) -> Float64[np.ndarray, "queries"]:
        """What a score must reach to be among the k best, as far as is known."""
        queries, images = block.scores.shape
        if scores.shape[1] == self._k:
            return scores[:, -1]
        if images < self._k:
            return np.full(queries, -np.inf)
        return np.partition(block.scores, images - self._k, axis=1)[:, images - self._k].astype(
            np.float64
        )
