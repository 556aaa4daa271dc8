"""Embedding a checkpoint's images on request, in a process of its own, and how far it is."""

import subprocess
import threading
from pathlib import Path

from workbench.errors import RunError
from workbench.experiment.run_rankings import embed_in_background, embedding_progress
from workbench.runs.folder import RunFolder
from workbench.ui.views.rankings.stored_rankings import Weights

_tasks: "dict[tuple[Path, str], subprocess.Popen[bytes]]" = {}
_guard = threading.Lock()


def embed(run: RunFolder, weights: Weights) -> None:
    """Start embedding weights, unless they are being embedded already.

    Raises RunError where the run is alive: then it needs the processor itself.
    """
    if run.status().alive:
        raise RunError(f"Run {run.id} is alive: its rankings can be made when it has ended.")
    key = (run.path, weights.key)
    with _guard:
        if key in _tasks and _tasks[key].poll() is None:
            return
        process = _tasks[key] = embed_in_background(run, weights.kind, weights.checkpoint)
    # Waited for in the background, so that no zombie stays while this process lives.
    threading.Thread(target=process.wait, daemon=True, name=f"reap {process.pid}").start()


def embedding_in_words(run: RunFolder, weights: Weights) -> str | None:
    """How far the embedding is; None where nobody is at it.

    Raises RunError, once, with the reason where it failed.
    """
    key = (run.path, weights.key)
    with _guard:
        process = _tasks.get(key)
        if process is None:
            return None
        if process.poll() is not None:
            del _tasks[key]
    told = embedding_progress(run, weights.kind, weights.checkpoint)
    if told.get("error"):
        raise RunError(f"Run {run.id} could not be embedded: {told['error']}")
    if process.poll() is not None:
        return None
    if not told.get("total"):
        return "Loading torch."
    return f"{told['stage'].capitalize()}: {told['done']} of {told['total']}."
