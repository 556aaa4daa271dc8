"""A run's own process: waits for its device without torch, then becomes the experiment.

``python -m workbench.runs.lifecycle.worker RUN_FOLDER``. The locks survive the ``exec``, so the run
is never without them between its first instant and its last.
"""

import os
import signal
import sys
import time
from pathlib import Path
from types import FrameType

from workbench.errors import RunError
from workbench.paths import PACKAGE
from workbench.runs import locks, tickets
from workbench.runs.checkpoints import last_name
from workbench.runs.device_keys import key_of
from workbench.runs.lifecycle.control import stop_asked
from workbench.runs.lifecycle.leftovers import sweep
from workbench.runs.lifecycle.orphans import mark_of
from workbench.runs.lifecycle.reserve import take_reserve
from workbench.runs.log import EventLog
from workbench.runs.process import this_process
from workbench.runs.run_paths import RunPaths
from workbench.runs.status import Status, write_status, written_status
from workbench.training.events import Stopped, record

EXPERIMENT = "workbench.experiment"
WAKE = signal.SIGURG
"""Sent to a sleeping worker that was asked to stop.

A signal that everybody else ignores: where it comes too late, it must not hurt the experiment.
"""


class Woken(Exception):
    """The sleep was ended by a signal."""


class Sleep:
    """Lets `WAKE` and SIGTERM end the sleep in a lock, and nothing but that."""

    def __init__(self) -> None:
        self._asked = False
        self._asleep = False
        for number in (WAKE, signal.SIGTERM):
            signal.signal(number, self._on_signal)

    def __enter__(self) -> None:
        self._asleep = True
        if self._asked:
            raise Woken

    def __exit__(self, *_: object) -> None:
        self._asleep = False
        for number in (WAKE, signal.SIGTERM):
            signal.signal(number, signal.SIG_DFL)

    def _on_signal(self, number: int, frame: FrameType | None) -> None:
        self._asked = True
        if self._asleep:
            raise Woken


def main(arguments: list[str]) -> int:
    """Wait for the run's turn and become its experiment; returns only where it was stopped.

    ``arguments`` are the run's folder and, if it is not the usual one, the experiment's module.
    """
    run = RunPaths(Path(arguments[0]).absolute())
    module = arguments[1] if len(arguments) > 1 else EXPERIMENT
    try:
        status = written_status(run)
        held = locks.take_over() or _take_own(run, status)
        sweep(run)
        take_reserve(run)
        if not _wait(run, status, held):
            settle_stopped(run)
            return 0
    except RunError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    write_status(run, state="starting", stage="loading torch", started=time.time())
    command = [sys.executable, "-P", "-m", module, str(run.path)]
    for descriptor in held:
        os.set_inheritable(descriptor, True)
    environment = os.environ | training_environment(status.threads or 1) | locks.hand_over(held)
    environment |= mark_of(this_process())
    os.execve(sys.executable, command, environment)


def training_environment(threads: int) -> dict[str, str]:
    """What must stand in the environment before Python starts.

    A short spin of OpenMP's threads costs little alone; the default one loses nearly all speed as
    soon as another program takes a core. GPUs have the numbers that their driver gives them.
    """
    return {
        "CUDA_DEVICE_ORDER": os.environ.get("CUDA_DEVICE_ORDER", "PCI_BUS_ID"),
        "GOMP_SPINCOUNT": "1000",
        "OMP_NUM_THREADS": str(threads),
        "PYTHONUNBUFFERED": "1",
        "HF_HUB_OFFLINE": "1",
        "HF_HUB_DISABLE_TELEMETRY": "1",
    }


def import_path() -> str:
    """A PYTHONPATH under which a child finds this very package, whatever folder it starts in."""
    return os.pathsep.join(filter(None, (str(PACKAGE.parent), os.environ.get("PYTHONPATH"))))


def settle_stopped(run: RunPaths) -> None:
    """Say in events and status that a run was stopped; only for the holder of its lock."""
    status = written_status(run)
    event = Stopped(
        step=status.step, run=run.id, metrics=status.metrics or {}, checkpoint=last_name(run)
    )
    EventLog(run.events_file).append(record(event))
    write_status(run, state="stopped")


def _take_own(run: RunPaths, status: Status) -> list[int]:
    """The lock and the ticket of a worker that was started by hand."""
    lock = locks.open_lock(run.lock_file)
    if not locks.take(lock):
        raise RunError(f"Run {run.id} is alive already: follow it, or stop it first.")
    _, ticket = tickets.take_ticket(run.locks, [*map(key_of, status.devices)], run.id)
    return [lock, ticket]


def _wait(run: RunPaths, status: Status, held: list[int]) -> bool:
    """Wait for the turn; True with the device's locks in ``held``, False if asked to stop."""
    sleep = Sleep()
    me = this_process()
    write_status(
        run, pid=me.pid, start_time=me.start_time, boot_id=me.boot_id, host=me.host, state="queued"
    )
    try:
        with sleep:
            if stop_asked(run):
                return False
            key = tickets.wait_for_turn(tickets.ticket_of(run.locks, run.id))
            held += tickets.take_device(run.locks, key)
    except Woken:
        return False
    if len(status.devices) > 1:
        write_status(run, devices=(key.device,))
    return not stop_asked(run)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
