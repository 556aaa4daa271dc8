"""Checkpoints on disk: complete or absent, the last two, the best and the kept ones.

A checkpoint is written into a hidden folder and renamed when everything is on disk, so a name that
can be seen is complete.
"""

import re
import shutil
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal, cast

from workbench.errors import RunError, reason_of
from workbench.runs.files import (
    LITTLE_ROOM_BYTES,
    read_json,
    sync_files,
    sync_folder,
    write_json,
    write_remedy,
)
from workbench.runs.run_paths import RunPaths

Pointer = Literal["last", "best"]
META = "meta.json"
LAST_KEPT = 2
_NAME = re.compile(r"step_(\d{8,})")


def write(
    run: RunPaths,
    step: int,
    save: Callable[[Path], object],
    meta: dict[str, Any],
    *,
    keep: bool = False,
    best: bool = False,
) -> str:
    """Write a checkpoint and return its name, ``step_00000450``.

    ``save`` fills the folder it is given; ``meta`` is merged into its ``meta.json``. ``keep`` keeps
    the checkpoint for good, ``best`` makes it the best one so far. What neither is, nor among the
    last two, is removed. Raises RunError where it cannot be written; those before it are untouched.
    """
    name = f"step_{step:08d}"
    aside = run.checkpoints / f".{name}.new"
    try:
        _clear_aside(run.checkpoints)
        aside.mkdir(parents=True)
        save(aside)
        written = read_json(aside / META) or {}
        stamps = {path.name: stamp_of(path) for path in aside.iterdir() if path.name != META}
        about = {"step": step, "kept": keep, "files": stamps}
        write_json(aside / META, written | meta | about)
        sync_files(aside)
        _put_in_place(aside, run.checkpoints / name)
        _point(run, "last", name, meta)
        if best:
            _point(run, "best", name, meta)
    except Exception as error:  # whatever a library raises on a full disk
        shutil.rmtree(aside, ignore_errors=True)
        raise RunError(_refusal(run, name, error)) from error
    _prune(run)
    return name


def names(run: RunPaths) -> list[str]:
    """All complete checkpoints by step."""
    try:
        complete = [path.name for path in run.checkpoints.iterdir() if _NAME.fullmatch(path.name)]
    except FileNotFoundError:
        return []
    return sorted(complete, key=_step)


def checkpoint_folder(run: RunPaths, which: str = "last") -> Path:
    """The folder of `last`, `best` or a checkpoint by name.

    Raises RunError where there is none, or none of that name.
    """
    present = names(run)
    if not present:
        raise RunError(f"Run {run.id} has no checkpoint yet: wait for the first one.")
    if which in ("last", "best"):
        return run.checkpoints / (_pointed(run, which, present) or present[-1])
    if which not in present:
        raise RunError(
            f"Run {run.id} has no checkpoint '{which}'. Use last, best or one of"
            f" {', '.join(present)}."
        )
    return run.checkpoints / which


def put_aside(run: RunPaths, name: str) -> None:
    """Let a damaged checkpoint be none of the run's any more; its files stay, under ``.damaged``.

    Raises OSError where the folder cannot be renamed.
    """
    folder = run.checkpoints / name
    target = folder.with_name(f"{name}.damaged")
    if target.exists():
        shutil.rmtree(target, ignore_errors=True)
    folder.rename(target)


def damage(folder: Path) -> str:
    """Which file of a checkpoint is not as it was written; empty where all are, or nobody noted it.

    A file that cannot be read at all raises OSError: it may be whole.
    """
    stamps = (read_json(folder / META) or {}).get("files")
    for name, stamp in cast("dict[str, Any]", stamps if isinstance(stamps, dict) else {}).items():
        path = folder / Path(name).name
        if not path.is_file() or stamp_of(path) != stamp:
            return path.name
    return ""


def stamp_of(path: Path) -> list[int]:
    """Bytes and CRC-32 of a file."""
    size, total = 0, 0
    with open(path, "rb") as file:
        while block := file.read(1 << 22):
            size, total = size + len(block), zlib.crc32(block, total)
    return [size, total]


def last_name(run: RunPaths) -> str | None:
    """The name of the last complete checkpoint, None where there is none."""
    present = names(run)
    return _pointed(run, "last", present) or (present[-1] if present else None)


def best_name(run: RunPaths) -> str | None:
    """The name of the checkpoint with the highest mAP on the test queries, None before any."""
    return _pointed(run, "best", names(run))


def _point(run: RunPaths, pointer: Pointer, name: str, meta: dict[str, Any]) -> None:
    value = {"name": name, "step": _step(name), "metrics": meta.get("metrics")}
    write_json(run.checkpoints / f"{pointer}.json", value)


def _pointed(run: RunPaths, pointer: Pointer, present: list[str]) -> str | None:
    name = (read_json(run.checkpoints / f"{pointer}.json") or {}).get("name")
    return name if name in present else None


def _put_in_place(aside: Path, target: Path) -> None:
    """Rename, over an earlier checkpoint of the same step where a resumed run writes it again."""
    earlier = target.with_name(f".{target.name}.old")
    if target.exists():
        target.rename(earlier)
    aside.rename(target)
    sync_folder(target.parent)
    shutil.rmtree(earlier, ignore_errors=True)


def _prune(run: RunPaths) -> None:
    present = names(run)
    staying = {
        *present[-LAST_KEPT:],
        _pointed(run, "last", present),
        _pointed(run, "best", present),
    }
    for name in present:
        folder = run.checkpoints / name
        if name in staying or (read_json(folder / META) or {}).get("kept"):
            continue
        # Out of sight at once: a crash while files are removed must not leave half a checkpoint.
        hidden = folder.rename(folder.with_name(f".{name}.old"))
        shutil.rmtree(hidden, ignore_errors=True)


def _clear_aside(folder: Path) -> None:
    for leftover in (*folder.glob(".step_*.new"), *folder.glob(".step_*.old")):
        shutil.rmtree(leftover, ignore_errors=True)


def _step(name: str) -> int:
    return int(name.removeprefix("step_"))


def _refusal(run: RunPaths, name: str, error: Exception) -> str:
    free = shutil.disk_usage(run.path if run.path.is_dir() else Path("/")).free
    remedy = write_remedy(error) if isinstance(error, OSError) else "Make room"
    if free < LITTLE_ROOM_BYTES:  # a library may have said it in words of its own
        remedy = "Make room on its disk"
    return (
        f"Checkpoint {name} could not be written to {run.checkpoints}: {reason_of(error)}"
        f" ({free >> 20} MB are free). {remedy} and resume; the last good checkpoint is"
        f" {last_name(run) or 'none'}."
    )
