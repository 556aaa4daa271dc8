"""Checking a data set, drawing a playground or a miniature, as processes that outlive the page.

Each has a folder ``<runs>/.data/<task>-<digest>`` with what it was asked (``task.json``), how far
it is (``progress.json``), what it found (``result.json``) and what it printed (``output.log``).
They stand with the runs because data sets may lie where nothing can be written.
"""

import hashlib
import os
import signal
import subprocess
import sys
import threading
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from workbench.data.catalogue.local_datasets import Holding
from workbench.data.synthetic.playground import digest
from workbench.errors import PlaceError
from workbench.paths import datasets_folder, runs_folder
from workbench.recipe.settings.data import Playground
from workbench.runs import locks
from workbench.runs.files import read_json, write_json
from workbench.runs.lifecycle.worker import import_path
from workbench.runs.process import ProcessIdentity

Name = Literal["check", "draw"]
HOME = ".data"
WORKER = "workbench.ui.views.data.data_worker"


@dataclass(frozen=True)
class Task:
    """One kind of work on one data set, whether it was ever started or not."""

    name: Name
    folder: Path

    @property
    def lock_file(self) -> Path:
        """Held as long as its process lives."""
        return self.folder / "lock"

    @property
    def task_file(self) -> Path:
        """What it was asked to do."""
        return self.folder / "task.json"

    @property
    def progress_file(self) -> Path:
        """How far it is, or how it ended."""
        return self.folder / "progress.json"

    @property
    def result_file(self) -> Path:
        """What the last one that came to its end found."""
        return self.folder / "result.json"

    @property
    def working(self) -> bool:
        """Whether a process is at it."""
        return locks.is_held(self.lock_file)

    def result(self) -> dict[str, Any] | None:
        """What was found last, None where it never came to an end."""
        return read_json(self.result_file)


def check_of(item: Holding) -> Task:
    """The check of a data set, by where it lies and how it is read."""
    return _task("check", f"{item.kind} {item.path}")


def drawing_of(settings: Playground) -> Task:
    """The drawing of a playground into the present data sets folder."""
    return _task("draw", f"{digest(settings)} {datasets_folder()}")


def drawing_of_miniature(layout: str) -> Task:
    """The drawing of a miniature into the present data sets folder."""
    return _task("draw", f"miniature {layout} {datasets_folder()}")


def drawings() -> list[tuple[Task, Playground]]:
    """Playgrounds that are being drawn, or whose drawing came to no end, with their settings."""
    found: list[tuple[Task, Playground]] = []
    for path in sorted((runs_folder() / HOME).glob("draw-*")):
        with suppress(KeyError, ValueError):
            settings = Playground.model_validate((read_json(path / "task.json") or {})["settings"])
            task = drawing_of(settings)
            if task.folder == path and state_of(task)["state"] not in ("none", "done"):
                found.append((task, settings))
    return found


def start_check(item: Holding) -> None:
    """Start checking a data set, unless it is being checked already."""
    _start(check_of(item), {"kind": item.kind, "path": str(item.path), "key": item.key})


def start_drawing(settings: Playground) -> None:
    """Start drawing a playground, unless it is being drawn already."""
    _start(drawing_of(settings), {"settings": settings.model_dump(mode="json")})


def start_miniature(layout: str) -> None:
    """Start drawing a miniature, unless it is being drawn already."""
    _start(drawing_of_miniature(layout), {"layout": layout})


def stop(task: Task) -> None:
    """End the process of a task; what it had done is thrown away."""
    told = read_json(task.progress_file) or {}
    fields = ("pid", "start_time", "boot_id", "host")
    if task.working and all(field in told for field in fields):
        ProcessIdentity(**{field: told[field] for field in fields}).send(signal.SIGTERM)


def state_of(task: Task) -> dict[str, Any]:
    """How a task stands: ``state``, ``words``, and how much is ``done`` of ``total``.

    States are ``none working done failed stopped lost``.
    """
    told = read_json(task.progress_file) or {}
    state = "working" if task.working else told.get("state", "none")
    if state == "working" and not task.working:
        state = "lost"
    return {
        "state": state,
        "done": told.get("done"),
        "total": told.get("total"),
        "words": _words(task.name, state, told),
    }


_DOING = {"check": "Checking", "draw": "Drawing"}


def _words(name: Name, state: str, told: dict[str, Any]) -> str:
    match state:
        case "working" if told.get("stage") == "waiting":
            return "Waiting: another program is drawing."
        case "working" if told.get("total"):
            return f"{_DOING[name]}: {told['done']:,} of {told['total']:,} images."
        case "working":
            return f"{_DOING[name]}: getting ready."
        case "failed":
            return str(told.get("error"))
        case "lost":
            return f"{_DOING[name]} ended without a word: start it again."
        case "stopped":
            return f"{_DOING[name]} was stopped."
        case _:
            return ""


def _task(name: Name, about: str) -> Task:
    short = hashlib.sha256(about.encode()).hexdigest()[:12]
    return Task(name, runs_folder() / HOME / f"{name}-{short}")


def _start(task: Task, asked: dict[str, Any]) -> None:
    try:
        task.folder.mkdir(parents=True, exist_ok=True)
        lock = locks.open_lock(task.lock_file)
        try:
            # The lock is handed over, so that the task is never without it once it was asked for.
            if locks.take(lock):
                write_json(task.task_file, {"task": task.name, **asked}, durable=False)
                task.progress_file.unlink(missing_ok=True)
                _spawn(task, lock)
        finally:
            os.close(lock)
    except OSError as error:
        raise PlaceError(
            f"{_DOING[task.name]} cannot begin: {task.folder} cannot be written"
            f" ({error.strerror or error}). Make room, or set WORKBENCH_RUNS to another folder."
        ) from error


def _spawn(task: Task, lock: int) -> None:
    places = {"WORKBENCH_DATASETS": str(datasets_folder()), "WORKBENCH_RUNS": str(runs_folder())}
    environment = os.environ | {"PYTHONPATH": import_path()} | places | locks.hand_over([lock])
    with open(task.folder / "output.log", "wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-P", "-m", WORKER, str(task.folder)],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env=environment,
            pass_fds=[lock],
            start_new_session=True,
        )
    # Waited for in the background, so that no zombie stays while this process lives.
    threading.Thread(target=process.wait, daemon=True, name=f"reap {process.pid}").start()
