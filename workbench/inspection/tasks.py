"""Long work on a finished run, in a process of its own at low priority."""

import contextlib
import os
import sys
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch

from workbench.errors import WorkbenchError
from workbench.experiment.run_embedding import embed_run
from workbench.runs.devices import resolve_threads
from workbench.runs.files import write_json
from workbench.runs.folder import RunFolder

NICENESS = 10
SECONDS_BETWEEN_WRITES = 0.3


def embed_task(run: RunFolder, weights: str, checkpoint: str) -> int:
    """Embed queries and gallery of a run's checkpoint into its ``embeddings/``; 0 when done.

    How far it is stands in ``cache/embed-<checkpoint>-<weights>.json``.
    """

    def work(told: Progress) -> None:
        embeddings = embed_run(run, weights, checkpoint, progress=told.show)
        embeddings.save(run.embeddings_named(f"{checkpoint}-{weights}"))

    return long_task(run.cache / f"embed-{checkpoint}-{weights}.json", work)


def long_task(progress: Path, work: "Callable[[Progress], None]") -> int:
    """Do a task at low priority and tell in ``progress`` how far it is; 0 when done, 1 if not."""
    give_way()
    torch.set_num_threads(resolve_threads("auto"))
    told = Progress(progress)
    try:
        work(told)
    except WorkbenchError as error:
        told.write(error=str(error))
        return 1
    except Exception as error:
        sys.stderr.write(traceback.format_exc())
        told.write(error=f"a bug: {type(error).__name__}: {error}")
        return 1
    told.write(stage="done")
    return 0


def give_way() -> None:
    """Lower this process's priority.

    A kernel that groups by session shares a core between sessions first, so the group is told too.
    """
    with contextlib.suppress(OSError):
        os.nice(NICENESS)
        Path("/proc/self/autogroup").write_text(str(NICENESS))


class Progress:
    """Tells whoever waits how far a task is."""

    def __init__(self, path: Path) -> None:
        self._path, self._values, self._last = path, dict[str, Any](), 0.0

    def show(self, stage: str, done: int, total: int) -> None:
        """Note a stage; written a few times a second."""
        now = time.monotonic()
        if now - self._last > SECONDS_BETWEEN_WRITES or done == total:
            self._last = now
            self.write(stage=stage, done=done, total=total)

    def write(self, **values: Any) -> None:  # noqa: ANN401
        """Note values beside those of before."""
        self._values |= values
        with contextlib.suppress(OSError):
            self._path.parent.mkdir(exist_ok=True)
            write_json(self._path, self._values, durable=False)
