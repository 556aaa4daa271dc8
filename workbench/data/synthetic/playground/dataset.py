"""The playground as a folder: drawn once, by whoever needs it first."""

import fcntl
import hashlib
import json
import os
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any, TextIO

from workbench.data.synthetic.playground.people.body_parts import PARTS
from workbench.data.synthetic.playground.plan import FOLDERS, MASKS, Plan, Settings, make_plan
from workbench.data.synthetic.playground.processes import Records, draw_all
from workbench.errors import PlaceError

GENERATOR_VERSION = 1
"""Counted up whenever the same settings would yield other images."""

Progress = Callable[[str, int, int], None]

_POLL_SECONDS = 0.2


def digest(settings: Settings) -> str:
    """The name of the folder of these settings: 12 hexadecimal digits."""
    text = json.dumps(_described(settings), sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def make(
    settings: Settings, folder: Path, progress: Progress | None = None, workers: int = 2
) -> Path:
    """Draw a playground under a datasets folder, or find it there, and return its folder.

    It is drawn aside and renamed, so ``<folder>/playground/<digest>`` is complete where it exists.
    Of several processes that want it at the same time one draws and the others wait. ``workers``
    processes draw; their number changes no byte.

    ``progress`` is called with the stage (``drawing``, or ``waiting`` for another process), the
    images drawn and their total. What it raises ends the drawing, and nothing is left behind.
    Raises PlaceError where the folder cannot be written.
    """
    report = progress or _silent
    home = folder / "playground"
    target = home / digest(settings)
    if target.is_dir():
        return target
    plan = make_plan(settings)
    with _writing(home):
        home.mkdir(parents=True, exist_ok=True)
        lock = (home / ".lock").open("a")
    # Closing the file frees the lock, and so does the death of its owner.
    with lock:
        while not _try_lock(lock, home):
            report("waiting", 0, len(plan.jobs))
            time.sleep(_POLL_SECONDS)
        if not target.is_dir():
            _draw_aside(settings, plan, target, report, workers)
    return target


def _silent(stage: str, done: int, total: int) -> None:
    """Progress that nobody asked for."""


@contextmanager
def _writing(home: Path) -> Iterator[None]:
    """Say in one sentence why files cannot be written; what progress raises is not ours."""
    try:
        yield
    except OSError as error:
        raise PlaceError(
            f"The playground could not be drawn into {home}: {error.strerror or error}."
            " Choose a datasets folder that can be written (WORKBENCH_DATASETS), or make room."
        ) from error


def _try_lock(lock: TextIO, home: Path) -> bool:
    with _writing(home):
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
    return True


def _draw_aside(
    settings: Settings, plan: Plan, target: Path, report: Progress, workers: int
) -> None:
    """Draw beside the target and rename; the caller holds the lock."""
    aside = target.parent / f".drawing-{target.name}"
    try:
        with _writing(target.parent):
            # Whoever drew here before was killed: the lock is ours.
            for leftover in target.parent.glob(".drawing-*"):
                shutil.rmtree(leftover)
            for name in (*FOLDERS, MASKS):
                (aside / name).mkdir(parents=True)
        records = _draw(settings, aside, len(plan.jobs), report, workers)
        with _writing(target.parent):
            _write_tables(settings, plan, records, aside)
            os.rename(aside, target)
    except BaseException:
        shutil.rmtree(aside, ignore_errors=True)
        raise


def _draw(settings: Settings, folder: Path, total: int, report: Progress, workers: int) -> Records:
    """Draw every picture; the records come back in the order of the jobs."""
    report("drawing", 0, total)
    pieces: dict[int, Records] = {}
    done = 0
    for start, records in draw_all(settings, folder, total, workers):
        pieces[start] = records
        done += len(records)
        report("drawing", done, total)
    return [record for start in sorted(pieces) for record in pieces[start]]


def _write_tables(settings: Settings, plan: Plan, records: Records, folder: Path) -> None:
    """images.jsonl, identities.json, and playground.json with what it was drawn from."""
    lines = "".join(json.dumps(record) + "\n" for record in records)
    (folder / "images.jsonl").write_text(lines)
    people = {str(number): asdict(person) for number, person in plan.identities.items()}
    (folder / "identities.json").write_text(json.dumps(people, indent=1) + "\n")
    origin = {**_described(settings), "parts": PARTS}
    (folder / "playground.json").write_text(json.dumps(origin, indent=1) + "\n")


def _described(settings: Settings) -> dict[str, Any]:
    return {
        "generator_version": GENERATOR_VERSION,
        "train_identities": settings.train_identities,
        "test_identities": settings.test_identities,
        "image_height": settings.image_height,
        "look_alikes": settings.look_alikes,
        "seed": settings.seed,
    }
