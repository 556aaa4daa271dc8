"""On a disk that is really full a run's last words are written all the same."""

import os
import shutil
import subprocess
import sys

import pytest

pytestmark = pytest.mark.process

PROGRAM = """
import builtins, errno, io, os, shutil, sys
from pathlib import Path
from types import SimpleNamespace
from workbench.errors import RunError
from workbench.runs import checkpoints
from workbench.runs.folder import RunFolder
from workbench.runs.log import EventLog, read_events
from workbench.runs.lifecycle.reserve import take_reserve
from workbench.runs.status import write_status

def pretend():
    \"\"\"No new file and no longer one, but for what a file that is given up leaves.\"\"\"
    full, opened, write = OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)), open, os.write
    shutil.disk_usage = lambda path: SimpleNamespace(free=0)

    def opening(path, mode="r", *rest, **more):
        if "w" in mode:
            raise full
        return opened(path, mode, *rest, **more)

    def writing(descriptor, data):
        if sys.argv[2] != "reserve" or (run.path / ".reserve.events").exists():
            raise full
        return write(descriptor, data)

    io.open = builtins.open = opening
    os.write = writing


run = RunFolder(Path(sys.argv[1]) / "20260101-000000-quick-00001")
run.path.mkdir()
write_status(run, state="running", step=7, devices=("cpu",))
log = EventLog(run.events_file)
assert log.append({"kind": "step", "time": 1.0, "step": 7})
if sys.argv[2] == "reserve":
    take_reserve(run)
if sys.argv[3:]:
    pretend()
else:
    with open(run.path / "filler", "wb", buffering=0) as filler:
        for size in (65536, 4096, 512, 1):
            try:
                while True:
                    filler.write(bytes(size))
            except OSError as error:
                assert error.errno == errno.ENOSPC
# What is left in the last block of the log is no room for what follows.
while log.append({"kind": "step", "time": 1.0, "step": 7}):
    pass
try:
    checkpoints.write(run, 8, lambda folder: (folder / "raw").write_bytes(bytes(99999)), {})
except RunError as error:
    reason = str(error)
assert "No space left on device" in reason and "Make room on its disk and resume" in reason
assert not write_status(run, step=8)
failed = {"kind": "failed", "time": 2.0, "step": 7, "error": reason}
print(log.append(failed), write_status(run, state="failed", error=reason), run.status().state)
print(run.status().error)
print(read_events(run.events_file)[0][-1]["kind"])
print(*(name for name in os.listdir(run.path) if name.startswith(".")))
"""


@pytest.fixture
def small_disk(tmp_path):
    """Runs the program on a full disk: a mounted one, or a pretended one where none may be."""
    own = ["unshare", "--mount", *(["-r"] if os.geteuid() else [])]
    mount = 'mount -t tmpfs -o size=256k none "$1" && shift && exec "$@"'
    mounted = [*own, "sh", "-c", mount, "sh", str(tmp_path)]
    trial = shutil.which("unshare") and subprocess.run(
        [*mounted, "true"], capture_output=True, check=False
    )
    here = bool(trial) and trial.returncode == 0

    def run(argument):
        program = [sys.executable, "-c", PROGRAM, str(tmp_path), argument]
        command = [*mounted, *program] if here else [*program, "pretended"]
        return subprocess.run(command, capture_output=True, text=True, check=False)

    return run


def test_a_run_that_fails_on_a_full_disk_says_why(small_disk):
    done = small_disk("reserve")
    assert done.returncode == 0, done.stderr
    written, error, last, hidden = done.stdout.splitlines()
    assert written == "True True failed"
    assert "No space left on device" in error
    assert last == "failed"
    assert hidden == ""


def test_without_a_reserve_the_last_words_are_lost_and_readers_see_the_full_disk(small_disk):
    done = small_disk("none")
    assert done.returncode == 0, done.stderr
    written, error, last, _ = done.stdout.splitlines()
    assert written == "False False lost"
    assert "is full" in error
    assert "make room and resume" in error
    assert last == "step"
