"""Text files with one row to a line, as the lists and tables of many data sets are."""

from pathlib import Path

from workbench.data.wording import counted, is_number
from workbench.errors import DataError, MissingDataset


def rows(file: Path, columns: int, *, skip: int = 0) -> list[list[str]]:
    """The columns of each line, the first ``skip`` lines and empty ones left out.

    Only the last column may hold spaces. Names of files need not be UTF-8: their bytes are kept.
    Raises MissingDataset where the file is absent, DataError for a line with too few columns or a
    file that is no text.
    """
    try:
        lines = file.read_text(encoding="utf-8", errors="surrogateescape").splitlines()
    except FileNotFoundError as error:
        raise MissingDataset(f"{file} does not exist: unpack the data set again.") from error
    except OSError as error:
        raise DataError(f"{file} cannot be read as text: unpack the data set again.") from error
    if any("\0" in line for line in lines):
        raise DataError(f"{file} cannot be read as text: unpack the data set again.")
    table: list[list[str]] = []
    for number, line in enumerate(lines[skip:], start=skip + 1):
        row = line.split(maxsplit=columns - 1)
        if row and len(row) < columns:
            raise DataError(
                f"{file}, line {number}, has {counted(len(row), 'column')} where {columns} are"
                " needed: mend the line, or unpack the data set again."
            )
        if row:
            table.append([*row[:-1], row[-1].strip()])
    return table


def whole(text: str, file: Path, meaning: str) -> int:
    """A whole number out of a table. Raises DataError, saying what it should have meant."""
    digits = text.removeprefix("id_")
    if not is_number(digits):
        raise DataError(
            f"{file} gives {text!r} as {meaning}, which is no whole number: mend the line, or"
            " unpack the data set again."
        )
    return int(digits)
