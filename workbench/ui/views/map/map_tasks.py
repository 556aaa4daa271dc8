"""Making a UMAP on request, in a process of its own, and how far it is."""

import subprocess
import threading
from functools import lru_cache
from pathlib import Path
from typing import Any

from workbench.inspection.filmstrip import (
    snapshot_embeddings,
    snapshot_steps,
    snapshots_mark,
)
from workbench.inspection.maps import (
    kept_map,
    snapshots_file,
    umap_in_background,
    umap_progress,
)
from workbench.runs.folder import RunFolder
from workbench.ui.views.rankings.stored_rankings import Weights

NOT_MADE = (
    "A UMAP keeps neighbours together better than principal components do. It is made once, by a"
    " process of its own: half a minute to load and compile, then the longer the more images."
)
LOADING = "Loading UMAP and compiling it: about half a minute. The page goes on meanwhile."
ENDED = "Its process ended before the map was done: ask for it again."

_tasks: "dict[tuple[Path, str], subprocess.Popen[bytes]]" = {}
_guard = threading.Lock()


def make_umap(run: RunFolder, weights: Weights, *, snapshots: bool = False) -> None:
    """Start the UMAP of a checkpoint's embeddings, or of all snapshots, unless it is being made.

    Raises RunError where there is no such checkpoint.
    """
    key = _key(run, weights, snapshots)
    with _guard:
        if key in _tasks and _tasks[key].poll() is None:
            return
        process = _tasks[key] = umap_in_background(
            run, weights.kind, weights.checkpoint, snapshots=snapshots
        )
    # Waited for in the background, so that no zombie stays while this process lives.
    threading.Thread(target=process.wait, daemon=True, name=f"reap {process.pid}").start()


def umap_state(run: RunFolder, weights: Weights, *, snapshots: bool = False) -> dict[str, Any]:
    """Whether a UMAP is ``ready`` or ``working``, and that in ``words``."""
    if _is_made(run, weights, snapshots):
        return {"ready": True, "working": False, "words": ""}
    with _guard:
        process = _tasks.get(_key(run, weights, snapshots))
    told = {} if process is None else _told(run, weights, snapshots)
    if process is None:
        words = NOT_MADE
    elif told.get("error"):
        words = f"The map could not be made: {told['error']}"
    elif process.poll() is not None:
        words = ENDED
    else:
        words = _progress_in_words(told, snapshots)
    working = process is not None and process.poll() is None
    return {"ready": False, "working": working, "words": words}


def mapped_steps(run: RunFolder) -> tuple[int, ...]:
    """The steps whose snapshots can be laid on each other; empty where there is none yet."""
    return _steps(run.path, snapshots_mark(run)) if snapshot_steps(run) else ()


@lru_cache(maxsize=8)
def _steps(path: Path, mark: str) -> tuple[int, ...]:
    """Read once as long as the snapshots stay the same."""
    return tuple(one.step for one in snapshot_embeddings(RunFolder(path)))


def _is_made(run: RunFolder, weights: Weights, snapshots: bool) -> bool:
    if not snapshots:
        return kept_map(run, "umap", run.embeddings_named(weights.key)) is not None
    steps = mapped_steps(run)
    return bool(steps) and snapshots_file(run, "umap", steps).is_file()


def _told(run: RunFolder, weights: Weights, snapshots: bool) -> dict[str, Any]:
    return umap_progress(run, weights.kind, weights.checkpoint, snapshots=snapshots)


def _progress_in_words(told: dict[str, Any], snapshots: bool) -> str:
    if not told.get("total"):
        return LOADING
    if snapshots:
        return f"Placing the images of each evaluation: {told['done']} of {told['total']} done."
    return "Placing the images: each is moved until its neighbours are near."


def _key(run: RunFolder, weights: Weights, snapshots: bool) -> tuple[Path, str]:
    # All weights share the maps of the snapshots.
    return run.path, "snapshots" if snapshots else weights.key
