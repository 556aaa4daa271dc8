"""What Ctrl-C, TERM and HUP to a follower mean to the run it follows."""

import json
import os
import signal
import subprocess
import sys
import time

import pytest

from workbench.runs.lifecycle.control import stop_asked
from workbench.runs.log import EventLog
from workbench.runs.management import create_locked_run
from workbench.runs.status import write_status

pytestmark = pytest.mark.process
STEP = {"kind": "step", "step": 1, "loss": 2.5, "images_per_second": 100.0}
STOPPED = {"kind": "stopped", "step": 2, "run": "x", "metrics": {}, "checkpoint": None}


class Worker:
    """The test itself holds the run's lock, and so plays its worker."""

    def __init__(self):
        self.run, self.lock = create_locked_run("playground/quick", {})
        write_status(self.run, state="running")
        EventLog(self.run.events_file).append(STEP)

    def stop(self):
        EventLog(self.run.events_file).append(STOPPED)
        write_status(self.run, state="stopped")
        os.close(self.lock)
        self.lock = None


@pytest.fixture
def worker():
    playing = Worker()
    yield playing
    if playing.lock is not None:
        playing.stop()


@pytest.fixture
def follower(worker):
    """A follower in a process of its own that has shown the first event."""
    command = [sys.executable, "-m", "workbench", "follow", worker.run.id, "--json"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert json.loads(process.stdout.readline()) == STEP
    yield process
    process.kill()
    process.communicate()


def wait_until(condition):
    deadline = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_ctrl_c_asks_for_a_stop_and_waits(worker, follower):
    follower.send_signal(signal.SIGINT)
    wait_until(lambda: stop_asked(worker.run))
    assert follower.poll() is None
    worker.stop()
    out, err = follower.communicate(timeout=30)
    assert follower.returncode == 130
    assert json.loads(out.splitlines()[-1]) == STOPPED
    assert "Ctrl-C again leaves at once" in err


def test_a_second_ctrl_c_leaves_at_once_and_the_stop_goes_on(worker, follower):
    follower.send_signal(signal.SIGINT)
    wait_until(lambda: stop_asked(worker.run))
    follower.send_signal(signal.SIGINT)
    _, err = follower.communicate(timeout=30)
    assert follower.returncode == 130
    assert "still stops by itself" in err
    assert worker.run.status().state == "stopping"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_term_and_hup_leave_the_run_alone(worker, follower, number):
    follower.send_signal(number)
    follower.communicate(timeout=30)
    assert follower.returncode == 128 + number
    assert worker.run.status().state == "running"


def test_a_run_stopped_elsewhere_ends_its_followers_with_130(worker, follower):
    worker.stop()
    follower.communicate(timeout=30)
    assert follower.returncode == 130
