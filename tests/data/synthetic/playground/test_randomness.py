from statistics import mean, pstdev

import pytest

from workbench.data.synthetic.playground.randomness import Draws


def test_a_key_names_its_numbers_on_every_machine():
    draws = Draws(0, "pose", 7)
    assert [draws.uniform() for _ in range(3)] == [
        0.08776760359887215,
        0.9257196349009186,
        0.9092003708314653,
    ]
    assert Draws(0, "pose", 7).normal(0.0, 1.0) == 0.4093517103039028


def test_keys_differ():
    keys = [(0, "pose", 7), (1, "pose", 7), (0, "walk", 7), (0, "pose", 8), (0, "pose", 7, 0)]
    assert len({Draws(*key).uniform() for key in keys}) == len(keys)


def test_normal_has_its_mean_and_deviation():
    draws = Draws("normal")
    numbers = [draws.normal(5.0, 2.0) for _ in range(4000)]
    assert mean(numbers) == pytest.approx(5.0, abs=0.1)
    assert pstdev(numbers) == pytest.approx(2.0, abs=0.1)


def test_integers_reach_both_ends():
    draws = Draws("integers")
    assert {draws.integer(3, 5) for _ in range(100)} == {3, 4, 5}


def test_weights_are_shares():
    draws = Draws("weights")
    drawn = [draws.weighted({"often": 3, "seldom": 1, "never": 0}) for _ in range(4000)]
    assert drawn.count("often") / 4000 == pytest.approx(0.75, abs=0.03)
    assert drawn.count("never") == 0


def test_shuffled_keeps_everything():
    order = Draws("shuffle").shuffled(range(50))
    assert order != list(range(50))
    assert sorted(order) == list(range(50))
