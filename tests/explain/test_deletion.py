"""Deletion scores by hand."""

import numpy as np
import pytest
import torch

from tests.explain.by_hand import network, recipe, squares
from workbench.explain.faithfulness.deletion import (
    area,
    from_the_middle,
    hottest_first,
    random_orders,
    step_counts,
    without,
)
from workbench.explain.faithfulness.scores import deletions
from workbench.explain.pair_reader import PairReader

RED = (255, 0, 0)


def test_the_hottest_cells_go_first_and_equal_ones_in_reading_order():
    heat = np.array([[0.0, 2.0], [1.0, 1.0]])
    assert hottest_first(heat, 2, 2).tolist() == [1, 2, 3, 0]


def test_finer_heat_counts_by_what_lies_in_a_cell():
    heat = np.array([[0.0, 3.0], [1.0, 1.0], [4.0, 0.0], [0.0, 0.0]])
    assert hottest_first(heat, 2, 1).tolist() == [0, 1]
    assert hottest_first(heat[::-1], 2, 1).tolist() == [1, 0]


def test_the_middle_is_measured_by_the_sides_of_the_picture():
    assert from_the_middle(4, 1).tolist() == [1, 2, 0, 3]
    # A cell of a 4 x 2 map: half a width aside is as far as half a height up.
    assert set(from_the_middle(4, 2)[:4].tolist()) == {2, 3, 4, 5}


def test_random_orders_are_the_same_every_time():
    first, second = random_orders(8, 2), random_orders(8, 2)
    assert [order.tolist() for order in first] == [order.tolist() for order in second]
    assert sorted(first[0].tolist()) == list(range(8))
    assert first[0].tolist() != first[1].tolist()


def test_steps_go_from_none_to_all():
    assert step_counts(32).tolist() == [0, 4, 8, 12, 16, 20, 24, 28, 32]
    assert step_counts(3).tolist() == [0, 1, 2, 3]


def test_what_is_taken_away_becomes_the_mean_colour():
    image = torch.zeros(3, 4, 2)
    image[0, 0] = 1.0
    changed = without(image, np.array([1, 0]), (2, 1))
    assert torch.equal(changed[0], image)
    assert changed[1][0, 2:].unique().tolist() == [0.25]
    assert torch.equal(changed[1][:, :2], image[:, :2])
    assert changed[2][0].unique().tolist() == [0.25]


def test_a_blur_keeps_the_mean_and_leaves_nothing_to_recognise():
    image = torch.zeros(3, 32, 16)
    image[:, ::2] = 1.0
    (_, *_, gone) = without(image, np.arange(8), (4, 2), "blur")
    assert gone.mean() == pytest.approx(0.5, abs=0.03)
    assert gone.std() < 0.1


def test_the_area_is_that_of_trapezoids():
    assert area(np.array([0.0, 0.5, 1.0]), np.array([1.0, 0.0, 0.0])) == pytest.approx(0.25)


def test_a_score_worked_out_by_hand():
    query = squares(
        (0, 0, RED), *((row, column, (0, 255, 0)) for row in range(1, 4) for column in range(2))
    )
    hit = squares((0, 0, RED))
    reader = PairReader(network(), recipe(), query, hit)
    # Mean colour: red 1/8, green 6/8. cos to red = r / sqrt(r^2 + g^2).
    hot = np.zeros((4, 2))
    hot[0, 0] = 1.0
    score = deletions(reader, {"part": hot}, (4, 2))["part"]
    assert score.taken.tolist() == [k / 8 for k in range(9)]
    red, green = 1 / 8, 6 / 8

    def cosine(r, g):
        return r / np.hypot(r, g)

    assert score.curve[0] == pytest.approx(cosine(red, green))
    # Without the square: 7 cells as they were (6 green, 1 black), one of the mean colour.
    assert score.curve[1] == pytest.approx(cosine(red / 8, (6 + green) / 8), rel=1e-5)
    assert score.curve[8] == pytest.approx(cosine(red, green), rel=1e-5)
    assert score.auc == pytest.approx(area(score.taken, score.curve))


def test_one_square_that_decides_beats_both_blind_orders():
    query = squares((0, 0, RED), *((row, 1, (0, 60, 0)) for row in range(4)))
    reader = PairReader(network(), recipe(), query, squares((3, 1, RED)))
    evidence, _ = reader.evidence()
    score = deletions(reader, {"part": evidence["part"].heat}, (4, 2))["part"]
    assert score.auc < score.random
    assert score.auc < score.centre
    assert score.random == area(score.taken, score.random_curve)
    assert score.auc < score.random_best <= score.random
    assert score.centre == area(score.taken, score.centre_curve)
    assert score.centre_curve[0] == score.curve[0] == score.random_curve[0]


def test_an_image_that_is_all_black_has_cosine_zero_throughout():
    reader = PairReader(network(), recipe(), squares(), squares((0, 0, RED)))
    score = deletions(reader, {"all": np.zeros((4, 2))}, (4, 2))["all"]
    assert score.curve.tolist() == [0.0] * 9
    assert (score.auc, score.random, score.centre) == (0.0, 0.0, 0.0)
