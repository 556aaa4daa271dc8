"""Two ways to count the wrong answers ahead of every right one, with the same counts.

Both go through a block of scores at a time. A score that is clear of a right answer's by more than
the margin is counted as it is; the others are computed again, exactly.
"""

from collections.abc import Callable, Sequence
from types import ModuleType

import numpy as np
from jaxtyping import Float64, Int64

from workbench.retrieval.blocks import Block, Pairs
from workbench.retrieval.compiled import shares

OPEN_PAIRS = 2**16  # undecided pairs one thread holds, unless a single query has more

Places = tuple[
    Int64[np.ndarray, "matches"], Int64[np.ndarray, "matches"], Int64[np.ndarray, "matches"]
]
"""Wrong answers strictly nearer than each right one, as near, and as near in earlier columns."""


class PlainTally:
    """Counting in NumPy.

    Args:
        pairs: Where exact scores come from.
        starts: Where the right answers of each query begin, and where the last ones end.
        columns: Gallery column of each right answer.
        thresholds: Score of each right answer, falling within a query.
    """

    def __init__(
        self,
        pairs: Pairs,
        starts: Int64[np.ndarray, "bounds"],
        columns: Int64[np.ndarray, "matches"],
        thresholds: Float64[np.ndarray, "matches"],
    ) -> None:
        self._pairs = pairs
        self._starts = starts
        self._columns = columns
        self._thresholds = thresholds
        self._ahead = np.zeros(len(columns), dtype=np.int64)
        self._level = np.zeros(len(columns), dtype=np.int64)
        self._earlier = np.zeros(len(columns), dtype=np.int64)

    def add(self, block: Block) -> None:
        """Count the wrong answers of one block."""
        for row, scores in enumerate(block.scores):
            query = block.queries.start + row
            first, last = self._starts[query], self._starts[query + 1]
            if first == last:
                continue
            matches = slice(first, last)
            margin = block.margin[row]
            near = np.flatnonzero(scores >= self._thresholds[last - 1] - margin)
            if not len(near):
                continue
            nearby = scores[near].astype(np.float64)
            surely, possibly = _above(nearby, self._thresholds[matches], margin)
            if np.array_equal(surely, possibly):
                self._ahead[matches] += surely
            else:
                self._decide(query, matches, near + block.gallery.start, nearby, margin)

    def _decide(
        self,
        query: int,
        matches: slice,
        columns: Int64[np.ndarray, "near"],
        scores: Float64[np.ndarray, "near"],
        margin: float,
    ) -> None:
        """Replace the scores a margin leaves open by exact ones, then count."""
        thresholds = self._thresholds[matches]
        open_ = _distance_to_nearest(scores, thresholds) <= margin
        chosen = columns[open_]
        scores[open_] = self._pairs.scores(np.full(len(chosen), query), chosen)
        above, above_or_level = _above(scores, thresholds, 0.0)
        self._ahead[matches] += above
        self._level[matches] += above_or_level - above
        if (above_or_level > above).any():
            self._earlier[matches] += _level_but_earlier(
                scores[open_], chosen, thresholds, self._columns[matches]
            )

    def result(self) -> Places:
        """Wrong answers strictly nearer, exactly as near, and those of them in earlier columns."""
        return self._ahead, self._level, self._earlier


