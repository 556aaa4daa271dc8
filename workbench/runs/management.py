"""All runs of a runs folder: make, list, find, rename, delete."""

import fcntl
import os
import re
import shutil
import time
from collections.abc import Mapping
from dataclasses import replace
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from workbench.errors import PlaceError, RunError, RunNotFound
from workbench.paths import runs_folder
from workbench.recipe.overrides import resolve
from workbench.recipe.refusals import shown
from workbench.recipe.schema import Recipe
from workbench.recipe.text import to_yaml
from workbench.runs import locks
from workbench.runs.devices import candidate_devices, resolve_threads
from workbench.runs.files import write_remedy
from workbench.runs.folder import RunFolder, write_yaml
from workbench.runs.lifecycle.leftovers import sweep_unmade
from workbench.runs.status import write_status

TRASH = ".trash"
MOST_NAME_CHARACTERS = 80
LEAVING_SECONDS = 10.0
"""A worker that has written its last state needs a moment to take PyTorch down."""
NUMBERING = "numbering.lock"
_ID = re.compile(
    r"(?P<second>\d{8}-\d{6})-(?P<name>.+)-((?P<fraction>[0-9a-f]{4})|(?P<number>[0-9]{5,}))"
)
"""Time, preset and number; runs of earlier versions end with a fraction of their second."""
_LAST = re.compile(r"last(?:~0*(?P<back>[0-9]+))?")


def create_run(
    preset: str, overrides: Mapping[str, Any] | None = None, *, folder: Path | None = None
) -> RunFolder:
    """Make the folder of a new run, with its recipe frozen, and start nothing.

    Raises RecipeError where preset and overrides are no recipe, PlaceError where the runs folder
    cannot be written.
    """
    run, lock = create_locked_run(preset, overrides or {}, folder=folder)
    os.close(lock)
    return run


def create_locked_run(
    preset: str, overrides: Mapping[str, Any], *, folder: Path | None = None
) -> tuple[RunFolder, int]:
    """Make a run whose lock the caller holds, by the descriptor returned, until it hands it over.

    The folder is filled aside and appears complete and locked, so that no reader takes the run for
    a lost one before its worker has begun.
    """
    recipe = resolve(preset, overrides)
    runs = folder or runs_folder()
    try:
        runs.mkdir(parents=True, exist_ok=True)
        return _create_aside(runs, preset, dict(overrides), recipe)
    except OSError as error:
        raise PlaceError(
            f"No run can be made in {runs}: {error.strerror or error}. Make the folder writable,"
            " free some space, or set WORKBENCH_RUNS to another one."
        ) from error


def list_runs(folder: Path | None = None) -> list[RunFolder]:
    """All runs, the newest first. Raises PlaceError where the runs folder cannot be read."""
    runs = folder or runs_folder()
    try:
        with os.scandir(runs) as entries:
            names = [entry.name for entry in entries if not entry.name.startswith(".")]
    except FileNotFoundError:
        return []
    except OSError as error:
        raise PlaceError(
            f"The runs folder {runs} cannot be read: {error.strerror or error}. Make it readable,"
            " or set WORKBENCH_RUNS to another one."
        ) from error
    newest_first = [RunFolder(runs / name) for name in sorted(names, key=_age, reverse=True)]
    return [run for run in newest_first if _is_run(run)]


def find_run(text: str, folder: Path | None = None) -> RunFolder:
    """The run meant by ``text``: an id, a name, a unique prefix of an id, `last`, or `last~N`.

    `last` is the newest run, `last~1` the one before it. Raises RunNotFound where no run or more
    than one is meant.
    """
    runs = list_runs(folder)
    if match := _LAST.fullmatch(text):
        return _nth_last(text, match["back"] or "0", runs)
    for meant in (
        [run for run in runs if run.id == text],
        [run for run in runs if text and run.labels().name == text],
        [run for run in runs if text and run.id.startswith(text)],
    ):
        if len(meant) == 1:
            return meant[0]
        if meant:
            ids = ", ".join(run.id for run in meant[:5])
            more = ", ..." if len(meant) > 5 else ""
            raise RunNotFound(f"'{text}' means {len(meant)} runs: {ids}{more}. Give a whole id.")
    raise _not_found(text, runs, folder)


def _is_run(run: RunFolder) -> bool:
    """Whether a folder is a run's; one that may not be looked into counts as one."""
    try:
        return run.recipe_file.exists() or run.status_file.exists()
    except OSError:
        return True


def rename_run(run: RunFolder, name: str) -> None:
    """Give a run another name; an empty one takes its name away.

    Raises RunError for a name that is too long, spans lines, or means something else.
    """
    if _LAST.fullmatch(name) or not name.isprintable() or len(name) > MOST_NAME_CHARACTERS:
        raise RunError(
            f"'{name}' cannot be the name of a run: use up to {MOST_NAME_CHARACTERS} printable"
            " characters on one line, and neither 'last' nor 'last~N'."
        )
    labels = replace(run.labels(), name=name.strip())
    try:
        _write_labels(run, labels.name, labels.note, labels.tags)
    except OSError as error:
        raise RunError(
            f"Run {run.id} could not be renamed: {run.labels_file} cannot be written"
            f" ({error.strerror or error})."
        ) from error


