"""The process of a task on data. No torch.

``python -m workbench.ui.views.data.data_worker TASK_FOLDER``
"""

import contextlib
import os
import signal
import sys
import time
import traceback
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from types import FrameType
from typing import Any

from workbench.data.catalogue.local_datasets import Holding, digests_of, read
from workbench.data.checks.check import check
from workbench.data.samples import Progress
from workbench.data.synthetic import playground
from workbench.data.synthetic.miniatures import making
from workbench.errors import DataError, WorkbenchError
from workbench.paths import datasets_folder
from workbench.recipe.settings.data import Playground
from workbench.runs import locks
from workbench.runs.files import read_json, write_json
from workbench.runs.process import this_process

NICENESS = 10
SECONDS_BETWEEN_WRITES = 0.3
Asked = dict[str, Any]
Answer = dict[str, Any]


def main(arguments: list[str]) -> int:
    """Do what the task's folder asks for; 0 when done, 1 if not."""
    # Kept until this process ends: the lock says that somebody is at it.
    locks.take_over()
    signal.signal(signal.SIGTERM, _leave)
    _give_way()
    folder = Path(arguments[0])
    told = _Told(folder / "progress.json")
    try:
        asked = read_json(folder / "task.json") or {}
        began = time.monotonic()
        answer = _WORK[asked["task"]](asked, told.show)
        answer |= {"time": time.time(), "seconds": time.monotonic() - began}
        write_json(folder / "result.json", answer, durable=False)
    except (WorkbenchError, OSError) as error:
        told.write(state="failed", error=str(error))
        return 1
    except _Left:
        told.write(state="stopped")
        return 1
    except Exception as error:
        traceback.print_exc()
        told.write(state="failed", error=f"It ended with a bug: {type(error).__name__}: {error}")
        return 1
    told.write(state="done")
    return 0


class _Left(BaseException):
    """Somebody asked this process to end."""


def _leave(_: int, __: FrameType | None) -> None:
    raise _Left


def _check(asked: Asked, progress: Progress) -> Answer:
    """A report as plain values, with digests that tell whether the files changed since."""
    path, kind = Path(asked["path"]), asked["kind"]
    report = check(path, kind, progress=progress)
    return {
        "usable": report.usable,
        "facts": report.facts,
        "notes": list(report.notes),
        "findings": [asdict(finding) for finding in report.findings],
        "digests": _digests(Holding(asked["key"], kind, path)),
    }


def _digests(item: Holding) -> dict[str, str]:
    try:
        return digests_of(read(item))
    except DataError:
        return {}


def _draw(asked: Asked, progress: Progress) -> Answer:
    if layout := asked.get("layout"):
        return {"path": str(making.make(layout, datasets_folder(), progress))}
    settings = Playground.model_validate(asked["settings"])
    return {"path": str(playground.make(settings, datasets_folder(), progress=progress))}


_WORK: dict[str, Callable[[Asked, Progress], Answer]] = {"check": _check, "draw": _draw}


def _give_way() -> None:
    """Lower this process's priority: a training or a page on the same machine comes first."""
    with contextlib.suppress(OSError):
        os.nice(NICENESS)
        # A kernel that groups by session shares a core between sessions first.
        Path("/proc/self/autogroup").write_text(str(NICENESS))


class _Told:
    """Tells whoever waits how far the task is, and which process it is."""

    def __init__(self, path: Path) -> None:
        self._path, self._last = path, 0.0
        self._values: dict[str, Any] = {"state": "working", **vars(this_process())}
        self.write()

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
            write_json(self._path, self._values, durable=False)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
