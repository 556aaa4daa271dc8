"""Real workers, killed without warning and resumed: nothing is lost and no bit differs."""

import signal
import time

import pytest
import torch
from safetensors.torch import load_file

import workbench
from tests.experiment.tiny import overrides, people
from workbench.recipe.presets import load_preset
from workbench.runs import checkpoints
from workbench.runs.lifecycle import launch
from workbench.runs.log import read_events
from workbench.runs.management import list_runs
from workbench.runs.status import written_status

pytestmark = pytest.mark.process

STEPS = 60
QUICK = "playground/quick"
PATIENCE_SECONDS = 240


@pytest.fixture
def settings(tmp_path):
    """Sixty steps with a checkpoint every other step, at one thread."""
    return overrides(people(tmp_path / "people")) | {
        "training.length.count": STEPS,
        "training.evaluate.count": 25,
    }


@pytest.fixture(autouse=True)
def no_survivors():
    yield
    for run in list_runs():
        if (process := written_status(run).process) is not None:
            process.kill_group()


def wait_for(condition, run):
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        assert time.monotonic() < deadline, f"{run.status()}\n{run.log_file.read_text()}"
        time.sleep(0.01)


def wait_for_step(step, run):
    """Until the run has told of ``step``; what was read once is not read again."""
    offset = 0

    def told():
        nonlocal offset
        records, offset = read_events(run.events_file, offset)
        return any((one["kind"], one["step"]) == ("step", step) for one in records)

    wait_for(told, run)


def finish(run):
    wait_for(lambda: not run.status().alive, run)
    assert run.status().state == "finished", run.status()


def kill_after(run, step):
    """SIGKILL the worker as soon as it has told of ``step``; the run is then lost."""
    wait_for_step(step, run)
    assert written_status(run).process.send(signal.SIGKILL)
    wait_for(lambda: not run.status().alive, run)
    assert run.status().state == "lost"


def curve(run):
    """The points a reader keeps: a resumed run voids what lies beyond the step it goes on from."""
    kept = {}
    for record in read_events(run.events_file)[0]:
        if record["kind"] == "resumed":
            kept = {step: value for step, value in kept.items() if step <= record["step"]}
        if record["kind"] == "step":
            assert record["step"] not in kept
            kept[record["step"]] = (record["loss"], record["losses"], record["gradient_norm"])
    return kept


def assert_same_end(first, second):
    assert curve(first) == curve(second)
    assert list(curve(second)) == list(range(1, STEPS + 1))
    assert first.status().metrics == second.status().metrics
    for kind in ("raw", "averaged"):
        ends = [
            load_file(checkpoints.checkpoint_folder(run) / f"{kind}.safetensors")
            for run in (first, second)
        ]
        assert ends[0].keys() == ends[1].keys()
        assert all(torch.equal(item, ends[1][name]) for name, item in ends[0].items())


def test_a_killed_worker_resumes_to_the_same_bits(settings):
    whole = launch.start("playground/quick", settings)
    finish(whole)
    cut = launch.start("playground/quick", settings)
    kill_after(cut, 31)
    launch.resume(cut)
    finish(cut)
    assert_same_end(whole, cut)


def test_a_stop_is_answered_with_a_checkpoint(settings):
    run = launch.start("playground/quick", settings | {"training.length.count": 100_000})
    wait_for_step(5, run)
    launch.stop(run, wait=True)
    assert run.status().state == "stopped"
    last = read_events(run.events_file)[0][-1]
    assert last["kind"] == "stopped"
    assert last["checkpoint"] == checkpoints.last_name(run) == f"step_{last['step']:08d}"


def test_a_finished_run_is_trained_longer_by_a_worker(settings):
    run = launch.start("playground/quick", settings | {"training.length.count": 6})
    finish(run)
    launch.resume(run, until=9)
    finish(run)
    assert list(curve(run)) == list(range(1, 10))
    assert (run.status().step, run.status().total) == (9, 9)


def test_a_run_of_a_recipe_file_goes_on_without_the_file(settings, tmp_path):
    file = tmp_path / "mine.yaml"
    file.write_text("base: playground/quick\ntraining: {length: {kind: steps, count: 100000}}\n")
    run = workbench.start(file, {**settings, "training.length.count": 100_000})
    wait_for_step(3, run)
    workbench.stop(run, wait=True)
    file.unlink()
    step = run.status().step
    workbench.resume(run)
    wait_for_step(step + 2, run)
    workbench.stop(run, wait=True)
    assert run.status().state == "stopped"
    assert (run.labels().name, run.recipe().title) == ("mine", load_preset(QUICK).title)


def test_a_term_signal_is_a_stop(settings):
    run = launch.start("playground/quick", settings | {"training.length.count": 100_000})
    wait_for_step(5, run)
    assert written_status(run).process.send(signal.SIGTERM)
    wait_for(lambda: not run.status().alive, run)
    assert run.status().state == "stopped"


@pytest.mark.long
def test_ten_kills_in_a_chain_end_like_no_kill_at_all(settings):
    whole = launch.start("playground/quick", settings)
    finish(whole)
    cut = launch.start("playground/quick", settings)
    for step in range(5, 55, 5):
        kill_after(cut, step)
        launch.resume(cut)
    finish(cut)
    assert_same_end(whole, cut)
