"""What the loop says and when, on a network that trains in milliseconds."""

import math

import pytest
import torch

from tests.training.stubs import (
    BATCHES_PER_EPOCH,
    StubEvaluator,
    StubObjective,
    StubSource,
    learner,
)
from workbench.errors import RunFailed
from workbench.training.evaluator import Interrupted
from workbench.training.events import CheckpointReady, Evaluated, Finished, StepDone, Stopped
from workbench.training.loop import train
from workbench.training.measured import read_all

EVERY_FIVE = {"kind": "steps", "count": 5}
NEVER = {"every": {"kind": "never"}}


def of_kind(kind, events):
    return [event for event in events if isinstance(event, kind)]


@pytest.mark.thorough
def test_every_step_is_a_point_and_the_end_is_said():
    source = StubSource()
    events = list(train(learner(), source))
    steps = of_kind(StepDone, events)
    assert [event.step for event in steps] == list(range(1, 13))
    assert [event.epoch for event in steps] == [1] * 4 + [2] * 4 + [3] * 4
    assert isinstance(events[-1], Finished)
    assert source.drawn == [(epoch, place) for epoch in range(3) for place in range(4)]
    assert all(event.loss == pytest.approx(event.losses["identity"] + 1) for event in steps)
    assert all(event.active_triplets == 0.5 for event in steps)
    assert all(event.gradient_norm > 0 for event in steps)


@pytest.mark.thorough
def test_points_are_as_rare_as_asked_but_first_and_last():
    events = list(train(learner(log_every=5), StubSource()))
    assert [event.step for event in of_kind(StepDone, events)] == [1, 5, 10, 12]


@pytest.mark.thorough
def test_learning_rates_follow_the_schedule():
    schedule = {"kind": "milestones", "unit": "epoch", "at": [1, 2], "factor": 0.1}
    optimizer = {"kind": "adamw", "learning_rate": 0.01}
    events = list(train(learner(schedule=schedule, optimizer=optimizer), StubSource()))
    rates = [event.learning_rate for event in of_kind(StepDone, events)]
    assert rates == pytest.approx([0.01] * 4 + [0.001] * 4 + [0.0001] * 4)


@pytest.mark.thorough
def test_the_network_is_evaluated_before_at_intervals_and_after():
    evaluator = StubEvaluator()
    averaging = {"kind": "exponential"}
    events = list(train(learner(evaluate=EVERY_FIVE, averaging=averaging), StubSource(), evaluator))
    figures = of_kind(Evaluated, events)
    assert [event.step for event in figures] == [0, 5, 10, 12]
    assert figures[0].metrics["averaged"] is None
    assert all(event.metrics["averaged"] is not None for event in figures[1:])
    assert events[-1].metrics == figures[-1].metrics


def test_checkpoints_come_at_intervals_and_wherever_there_are_figures():
    settings = {
        "evaluate": EVERY_FIVE,
        "checkpoints": {"every": {"kind": "epochs", "count": 1}, "keep_every": EVERY_FIVE},
    }
    saved = of_kind(CheckpointReady, train(learner(**settings), StubSource(), StubEvaluator()))
    assert [event.step for event in saved] == [4, 5, 8, 10, 12]
    assert [event.keep for event in saved] == [False, True, False, True, False]
    assert [event.metrics is not None for event in saved] == [False, True, False, True, True]


@pytest.mark.thorough
def test_the_best_checkpoint_has_the_highest_figure_of_averaged_weights():
    evaluator = StubEvaluator(values=[0.9, 0.3, 0.5, 0.4])
    settings = {"evaluate": EVERY_FIVE, "checkpoints": NEVER}
    saved = of_kind(CheckpointReady, train(learner(**settings), StubSource(), evaluator))
    assert [(event.step, event.best) for event in saved] == [(5, True), (10, True), (12, False)]


@pytest.mark.thorough
def test_early_stop_ends_after_the_patience():
    evaluator = StubEvaluator(values=[0.0, 0.5, 0.4, 0.5, 0.9])
    settings = {
        "length": {"kind": "steps", "count": 50},
        "evaluate": EVERY_FIVE,
        "early_stop": {"patience": 2, "metric": "mAP"},
    }
    events = list(train(learner(**settings), StubSource(), evaluator))
    assert isinstance(events[-1], Finished)
    assert events[-1].step == 15


@pytest.mark.thorough
def test_stop_saves_and_ends_without_looking_at_figures():
    evaluator = StubEvaluator()
    asked = iter([False] * 7)
    events = list(train(learner(), StubSource(), evaluator, stop=lambda: next(asked, True)))
    assert isinstance(events[-1], Stopped)
    assert isinstance(events[-2], CheckpointReady)
    assert events[-1].step == events[-2].step == 7
    assert evaluator.seen == [(0, "raw")]