def delete_run(run: RunFolder) -> Path:
    """Move a run's folder into ``.trash/`` beside it and return where it lies now.

    Raises RunError where the run is alive or its folder cannot be moved.
    """
    lock = lock_dead_run(run)
    try:
        trash = run.path.parent / TRASH
        trash.mkdir(exist_ok=True)
        target = trash / run.id
        if target.exists():
            target = trash / f"{run.id}.{time.time_ns()}"
        return run.path.rename(target)
    except OSError as error:
        raise RunError(
            f"Run {run.id} could not be moved to {TRASH}: {error.strerror or error}."
        ) from error
    finally:
        os.close(lock)


def lock_dead_run(run: RunFolder) -> int:
    """The descriptor of a run's lock, held by the caller, so that nobody else wakes the run.

    A worker that has said its last word and still takes itself down is waited for. Raises RunError
    where the run is alive, RunNotFound where it is gone.
    """
    deadline = time.monotonic() + LEAVING_SECONDS
    while not (status := run.status()).alive:
        try:
            lock = locks.open_lock(run.lock_file)
        except OSError as error:
            if run.path.is_dir():
                raise RunError(
                    f"Run {run.id} can be looked at only: {run.lock_file} cannot be written"
                    f" ({error.strerror or error}). {write_remedy(error)}, or copy the run into a"
                    " runs folder of your own."
                ) from error
            raise RunNotFound(
                f"Run {run.id} cannot be opened in {run.path}: {error.strerror or error}. It may"
                " have been deleted."
            ) from error
        if locks.take(lock):
            return lock
        os.close(lock)
        if time.monotonic() > deadline:
            raise RunError(
                f"Run {run.id} is {status.state}, but its worker has not ended yet: try again in"
                " a moment."
            )
    raise RunError(f"Run {run.id} is alive ({status.state}): stop it first.")


def _create_aside(
    runs: Path, preset: str, overrides: dict[str, Any], recipe: Recipe
) -> tuple[RunFolder, int]:
    aside = RunFolder(runs / f".{os.getpid()}.{time.monotonic_ns()}.new")
    aside.control.mkdir(parents=True)
    lock = locks.open_lock(aside.lock_file)
    try:
        locks.take(lock)
        aside.recipe_file.write_text(to_yaml(recipe), encoding="utf-8")
        write_yaml(aside.overrides_file, {"preset": preset, "overrides": overrides})
        _write_labels(aside, recipe.run.name, recipe.run.note, ())
        now = time.time()
        write_status(
            aside,
            state="queued",
            created=now,
            devices=candidate_devices(recipe.run.devices),
            threads=resolve_threads(recipe.run.threads),
        )
        run = _numbered(aside, preset, now)
    except BaseException:
        os.close(lock)
        shutil.rmtree(aside.path, ignore_errors=True)
        raise
    return run, lock


def _numbered(aside: RunFolder, preset: str, now: float) -> RunFolder:
    """Let a run appear under its id: time (UTC), preset, and a number above that of every other.

    The number says which run is the last one: a clock may be set back.
    """
    runs = aside.path.parent
    aside.locks.mkdir(exist_ok=True)
    lock = locks.open_lock(aside.locks / NUMBERING)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        sweep_unmade(runs)
        trash = runs / TRASH
        known = [*os.listdir(runs), *(os.listdir(trash) if trash.is_dir() else ())]
        number = 1 + max((_age(name)[0] for name in known), default=0)
        second = time.strftime("%Y%m%d-%H%M%S", time.gmtime(now))
        run = RunFolder(runs / f"{second}-{preset.rpartition('/')[2]}-{number:05d}")
        aside.path.rename(run.path)
    finally:
        os.close(lock)
    return run


def _age(name: str) -> tuple[int, str, str]:
    """What runs are sorted by: number, then time, for those of earlier versions have no number."""
    match = _ID.fullmatch(name)
    if match is None:
        return 0, "", name
    return int(match["number"] or 0), match["second"], match["fraction"] or ""


def _nth_last(text: str, back: str, runs: list[RunFolder]) -> RunFolder:
    # More digits than any number of runs has are not read: Python refuses thousands of them.
    if len(back) < 10 and int(back) < len(runs):
        return runs[int(back)]
    if not runs:
        raise RunNotFound(f"There is no run '{text}': there are no runs yet. Start one.")
    raise RunNotFound(
        f"There is no run '{shown(text)}': there are {len(runs)}, use last~0 to"
        f" last~{len(runs) - 1}."
    )


def _not_found(text: str, runs: list[RunFolder], folder: Path | None) -> RunNotFound:
    names = [run.id for run in runs] + [name for run in runs if (name := run.labels().name)]
    close = get_close_matches(text, names, n=1, cutoff=0.5)
    hint = (
        f" Did you mean '{close[0]}'?" if close else " Use an id, its beginning, a name or 'last'."
    )
    return RunNotFound(f"There is no run '{text}' in {folder or runs_folder()}.{hint}")


def _write_labels(run: RunFolder, name: str, note: str, tags: tuple[str, ...]) -> None:
    write_yaml(run.labels_file, {"name": name, "note": note, "tags": list(tags)})
