"""How models carry over to other data: runs by data sets. No torch."""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from workbench import paths
from workbench.data.catalogue.published import ENTRIES, dataset_of
from workbench.data.checks.check import guess_kind
from workbench.data.readers import image_list
from workbench.errors import MissingDataset
from workbench.recipe.refusals import did_you_mean
from workbench.recipe.schema import Recipe
from workbench.recipe.settings.data import Data
from workbench.recipe.settings.datasets import Kind

FIGURES = ("mAP", "rank1")


@dataclass(frozen=True)
class Cell:
    """One run on one data set.

    Attributes:
        run: what people call it.
        weights: "averaged" or "raw".
        data: the name that was asked for.
        result: what ``evaluate_run`` said.
    """

    run: str
    weights: str
    data: str
    result: dict[str, Any]


def other_data(recipe: Recipe, name: str) -> Data:
    """A run's image settings on another data set: a kind the catalogue knows, or a folder.

    The name of the run's own kind gives its own data. A folder is looked for from here, then under
    the data sets folder; its layout says what it is. Only reading the images is asked of the
    result: settings of training that do not fit it are not refused.

    Raises MissingDataset where there is neither.
    """
    if name == recipe.data.dataset.kind:
        return recipe.data
    if name in ENTRIES:
        dataset = dataset_of(cast("Kind", name))
        return recipe.data.model_copy(update={"dataset": dataset, "root": None})
    for folder in (Path(name).expanduser(), paths.datasets_folder() / name):
        if folder.is_dir() or image_list.holds(folder):
            changed = {"dataset": dataset_of(guess_kind(folder)), "root": str(folder.absolute())}
            return recipe.data.model_copy(update=changed)
    raise MissingDataset(
        f"--data {name}: no data set of this name and no such folder."
        f"{did_you_mean(name, ENTRIES)} Known are {', '.join(ENTRIES)}."
    )


def table(cells: Sequence[Cell]) -> tuple[list[str], list[list[str]]]:
    """Columns and rows: a run with its weights each, mAP and rank-1 on every data set.

    Fractions with four digits; empty where a run was not evaluated on a data set.
    """
    sets = list(dict.fromkeys(cell.data for cell in cells))
    rows: dict[tuple[str, str], dict[str, list[str]]] = {}
    for cell in cells:
        figures = cell.result["metrics"][cell.weights]
        cells_of_row = rows.setdefault((cell.run, cell.weights), {})
        cells_of_row[cell.data] = [f"{figures[name]:.4f}" for name in FIGURES]
    columns = ["run", "weights", *(f"{data} {name}" for data in sets for name in FIGURES)]
    missing = [""] * len(FIGURES)
    return columns, [
        [*who, *(text for data in sets for text in cells_of_row.get(data, missing))]
        for who, cells_of_row in rows.items()
    ]


def as_csv(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table as comma-separated values, with a head."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([columns, *rows])
    return text.getvalue()


def as_markdown(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table as Markdown has it."""
    marks = ["---" if place < 2 else "---:" for place in range(len(columns))]
    escaped = [[cell.replace("|", "\\|") for cell in row] for row in (columns, *rows)]
    lines = [escaped[0], marks, *escaped[1:]]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)