class CompiledTally:
    """Counting in compiled loops, the queries of a block shared among threads.

    Args:
        kernels: The module of compiled loops.
        run: Calls a function with each of several parts, side by side.
        number: How many parts.
        pairs: As for ``PlainTally``, with the other arguments.
        starts: Where the right answers of each query begin, and where the last ones end.
        columns: Gallery column of each right answer.
        thresholds: Score of each right answer, falling within a query.
    """

    def __init__(
        self,
        kernels: ModuleType,
        run: Callable[[Callable[[slice], None], Sequence[slice]], list[None]],
        number: int,
        pairs: Pairs,
        starts: Int64[np.ndarray, "bounds"],
        columns: Int64[np.ndarray, "matches"],
        thresholds: Float64[np.ndarray, "matches"],
    ) -> None:
        self._kernels = kernels
        self._run = run
        self._number = number
        self._pairs = pairs
        self._columns = columns
        # Right answers at the same distance share a threshold.
        queries = np.repeat(np.arange(len(starts) - 1), np.diff(starts))
        begins = np.ones(len(columns), dtype=bool)
        begins[1:] = (queries[1:] != queries[:-1]) | (thresholds[1:] != thresholds[:-1])
        self._level = np.cumsum(begins) - 1
        first = np.flatnonzero(begins)
        self._thresholds = thresholds[first]
        self._bounds = np.append(first, len(columns))
        self._starts = np.searchsorted(first, starts)
        self._ahead = np.zeros(len(first), dtype=np.int64)
        self._tied = np.zeros(len(first), dtype=np.int64)
        self._earlier = np.zeros(len(columns), dtype=np.int64)

    def add(self, block: Block) -> None:
        """Count the wrong answers of one block."""
        queries, images = block.scores.shape
        starts = self._starts[block.queries.start : block.queries.stop + 1]

        def sift(part: slice) -> None:
            found = np.empty((3, max(OPEN_PAIRS, images)), dtype=np.int64)
            row, level = part.start, len(self._thresholds)
            while row < part.stop:
                row, level, noted = self._kernels.sift_block(
                    block.scores, block.margin, starts, self._thresholds, self._ahead,
                    row, part.stop, level, found,
                )  # fmt: skip
                found[0, :noted] += block.queries.start
                found[1, :noted] += block.gallery.start
                self._settle(found[:, :noted])

        self._run(sift, shares(queries, self._number))

    def _settle(self, found: Int64[np.ndarray, "3 pairs"]) -> None:
        """Count pairs the block left open: first by a closer look, then by their exact scores."""
        closer = self._pairs.quick_scores(found[0], found[1])
        if closer is not None:
            noted = self._kernels.sift_pairs(*closer, self._thresholds, self._ahead, found)
            found = found[:, :noted]
        scores = self._pairs.scores(found[0], found[1])
        self._kernels.count_pairs(
            scores, self._thresholds, self._bounds, self._columns, found,
            self._ahead, self._tied, self._earlier,
        )  # fmt: skip

    def result(self) -> Places:
        """Wrong answers strictly nearer, exactly as near, and those of them in earlier columns."""
        return self._ahead[self._level], self._tied[self._level], self._earlier


Tally = PlainTally | CompiledTally
"""Counts that grow block by block; what does not count is at minus infinity."""


def _above(
    scores: Float64[np.ndarray, "near"], thresholds: Float64[np.ndarray, "matches"], margin: float
) -> tuple[Int64[np.ndarray, "matches"], Int64[np.ndarray, "matches"]]:
    """How many scores are above each threshold for sure, and how many may be."""
    ordered = np.sort(scores)
    surely = len(ordered) - np.searchsorted(ordered, thresholds + margin, side="right")
    possibly = len(ordered) - np.searchsorted(ordered, thresholds - margin, side="left")
    return surely, possibly


def _distance_to_nearest(
    scores: Float64[np.ndarray, "near"], thresholds: Float64[np.ndarray, "matches"]
) -> Float64[np.ndarray, "near"]:
    """How far each score is from the nearest threshold; these descend."""
    ascending = np.concatenate([[-np.inf], thresholds[::-1], [np.inf]])
    place = np.searchsorted(ascending, scores)
    return np.minimum(scores - ascending[place - 1], ascending[place] - scores)


def _level_but_earlier(
    scores: Float64[np.ndarray, "near"],
    columns: Int64[np.ndarray, "near"],
    thresholds: Float64[np.ndarray, "matches"],
    match_columns: Int64[np.ndarray, "matches"],
) -> Int64[np.ndarray, "matches"]:
    """How many scores equal each threshold and stand in an earlier column than its match."""
    order = np.lexsort((columns, scores))
    groups, group = np.unique(thresholds, return_inverse=True)
    first = np.searchsorted(scores[order], groups, side="left")[group]
    last = np.searchsorted(scores[order], groups, side="right")[group]
    earlier = np.zeros(len(thresholds), dtype=np.int64)
    for match in np.flatnonzero(first < last):
        tied = columns[order[first[match] : last[match]]]
        earlier[match] = np.searchsorted(tied, match_columns[match])
    return earlier
