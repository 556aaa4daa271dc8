"""Miniatures on disk: drawn aside, then put in their place."""

import os
import shutil
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

from workbench.data.samples import Progress
from workbench.data.synthetic.miniatures import FOLDER, people, things
from workbench.data.synthetic.miniatures.contents import Contents, Row
from workbench.errors import DataError, PlaceError
from workbench.recipe.settings.datasets import Dataset, Kind, Own, Playground

VERSION = 2
"""Counted up whenever a miniature would hold other files, or lie elsewhere."""
LAYOUTS: Mapping[str, Callable[[], Contents]] = {
    "market1501": people.market1501,
    "dukemtmc": people.dukemtmc,
    "msmt17": people.msmt17,
    "msmt17_v2": partial(people.msmt17, version=2),
    "msmt17_flat": people.msmt17_flat,
    "cuhk03_np": people.cuhk03_np,
    "occluded_duke": people.occluded_duke,
    "occluded_reid": people.occluded_reid,
    "p_dukemtmc": people.p_dukemtmc,
    "veri776": things.veri776,
    "vehicleid": things.vehicleid,
    "cars196": things.cars196,
    "cars196_parts": things.cars196_parts,
    "cub200": things.cub200,
    "sop": things.sop,
    "in_shop": things.in_shop,
    "university1652": things.university1652,
    "prepared": people.prepared,
}
"""By the kind of data set; some have further layouts. The keys are ``miniatures.NAMES``."""
STAGE = "drawing"


def layout_for(dataset: Dataset) -> Kind:
    """The layout of the miniature that a recipe's data set would be tried on.

    Raises DataError where the data set has no published layout.
    """
    if isinstance(dataset, Playground | Own):
        raise DataError(
            f"data.dataset.kind = {dataset.kind} has no miniature: it is drawn as small as you"
            " like, or your own."
        )
    return dataset.kind


def root_of(layout: str) -> str:
    """What ``data.root`` says of a miniature: its folder, relative to the data sets folder.

    >>> root_of("market1501")
    'miniatures/market1501-2'
    """
    return f"{FOLDER}/{layout}-{VERSION}"


def layout_at(root: str | None) -> str | None:
    """The layout whose miniature a ``data.root`` names, so that it can be drawn; else None."""
    return {root_of(layout): layout for layout in LAYOUTS}.get(root or "")


def make(layout: str, shelf: Path, progress: Progress | None = None) -> Path:
    """Draw a miniature under a data sets folder, or find it there; return the folder it is in.

    That folder, or ``root_of`` the layout, is what ``data.root`` has to be. ``progress`` is called
    with "drawing", the pictures drawn and their total; what it raises ends the drawing, and nothing
    is left behind.
    Raises DataError for an unknown layout, PlaceError where the folder cannot be written.
    """
    if layout not in LAYOUTS:
        known = ", ".join(LAYOUTS)
        raise DataError(f"There is no miniature of {layout!r}: choose one of {known}.")
    contents = LAYOUTS[layout]()
    home = shelf / root_of(layout)
    if not home.is_dir():
        _put(contents, home, progress)
    return home / contents.folder / contents.inner


def _put(contents: Contents, home: Path, progress: Progress | None) -> None:
    aside = home.with_name(f".{home.name}.{os.getpid()}.new")
    try:
        _write(contents, aside / contents.folder, progress)
        aside.rename(home)
    except OSError as error:
        # Somebody else may have drawn the same in the meantime.
        if not home.is_dir():
            raise PlaceError(
                f"The miniature could not be drawn into {home.parent}: {error.strerror or error}."
                " Choose a datasets folder that can be written (WORKBENCH_DATASETS), or make room."
            ) from error
    finally:
        shutil.rmtree(aside, ignore_errors=True)


def _write(contents: Contents, root: Path, progress: Progress | None) -> None:
    for path, text in contents.texts.items():
        _home(root / path).write_text(text, encoding="utf-8")
    for path, rows in contents.tables.items():
        _write_table(_home(root / path), rows)
    total = len(contents.pictures)
    for done, (path, draw) in enumerate(contents.pictures.items(), start=1):
        # Formats without a quality pay no heed to it.
        draw().save(_home(root / path), quality=88)
        if progress and (done % 16 == 0 or done == total):
            progress(STAGE, done, total)


def _home(file: Path) -> Path:
    file.parent.mkdir(parents=True, exist_ok=True)
    return file


def _write_table(file: Path, rows: tuple[Row, ...]) -> None:
    # They take a tenth of a second, which all other layouts need not wait for.
    import numpy as np
    from scipy.io import savemat

    table = np.empty((1, len(rows)), dtype=[(name, object) for name in rows[0]])
    for place, row in enumerate(rows):
        for name, value in row.items():
            table[name][0, place] = value
    savemat(file, {"annotations": table})
