"""Half-written files that a killed process left in a run's folder, swept by the next worker."""

import os
import re
import shutil
from pathlib import Path

from workbench.runs.run_paths import RunPaths

_OF_WORKER = re.compile(r"\.step_\d+\.(new|old)|\.(status|last|best|meta)\.json\..*\.new")
_OF_PROCESS = re.compile(r"\..+?\.(?P<pid>\d+)(\.\d+)?\.(new|old)|\.\d+\.(?P<snapshot>\d+)")
"""Names with the process that writes them: of a page, a task, or the worker."""


def sweep(run: RunPaths) -> None:
    """Remove what killed writers left; only for the holder of the run's lock.

    What the worker alone writes is nobody's now. Of other files those go whose process is dead.
    """
    folders = (run.path, run.control, run.checkpoints, run.snapshots, run.embeddings, run.cache)
    for folder in folders:
        for path in _hidden(folder):
            if _OF_WORKER.fullmatch(path.name) or _is_nobodys(path.name):
                _remove(path)


def sweep_unmade(runs: Path) -> None:
    """Remove the folders of runs whose makers died before they were complete."""
    for path in _hidden(runs):
        match = re.fullmatch(r"\.(\d+)\.\d+\.new", path.name)
        if match and not _lives(int(match[1])):
            _remove(path)


def _hidden(folder: Path) -> list[Path]:
    try:
        return [path for path in folder.iterdir() if path.name.startswith(".")]
    except OSError:
        return []


def _is_nobodys(name: str) -> bool:
    match = _OF_PROCESS.fullmatch(name)
    return match is not None and not _lives(int(match["pid"] or match["snapshot"]))


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except PermissionError:
        return True
    return True


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)
