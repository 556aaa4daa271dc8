"""Processes that a dead worker left behind: found by the mark they inherited, and ended.

Loader processes are told to end with their worker; one that was killed while they were loading, or
a system that has no death signal, can still leave some, of half a gigabyte each.
"""

import os
import signal
import time
from pathlib import Path

from workbench.errors import RunError
from workbench.runs.process import ProcessIdentity, boot_id, host_name
from workbench.runs.run_paths import RunPaths
from workbench.runs.status import written_status

MARK = "WORKBENCH_WORKER"
"""Environment variable that a worker and all its processes have: ``<pid>.<start time>``."""
PATIENCE_SECONDS = 10.0
_PROC = Path("/proc")


def mark_of(worker: ProcessIdentity) -> dict[str, str]:
    """The environment entry that a worker and whatever it starts are known by."""
    return {MARK: f"{worker.pid}.{worker.start_time}"}


def orphans(run: RunPaths) -> list[int]:
    """Numbers of the processes that the run's last worker left; only for the holder of its lock.

    Empty where the worker was another machine's or another boot's, and without ``/proc``.
    """
    worker = written_status(run).process
    if worker is None or (worker.host, worker.boot_id) != (host_name(), boot_id()):
        return []
    pids = [int(path.name) for path in _processes() if path.name.isdecimal()]
    return [pid for pid in pids if pid != os.getpid() and _entry(worker) in _environment(pid)]


def end_orphans(run: RunPaths) -> None:
    """Kill what the run's last worker left, and wait until it is gone.

    Raises RunError, naming the processes, where some cannot be killed.
    """
    deadline = time.monotonic() + PATIENCE_SECONDS
    while left := orphans(run):
        if time.monotonic() > deadline:
            raise RunError(
                f"Run {run.id} cannot go on beside processes of its last worker that do not end:"
                f" {', '.join(map(str, left))}. End them, then resume."
            )
        for pid in left:
            _kill(pid, run)
        time.sleep(0.05)


def _processes() -> list[Path]:
    return list(_PROC.iterdir()) if _PROC.is_dir() else []


def _entry(worker: ProcessIdentity) -> bytes:
    ((name, value),) = mark_of(worker).items()
    return f"{name}={value}".encode()


def _environment(pid: int) -> list[bytes]:
    """The environment a process began with; empty where it is gone, dead or somebody else's."""
    try:
        return (_PROC / str(pid) / "environ").read_bytes().split(b"\0")
    except OSError:
        return []


def _kill(pid: int, run: RunPaths) -> None:
    """Kill a process, held by a handle: its number may be another's by now."""
    try:
        handle = os.pidfd_open(pid)
    except OSError:
        return
    try:
        worker = written_status(run).process
        if worker is not None and _entry(worker) in _environment(pid):
            signal.pidfd_send_signal(handle, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        return
    finally:
        os.close(handle)
