from itertools import permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workbench.errors import DataError, EmptySplit
from workbench.lessons.ranked_cards import list_metrics, read_cards

# Texts, and not cards: they are made outside of the strategy.
texts = st.lists(
    st.sampled_from(["m", "w", "d", "s", "j", "=m", "=w", "=s"]), min_size=1, max_size=7
)
lists = texts.map(lambda parts: "".join(parts).removeprefix("="))
few = settings(deadline=None, max_examples=25)


def counts(text):
    return "m" in text


def average_precision(hits, trapezoid=False):
    """By its definition: the mean over right answers of the precision there, or of both sides."""
    values = []
    for position in np.flatnonzero(hits):
        there = hits[: position + 1].mean()
        before = hits[:position].mean() if position else 1.0
        values.append((there + before) / 2 if trapezoid else there)
    return np.mean(values)


def test_figures_by_hand():
    metrics = list_metrics(read_cards("mwm"))
    assert metrics.step == pytest.approx((1 + 2 / 3) / 2)
    assert metrics.trapezoid == pytest.approx((1 + (1 / 2 + 2 / 3) / 2) / 2)
    assert metrics.match == (1.0, 1.0, 1.0)
    assert metrics.mINP == pytest.approx(2 / 3)
    assert [(hit.rank, hit.before) for hit in metrics.hits] == [(1, 1.0), (3, 0.5)]


def test_the_lists_of_the_question():
    late, early = list_metrics(read_cards("mwwwwwwwmm")), list_metrics(read_cards("wmmmwwwwww"))
    assert late.step == pytest.approx((1 + 2 / 9 + 3 / 10) / 3)
    assert early.step == pytest.approx((1 / 2 + 2 / 3 + 3 / 4) / 3)
    assert (late.match[0], early.match[0]) == (1.0, 0.0)


def test_the_rule_leaves_out_same_camera_and_junk():
    on, off = list_metrics(read_cards("sjwm")), list_metrics(read_cards("sjwm"), rule=False)
    assert (on.step, off.step) == (pytest.approx(1 / 2), pytest.approx((1 + 2 / 4) / 2))
    assert on.ranks == (None, None, 1, 2)
    assert off.ranks == (1, 2, 3, 4)


def test_a_tie_counts_by_its_expected_value():
    metrics = list_metrics(read_cards("m=w"))
    assert metrics.step == pytest.approx((1 + 1 / 2) / 2)
    assert metrics.span == (1 / 2, 1)
    assert metrics.match == (0.5, 1.0)


@pytest.mark.thorough
@few
@given(lists.filter(counts))
def test_figures_are_those_of_the_definition(text):
    cards = read_cards(text)
    metrics = list_metrics(cards)
    counted = [kind for kind in cards.kinds if kind not in ("same_camera", "junk")]
    hits = np.array([kind == "match" for kind in counted])
    if not cards.tied:
        assert metrics.step == pytest.approx(average_precision(hits))
        assert metrics.trapezoid == pytest.approx(average_precision(hits, trapezoid=True))
        assert metrics.mINP == pytest.approx(hits.sum() / (np.flatnonzero(hits)[-1] + 1))
    assert metrics.trapezoid <= metrics.step + 1e-12
    assert metrics.span[0] - 1e-12 <= metrics.step <= metrics.span[1] + 1e-12


@pytest.mark.thorough
@pytest.mark.parametrize("text", ["mw", "mmw", "mwwd", "mmwdw"])
def test_a_tie_of_everything_is_the_mean_of_all_orders(text):
    orders = [np.array([letter == "m" for letter in order]) for order in permutations(text)]
    expected = np.mean([average_precision(hits) for hits in orders])
    assert list_metrics(read_cards(text).all_tied()).step == pytest.approx(expected)


@few
@given(lists)
def test_a_text_is_read_back_as_it_was_written(text):
    assert str(read_cards(text)) == text


@pytest.mark.parametrize("text", ["", "=m", "m=", "m==w", "mxw", "m" * 61])
def test_what_is_no_list_is_refused(text):
    with pytest.raises(DataError, match="no list of"):
        read_cards(text)


def test_without_a_right_answer_there_are_no_figures():
    with pytest.raises(EmptySplit, match="has a match"):
        list_metrics(read_cards("wws"))


def test_turned_behind_the_first_match():
    assert str(read_cards("wmwwm").reversed_after_first_match()) == "wmmww"
    assert str(read_cards("mw").reversed_after_first_match()) == "mw"
    assert str(read_cards("wm").reversed_after_first_match()) == "wm"
