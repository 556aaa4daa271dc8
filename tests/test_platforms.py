"""What a system that is not Linux lacks is done without, or said in one sentence."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.experiment.tiny import DRAWN
from workbench.paths import PACKAGE
from workbench.runs.management import find_run
from workbench.system import cores

WITHOUT = """
import io, os, signal

for place, name in ((os, "sched_getaffinity"), (os, "pidfd_open"), (os, "posix_fallocate"),
                    (signal, "pidfd_send_signal")):
    if hasattr(place, name):
        delattr(place, name)
plain_open = io.open

def no_proc(file, *settings, **more):
    if str(file).startswith("/proc/"):
        raise FileNotFoundError(2, "No such file or directory", str(file))
    return plain_open(file, *settings, **more)

io.open = no_proc
"""
"""Takes away what macOS does not have, in every process that begins with it."""
SIGNALS = """
import json, signal, subprocess, sys
from workbench.runs.process import ProcessIdentity, this_process, _start_time, boot_id, host_name
from workbench.system import cores

own = this_process()
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(100)"])
started = _start_time(child.pid)
there = ProcessIdentity(child.pid, started, boot_id(), host_name())
other = ProcessIdentity(child.pid, started - 7, boot_id(), host_name())
told = [own.is_alive(), there.is_alive(), other.is_alive(), other.send(signal.SIGKILL),
        child.poll(), there.send(signal.SIGTERM), child.wait(), there.is_alive(), boot_id(),
        cores()]
print(json.dumps(told))
"""


@pytest.fixture
def without(tmp_path):
    """The environment of a process that has only what macOS has."""
    (tmp_path / "less").mkdir()
    (tmp_path / "less" / "sitecustomize.py").write_text(WITHOUT)
    path = os.pathsep.join([str(tmp_path / "less"), str(PACKAGE.parent)])
    return os.environ | {"PYTHONPATH": path}


def test_cores_are_those_this_process_may_use(monkeypatch):
    if hasattr(os, "sched_getaffinity"):
        assert cores() == len(os.sched_getaffinity(0))
    monkeypatch.delattr(os, "sched_getaffinity", raising=False)
    monkeypatch.setattr(os, "cpu_count", lambda: 12)
    assert cores() == 12


def test_nobody_else_asks_for_the_cores():
    askers = [
        path.relative_to(PACKAGE).as_posix()
        for path in PACKAGE.rglob("*.py")
        if "sched_getaffinity" in path.read_text() or "cpu_count" in path.read_text()
    ]
    assert askers == ["system.py"]


def test_windows_is_refused_in_one_sentence():
    program = (
        "import sys\nsys.platform = 'win32'\nsys.modules['fcntl'] = None\n"
        "try:\n    import workbench\nexcept ImportError as error:\n    print(error)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.stdout.strip() == (
        "Re-ID Workbench runs on Linux and macOS, not on Windows itself: install it inside WSL, the"
        " Windows Subsystem for Linux."
    )


@pytest.mark.process
def test_a_signal_reaches_the_process_that_is_meant_without_proc_and_handles(without):
    done = subprocess.run(
        [sys.executable, "-c", SIGNALS], env=without, capture_output=True, text=True, timeout=60
    )
    assert json.loads(done.stdout or "[]"), done.stderr
    own, there, other, hit, still, sent, ended, gone, boot, count = json.loads(done.stdout)
    assert (own, there, other, hit, still) == (True, True, False, False, None)
    assert (sent, ended, gone) == (True, -signal.SIGTERM, False)
    assert (boot, count) == ("", os.cpu_count())


@pytest.mark.process
def test_a_run_is_trained_without_what_only_linux_has(without):
    settings = DRAWN | {"training.length.count": 4, "training.evaluate.count": 4}
    flags = [f"--{path}={value}" for path, value in settings.items()]
    command = [sys.executable, "-m", "workbench", "train", "playground/global", *flags, "--json"]
    done = subprocess.run(command, env=without, capture_output=True, text=True, timeout=250)
    assert done.returncode == 0, done.stderr
    run = find_run(json.loads(done.stdout.splitlines()[-1])["run"])
    machine = json.loads(Path(run.environment_file).read_text())["machine"]
    assert machine["cores"] == os.cpu_count()
    assert machine["memory_gigabytes"] > 0
