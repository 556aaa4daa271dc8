"""How many wrong answers stand before each right one: all that ranking figures need.

No sort of the gallery and no matrix of all distances: blocks of scores come and go, and of each
only the wrong answers near a right one are looked at closely.
"""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float64, Int64

from workbench.retrieval.pairs import Block, Pairs
from workbench.retrieval.relevance import Relevance


@dataclass(frozen=True, eq=False)
class Counts:
    """Right answers of all queries, those of one query together, the nearest first.

    Right answers at the same distance stand in gallery order; together with the wrong answers at
    that distance they form a tie.

    Attributes:
        starts: Where the right answers of each query begin, and where the last ones end.
        ahead: Wrong answers strictly nearer.
        level: Wrong answers exactly as near.
        earlier: Those of ``level`` that come earlier in the gallery.
        hits: Right answers up to and including this one, from 1.
        tie_start: Right answers strictly nearer.
        tie_size: Right answers exactly as near, this one included.
    """

    starts: Int64[np.ndarray, "bounds"]
    ahead: Int64[np.ndarray, "matches"]
    level: Int64[np.ndarray, "matches"]
    earlier: Int64[np.ndarray, "matches"]
    hits: Int64[np.ndarray, "matches"]
    tie_start: Int64[np.ndarray, "matches"]
    tie_size: Int64[np.ndarray, "matches"]


def count(pairs: Pairs, relevance: Relevance) -> Counts:
    """The place of every right answer, exactly.

    Scores closer to a right answer's than the margin of their block are computed again, as the
    definition says (``pairs``), so the result does not depend on the size of the blocks.
    """
    rows, columns = relevance.matches
    scores = pairs.scores(rows, columns)
    order = np.lexsort((columns, -scores, rows))
    tally = _Tally(pairs, relevance.starts(), columns[order], scores[order])
    for block in pairs.blocks():
        relevance.hide(block.scores, block.queries, block.gallery)
        tally.add(block)
    return tally.counts()


class _Tally:
    """Counts that grow block by block."""

    def __init__(
        self,
        pairs: Pairs,
        starts: Int64[np.ndarray, "bounds"],
        columns: Int64[np.ndarray, "matches"],
        scores: Float64[np.ndarray, "matches"],
    ) -> None:
        self.pairs = pairs
        self.starts = starts
        self.columns = columns
        self.scores = scores
        self.ahead = np.zeros(len(scores), dtype=np.int64)
        self.level = np.zeros(len(scores), dtype=np.int64)
        self.earlier = np.zeros(len(scores), dtype=np.int64)

    def add(self, block: Block) -> None:
        """Count the wrong answers of one block; what does not count is at minus infinity."""
        for row, scores in enumerate(block.scores):
            query = block.queries.start + row
            first, last = self.starts[query], self.starts[query + 1]
            if first == last:
                continue
            matches = slice(first, last)
            margin = block.margin[row]
            near = np.flatnonzero(scores >= self.scores[last - 1] - margin)
            if not len(near):
                continue
            nearby = scores[near]
            surely, possibly = _above(nearby, self.scores[matches], margin)
            if np.array_equal(surely, possibly):
                self.ahead[matches] += surely
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
        thresholds = self.scores[matches]
        open_ = _distance_to_nearest(scores, thresholds) <= margin
        chosen = columns[open_]
        scores[open_] = self.pairs.scores(np.full(len(chosen), query), chosen)
        above, above_or_level = _above(scores, thresholds, 0.0)
        self.ahead[matches] += above
        self.level[matches] += above_or_level - above
        if (above_or_level > above).any():
            self.earlier[matches] += _level_but_earlier(
                scores[open_], chosen, thresholds, self.columns[matches]
            )

    def counts(self) -> Counts:
        """What was counted, with the place of each right answer among its own kind."""
        sizes = np.diff(self.starts)
        place = np.arange(len(self.scores))
        query = np.repeat(np.arange(len(sizes)), sizes)
        begins = np.ones(len(place), dtype=bool)
        begins[1:] = (query[1:] != query[:-1]) | (self.scores[1:] != self.scores[:-1])
        tie = np.cumsum(begins) - 1
        tie_begin = np.flatnonzero(begins)
        own_start = np.repeat(self.starts[:-1], sizes)
        return Counts(
            starts=self.starts,
            ahead=self.ahead,
            level=self.level,
            earlier=self.earlier,
            hits=place - own_start + 1,
            tie_start=tie_begin[tie] - own_start,
            tie_size=np.diff(np.append(tie_begin, len(place)))[tie],
        )


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
