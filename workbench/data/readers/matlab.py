"""Annotations in Matlab's files."""

from collections.abc import Sequence
from pathlib import Path

from workbench.errors import DataError

Cell = list[object]
"""What a field of one annotation holds: Matlab's values are arrays, also where they are one."""


def annotations(file: Path, fields: Sequence[str]) -> list[tuple[Cell, ...]]:
    """These fields of each element of the file's struct array ``annotations``.

    Raises DataError where the file cannot be read or has no such fields.
    """
    # It takes a tenth of a second, and everything that lists data sets would wait for it.
    from scipy.io import loadmat

    try:
        table = loadmat(str(file), variable_names=["annotations"])["annotations"].ravel()
        names = table.dtype.names or ()
    except Exception as error:  # whatever scipy raises on a damaged file
        raise DataError(
            f"{file} cannot be read as a Matlab file with annotations: unpack the data set again."
        ) from error
    absent = [field for field in fields if field not in names]
    if absent:
        raise DataError(
            f"{file} has annotations without {' and '.join(absent)}: use the file that has labels."
        )
    return [tuple(row[field].ravel().tolist() for field in fields) for row in table]


def text(cell: Cell, file: Path) -> str:
    """The text in a field. Raises DataError where it holds none."""
    match cell:
        case [str(word)] if word:
            return word
        case _:
            raise _unfit(file)


def number(cell: Cell, file: Path) -> int:
    """The whole number from 1 in a field. Raises DataError where it holds none."""
    match cell:
        case [int(count)] if count >= 1:
            return count
        case _:
            raise _unfit(file)


def _unfit(file: Path) -> DataError:
    return DataError(
        f"{file} has an annotation that is not one name and one class: unpack the data set again."
    )
