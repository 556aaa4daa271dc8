"""A CSV file of one's own: an image a row, with path, identity, and as needed camera and split."""

import csv
from collections.abc import Mapping
from functools import partial
from pathlib import Path

from workbench.data.readers.cameras import CameraNames
from workbench.data.readers.listing import require_images
from workbench.data.readers.own import USES, OwnImage, OwnImages, Source, split_of
from workbench.data.samples import Split
from workbench.errors import DataError, EmptySplit, MissingDataset
from workbench.recipe.settings.datasets import ImageList

NEEDED, OPTIONAL = ("path", "identity"), ("camera", "split")
SUFFIX = ".csv"
_BYTES = 512_000_000
_DELIMITERS = ",;\t"
_Row = Mapping[str, str]


def read(root: Path, settings: ImageList | None = None) -> Split:
    """The split of the images in a CSV file: ``root`` itself, or ``settings.file`` in it.

    The first line names the columns, in any order and case; others are ignored. Paths are relative
    to the file's folder. ``split`` is one of train, query, gallery, test, validation; without it
    identities are held out by the seed. Identities and cameras may be any text; an empty camera is
    unknown.

    Raises MissingDataset where there is no such file, DataError where it is no such list or names
    images that are not there, EmptySplit where there are too few identities.
    """
    settings = settings or ImageList()
    file = _file(root, settings)
    if not file.is_file():
        raise MissingDataset(f"{file} does not exist: give a CSV file with a row for each image.")
    folder = file.parent
    rows = [_checked(row, file, folder, line) for line, row in _rows(file)]
    if not rows:
        raise EmptySplit(f"{file} has no rows: add one for each image.")
    _refuse_repetitions(rows, file)
    require_images(folder, (row["path"] for row in rows), str(file))
    images: dict[str, OwnImages] = {
        use: tuple(OwnImage(row["identity"], row["path"]) for row in rows if row["split"] == use)
        for use in ("", *USES)
        if any(row["split"] == use for row in rows)
    }
    cameras = {row["path"]: row["camera"] for row in rows if row["camera"]}
    source = Source("csv", folder, file, "split", partial(CameraNames.by_column, cameras))
    return split_of(source, settings, images)


def holds(root: Path, settings: ImageList | None = None) -> bool:
    """Whether a path is a CSV file, or a folder with one, whose first line names the columns."""
    file = _file(root, settings or ImageList())
    try:
        return file.is_file() and set(NEEDED) <= set(_head(file))
    except (OSError, csv.Error, DataError):
        return False


def _file(root: Path, settings: ImageList) -> Path:
    return root if root.suffix.lower() == SUFFIX and not root.is_dir() else root / settings.file


def _head(file: Path) -> list[str]:
    with file.open(encoding="utf-8-sig", errors="surrogateescape", newline="") as text:
        line = text.readline(10_000)
    delimiter = max(_DELIMITERS, key=line.count)
    return [name.strip().lower() for name in next(csv.reader([line], delimiter=delimiter), [])]


def _rows(file: Path) -> list[tuple[int, _Row]]:
    """Line numbers and rows by the names of the columns.

    Names of files need not be UTF-8: their bytes are kept.
    """
    try:
        if file.stat().st_size > _BYTES:
            raise DataError(
                f"{file} has more than {_BYTES // 10**6} MB: split it into several data sets."
            )
        columns = _head(file)
        with file.open(encoding="utf-8-sig", errors="surrogateescape", newline="") as text:
            delimiter = max(_DELIMITERS, key=text.readline().count)
            reader = csv.reader(text, delimiter=delimiter, strict=True)
            rows = [(reader.line_num + 1, row) for row in reader if row]
    except OSError as error:
        raise DataError(
            f"{file} cannot be read ({error.strerror or error}): make it readable."
        ) from error
    except csv.Error as error:
        raise DataError(f"{file} is no CSV file ({error}): save it as one again.") from error
    if absent := [name for name in NEEDED if name not in columns]:
        raise DataError(
            f"{file} has no column {' and no column '.join(absent)} but"
            f" {', '.join(columns) or 'nothing'}: name path and identity in its first line, and as"
            " needed camera and split."
        )
    if short := next((line for line, row in rows if len(row) > len(columns)), None):
        raise DataError(
            f"{file}, line {short}, has more columns than the first line names: quote texts that"
            f" hold a {delimiter!r}."
        )
    return [
        (line, dict(zip(columns, (*row, *[""] * (len(columns) - len(row))), strict=True)))
        for line, row in rows
    ]


def _checked(row: _Row, file: Path, folder: Path, line: int) -> _Row:
    values = {name: row.get(name, "").strip() for name in (*NEEDED, *OPTIONAL)}
    if empty := next((name for name in NEEDED if not values[name]), None):
        raise DataError(f"{file}, line {line}, has no {empty}: fill it in, or remove the line.")
    use = values["split"].lower()
    if use and use not in USES:
        raise DataError(
            f"{file}, line {line}: split {values['split']!r} is none of {', '.join(USES)}. Use one"
            " of these, or leave the column out."
        )
    path = Path(values["path"])
    if path.is_absolute() and path.is_relative_to(folder.absolute()):
        path = path.relative_to(folder.absolute())
    return values | {"path": path.as_posix(), "split": use}


def _refuse_repetitions(rows: list[_Row], file: Path) -> None:
    if len({row["split"] == "" for row in rows}) == 2:
        first = next(row["path"] for row in rows if not row["split"])
        raise DataError(
            f"{file} gives some images a split and others, {first} first, none: fill the column, or"
            " leave it empty everywhere."
        )
    seen: dict[tuple[str, str], _Row] = {}
    for row in rows:
        before = seen.setdefault((row["path"], row["split"]), row)
        if before is not row:
            raise DataError(
                f"{file} names {row['path']} twice"
                + (f" in {row['split']}" if row["split"] else "")
                + ": remove one of the lines."
            )
    labels: dict[str, tuple[str, str]] = {}
    for row in rows:
        label = (row["identity"], row["camera"])
        if labels.setdefault(row["path"], label) != label:
            raise DataError(
                f"{file} gives {row['path']} two identities or cameras: correct one of the lines."
            )
