"""Recall@K, MAP@R and R-precision by hand, by brute force over every order, and by a peer."""

from itertools import permutations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from pytorch_metric_learning.utils.accuracy_calculator import AccuracyCalculator

from workbench.errors import DataError, EmptySplit, RecipeError, ShapeError
from workbench.retrieval.expected_ties import Tie, precision_sum, right_within
from workbench.retrieval.recall import recall_at


def test_by_hand():
    # One query at 0; gallery from near to far: right, wrong, right, wrong, right.
    found = recall_at(
        np.zeros((1, 1)), [1], gallery=np.arange(1.0, 6)[:, None], gallery_ids=[1, 2, 1, 2, 1],
        ks=(1, 2), distance="euclidean",
    )  # fmt: skip
    # R = 3: right answers at ranks 1 and 3 are among the first three.
    assert found.r_precision == pytest.approx(2 / 3)
    assert found.map_at_r == pytest.approx((1 + 2 / 3) / 3)
    assert dict(found.recall) == {1: 1, 2: 1}
    assert list(found.metrics()) == ["recall1", "recall2", "map_at_r", "r_precision"]


def test_a_copy_of_an_image_counts_and_the_image_itself_does_not():
    vectors = np.array([[1.0, 0], [1, 0], [0, 1]])
    found = recall_at(vectors, [1, 1, 2], ks=(1,))
    assert (found.recall[1], found.map_at_r, found.num_valid) == (1, 1, 2)
    assert recall_at(vectors, [1, 2, 1], ks=(1,)).recall[1] == 0.25  # 2 of 3: a tie, and never


@pytest.mark.thorough
@settings(max_examples=80, deadline=None)
@given(st.integers(1, 5), st.integers(0, 4), st.integers(0, 3), st.integers(1, 9), st.data())
def test_expected_values_over_all_orders(size, before, hits, rank, data):
    right = data.draw(st.integers(1, size))
    hits = min(hits, before)
    sums, counts = [], []
    for order in permutations([True] * right + [False] * (size - right)):
        inside = [(before + x, hit) for x, hit in enumerate(order, 1) if before + x <= rank]
        seen, total = hits, 0.0
        for place, hit in inside:
            seen += hit
            total += seen / place if hit else 0
        sums.append(total)
        counts.append(seen - hits)
    tie = Tie(size=size, right=right, before=before, hits=hits)
    assert precision_sum(tie, False, rank) == pytest.approx(np.mean(sums))
    assert right_within(tie, rank) == pytest.approx(np.mean(counts))


def test_a_peer_agrees_where_nothing_ties():
    numbers = np.random.default_rng(0)
    ids = numbers.integers(0, 12, 150)
    vectors = numbers.standard_normal((12, 16))[ids] + numbers.standard_normal((150, 16))
    vectors = (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)
    found = recall_at(vectors, ids, ks=(1,))
    names = ("precision_at_1", "mean_average_precision_at_r", "r_precision")
    peer = AccuracyCalculator(include=names, k="max_bin_count", device=torch.device("cpu"))
    expected = peer.get_accuracy(torch.from_numpy(vectors), torch.from_numpy(ids))
    assert list(found.metrics().values()) == pytest.approx(
        [expected[names[0]], expected[names[1]], expected[names[2]]], abs=1e-6
    )


@pytest.mark.parametrize(
    ("change", "error", "sentence"),
    [
        ({"ids": [1, 2]}, EmptySplit, "None of the 2 queries"),
        ({"ids": [1]}, ShapeError, r"ids has shape \(1,\)"),
        ({"ks": (0,)}, RecipeError, r"ks = \[0\]"),
        ({"gallery": np.ones((2, 2))}, ShapeError, "belong together"),
        (
            {"features": np.array([[1.0, np.nan], [1, 1]])},
            DataError,
            r"features\[0\] holds a value",
        ),
    ],
)
def test_one_sentence_says_what_is_wrong(change, error, sentence):
    arguments = {"features": np.ones((2, 2)), "ids": [1, 1], **change}
    with pytest.raises(error, match=sentence):
        recall_at(arguments.pop("features"), arguments.pop("ids"), **arguments)
