"""What state a run is in: written by its worker, judged by its readers. Standard library only."""

import shutil
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from functools import cache
from typing import Any, Literal, get_type_hints

from workbench.errors import RunError
from workbench.runs import locks
from workbench.runs.files import LITTLE_ROOM_BYTES, json_text, read_json, write_json
from workbench.runs.lifecycle.control import stop_asked
from workbench.runs.lifecycle.reserve import drop_reserve, write_from_reserve
from workbench.runs.process import ProcessIdentity, boot_id, host_name
from workbench.runs.run_paths import RunPaths
from workbench.runs.tickets import runs_ahead
from workbench.runs.typed_values import fits

State = Literal[
    "queued", "starting", "running", "stopping", "finished", "stopped", "failed", "lost"
]
ALIVE: frozenset[State] = frozenset({"queued", "starting", "running", "stopping"})
ENDED: frozenset[State] = frozenset({"finished", "stopped", "failed"})
HEARTBEAT_LIMIT_SECONDS = 120.0
"""A worker on another machine that was silent for longer counts as lost."""
_NO_PROCESS = 2**31
"""No number of a process reaches it."""


@dataclass(frozen=True, kw_only=True)
class Status:
    """A run at one moment.

    ``created``, ``started``, ``ended`` and ``heartbeat`` are Unix seconds, ``eta`` is in seconds.
    ``seconds`` is how long the worker has been at work, ``clock`` the reading of the monotonic
    clock when it started. ``measured`` names what of ``threads`` and ``precision`` was decided by
    timing. ``notice`` is what a user should know of a training that goes on. ``stage`` says in
    words what a worker is at before its first step. ``waiting_for`` holds the runs ahead of a
    queued one, the one that has the device first; readers work it out.
    """

    state: State
    pid: int | None = None
    start_time: int | None = None
    boot_id: str | None = None
    host: str | None = None
    devices: tuple[str, ...] = ()
    threads: int | None = None
    precision: str | None = None
    measured: tuple[str, ...] = ()
    stage: str | None = None
    step: int = 0
    total: int | None = None
    eta: float | None = None
    created: float | None = None
    started: float | None = None
    ended: float | None = None
    seconds: float | None = None
    clock: float | None = None
    heartbeat: float | None = None
    error: str | None = None
    notice: str | None = None
    metrics: dict[str, dict[str, float] | None] | None = None
    waiting_for: tuple[str, ...] = ()

    @property
    def alive(self) -> bool:
        """Whether a worker waits, starts, trains or is about to stop."""
        return self.state in ALIVE

    @property
    def duration(self) -> float | None:
        """Seconds the run has been at work, never negative; None before it started."""
        if self.seconds is not None:
            return self.seconds
        if self.started is None:  # below: a run of an earlier version, by the clock on the wall
            return None
        last = time.time() if self.alive else self.ended or self.heartbeat or self.started
        return max(0.0, last - self.started)

    @property
    def process(self) -> ProcessIdentity | None:
        """The worker, as far as it has said who it is."""
        if self.pid is None or self.start_time is None or not 0 < self.pid < _NO_PROCESS:
            return None
        return ProcessIdentity(self.pid, self.start_time, self.boot_id or "", self.host or "")

    @property
    def computed(self) -> str:
        """What the last bits depend on beside recipe and machine; empty before it is known.

        >>> Status(state="running", precision="fp32", threads=2, measured=("threads",)).computed
        'fp32, 2 threads (measured: threads)'
        """
        if self.precision is None or self.threads is None:
            return ""
        threads = "1 thread" if self.threads == 1 else f"{self.threads} threads"
        note = f" (measured: {', '.join(self.measured)})" if self.measured else ""
        return f"{self.precision}, {threads}{note}"

    def record(self) -> dict[str, Any]:
        """The JSON object faces and scripts are given."""
        return asdict(self)


