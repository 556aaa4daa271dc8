"""A run is trained longer than it was to: as if it had been that long from the start."""

import pytest
import torch
from safetensors.torch import load_file

from tests.experiment.tiny import overrides, people
from workbench.cli.entry import main
from workbench.errors import RunError
from workbench.experiment import work
from workbench.recipe.overrides import resolve
from workbench.recipe.settings.training import Epochs, Steps
from workbench.runs.checkpoints import checkpoint_folder
from workbench.runs.folder import RunFolder, write_status
from workbench.runs.lifecycle.extension import extend, read_length
from workbench.runs.log import read_events
from workbench.runs.management import create_run

CONSTANT = {"training.schedule.kind": "constant", "training.schedule.warmup.count": 2}


@pytest.fixture
def train(tmp_path):
    """Train a run on the people for some steps, in this process."""
    root = people(tmp_path / "people")

    def call(steps, **changes) -> RunFolder:
        settings = overrides(root) | {"training.length.count": steps} | changes.pop("changes", {})
        run = create_run("playground/quick", settings)
        assert work.train_run(run) == work.FINISHED
        return run

    return call


def longer(run, until, **how):
    extend(run, until, **how)
    write_status(run, state="queued")
    assert work.train_run(run) == work.FINISHED


def steps_of(run):
    return {one["step"]: one for one in read_events(run.events_file)[0] if one["kind"] == "step"}


def rates(run):
    return [one["learning_rate"] for one in steps_of(run).values()]


@pytest.mark.thorough
def test_a_finished_run_goes_on_with_its_optimizer_and_its_averaged_weights(train):
    whole = train(12, changes=CONSTANT)
    parts = train(6, changes=CONSTANT)
    before = parts.status().metrics
    longer(parts, 12)
    for kind in ("raw", "averaged"):
        ends = [load_file(checkpoint_folder(run) / f"{kind}.safetensors") for run in (whole, parts)]
        assert all(torch.equal(value, ends[1][name]) for name, value in ends[0].items())
    records = read_events(parts.events_file)[0]
    assert list(steps_of(parts)) == list(range(1, 13))
    assert [one["step"] for one in records if one["kind"] == "resumed"] == [6]
    status = parts.status()
    assert (status.state, status.step, status.total) == ("finished", 12, 12)
    assert status.metrics == whole.status().metrics != before
    assert parts.recipe().training.length == Steps(count=12)
    assert resolve(parts.preset(), parts.overrides()) == parts.recipe()


@pytest.mark.thorough
def test_the_last_learning_rate_is_held_unless_the_schedule_is_to_span_the_new_length(train):
    run = train(6)
    planned = rates(run)
    longer(run, "8 steps")
    longer(run, 10)  # once more: it is still the rate of step 6
    assert rates(run) == planned + [planned[-1]] * 4
    spread = train(6)
    longer(spread, 10, hold=False)
    assert rates(spread)[6:] == pytest.approx(rates(train(10))[6:])


@pytest.mark.thorough
def test_epochs_count_and_a_shorter_length_is_refused_in_a_sentence(train, capsys):
    run = train(6)
    size = steps_per_epoch(run)
    for until in (6, 3, "1 steps", f"{6 // size} epochs"):
        with pytest.raises(RunError, match="has trained 6 steps already") as refused:
            extend(run, until)
        assert str(refused.value).count(". ") == 0
    recipe = run.recipe_file.read_bytes()
    assert main(["resume", run.id, "--until", "5"]) == 2
    assert "must be more than 6 steps" in capsys.readouterr().err
    assert main(["resume", run.id, "--until", "soon"]) == 2
    assert "until = soon: not a length" in capsys.readouterr().err
    assert main(["resume", run.id, "--follow-schedule"]) == 2
    assert "belongs to --until" in capsys.readouterr().err
    assert run.recipe_file.read_bytes() == recipe
    longer(run, f"{6 // size + 2} epochs")
    assert run.status().step == (6 // size + 2) * size


@pytest.mark.thorough
def test_a_stopped_run_is_given_a_longer_end(train):
    run = train(6)
    write_status(run, state="stopped", step=4, total=6)
    recipe = run.recipe()
    extend(run, 6)  # what it was to train anyway
    assert run.recipe() == recipe
    with pytest.raises(RunError, match="is to train 6 steps already"):
        extend(run, 5)
    longer(run, 9)
    assert run.status().step == 9


@pytest.mark.thorough
def test_a_run_that_stopped_early_goes_on(train):
    early = {"training.early_stop": {"patience": 1}, "training.evaluate.count": 1}
    run = train(40, changes=early | {"training.optimizer.learning_rate": 1e-9})
    step = run.status().step
    assert step < 40
    longer(run, step + 2)
    assert run.status().step == step + 2


@pytest.mark.parametrize(
    ("text", "length"),
    [
        (400, Steps(count=400)),
        ("400", Steps(count=400)),
        ("400 steps", Steps(count=400)),
        ("12 epochs", Epochs(count=12)),
        ("1 epoch", Epochs(count=1)),
    ],
)
def test_lengths_are_steps_or_epochs(text, length):
    assert read_length(text) == length


@pytest.mark.parametrize("text", ["", "0", "-3", "12 hours", "1e3", "²"])
def test_what_is_no_length_is_refused(text):
    with pytest.raises(RunError, match="not a length"):
        read_length(text)


def steps_per_epoch(run):
    started = next(one for one in read_events(run.events_file)[0] if one["kind"] == "started")
    return started["steps_per_epoch"]
