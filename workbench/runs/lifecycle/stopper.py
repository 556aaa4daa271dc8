"""Sees to it that a run that was asked to stop does end: a grace period, then TERM, then KILL.

``python -m workbench.runs.lifecycle.stopper RUN_FOLDER`` is left behind by whoever asked, so that
the page that asked may close.
"""

import os
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path

from workbench.runs import locks
from workbench.runs.lifecycle.control import stop_asked
from workbench.runs.lifecycle.leftovers import sweep
from workbench.runs.lifecycle.worker import WAKE, settle_stopped
from workbench.runs.log import end_torn_line
from workbench.runs.process import ProcessIdentity, host_name
from workbench.runs.run_paths import RunPaths
from workbench.runs.status import written_status

GRACE_SECONDS = 20.0
"""A worker answers within 15 s where nothing is wrong with it."""
TERM_SECONDS = 5.0
_LOOK_SECONDS = 0.05


def wake(run: RunPaths) -> None:
    """Rouse a worker that sleeps in the queue, so that it finds the request to stop."""
    status = written_status(run)
    if status.state == "queued" and status.process:
        status.process.send(WAKE)


def see_to_the_end(run: RunPaths, grace_seconds: float = GRACE_SECONDS) -> bool:
    """Wait until the worker has ended, by force if it must be, and return whether it has.

    Gives up at once where the request to stop was taken back, because the run was resumed.
    """
    steps: list[tuple[Callable[[ProcessIdentity], object] | None, float]] = [
        (None, grace_seconds),
        (lambda process: process.send(signal.SIGTERM), TERM_SECONDS),
        (lambda process: process.kill_group(), TERM_SECONDS),
    ]
    for act, seconds in steps:
        process = written_status(run).process
        if act and process and stop_asked(run):
            act(process)
        if _ends_within(run, seconds):
            return True
    return False


def _ends_within(run: RunPaths, seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while locks.is_held(run.lock_file):
        if not stop_asked(run) or time.monotonic() > deadline:
            return False
        # Again and again: a signal between two steps of the interpreter would not end the sleep.
        wake(run)
        time.sleep(_LOOK_SECONDS)
    _settle(run)
    return True


def _settle(run: RunPaths) -> None:
    """Write the last word of a worker that could not: it died while it was asked to stop."""
    status = written_status(run)
    if not run.path.is_dir() or status.host not in (None, host_name()):
        return
    lock = locks.open_lock(run.lock_file)
    try:
        if locks.take(lock) and stop_asked(run) and written_status(run).alive:
            sweep(run)
            end_torn_line(run.events_file)
            settle_stopped(run)
    finally:
        os.close(lock)


if __name__ == "__main__":
    sys.exit(0 if see_to_the_end(RunPaths(Path(sys.argv[1]).absolute())) else 1)
