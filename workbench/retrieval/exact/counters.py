"""Two ways to count the wrong answers ahead of every right one, with the same counts.

Both go through a block of scores at a time; blocks of different queries may be added side by side.
A score that is clear of a right answer's by more than the margin is counted as it is; the others
are computed again, exactly.
"""

from dataclasses import dataclass
from types import ModuleType

import numpy as np
from jaxtyping import Float64, Int64

from workbench.retrieval.exact.blocks import Block, Pairs

OPEN_PAIRS = 2**16  # undecided pairs one thread holds, unless a single query has more

Places = tuple[
    Int64[np.ndarray, "matches"], Int64[np.ndarray, "matches"], Int64[np.ndarray, "matches"]
]
"""Wrong answers strictly nearer than each right one, as near, and as near in earlier columns."""


@dataclass(frozen=True, eq=False)
class RightAnswers:
    """Right answers of all queries, those of one query together, the nearest first.

    Attributes:
        starts: Where the right answers of each query begin, and where the last ones end.
        columns: Gallery column of each.
        scores: Score of each, falling within a query; of equal ones the first column first.
        slack: How far the scores of each query may be from the exact ones. Two scores of a query
            that are within twice that are exact, so that equal scores are equal in truth.
    """

    starts: Int64[np.ndarray, "bounds"]
    columns: Int64[np.ndarray, "matches"]
    scores: Float64[np.ndarray, "matches"]
    slack: Float64[np.ndarray, "queries"]


class PlainTally:
    """Counting in NumPy.

    Args:
        pairs: Where exact scores come from.
        right: The right answers, with exact scores.
    """

    def __init__(self, pairs: Pairs, right: RightAnswers) -> None:
        self._pairs = pairs
        self._starts = right.starts
        self._columns = right.columns
        self._thresholds = right.scores
        self._ahead = np.zeros(len(right.columns), dtype=np.int64)
        self._level = np.zeros(len(right.columns), dtype=np.int64)
        self._earlier = np.zeros(len(right.columns), dtype=np.int64)

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
    """Counting in compiled loops.

    Args:
        kernels: The module of compiled loops.
        pairs: Where exact scores come from.
        right: The right answers.
    """

    def __init__(self, kernels: ModuleType, pairs: Pairs, right: RightAnswers) -> None:
        self._kernels = kernels
        self._pairs = pairs
        self._columns, self._slack = right.columns, right.slack
        columns, thresholds, starts = right.columns, right.scores, right.starts
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
        margin = block.margin + self._slack[block.queries]
        found = np.empty((3, max(OPEN_PAIRS, images)), dtype=np.int64)
        row, level = 0, len(self._thresholds)
        while row < queries:
            row, level, noted = self._kernels.sift_block(
                block.scores, margin, starts, self._thresholds, self._ahead,
                row, queries, level, found,
            )  # fmt: skip
            found[0, :noted] += block.queries.start
            found[1, :noted] += block.gallery.start
            self._settle(found[:, :noted])

    def _settle(self, found: Int64[np.ndarray, "3 pairs"]) -> None:
        """Count pairs the block left open: first by a closer look, then by their exact scores."""
        closer = self._pairs.quick_scores(found[0], found[1])
        if closer is not None:
            scores, margin = closer[0], closer[1] + self._slack
            noted = self._kernels.sift_pairs(scores, margin, self._thresholds, self._ahead, found)
            found = found[:, :noted]
        scores = self._pairs.scores(found[0], found[1])
        right = self._pairs.scores(found[0], self._columns[self._bounds[found[2]]])
        self._kernels.count_pairs(
            scores, right, self._bounds, self._columns, found,
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
