"""Asking the process that trains a lesson's points; it is started when somebody first asks."""

import json
import os
import subprocess
import sys
import threading
from typing import Any

from workbench.errors import PlaceError, RunError
from workbench.runs.lifecycle.worker import import_path

WORKER = "workbench.lessons.worker"
ENDED = "The process that trains the points has ended: try again."

_guard = threading.Lock()
_processes: "list[subprocess.Popen[str]]" = []


def ask(task: str, **question: object) -> Any:  # noqa: ANN401  (whatever the task answers)
    """The answer of the worker, one question at a time.

    The first one waits until PyTorch is loaded. Raises RunError with what the worker refuses, or
    where it ended; PlaceError where no process can be started.
    """
    line = json.dumps({"task": task, **question}) + "\n"
    with _guard:
        told = _told(_worker(), line)
    answer = json.loads(told)
    if "error" in answer:
        raise RunError(answer["error"])
    return answer["answer"]


def _told(worker: "subprocess.Popen[str]", line: str) -> str:
    if worker.stdin is None or worker.stdout is None:
        raise RunError(ENDED)
    try:
        worker.stdin.write(line)
        worker.stdin.flush()
        told = worker.stdout.readline()
    except OSError:
        told = ""
    if not told:
        end()
        raise RunError(ENDED)
    return told


def end() -> None:
    """End the worker, if there is one."""
    while _processes:
        worker = _processes.pop()
        for pipe in (worker.stdin, worker.stdout):
            if pipe is not None:
                pipe.close()
        worker.wait()


def _worker() -> "subprocess.Popen[str]":
    if _processes and _processes[0].poll() is not None:
        # It leaves by itself when nobody has asked for long.
        end()
    if not _processes:
        _processes.append(_started())
    return _processes[0]


def _started() -> "subprocess.Popen[str]":
    """It ends with this process: its input is closed then."""
    environment = os.environ | {"PYTHONPATH": import_path(), "OMP_NUM_THREADS": "1"}
    try:
        return subprocess.Popen(
            [sys.executable, "-P", "-m", WORKER],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            encoding="utf-8",
            env=environment,
            start_new_session=True,
        )
    except OSError as error:
        raise PlaceError(
            f"The lesson cannot begin: no process could be started ({error.strerror or error})."
            " Make room in memory and try again."
        ) from error
