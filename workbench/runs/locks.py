"""Locks of the operating system: whoever dies, of whatever, lets go.

A lock belongs to an open file. It survives ``exec`` and is passed to a child by passing the file's
descriptor; it is free when the last process that has the descriptor ends. So descriptors are
close-on-exec at all times but for the instant of a hand-over.
"""

import fcntl
import os
import time
from collections.abc import Iterable
from pathlib import Path

from workbench.errors import RunError
from workbench.runs.run_paths import RunPaths

HANDED_OVER = "WORKBENCH_LOCKS"
"""Environment variable with the descriptors a process takes over, separated by commas."""

_PATIENCE_SECONDS = 0.5


def open_lock(path: Path) -> int:
    """Open (or make) a lock file and return its descriptor, close-on-exec."""
    return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)


def take(descriptor: int) -> bool:
    """Take the lock alone and return True, or False where another process keeps it.

    Readers who look whether it is held share it for an instant; that is waited out.
    """
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return True
        except BlockingIOError:
            if time.monotonic() > deadline:
                return False
            time.sleep(0.002)


def is_held(path: Path) -> bool:
    """Whether some process holds the lock of ``path``; a missing file is held by nobody."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        # Shared, so that two who look never take each other for the owner.
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(descriptor)
    return False


def hand_over(descriptors: Iterable[int]) -> dict[str, str]:
    """The environment entry that tells a new process which descriptors it takes over."""
    return {HANDED_OVER: ",".join(str(descriptor) for descriptor in descriptors)}


def take_over() -> list[int]:
    """The descriptors handed over to this process, close-on-exec again; empty where none were."""
    text = os.environ.pop(HANDED_OVER, "")
    descriptors = [int(part) for part in text.split(",") if part]
    for descriptor in descriptors:
        os.set_inheritable(descriptor, False)
    return descriptors


def adopt_locks(run: RunPaths) -> None:
    """Keep what the worker held before it became this process; to be called first of all.

    A process that was started by hand takes the run's lock itself. Raises RunError where another
    process has it.
    """
    if not take_over() and not take(open_lock(run.lock_file)):
        raise RunError(f"Run {run.id} is alive already: follow it, or stop it first.")
