"""Long tasks on a run as processes that outlive who started them. No torch here."""

import os
import subprocess
import sys
from pathlib import Path

from workbench.errors import PlaceError
from workbench.paths import datasets_folder
from workbench.runs.devices import resolve_threads
from workbench.runs.folder import RunFolder
from workbench.runs.lifecycle.worker import import_path, training_environment

INSPECTION = "workbench.inspection"


def start_task(run: RunFolder, task: list[str], progress: Path) -> "subprocess.Popen[bytes]":
    """Start ``python -m workbench.inspection RUN`` with the options of a task.

    ``progress`` is the file in which the task tells how far it is; what an earlier one told is
    removed, and what the process prints goes beside it. Raises PlaceError where the run cannot be
    written, or the system starts no further process.
    """
    try:
        progress.parent.mkdir(exist_ok=True)
        progress.unlink(missing_ok=True)
        return _started(run, task, progress)
    except OSError as error:
        raise PlaceError(
            f"Nothing could be started for run {run.id}: {error.strerror or error}. Make"
            f" {run.path} writable or free some memory, and try again."
        ) from error


def _started(run: RunFolder, task: list[str], progress: Path) -> "subprocess.Popen[bytes]":
    environment = os.environ | training_environment(resolve_threads("auto"))
    environment |= {"PYTHONPATH": import_path(), "WORKBENCH_DATASETS": str(datasets_folder())}
    with open(progress.with_suffix(".log"), "wb") as output:
        return subprocess.Popen(
            [sys.executable, "-P", "-m", INSPECTION, str(run.path), *task],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env=environment,
            start_new_session=True,
        )
