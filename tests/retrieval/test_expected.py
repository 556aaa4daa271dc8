"""Expected figures of ties against every order they could stand in."""

from fractions import Fraction
from itertools import combinations
from math import comb

import pytest

from workbench.retrieval.expected_ties import Tie, chance_within, inverse_last_rank, precision_sum

TIES = [
    Tie(size, right, before, hits)
    for size in range(1, 7)
    for right in range(1, size + 1)
    for before, hits in ((0, 0), (1, 0), (1, 1), (5, 2))
]


def orders(tie):
    """Places (from 1) of the right answers, once for every equally likely order."""
    return list(combinations(range(1, tie.size + 1), tie.right))


def mean(tie, figure):
    values = [figure(places) for places in orders(tie)]
    return float(sum(values, Fraction(0)) / len(values))


@pytest.mark.thorough
@pytest.mark.parametrize("tie", TIES, ids=str)
def test_every_figure_is_the_mean_over_all_orders(tie):
    def step(places):
        return sum(Fraction(tie.hits + i, tie.before + x) for i, x in enumerate(places, 1))

    def before(places):
        ranks = [(tie.hits + i, tie.before + x) for i, x in enumerate(places)]
        return sum(Fraction(hits, rank - 1) if rank > 1 else Fraction(1) for hits, rank in ranks)

    assert precision_sum(tie, trapezoid=False) == pytest.approx(mean(tie, step), rel=1e-14)
    assert precision_sum(tie, trapezoid=True) == pytest.approx(
        mean(tie, lambda places: (step(places) + before(places)) / 2), rel=1e-14
    )
    assert inverse_last_rank(tie) == pytest.approx(
        mean(tie, lambda places: Fraction(1, tie.before + places[-1])), rel=1e-14
    )
    for rank in range(1, tie.before + tie.size + 2):
        expected = mean(tie, lambda places: Fraction(int(tie.before + places[0] <= rank)))  # noqa: B023
        assert chance_within(tie, rank) == pytest.approx(expected, rel=1e-14, abs=1e-15)


def test_two_images_one_right_by_hand():
    # Right first: precision 1. Wrong first: 1/2. On average 3/4.
    assert precision_sum(Tie(2, 1, 0, 0), trapezoid=False) == 0.75
    # Trapezoid: 1, or (0 + 1/2) / 2 = 1/4.
    assert precision_sum(Tie(2, 1, 0, 0), trapezoid=True) == 0.625
    assert chance_within(Tie(2, 1, 0, 0), 1) == 0.5
    assert inverse_last_rank(Tie(2, 1, 0, 0)) == 0.75


@pytest.mark.parametrize("within", [1, 5, 100])
def test_large_ties_keep_their_digits(within):
    size, right = 2000, 40
    exact = 1 - Fraction(comb(size - right, within), comb(size, within))
    assert chance_within(Tie(size, right, 0, 0), within) == pytest.approx(float(exact), rel=1e-12)
    sums = sum(Fraction(comb(x - 1, right - 1), 7 + x) for x in range(right, size + 1))
    exact = sums / comb(size, right)
    assert inverse_last_rank(Tie(size, right, 7, 0)) == pytest.approx(float(exact), rel=1e-12)
