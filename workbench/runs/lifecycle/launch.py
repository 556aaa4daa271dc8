"""Start, resume and stop runs, from any face; the worker lives on without it."""

import os
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from workbench.errors import PlaceError, RunError, reason_of
from workbench.paths import datasets_folder, runs_folder
from workbench.runs import locks, tickets
from workbench.runs.device_keys import key_of
from workbench.runs.devices import candidate_devices, installed_devices
from workbench.runs.folder import RunFolder
from workbench.runs.lifecycle.control import clear_stop, request_stop
from workbench.runs.lifecycle.extension import extend
from workbench.runs.lifecycle.orphans import end_orphans
from workbench.runs.lifecycle.requirements import require_all
from workbench.runs.lifecycle.stopper import wake
from workbench.runs.lifecycle.worker import EXPERIMENT, import_path
from workbench.runs.log import end_torn_line
from workbench.runs.management import create_locked_run, lock_dead_run
from workbench.runs.process import host_name
from workbench.runs.status import Status, write_status, written_status

WORKER = "workbench.runs.lifecycle.worker"
STOPPER = "workbench.runs.lifecycle.stopper"


@dataclass(frozen=True)
class DeviceState:
    """A device, the run that has it, and how many wait for it."""

    name: str
    busy_with: str | None
    waiting: int


def start(
    preset: str,
    overrides: Mapping[str, Any] | None = None,
    *,
    folder: Path | None = None,
    experiment: str = EXPERIMENT,
) -> RunFolder:
    """Make a run and start its worker; it waits its turn where the device is busy.

    ``experiment`` is the module the worker becomes. Raises RecipeError for what is no recipe,
    DataError or WeightsError for what the recipe needs and is not there, PlaceError where the
    runs folder cannot be written or no process can be started.
    """
    runs = folder or runs_folder()
    run, lock = create_locked_run(preset, require_all(preset, overrides or {}, runs), folder=runs)
    _spawn(run, lock, experiment)
    return run


def resume(
    run: RunFolder,
    *,
    until: str | int | None = None,
    follow_schedule: bool = False,
    experiment: str = EXPERIMENT,
) -> RunFolder:
    """Let a run that stopped, failed or was lost go on from its last checkpoint.

    With ``until`` (steps, or text such as "12 epochs") it is trained to that length, also where it
    is finished: with its optimizer and averaged weights, at the learning rate of the last step of
    its length before, or, with ``follow_schedule``, by its schedule over the new length. A run
    without a checkpoint begins again at step 0. Raises RunError where the run is alive or cannot be
    read, is finished and not to be trained longer, or ``until`` is not longer.
    """
    recipe = run.recipe()
    if until is None:  # before anything is locked: a run that can only be read is finished, too
        _require_unfinished(run, run.status())
    lock = lock_dead_run(run)
    try:
        end_orphans(run)
        status = written_status(run)
        if until is not None:
            extend(run, until, hold=not follow_schedule)
        else:
            _require_unfinished(run, status)
        devices = _devices_again(status, recipe.run.devices)
        clear_stop(run)
        end_torn_line(run.events_file)
        write_status(run, state="queued", pid=None, devices=devices, error=None, ended=None)
    except BaseException:
        os.close(lock)
        raise
    _spawn(run, lock, experiment)
    return run


def _require_unfinished(run: RunFolder, status: Status) -> None:
    if status.state == "finished":
        raise RunError(
            f"Run {run.id} is finished: there is nothing to resume. Train it longer with until"
            " (--until N), or start another."
        )


def stop(run: RunFolder, *, wait: bool = False) -> None:
    """Ask a run to stop: it writes a checkpoint and ends within 15 s, by force after that.

    With ``wait`` returns when it has ended, otherwise at once. The force is left to a process of
    its own, which goes on where the caller is interrupted. Raises RunError where the run is not
    alive.
    """
    status = run.status()
    if not status.alive:
        raise RunError(f"Run {run.id} is {status.state}: there is nothing to stop.")
    request_stop(run)
    if status.host not in (None, host_name()):
        return  # its worker reads the request; nobody here can signal it
    wake(run)
    helper = _detach([sys.executable, "-P", "-m", STOPPER, str(run.path)], run, ())
    if wait:
        helper.wait()


def device_states(folder: Path | None = None) -> list[DeviceState]:
    """Every device of this machine, with the run that has it and the number of runs that wait."""
    living = tickets.living_tickets((folder or runs_folder()) / ".locks")
    states: list[DeviceState] = []
    for name in installed_devices():
        key = key_of(name)
        wanting = [ticket for ticket in living if ticket.wants(key)]
        # Who has it stands first; who may still go elsewhere only waits.
        holder = next((ticket for ticket in wanting if ticket.taken or len(ticket.keys) == 1), None)
        waiting = len(wanting) - (holder is not None)
        states.append(DeviceState(name, holder.run if holder else None, waiting))
    return states


def _devices_again(status: Status, wanted: list[str]) -> tuple[str, ...]:
    """The device the run had where this machine has it too, because the bits depend on it.

    A run that was still waiting names all of which it would have taken one; one of an earlier
    version that was told several trained on the first.
    """
    had = status.devices[:1] if status.started else ()
    return had if had and had[0] in installed_devices() else candidate_devices(wanted)


def _spawn(run: RunFolder, lock: int, experiment: str) -> None:
    """Start the worker with the run's lock and a ticket taken now, so that order is kept."""
    held = [lock]
    try:
        keys = [key_of(device) for device in run.status().devices]
        _, ticket = tickets.take_ticket(run.locks, keys, run.id)
        held.append(ticket)
        command = [
            sys.executable,
            "-P",
            "-m",
            WORKER,
            str(run.path),
            experiment,
        ]
        _detach(command, run, held)
    except OSError as error:
        reason = f"The worker of run {run.id} could not be started: {reason_of(error)}."
        write_status(run, state="failed", error=reason)
        raise PlaceError(
            f"{reason} Make {run.path.parent} writable, or free some space."
        ) from error
    finally:
        for descriptor in held:
            os.close(descriptor)


def _detach(command: list[str], run: RunFolder, held: Sequence[int]) -> subprocess.Popen[bytes]:
    """Start a process that outlives this one, in a session of its own, its words in a file."""
    environment = os.environ | {
        "PYTHONPATH": import_path(),
        "WORKBENCH_RUNS": str(run.path.parent),
        "WORKBENCH_DATASETS": str(datasets_folder()),
        **locks.hand_over(held),
    }
    with open(run.log_file, "ab") as output:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env=environment,
            start_new_session=True,
            pass_fds=held,
        )
    # Waited for in the background, so that no zombie stays while this process lives.
    threading.Thread(target=process.wait, daemon=True, name=f"reap {process.pid}").start()
    return process
