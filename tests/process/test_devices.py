"""Real workers on a machine that says it has two GPUs, and in jobs of SLURM."""

import os
import signal
import time

import pytest

from workbench.runs import devices
from workbench.runs.device_keys import SLURM_JOB
from workbench.runs.lifecycle import launch
from workbench.runs.management import list_runs
from workbench.runs.status import written_status

pytestmark = pytest.mark.process

# Holds its device until it is asked to stop.
EXPERIMENT = """
import sys, time
from pathlib import Path
from workbench.runs import locks
from workbench.runs.lifecycle import control
from workbench.runs.run_paths import RunPaths
from workbench.runs.status import write_status

run = RunPaths(Path(sys.argv[1]))
locks.adopt_locks(run)
write_status(run, state="running")
while not control.stop_asked(run):
    time.sleep(0.02)
write_status(run, state="stopped")
"""
NVIDIA_SMI = """#!/bin/sh
echo "Example GPU, 80000 MiB, 600.1, GPU-aaaa"
echo "Example GPU, 80000 MiB, 600.1, GPU-bbbb"
"""
METADATA = "Metadata-Version: 2.1\nName: torch\nVersion: 2.15.0+cu132\n"


@pytest.fixture(autouse=True)
def experiment(tmp_path, monkeypatch):
    code = tmp_path / "code"
    (code / "torch-2.15.0.dist-info").mkdir(parents=True)
    (code / "torch-2.15.0.dist-info" / "METADATA").write_text(METADATA)
    (code / "holding.py").write_text(EXPERIMENT)
    program = tmp_path / "programs" / "nvidia-smi"
    program.parent.mkdir()
    program.write_text(NVIDIA_SMI)
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("PYTHONPATH", str(code))
    monkeypatch.syspath_prepend(code)
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    monkeypatch.delenv(SLURM_JOB, raising=False)
    devices.gpus.cache_clear()
    yield
    for run in list_runs():
        if (process := written_status(run).process) is not None:
            process.kill_group()
    devices.gpus.cache_clear()


def start(device="auto"):
    return launch.start("playground/quick", {"run.devices": [device]}, experiment="holding")


def until(run, state, seconds=30):
    deadline = time.monotonic() + seconds
    while (status := run.status()).state != state:
        assert time.monotonic() < deadline, f"{status}\n{run.log_file.read_text()}"
        time.sleep(0.01)
    return status


def test_auto_takes_the_gpu_that_is_free_when_its_turn_comes():
    first = start()
    assert until(first, "running").devices == ("cuda:0",)
    second = start()
    assert until(second, "running").devices == ("cuda:1",)
    third, named = start(), start("cuda:0")
    assert until(third, "queued").devices == ("cuda:0", "cuda:1")
    assert third.status().waiting_for == (first.id, second.id)
    assert named.status().waiting_for == (first.id, third.id)
    states = {state.name: state for state in launch.device_states()}
    assert states["cuda:0"] == launch.DeviceState("cuda:0", first.id, 2)
    assert states["cuda:1"] == launch.DeviceState("cuda:1", second.id, 1)
    launch.stop(second, wait=True)
    assert until(third, "running").devices == ("cuda:1",)
    assert named.status().waiting_for == (first.id,)
    assert first.status().process.send(signal.SIGKILL)
    assert until(named, "running").devices == ("cuda:0",)


def test_a_stopped_run_goes_on_on_the_gpu_it_had():
    first, second = start(), start()
    assert until(first, "running").devices == ("cuda:0",)
    assert until(second, "running").devices == ("cuda:1",)
    launch.stop(first, wait=True)
    launch.stop(second, wait=True)
    launch.resume(second, experiment="holding")
    assert until(second, "running").devices == ("cuda:1",), "though the other is free"


def test_a_run_that_waits_for_any_gpu_is_stopped_at_once():
    for run in (start(), start()):
        until(run, "running")
    waiting = start()
    until(waiting, "queued")
    launch.stop(waiting, wait=True)
    assert waiting.status().state == "stopped"


def test_one_gpu_under_two_names_is_held_once(monkeypatch):
    first = start("cuda:1")
    until(first, "running")
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "1")
    second = start("cuda:0")
    until(second, "queued")
    assert second.status().waiting_for == (first.id,)
    launch.stop(first, wait=True)
    until(second, "running")


def test_jobs_of_slurm_do_not_wait_for_each_other(monkeypatch):
    runs = []
    for job in ("17", "18"):
        monkeypatch.setenv(SLURM_JOB, job)
        runs.append(start("cpu"))
    for run in runs:
        until(run, "running")
    second = start("cpu")
    assert until(second, "queued").waiting_for == (runs[1].id,)
