"""Ranking figures of a tie, averaged over every order the tied images could stand in.

A tie holds ``size`` images, ``right`` of them right answers; ``before`` images, ``hits`` of them
right, are strictly nearer. Place x of the tie (1 to ``size``) holds a right answer with chance
``right / size``; it then has rank ``before + x`` and on average ``hits + 1 + c (x - 1)`` right
answers up to itself, c = (right - 1) / (size - 1) being the chance that another given place holds
one too. All figures follow from that by summing over the places.

Each sum is rounded once (``math.fsum``). The closed forms with harmonic numbers would be quicker
and lose digits where ``before`` is large.
"""

from dataclasses import dataclass
from math import fsum

import numpy as np


@dataclass(frozen=True)
class Tie:
    """Images at one and the same distance, and what stands before them."""

    size: int
    right: int
    before: int
    hits: int


def precision_sum(tie: Tie, trapezoid: bool, last_rank: int | None = None) -> float:
    """Expected sum of the precision at each right answer of the tie, up to ``last_rank``.

    With ``trapezoid`` the mean of the precision there and just before, which is 1 before rank 1.
    """
    within = tie.size if last_rank is None else min(max(last_rank - tie.before, 0), tie.size)
    places = np.arange(within, dtype=np.float64)
    chance = tie.right / tie.size
    spread = (tie.right - 1) / (tie.size - 1) if tie.size > 1 else 0.0
    hits_before = tie.hits + spread * places
    at = chance * fsum(((hits_before + 1) / (tie.before + 1 + places)).tolist())
    if not trapezoid:
        return at
    ranks_before = tie.before + places
    just_before = np.divide(hits_before, ranks_before, out=np.ones(within), where=ranks_before > 0)
    return (at + chance * fsum(just_before.tolist())) / 2


def right_within(tie: Tie, rank: int) -> float:
    """Expected number of right answers of the tie at ``rank`` or before."""
    return tie.right * min(max(rank - tie.before, 0), tie.size) / tie.size


def chance_within(tie: Tie, rank: int) -> float:
    """Chance that the first right answer of the tie stands at ``rank`` or before.

    One minus the chance that the t = rank - before first places hold none:
    C(size - right, t) / C(size, t), which is symmetric in ``right`` and t; the shorter product is
    taken.
    """
    within = rank - tie.before
    if within <= 0:
        return 0.0
    if within > tie.size - tie.right:
        return 1.0
    factors = np.arange(min(tie.right, within), dtype=np.float64)
    longer = max(tie.right, within)
    none = np.multiply.accumulate((tie.size - longer - factors) / (tie.size - factors))[-1]
    return 1.0 - float(none)


def inverse_last_rank(tie: Tie) -> float:
    """Expected 1 / rank of the last right answer of the tie.

    It stands at place x with chance C(x - 1, right - 1) / C(size, right); the chances are built
    from the last place downwards, each from the one before.
    """
    places = np.arange(tie.size, tie.right - 1, -1, dtype=np.float64)
    ratios = (places[:-1] - tie.right) / (places[:-1] - 1)
    chances = np.multiply.accumulate(np.concatenate([[tie.right / tie.size], ratios]))
    return fsum((chances / (tie.before + places)).tolist())
