"""Written by the worker, judged by readers."""

import os
import time

import pytest

from workbench.cli.commands.runs import duration
from workbench.errors import RunError
from workbench.runs import locks
from workbench.runs import status as status_module
from workbench.runs.files import read_json, write_json
from workbench.runs.folder import RunFolder, write_status
from workbench.runs.lifecycle.control import clear_stop, request_stop, stop_asked
from workbench.runs.process import this_process
from workbench.runs.status import HEARTBEAT_LIMIT_SECONDS
from workbench.ui.views.runs.run_view import row


@pytest.fixture
def run(tmp_path):
    folder = RunFolder(tmp_path / "runs" / "20261121-083012-quick-3f2a")
    folder.path.mkdir(parents=True)
    write_status(folder, state="running", step=3, devices=("cpu",))
    return folder


@pytest.fixture
def alive(run):
    lock = locks.open_lock(run.lock_file)
    assert locks.take(lock)
    yield run
    os.close(lock)


def test_alive_means_that_the_lock_is_held(alive):
    assert alive.status().state == "running"
    assert alive.status().alive


def test_a_state_that_says_alive_without_a_lock_is_lost_and_never_written(run):
    assert run.status().state == "lost"
    assert not run.status().alive
    assert read_json(run.status_file)["state"] == "running"


@pytest.mark.parametrize("state", ["finished", "stopped", "failed"])
def test_an_ended_run_needs_no_lock(run, state):
    write_status(run, state=state, error="why" if state == "failed" else None)
    status = run.status()
    assert (status.state, status.step, status.eta) == (state, 3, None)
    assert time.time() - status.ended < 60


def test_a_request_to_stop_shows_at_once_and_can_be_taken_back(alive):
    assert not stop_asked(alive)
    request_stop(alive)
    assert stop_asked(alive)
    assert alive.status().state == "stopping"
    clear_stop(alive)
    clear_stop(alive)
    assert alive.status().state == "running"


def test_the_stage_goes_when_the_run_runs(alive):
    write_status(alive, state="starting", stage="loading torch")
    assert alive.status().stage == "loading torch"
    write_status(alive, state="running")
    assert alive.status().stage is None


@pytest.mark.parametrize("content", ["", "{", '{"state": "asleep"}', "[]"])
def test_a_damaged_status_is_a_lost_run_that_says_why(run, content):
    run.status_file.write_text(content)
    assert run.status().state == "lost"
    assert "missing or damaged" in run.status().error


def test_a_worker_writes_over_a_damaged_status(alive):
    alive.status_file.write_text("{")
    write_status(alive, step=9)
    assert (alive.status().state, alive.status().step, alive.status().error) == ("running", 9, None)


def test_fields_of_a_later_version_are_passed_over(alive):
    write_json(alive.status_file, {"state": "running", "step": 4, "mood": "good"})
    assert alive.status().step == 4


def test_a_field_that_does_not_exist_is_refused(alive):
    with pytest.raises(TypeError):
        write_status(alive, stpe=4)


@pytest.mark.parametrize(
    ("state", "silent_seconds", "expected"),
    [
        ("running", 0, "running"),
        ("running", HEARTBEAT_LIMIT_SECONDS + 60, "lost"),
        ("queued", HEARTBEAT_LIMIT_SECONDS + 60, "queued"),
        ("finished", HEARTBEAT_LIMIT_SECONDS + 60, "finished"),
    ],
)
def test_on_another_machine_the_heartbeat_decides(run, state, silent_seconds, expected):
    values = read_json(run.status_file)
    heartbeat = time.time() - silent_seconds
    write_json(
        run.status_file,
        values | {"state": state, "host": "another machine", "heartbeat": heartbeat},
    )
    assert run.status().state == expected


def test_a_full_disk_keeps_the_old_status(alive, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", full)
    assert write_status(alive, step=8) is False
    monkeypatch.undo()
    assert alive.status().step == 3
    assert write_status(alive, step=8) is True


def test_a_vanished_folder_ends_the_worker(alive, tmp_path):
    alive.path.rename(tmp_path / "elsewhere")
    with pytest.raises(RunError, match="gone: the run ends"):
        write_status(alive, step=8)


def test_the_record_is_what_scripts_are_given(alive):
    record = alive.status().record()
    assert record["state"] == "running"
    assert record["waiting_for"] == ()
    assert "waiting_for" not in read_json(alive.status_file)


def test_a_run_takes_as_long_as_the_monotonic_clock_says(run, monkeypatch):
    me = this_process()
    write_status(run, pid=me.pid, boot_id=me.boot_id, host=me.host)
    wall, steady = [5_000.0], [100.0]
    monkeypatch.setattr(status_module.time, "time", lambda: wall[0])
    monkeypatch.setattr(status_module.time, "monotonic", lambda: steady[0])
    write_status(run, state="starting", started=5_000.0)
    wall[0], steady[0] = 1_000.0, 130.0  # the clock on the wall is set back
    write_status(run, state="finished")
    status = run.status()
    assert (status.started, status.ended) == (5_000.0, 1_000.0)
    assert status.duration == 30.0
    assert row(run)["duration"] == 30.0
    assert duration(status) == "30 s"


def test_a_run_of_an_earlier_version_never_took_less_than_nothing(run):
    write_json(run.status_file, {"state": "finished", "started": 5_000.0, "ended": 1_000.0})
    assert run.status().duration == 0.0
    write_json(run.status_file, {"state": "finished", "started": 5_000.0, "ended": 5_100.0})
    assert run.status().duration == 100.0
    write_json(run.status_file, {"state": "queued", "created": 5_000.0})
    assert run.status().duration is None
