"""Loader processes end with the process that started them, whenever it dies."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

pytestmark = pytest.mark.process

# Starts real loader processes and is killed at once: they have not loaded torch yet.
PROGRAM = """
import multiprocessing, os, signal, sys
from pathlib import Path
import torch
from workbench.data import batch_sources
from workbench.data.images.tensors import ImageSource
from workbench.recipe.overrides import resolve

data = resolve("playground/quick", {"data.loader.kind": "workers", "data.loader.workers": 1}).data
feed = batch_sources.WorkerImages(ImageSource((), 8, 4, "bilinear"), data, torch.device("cpu"))
feed._plans.current = ()
rounds = iter(feed._loader)
if sys.argv[1] == "after":
    next(rounds, None)
print(*(child.pid for child in multiprocessing.active_children()), flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""


def lives(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except FileNotFoundError:
        return False


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_loader_process_ends_with_its_parent_also_where_it_has_not_loaded_yet(when):
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, when], capture_output=True, text=True, check=False
    )
    assert done.returncode == -signal.SIGKILL, done.stderr
    pids = [int(word) for word in done.stdout.split()]
    assert len(pids) == 1
    deadline = time.monotonic() + 60
    try:
        while any(map(lives, pids)) and time.monotonic() < deadline:
            time.sleep(0.05)
        assert not any(map(lives, pids))
    finally:
        for pid in filter(lives, pids):
            os.kill(pid, signal.SIGKILL)


def test_where_the_kernel_has_no_death_signal_a_thread_looks():
    child = (
        "import sys, time\nfrom workbench.data import lifeline\n"
        "lifeline._ask_the_kernel = lambda: False\n"
        "lifeline._bind(int(sys.argv[1]), True)\nprint(flush=True)\ntime.sleep(600)"
    )
    parent = (
        "import os, subprocess, sys\n"
        "child = subprocess.Popen([sys.executable, '-c', sys.argv[1], str(os.getpid())],"
        " stdout=subprocess.PIPE)\n"
        "child.stdout.readline()\nprint(child.pid, flush=True)\nos._exit(0)"
    )
    command = [sys.executable, "-c", parent, child]
    pid = int(subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout)
    deadline = time.monotonic() + 60
    while lives(pid) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not lives(pid)
