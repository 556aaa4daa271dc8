"""Real workers, whose experiment is a script of a few lines."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from workbench.errors import RunError
from workbench.paths import runs_folder
from workbench.runs import locks
from workbench.runs.folder import RunFolder
from workbench.runs.lifecycle import launch, orphans, stopper
from workbench.runs.lifecycle.control import request_stop
from workbench.runs.log import read_events
from workbench.runs.management import delete_run, list_runs
from workbench.runs.process import ProcessIdentity, this_process
from workbench.runs.status import written_status

pytestmark = pytest.mark.process

# Counts steps until there are 400 or somebody asks it to stop; the run's note says how it behaves.
EXPERIMENT = """
import json, os, signal, subprocess, sys, time
from pathlib import Path
from workbench.runs import checkpoints, locks
from workbench.runs.lifecycle import control
from workbench.runs.log import EventLog, read_events
from workbench.runs.run_paths import RunPaths
from workbench.runs.status import write_status

run = RunPaths(Path(sys.argv[1]))
behaviour = (run.path / "behaviour").read_text() if (run.path / "behaviour").exists() else ""
locks.adopt_locks(run)
(run.path / "seen.json").write_text(json.dumps(dict(os.environ)))
log = EventLog(run.events_file)
if "deaf" in behaviour:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
if "child" in behaviour:
    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"], close_fds=False)
    (run.path / "child").write_text(str(child.pid))
if "orphan" in behaviour:
    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    (run.path / "child").write_text(str(child.pid))
done = len([r for r in read_events(run.events_file)[0] if r["kind"] == "step"])
write_status(run, state="running", total=400)
while done < 400:
    if control.stop_asked(run) and "deaf" not in behaviour:
        write_status(run, state="stopped")
        sys.exit(0)
    done += 1
    log.append({"kind": "step", "time": time.time(), "step": done, "loss": 1.0 / done})
    write_status(run, step=done)
    if "quick" not in behaviour:
        time.sleep(0.02)
write_status(run, state="finished")
"""


@pytest.fixture(autouse=True)
def experiment(tmp_path, monkeypatch):
    (tmp_path / "code").mkdir()
    (tmp_path / "code" / "tiny_experiment.py").write_text(EXPERIMENT)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path / "code"))
    yield
    for run in list_runs():
        if (process := written_status(run).process) is not None:
            process.kill_group()


def start():
    # Under this name nothing is asked of the machine's GPUs.
    return launch.start("playground/quick", {"run.devices": ["cpu"]}, experiment="tiny_experiment")


def until(run, *states, step=0, seconds=30):
    """The status as soon as it has one of ``states`` and has come to ``step``."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        status = run.status()
        if status.state in states and status.step >= step:
            return status
        time.sleep(0.01)
    raise AssertionError(f"{run.status()}\n{run.log_file.read_text()}")


def kill(run):
    assert run.status().process.send(signal.SIGKILL)
    until(run, "lost")


def test_a_run_is_alive_from_its_first_instant_to_its_last():
    run = start()
    (run.path / "behaviour").write_text("quick")
    seen = []
    while (state := run.status().state) != "finished":
        seen += [state] if state not in seen[-1:] else []
        assert state != "lost"
    assert [state for state in ("queued", "starting", "running") if state in seen] == seen
    assert run.status().step == 400
    while locks.is_held(run.lock_file):
        time.sleep(0.01)
    assert launch.device_states()[0] == launch.DeviceState("cpu", None, 0)


def test_the_worker_is_detached_and_its_surroundings_are_as_promised():
    run = start()
    status = until(run, "running", step=1)
    assert os.getsid(status.pid) == os.getpgid(status.pid) == status.pid
    assert os.readlink(f"/proc/{status.pid}/fd/0") == "/dev/null"
    assert os.readlink(f"/proc/{status.pid}/fd/1") == str(run.log_file)
    seen = Path(run.path / "seen.json").read_text()
    for entry in (
        '"GOMP_SPINCOUNT": "1000"',
        f'"OMP_NUM_THREADS": "{status.threads}"',
        '"PYTHONUNBUFFERED": "1"',
        '"HF_HUB_OFFLINE": "1"',
    ):
        assert entry in seen
    assert locks.HANDED_OVER not in seen
    launch.stop(run, wait=True)
    assert run.status().state == "stopped"


