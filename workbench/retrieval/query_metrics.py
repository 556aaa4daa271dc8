"""Average precision, cumulative match and inverse negative penalty of each query, from counts."""

from collections.abc import Callable
from itertools import pairwise
from math import fsum
from typing import Literal

import numpy as np
from jaxtyping import Float64, Int64

from workbench.retrieval.exact.counting import Counts
from workbench.retrieval.expected_ties import (
    Tie,
    chance_within,
    inverse_last_rank,
    precision_sum,
    right_within,
)

AveragePrecision = Literal["step", "trapezoid"]
Ties = Literal["mean", "index", "worst"]
Order = Literal["best", "index", "worst"]


class QueryFigures:
    """Figures of every query that has a right answer; those of the others are NaN.

    ``valid`` are the queries that have one, ``any_tie`` says whether a wrong answer is ever as near
    as a right one.

    Sums are rounded once (``math.fsum``), so they do not depend on the order of their terms.

    Args:
        counts: The place of every right answer.
        rule: ``step`` takes the precision at each right answer; ``trapezoid`` the mean of the
            precision there and just before it (Philbin et al. 2007; Market-1501's own evaluation).
        ties: Expected value over all orders of a tie, gallery order, or wrong answers first.
    """

    def __init__(self, counts: Counts, rule: AveragePrecision, ties: Ties) -> None:
        self.valid = np.flatnonzero(np.diff(counts.starts))
        self.any_tie = bool(counts.level.any())
        self._counts = counts
        self._rule: AveragePrecision = rule
        self._mean = ties == "mean"
        self._order: Order = "best" if ties == "mean" else ties

    def average_precision(self) -> Float64[np.ndarray, "queries"]:
        """Average precision, under the chosen treatment of ties."""
        trapezoid = self._rule == "trapezoid"
        terms = self._precisions(self._order)
        return self._mean_of(self._shared(terms, lambda tie, _: precision_sum(tie, trapezoid)))

    def average_precision_at_r(self) -> Float64[np.ndarray, "queries"]:
        """The same of the step rule, of the first R ranks only: R right answers there are."""
        ranks, total = ranks_in(self._order, self._counts), self._totals()
        terms = np.where(ranks <= total, self._counts.hits / ranks, 0.0)
        return self._mean_of(self._shared(terms, lambda tie, r: precision_sum(tie, False, r)))

    def precision_at_r(self) -> Float64[np.ndarray, "queries"]:
        """Share of right answers among the first R ranks."""
        terms = (ranks_in(self._order, self._counts) <= self._totals()).astype(np.float64)
        return self._mean_of(self._shared(terms, right_within))

    def average_precision_in(self, order: Order) -> Float64[np.ndarray, "queries"]:
        """Average precision with the images of every tie in one certain order."""
        return self._mean_of(self._precisions(order))

    def within(self, rank: int) -> Float64[np.ndarray, "queries"]:
        """Whether a right answer is among the first ``rank``: 1 or 0, under a tie its chance."""
        first = self._counts.starts[self.valid]
        found = (ranks_in(self._order, self._counts)[first] <= rank).astype(np.float64)
        return self._expected(found, first, lambda tie, _: chance_within(tie, rank))

    def inverse_negative_penalty(self) -> Float64[np.ndarray, "queries"]:
        """Right answers divided by the rank of the last one (Ye et al. 2021, arXiv 2001.04193)."""
        last = self._counts.starts[self.valid + 1] - 1
        penalty = self._counts.hits[last] / ranks_in(self._order, self._counts)[last]
        return self._expected(penalty, last, lambda tie, hits: hits * inverse_last_rank(tie))

    def _totals(self) -> Int64[np.ndarray, "matches"]:
        """How many right answers the query of each right answer has."""
        sizes = np.diff(self._counts.starts)
        return np.repeat(sizes, sizes)

    def _shared(
        self, terms: Float64[np.ndarray, "matches"], figure: Callable[[Tie, int], float]
    ) -> Float64[np.ndarray, "matches"]:
        """Terms of right answers; those of a tie replaced by an expected sum of all of them.

        ``figure`` gives it for a tie and the number of right answers of its query.
        """
        counts, totals = self._counts, self._totals()
        tied = (counts.level > 0) & (counts.hits == counts.tie_start + 1)
        for first in np.flatnonzero(tied) if self._mean else ():
            tie = self._tie(first)
            terms[first : first + tie.right] = 0.0
            terms[first] = figure(tie, int(totals[first]))  # kept at the first of them
        return terms

    def _precisions(self, order: Order) -> Float64[np.ndarray, "matches"]:
        ranks, hits = ranks_in(order, self._counts), self._counts.hits
        at = hits / ranks
        if self._rule == "step":
            return at
        just_before = np.divide(hits - 1, ranks - 1, out=np.ones(len(hits)), where=ranks > 1)
        return (at + just_before) / 2

    def _mean_of(self, terms: Float64[np.ndarray, "matches"]) -> Float64[np.ndarray, "queries"]:
        starts, values = self._counts.starts.tolist(), terms.tolist()
        means = [
            fsum(values[first:last]) / (last - first) if first < last else np.nan
            for first, last in pairwise(starts)
        ]
        return np.array(means, dtype=np.float64)

    def _expected(
        self,
        values: Float64[np.ndarray, "valid"],
        matches: Int64[np.ndarray, "valid"],
        figure: Callable[[Tie, int], float],
    ) -> Float64[np.ndarray, "queries"]:
        """Values of the valid queries, replaced by an expectation where a match is in a tie."""
        if self._mean:
            for place in np.flatnonzero(self._counts.level[matches]):
                match = matches[place]
                values[place] = figure(self._tie(match), int(self._counts.hits[match]))
        spread = np.full(len(self._counts.starts) - 1, np.nan)
        spread[self.valid] = values
        return spread

    def _tie(self, match: np.integer) -> Tie:
        counts = self._counts
        right, hits = int(counts.tie_size[match]), int(counts.tie_start[match])
        return Tie(
            size=int(counts.level[match]) + right,
            right=right,
            before=int(counts.ahead[match]) + hits,
            hits=hits,
        )


def ranks_in(order: Order, counts: Counts) -> Int64[np.ndarray, "matches"]:
    """Rank of every right answer, from 1: right answers of a tie first, last, or by gallery."""
    ranks = counts.ahead + counts.hits
    if order == "worst":
        return ranks + counts.level
    return ranks + counts.earlier if order == "index" else ranks