def read_status(run: RunPaths) -> Status:
    """The computed status: `lost` where the file says alive and the worker is not.

    The lock is looked at before the file and after it: a worker writes its last state before it
    lets go, and a starter takes the lock before it writes the first.
    """
    held = locks.is_held(run.lock_file)
    status = written_status(run)
    if not status.alive:
        return status
    if status.host not in (None, host_name()):
        return _judge_from_afar(status)
    if not held and not locks.is_held(run.lock_file):
        return replace(status, state="lost", eta=None, error=status.error or _full_disk(run))
    if stop_asked(run):
        return replace(status, state="stopping")
    if status.state == "queued":
        return replace(status, waiting_for=runs_ahead(run.locks, run.id))
    return status


def written_status(run: RunPaths) -> Status:
    """The status as it stands in the file; a missing or damaged file is a lost run.

    A field of another type than it should have is as if it were not there.
    """
    values = read_json(run.status_file) or {}
    known: dict[str, Any] = {
        name: values[name]
        for name, hint in _hints().items()
        if name in values and fits(values[name], hint)
    }
    if "state" not in known:
        return Status(state="lost", error=f"{run.status_file.name} is missing or damaged.")
    for name in ("devices", "measured"):
        known[name] = tuple(known.get(name) or ())
    return Status(**known)


@cache
def _hints() -> dict[str, Any]:
    """The type of every field that a status file has."""
    return {name: hint for name, hint in get_type_hints(Status).items() if name != "waiting_for"}


def write_status(run: RunPaths, **changes: Any) -> bool:  # noqa: ANN401
    """Change the status file and its heartbeat; only for whoever holds the run's lock.

    A state that ends the run also says when, and takes away what no longer holds. Returns whether
    it could be written: on a full disk the old one stays and training goes on, but a state that
    ends the run is written into the reserve. A change of state waits for the disk. Raises RunError
    where the run's folder is gone, TypeError for a field that `Status` does not have.
    """
    before = written_status(run)
    if before.state == "lost":  # a file that is missing or damaged: the writer is alive
        changes = {"state": "running", "error": None} | changes
    now = time.time()
    changes = _implied(changes.get("state"), now) | changes | _at_work(before, changes)
    values = replace(before, **changes, heartbeat=now).record()
    del values["waiting_for"]
    durable = "state" in changes
    for _ in range(2):
        try:
            write_json(run.status_file, values, durable=durable)
            break
        except OSError as error:
            if not run.path.is_dir():
                raise RunError(
                    f"The folder {run.path} is gone: the run ends. Leave a run's folder in place"
                    " while it runs."
                ) from error
    else:
        return values["state"] in ENDED and write_from_reserve(run, json_text(values))
    if values["state"] in ENDED:
        drop_reserve(run)
    return True


def _at_work(before: Status, changes: Mapping[str, Any]) -> dict[str, Any]:
    """How long the worker has been at work, by a clock that nobody sets."""
    if changes.get("state") == "queued":
        return {"clock": None, "seconds": None}
    if (before.host, before.boot_id) != (host_name(), boot_id()):
        return {}
    if "started" in changes:
        return {"clock": time.monotonic(), "seconds": 0.0}
    return {} if before.clock is None else {"seconds": max(0.0, time.monotonic() - before.clock)}


def _full_disk(run: RunPaths) -> str | None:
    """A sentence where the run's disk has no room left, which may be why the run is lost."""
    try:
        free = shutil.disk_usage(run.path).free
    except OSError:
        return None
    if free >= LITTLE_ROOM_BYTES:
        return None
    return f"The disk of {run.path} is full ({free // 1000} kB are free): make room and resume."


def _implied(state: State | None, now: float) -> dict[str, Any]:
    if state in ENDED:
        return {"stage": None, "eta": None, "ended": now}
    return {"stage": None} if state == "running" else {}


def _judge_from_afar(status: Status) -> Status:
    """A lock cannot be asked across machines: the heartbeat decides.

    A queued run sleeps and has no heartbeat, so it stays queued.
    """
    silent = time.time() - (status.heartbeat or 0.0)
    if status.state != "queued" and silent > HEARTBEAT_LIMIT_SECONDS:
        return replace(status, state="lost", eta=None)
    return status