def test_killed_is_lost_and_resumed_goes_on_where_the_log_ends():
    run = start()
    until(run, "running", step=3)
    kill(run)
    with open(run.events_file, "ab") as file:
        file.write(b'{"kind": "step", "st')
    steps = [record["step"] for record in read_events(run.events_file)[0]]
    assert launch.resume(run, experiment="tiny_experiment") == run
    until(run, "running", step=steps[-1] + 2)
    launch.stop(run, wait=True)
    assert run.status().state == "stopped"
    after = [record["step"] for record in read_events(run.events_file)[0]]
    assert after[: len(steps)] == steps
    assert after == list(range(1, len(after) + 1))


def test_runs_wait_for_each_other_and_death_lets_the_next_one_in():
    first, second, third = start(), start(), start()
    until(first, "running")
    assert second.status().waiting_for == (first.id,)
    assert third.status().waiting_for == (first.id, second.id)
    assert launch.device_states()[0] == launch.DeviceState("cpu", first.id, 2)
    assert (second.status().state, second.status().step) == ("queued", 0)
    kill(first)
    until(second, "running", step=1)
    assert third.status().waiting_for == (second.id,)
    kill(second)
    until(third, "running", step=1)


def test_a_queued_run_that_is_killed_is_lost_and_holds_up_nobody():
    first, second, third = start(), start(), start()
    until(first, "running")
    while second.status().process is None:
        time.sleep(0.01)
    kill(second)
    assert third.status().waiting_for == (first.id,)
    launch.stop(first)
    until(third, "running", step=1)


@pytest.mark.parametrize("at_once", [True, False])
def test_a_queued_run_stops_without_ever_starting(at_once):
    first, second = start(), start()
    until(first, "running")
    if not at_once:
        while second.status().process is None:
            time.sleep(0.01)
        time.sleep(0.1)
    launch.stop(second)
    status = until(second, "stopped")
    assert (status.started, status.step) == (None, 0)
    assert [record["kind"] for record in read_events(second.events_file)[0]] == ["stopped"]
    assert first.status().state == "running"


def test_stop_is_seen_at_once_and_a_stopped_run_cannot_be_stopped():
    run = start()
    until(run, "running", step=1)
    launch.stop(run)
    assert run.status().state in ("stopping", "stopped")
    until(run, "stopped")
    with pytest.raises(RunError, match="is stopped: there is nothing to stop"):
        launch.stop(run)


def test_a_worker_that_hears_nothing_is_killed_and_its_last_word_written(monkeypatch):
    monkeypatch.setattr(stopper, "TERM_SECONDS", 0.3)
    run = start()
    (run.path / "behaviour").write_text("deaf")
    status = until(run, "running", step=1)
    request_stop(run)
    assert stopper.see_to_the_end(run, grace_seconds=0.3)
    assert not status.process.is_alive()
    ended = run.status()
    assert (ended.state, ended.error) == ("stopped", None)
    last = read_events(run.events_file)[0][-1]
    assert (last["kind"], last["step"], last["checkpoint"]) == ("stopped", ended.step, None)


def test_nobody_is_killed_for_a_request_that_was_taken_back(monkeypatch):
    monkeypatch.setattr(stopper, "TERM_SECONDS", 0.1)
    run = start()
    until(run, "running", step=1)
    assert not stopper.see_to_the_end(run, grace_seconds=0.1)
    assert run.status().state == "running"


def test_a_child_of_the_experiment_does_not_keep_its_locks():
    run = start()
    (run.path / "behaviour").write_text("child")
    until(run, "running", step=1)
    kill(run)
    os.kill(int((run.path / "child").read_text()), signal.SIGKILL)


def test_resume_ends_what_the_dead_worker_left_and_nothing_else():
    run = start()
    (run.path / "behaviour").write_text("orphan")
    until(run, "running", step=1)
    pid = int((run.path / "child").read_text())
    other = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    try:
        kill(run)
        assert orphans.orphans(run) == [pid]
        (run.path / "behaviour").write_text("")
        launch.resume(run, experiment="tiny_experiment")
        assert not alive(pid)
        assert other.poll() is None
        until(run, "running", step=1)
        launch.stop(run, wait=True)
    finally:
        other.kill()
        other.wait()


