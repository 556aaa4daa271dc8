"""What is due when."""

from workbench.recipe.training import Training
from workbench.training.timetable import Timetable


def timetable(batches, **settings):
    return Timetable(Training.model_validate(settings), batches)


def averaged_epochs(start, epochs, steps_per_epoch=3):
    table = timetable(
        steps_per_epoch,
        length={"kind": "epochs", "count": epochs},
        averaging={"kind": "uniform", "start": start},
    )
    steps = range(table.total + 1)
    return [step // steps_per_epoch for step in steps if table.averages_at(step)]


def test_length_in_epochs_and_steps():
    assert timetable(7, length={"kind": "epochs", "count": 3}).total == 21
    assert timetable(7, length={"kind": "steps", "count": 3}).total == 3
    assert timetable(7, length={"kind": "epochs", "count": 3}, accumulation=2).total == 12


def test_intervals():
    table = timetable(
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
    table = timetable(
        5, length={"kind": "epochs", "count": 4}, schedule={"kind": "cosine", "unit": "epoch"}
    )
    factors = [table.rate_factor(step) for step in range(20)]
    assert len(set(factors)) == 4
    assert factors[0] == factors[4] == 1.0


def test_uniform_average_takes_epoch_ends_from_its_start_on():
    # Two published systems average the ends of epochs 60 to 100, and 12 to 30.
    assert averaged_epochs(0.6, 100) == list(range(60, 101))
    assert averaged_epochs(0.4, 30) == list(range(12, 31))


def test_the_end_of_training_counts_as_the_end_of_an_epoch():
    table = timetable(4, length={"kind": "steps", "count": 6}, averaging={"kind": "uniform"})
    assert [step for step in range(7) if table.averages_at(step)] == [6]


def test_exponential_average_per_epoch():
    averaging = {"kind": "exponential", "every": "epoch"}
    table = timetable(4, length={"kind": "steps", "count": 8}, averaging=averaging)
    assert [step for step in range(9) if table.averages_at(step)] == [4, 8]
