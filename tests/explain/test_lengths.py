"""Average precision by the length of vectors, by hand, and the sentence about it."""

from itertools import pairwise

import numpy as np
import pytest

from workbench.explain.norms import Lengths, Range, extremes, in_words, precision_by_length

NOTHING = float("nan")


def test_ranges_have_equal_counts_and_their_own_means():
    lengths = np.array([5.0, 1, 7, 3, 6, 2, 8, 4])
    precision = lengths / 10
    short, long = precision_by_length(lengths, precision)
    assert (short.low, short.high, short.count) == (1, 4, 4)
    assert (long.low, long.high, long.count) == (5, 8, 4)
    assert (short.mean, long.mean) == pytest.approx((0.25, 0.65))
    # Standard deviation of 1, 2, 3, 4 tenths over the root of their count.
    assert short.error == pytest.approx(np.std([1, 2, 3, 4], ddof=1) / 10 / 2)


def test_queries_without_a_right_answer_are_left_out():
    (only,) = precision_by_length(np.array([1.0, 2, 3]), np.array([0.5, NOTHING, 0.7]))
    assert (only.low, only.high, only.count, only.mean) == (1, 3, 2, pytest.approx(0.6))
    assert precision_by_length(np.array([1.0]), np.array([NOTHING])) == []


@pytest.mark.parametrize("count", [1, 7, 8, 23, 200])
def test_every_query_is_in_one_range(count):
    drawn = np.random.default_rng(count)
    lengths, precision = drawn.random(count), drawn.random(count)
    ranges = precision_by_length(lengths, precision)
    assert sum(one.count for one in ranges) == count
    assert len(ranges) <= 5
    assert max(one.count for one in ranges) - min(one.count for one in ranges) <= 1
    assert sum(one.mean * one.count for one in ranges) == pytest.approx(precision.sum())
    assert all(one.high <= other.low for one, other in pairwise(ranges))


def test_a_difference_is_only_called_one_where_it_is_large_enough():
    low, high = Range(1.0, 2.0, 40, 0.4, 0.02), Range(8.0, 9.0, 40, 0.6, 0.02)
    assert "found better" in in_words([low, high])
    assert "found worse" in in_words([high, low])
    assert "The 40 queries with the shortest vectors have mAP 40.0 %" in in_words([low, high])
    unsure = in_words([low, Range(8.0, 9.0, 40, 0.45, 0.02)])
    assert "may differ by chance as much (5.7 % would be needed to tell)" in unsure
    assert "too few to divide" in in_words([low])
    assert "no average precision" in in_words([])


def test_the_shortest_and_the_longest_share_no_image():
    lengths = Lengths(np.arange(5), np.array([3.0, 1, 2, 5, 4]), None, "stored", 5)
    shortest, longest = extremes(lengths, 8)
    assert (shortest.tolist(), longest.tolist()) == ([1, 2], [3, 4])
    alone = Lengths(np.arange(1), np.array([3.0]), None, "stored", 1)
    assert [places.tolist() for places in extremes(alone, 8)] == [[0], []]