def alive(pid):
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state not in "ZX"


def test_resume_does_not_start_beside_an_orphan_that_does_not_end(monkeypatch):
    run = start()
    until(run, "running", step=1)
    kill(run)
    monkeypatch.setattr(orphans, "orphans", lambda run: [4_000_000])
    monkeypatch.setattr(orphans, "PATIENCE_SECONDS", 0.1)
    with pytest.raises(RunError, match="4000000"):
        launch.resume(run, experiment="tiny_experiment")
    assert run.status().state == "lost"


def test_only_one_can_wake_a_run_and_only_a_dead_one_can_be_deleted():
    run = start()
    until(run, "running")
    with pytest.raises(RunError, match="alive"):
        launch.resume(run)
    with pytest.raises(RunError, match="alive"):
        delete_run(run)
    launch.stop(run, wait=True)
    delete_run(run)
    with pytest.raises(RunError, match=r"recipe\.yaml"):
        launch.resume(run)


def test_a_finished_run_has_nothing_to_resume():
    run = start()
    (run.path / "behaviour").write_text("quick")
    until(run, "finished")
    with pytest.raises(RunError, match="is finished: there is nothing to resume"):
        launch.resume(run)
    assert run.status().state == "finished"


def test_a_run_outlives_whoever_started_it():
    code = (
        "from workbench.runs.lifecycle import launch;"
        "run = launch.start('playground/quick', experiment='tiny_experiment');"
        "print(run.path, flush=True); import time; time.sleep(60)"
    )
    starter = subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, text=True, start_new_session=True
    )
    run = RunFolder(Path(starter.stdout.readline().strip()))
    status = until(run, "running", step=1)
    os.killpg(starter.pid, signal.SIGKILL)
    starter.wait()
    starter.stdout.close()
    assert until(run, "running", step=status.step + 5).pid == status.pid
    launch.stop(run, wait=True)


def test_a_worker_started_by_hand_takes_its_own_place():
    run = start()
    until(run, "running")
    launch.stop(run, wait=True)
    command = [
        sys.executable,
        "-m",
        launch.WORKER,
        str(run.path),
        "tiny_experiment",
    ]
    (run.control / "stop").unlink()
    (run.path / "behaviour").write_text("quick")
    subprocess.run(command, check=True, cwd=Path.cwd())
    assert run.status().state == "finished"
    held = locks.open_lock(run.lock_file)
    assert locks.take(held)
    answer = subprocess.run(command, capture_output=True, text=True)
    os.close(held)
    assert answer.returncode == 1
    assert "is alive already" in answer.stderr


def test_a_run_whose_folder_vanishes_ends():
    run = start()
    process = until(run, "running", step=1).process
    run.path.rename(runs_folder() / "moved")
    deadline = time.monotonic() + 20
    while process.is_alive() and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not process.is_alive()


def test_no_zombie_is_left_of_a_worker():
    run = start()
    process = until(run, "running").process
    kill(run)
    deadline = time.monotonic() + 10
    while Path(f"/proc/{process.pid}").exists() and time.monotonic() < deadline:
        time.sleep(0.01)
    assert not Path(f"/proc/{process.pid}").exists()


def test_a_signal_never_reaches_another_process_of_the_same_number():
    me = this_process()
    assert me.is_alive()
    later = ProcessIdentity(me.pid, me.start_time + 1, me.boot_id, me.host)
    elsewhere = ProcessIdentity(me.pid, me.start_time, me.boot_id, "another machine")
    before = ProcessIdentity(me.pid, me.start_time, "another boot", me.host)
    for other in (later, elsewhere, before):
        assert not other.send(signal.SIGKILL)
        assert not other.kill_group()


def test_missing_data_and_weights_are_refused_before_anything_is_queued():
    for changes, words in (
        ({"data.root": "/nowhere/at/all"}, "/nowhere/at/all"),
        ({"model.weights.kind": "file", "model.weights.path": "none.pth"}, "none.pth"),
        ({"model.weights.kind": "run", "model.weights.run": "last"}, "no run 'last'"),
    ):
        with pytest.raises(Exception, match=words):
            launch.start("playground/quick", changes, experiment="tiny_experiment")
    assert list_runs() == []
