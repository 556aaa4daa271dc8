"""What is due when."""

import pytest

from workbench.recipe.settings.training import Training
from workbench.training.step_schedule import StepSchedule


def step_schedule(batches, **settings):
    return StepSchedule(Training.model_validate(settings), batches)


def averaged_epochs(epochs, steps_per_epoch=3, **averaging):
    table = step_schedule(
        steps_per_epoch,
        length={"kind": "epochs", "count": epochs},
        averaging={"kind": "uniform", **averaging},
    )
    steps = range(table.total + 1)
    return [step // steps_per_epoch for step in steps if table.averages_at(step)]


def test_length_in_epochs_and_steps():
    assert step_schedule(7, length={"kind": "epochs", "count": 3}).total == 21
    assert step_schedule(7, length={"kind": "steps", "count": 3}).total == 3
    assert step_schedule(7, length={"kind": "epochs", "count": 3}, accumulation=2).total == 12


def test_intervals():
    table = step_schedule(
        4,
        length={"kind": "steps", "count": 10},
        evaluate={"kind": "epochs", "count": 1},
        checkpoints={"every": {"kind": "steps", "count": 3}, "keep_every": {"kind": "never"}},
        log_every=4,
    )
    steps = range(11)
    assert [step for step in steps if table.evaluates_at(step)] == [0, 4, 8, 10]
    assert [step for step in steps if table.saves_at(step)] == [3, 4, 6, 8, 9, 10]
    assert [step for step in steps if table.logs_at(step)] == [0, 1, 4, 8, 10]
    assert not any(table.keeps_at(step) for step in steps)


def test_a_rate_per_epoch_is_the_same_within_an_epoch():
    table = step_schedule(
        5, length={"kind": "epochs", "count": 4}, schedule={"kind": "cosine", "unit": "epoch"}
    )
    factors = [table.rate_factor(step) for step in range(20)]
    assert len(set(factors)) == 4
    assert factors[0] == factors[4] == 1.0


def test_uniform_average_takes_epoch_ends_from_its_start_on():
    # Two published systems average the ends of epochs 60 to 100, and 12 to 30.
    assert averaged_epochs(100, start=0.6) == list(range(60, 101))
    assert averaged_epochs(30, start=0.4) == list(range(12, 31))
    assert averaged_epochs(10, start=0.37) == list(range(3, 11))


@pytest.mark.parametrize(
    ("horizon", "extra", "first", "models"),
    [(75, 25, 60, 41), (155, 25, 124, 57), (45, 25, 36, 35), (15, 15, 12, 19)],
)
def test_the_published_numbers_of_averaged_models(horizon, extra, first, models):
    """Averaged from the epoch in which the rate is held, at 0.8 of the cosine, to the last."""
    assert int(horizon * 0.8 + 1e-9) == first
    assert len(averaged_epochs(horizon + extra, first_epoch=first)) == models


def test_a_late_exponential_average_begins_at_the_end_of_an_epoch():
    averaging = {"kind": "exponential", "every": "step", "start": 0.8}
    table = step_schedule(4, length={"kind": "epochs", "count": 6}, averaging=averaging)
    assert [step for step in range(25) if table.averages_at(step)] == list(range(16, 25))


def test_the_gradient_rises_at_the_start_where_asked():
    """A published system: 0.1 grows by 0.9 / (5 * batches) before each of the first updates."""
    table = step_schedule(404, length={"kind": "epochs", "count": 60}, loss_warmup={"epochs": 5})
    factor, iterations = 0.1, 404 * 5
    for step in range(iterations):
        factor = min(1.0, factor + 0.9 / iterations)
        assert table.loss_factor(step) == pytest.approx(factor, abs=1e-9)
    assert table.loss_factor(iterations) == 1.0
    assert step_schedule(404).loss_factor(0) == 1.0


def test_a_warmup_in_steps_beside_a_schedule_in_epochs():
    schedule = {
        "kind": "milestones",
        "unit": "epoch",
        "at": [2],
        "warmup": {"count": 4, "unit": "step", "start_factor": 0.0},
    }
    table = step_schedule(3, length={"kind": "epochs", "count": 3}, schedule=schedule)
    found = [table.rate_factor(step) for step in range(9)]
    assert found == pytest.approx([0, 0.25, 0.5, 0.75, 1, 1, 0.1, 0.1, 0.1])


def test_the_end_of_training_counts_as_the_end_of_an_epoch():
    table = step_schedule(4, length={"kind": "steps", "count": 6}, averaging={"kind": "uniform"})
    assert [step for step in range(7) if table.averages_at(step)] == [4, 6]


def test_exponential_average_per_epoch():
    averaging = {"kind": "exponential", "every": "epoch"}
    table = step_schedule(4, length={"kind": "steps", "count": 8}, averaging=averaging)
    assert [step for step in range(9) if table.averages_at(step)] == [4, 8]
