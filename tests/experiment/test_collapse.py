"""A training that collapses says so once and goes on; one that does not says nothing."""

import numpy as np
import pytest
import torch

from tests.experiment.tiny import tiny_run
from workbench.experiment import work
from workbench.runs.log import read_events
from workbench.training.collapse import SMALLEST_SPREAD, STEPS_AT_MARGIN, CollapseWatch, spread_of
from workbench.training.loop_state import LoopState
from workbench.training.measured import Measured, Numbers
from workbench.ui.views.runs.run_view import row

TRIPLETS_ALONE = {
    "losses__identity": None,
    "losses__triplet__margin": 0.3,
    "losses__triplet__normalise": False,
    "training__length__count": 60,
    "training__evaluate__count": 60,
    "training__gradient_clip": None,
    "training__schedule__kind": "constant",
    "training__optimizer__weight_decay": 1.0,
    "training__no_decay_on_vectors": False,
}


def warnings_of(run):
    return [one for one in read_events(run.events_file)[0] if one.get("cause") == "collapse"]


@pytest.mark.thorough
def test_triplets_at_a_high_learning_rate_collapse_and_the_run_says_so_once(tmp_path):
    run = tiny_run(tmp_path, **TRIPLETS_ALONE, training__optimizer__learning_rate=1.0)
    assert work.train_run(run) == work.FINISHED
    (warning,) = warnings_of(run)
    assert (warning["cause"], warning["limit"]) == ("collapse", 0.3)
    assert warning["sign"] == "triplets_at_margin"
    assert warning["value"] == pytest.approx(0.3, rel=0.02)
    assert warning["message"].startswith("collapsed: ")
    assert "; try a lower training.optimizer.learning_rate" in warning["message"]
    status = run.status()
    assert (status.step, status.notice) == (60, warning["message"])
    assert row(run)["notice"] == warning["message"]
    assert warning["message"] in row(run)["words"]


@pytest.mark.thorough
def test_a_training_that_learns_says_nothing(tmp_path):
    run = tiny_run(tmp_path, training__length__count=60, losses__triplet__margin=0.3)
    assert work.train_run(run) == work.FINISHED
    assert warnings_of(run) == []
    assert (run.status().notice, row(run)["notice"]) == (None, "")


def numbers(step, loss, active):
    measured = Measured(step, 0.1, 4, ("triplet",), torch.zeros(5))
    return Numbers(measured, loss, {"triplet": loss}, 1.0, active, None)


def told(losses, active=1.0, loop_state=None):
    """Steps at which a watch reports a collapse."""
    watch, loop_state = CollapseWatch({"triplet": 0.3}), loop_state or LoopState()
    events = [
        watch.look_at_step(numbers(step, loss, active), loop_state)
        for step, loss in enumerate(losses, start=1)
    ]
    return [event.step for event in events if event]


def test_a_collapse_is_reported_again_only_after_a_recovery():
    flat, learning = [0.3] * STEPS_AT_MARGIN, [0.2] * STEPS_AT_MARGIN
    assert told(flat * 3) == [STEPS_AT_MARGIN]
    assert told(flat + learning + flat) == [STEPS_AT_MARGIN, 3 * STEPS_AT_MARGIN]
    assert told(flat + learning[:3] + flat) == [STEPS_AT_MARGIN]
    assert (
        told(flat, loop_state=LoopState(collapsed=["triplets_at_margin"])) == []
    )  # after a resume


def test_a_loss_elsewhere_or_triplets_at_rest_are_no_collapse():
    assert told([0.5] * 100) == told([0.2] * 100) == []
    assert told([0.3] * 100, active=0.8) == []
    assert told([0.3, 0.3, 0.35] * 40) == []


def test_a_spread_that_is_gone_is_one_warning_with_its_value():
    watch, loop_state = CollapseWatch({}), LoopState()
    assert watch.look_at_spread(0.5, 10, loop_state) is None
    first = watch.look_at_spread(SMALLEST_SPREAD / 2, 20, loop_state)
    assert (first.step, first.sign, first.value) == (20, "no_spread", SMALLEST_SPREAD / 2)
    assert watch.look_at_spread(0.0, 30, loop_state) is None
    assert watch.look_at_spread(0.5, 40, loop_state) is None
    assert watch.look_at_spread(0.0, 50, loop_state).step == 50


def test_spread_is_half_the_mean_squared_distance_of_unit_vectors():
    vectors = np.random.default_rng(1).normal(size=(50, 8)).astype(np.float32)
    unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    squares = ((unit[:, None] - unit[None]) ** 2).sum(-1)
    assert spread_of(vectors) == pytest.approx(squares.mean() / 2, rel=1e-5)
    assert spread_of(np.ones((5, 3), np.float32)) == pytest.approx(0.0, abs=1e-6)
    assert spread_of(np.full((5, 3), np.nan, np.float32)) == 0.0