@pytest.mark.thorough
def test_a_stop_during_an_evaluation_is_made_up_for_on_resuming():
    class Impatient(StubEvaluator):
        def figures(self, network, weights, step):
            if step == 5:
                raise Interrupted
            return super().figures(network, weights, step)

    settings = {"evaluate": EVERY_FIVE, "checkpoints": NEVER}
    events = list(train(learner(**settings), StubSource(), Impatient()))
    assert isinstance(events[-1], Stopped)
    assert events[-2].metrics is None
    again = learner(**settings)
    again.restore(events[-2].state)
    rest = list(train(again, StubSource(), StubEvaluator()))
    assert [event.step for event in of_kind(Evaluated, rest)] == [5, 10, 12]
    assert [event.step for event in of_kind(CheckpointReady, rest)] == [5, 10, 12]


def test_accumulated_gradients_are_those_of_the_mean():
    pair, single = learner(accumulation=2), learner()
    source = StubSource()
    batches = list(source.epoch(0))[:2]
    # Statistics of BatchNorm are per batch either way; dropout is left out by evaluation mode.
    pair.network.eval(), single.network.eval()
    totals = [float(single._gradient(batch, 2)[0]) for batch in batches]
    norm = float(single._clip())
    (numbers,) = read_all([pair.update(batches)])
    assert numbers.loss == pytest.approx(sum(totals) / 2)
    assert numbers.gradient_norm == pytest.approx(norm, rel=1e-5)


@pytest.mark.thorough
def test_an_epoch_that_accumulation_does_not_divide_ends_with_a_smaller_update():
    steps = of_kind(StepDone, train(learner(accumulation=3), StubSource()))
    assert [event.epoch for event in steps] == [1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6]


def test_a_loss_that_is_no_number_fails_with_step_term_and_last_checkpoint():
    settings = {"checkpoints": {"every": {"kind": "steps", "count": 2}}}
    with pytest.raises(RunFailed, match=r"'identity' became nan at step 6.* of step 4"):
        list(train(learner(StubObjective(bad_step=6), **settings), StubSource()))


def test_a_bad_loss_between_points_is_found_before_anything_is_saved():
    settings = {"log_every": 100, "checkpoints": {"every": {"kind": "steps", "count": 4}}}
    events = []
    with pytest.raises(RunFailed, match="at step 6"):
        events.extend(train(learner(StubObjective(bad_step=6), **settings), StubSource()))
    assert [event.step for event in of_kind(CheckpointReady, events)] == [4]


@pytest.mark.parametrize(
    "error",
    [
        torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB"),
        MemoryError(),
        RuntimeError("[enforce fail] DefaultCPUAllocator: can't allocate memory: you tried"),
    ],
)
def test_running_out_of_memory_is_one_sentence(error):
    class Greedy(StubObjective):
        def forward(self, outputs, labels):
            raise error

    with pytest.raises(RunFailed, match=r"6 images of 8 x 4 pixels.*MB in use.*data\.sampler"):
        list(train(learner(Greedy()), StubSource()))


def test_other_errors_stay_what_they_are():
    class Wrong(StubObjective):
        def forward(self, outputs, labels):
            raise RuntimeError("shapes differ")

    with pytest.raises(RuntimeError, match="shapes differ"):
        list(train(learner(Wrong()), StubSource()))


def test_the_gradient_is_clipped_to_its_norm_and_the_norm_before_is_told():
    free, clipped = learner(), learner(gradient_clip=1e-3)
    batches = list(StubSource().epoch(0))[:1]
    free_norm, clipped_norm = (
        numbers.gradient_norm
        for numbers in read_all([free.update(batches), clipped.update(batches)])
    )
    assert free_norm == pytest.approx(clipped_norm)
    clipped._gradient(batches[0], 1)
    clipped._clip()
    total = math.sqrt(sum(float(item.grad.square().sum()) for item in clipped._trained))
    assert total == pytest.approx(1e-3, rel=1e-3)


@pytest.mark.thorough
def test_a_uniform_average_is_refreshed_and_evaluated_at_the_end():
    evaluator, source = StubEvaluator(), StubSource()
    settings = {"evaluate": EVERY_FIVE, "averaging": {"kind": "uniform", "start": 0.5}}
    subject = learner(**settings)
    events = list(train(subject, source, evaluator))
    averaged = [event.metrics["averaged"] is not None for event in of_kind(Evaluated, events)]
    assert averaged == [False, False, False, True]
    # Half of three epochs, cut to whole ones: the ends of all three are averaged.
    assert subject.average.updates == 3
    assert source.drawn[-BATCHES_PER_EPOCH:] == [(3, place) for place in range(4)]
    assert events[-2].state.averaged is not None
