"""Measuring lengths of vectors on request, in a process of its own, and how far it is."""

import subprocess
import threading
from pathlib import Path

from workbench.errors import RunError
from workbench.inspection.run_norms import measuring, start_measuring
from workbench.runs.folder import RunFolder

_tasks: "dict[Path, subprocess.Popen[bytes]]" = {}
_guard = threading.Lock()


def measure(run: RunFolder, folder: Path) -> None:
    """Start measuring what a folder of embeddings lacks, unless somebody is at it.

    Raises RunError where the run is alive: then it needs the processor itself.
    """
    if run.status().alive:
        raise RunError(f"Run {run.id} is alive: its lengths can be measured when it has ended.")
    with _guard:
        if folder in _tasks and _tasks[folder].poll() is None:
            return
        process = _tasks[folder] = start_measuring(run, folder)
    # Waited for in the background, so that no zombie stays while this process lives.
    threading.Thread(target=process.wait, daemon=True, name=f"reap {process.pid}").start()


def measuring_in_words(run: RunFolder, folder: Path) -> str | None:
    """How far the measuring is; None where nobody is at it.

    Raises RunError, once, with the reason where it failed.
    """
    with _guard:
        process = _tasks.get(folder)
        if process is None:
            return None
        ended = process.poll() is not None
        if ended:
            del _tasks[folder]
    told = measuring(run, folder)
    if told.get("error"):
        raise RunError(f"Lengths of run {run.id} could not be measured: {told['error']}")
    if ended:
        return None
    if not told.get("total"):
        return "Loading torch."
    return f"{told['stage'].capitalize()}: {told['done']} of {told['total']} images."
