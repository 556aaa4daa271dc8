"""Measuring a preset from the page: begun, refused, ended, told. No test asserts on a time."""

import os
import subprocess
import sys
import time

import pytest

from tests.bench.test_calibration import measured
from tests.ui.by_hand import write_run
from workbench.bench import calibration
from workbench.errors import RecipeError, RunError
from workbench.runs import tickets
from workbench.runs.device_keys import key_of
from workbench.ui.views.train import calibration_tasks
from workbench.ui.views.train.calibration_tasks import measure, measured_now, state_of

PRESET = "playground/global"
SLEEPS = "import time; time.sleep(3600)"
PATIENCE = 300.0


@pytest.fixture(autouse=True)
def nothing_measured(monkeypatch):
    for module in (calibration, calibration_tasks):
        monkeypatch.setattr(module, "resolve_devices", lambda _: ("cpu",))
    monkeypatch.setattr(calibration_tasks, "_newest", {})
    yield
    for one in calibration_tasks._newest.values():
        one.process.kill()
        wait_until(lambda one=one: one.over)


@pytest.fixture
def instead(monkeypatch):
    """What runs in place of a measurement, as a Python program."""

    def choose(program):
        def spawned(_):
            return subprocess.Popen(
                [sys.executable, "-S", "-c", program],
                stderr=subprocess.PIPE,
                text=True,
                start_new_session=True,
            )

        monkeypatch.setattr(calibration_tasks, "_spawned", spawned)

    return choose


@pytest.fixture
def trains():
    """A run that has the processor, as far as its ticket says."""
    held = []

    def begin():
        run = write_run()
        held.append(tickets.take_ticket(run.locks, [key_of("cpu")], run.id)[1])
        return run

    yield begin
    for ticket in held:
        os.close(ticket)


def wait_until(true):
    until = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < until
        time.sleep(0.02)


def ended(preset=PRESET):
    wait_until(lambda: state_of(preset)["state"] != "working")
    return state_of(preset)


def test_nothing_is_told_before_it_was_asked_for():
    assert state_of(PRESET) == {"state": "none", "words": ""}
    assert measured_now() is None
    with pytest.raises(RecipeError, match="no such preset"):
        measure("playground/globe")


def test_it_is_at_work_until_it_has_an_end(instead):
    instead(SLEEPS)
    measure(PRESET)
    measure(PRESET)
    assert state_of(PRESET)["state"] == "working"
    assert measured_now() == PRESET
    with pytest.raises(RunError, match="playground/global is being measured"):
        measure("playground/quick")


def test_what_was_found_is_told(instead):
    instead("")
    measured(PRESET).save()
    measure(PRESET)
    found = ended()
    assert found["state"] == "done"
    assert "on this machine (measured" in found["words"]


@pytest.mark.parametrize(
    ("program", "words"),
    [
        ("import sys; sys.exit('It does not fit.')", "It does not fit."),
        ("raise ValueError('wrong')", "It ended with a bug: ValueError: wrong"),
        ("import os; os._exit(1)", "The measurement ended without a word. Measure again."),
    ],
)
def test_why_nothing_was_found_is_one_sentence(instead, program, words):
    instead(program)
    measure(PRESET)
    assert ended() == {"state": "failed", "words": words}


def test_it_is_refused_while_a_run_has_the_device(instead, trains):
    instead(SLEEPS)
    trains()
    with pytest.raises(RunError, match="has cpu, and a measurement beside it would be wrong"):
        measure(PRESET)
    assert state_of(PRESET)["state"] == "none"


def test_a_run_that_begins_ends_it(instead, trains):
    instead(SLEEPS)
    measure(PRESET)
    trains()
    found = ended()
    assert found["state"] == "failed"
    assert "began on cpu" in found["words"]
    assert measured_now() is None


@pytest.mark.process
def test_the_real_program_says_why_it_measured_nothing():
    measure("baseline/folder")
    assert "how many identities its classifier tells apart" in ended("baseline/folder")["words"]
