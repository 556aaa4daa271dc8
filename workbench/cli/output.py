"""What a command prints: tables and sentences for people, or one JSON object a line."""

import json
import os
import sys
from collections.abc import Sequence
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from workbench import paths
from workbench.data.wording import shown
from workbench.errors import RecipeError, WorkbenchError
from workbench.training.events import finite

WIDE_COLUMNS = 200


class Output:
    """Where a command prints. With ``json_lines`` standard output holds JSON objects alone."""

    def __init__(self, json_lines: bool = False) -> None:
        self.json_lines = json_lines
        self.terminal = sys.stdout.isatty() and not json_lines
        self._printed_folders: set[str] = set()

    def record(self, kind: str, **values: Any) -> None:  # noqa: ANN401
        """Print one JSON object; numbers that are not finite become null."""
        print(shown(json.dumps({"kind": kind} | finite(values), ensure_ascii=False)), flush=True)

    def say(self, sentence: str = "") -> None:
        """Print a sentence for people: on standard error where JSON has standard output."""
        print(shown(sentence), file=sys.stderr if self.json_lines else sys.stdout, flush=True)

    def warn(self, sentence: str) -> None:
        """Print a sentence on standard error."""
        print(shown(sentence), file=sys.stderr, flush=True)

    def print_folders(self, *names: str) -> None:
        """Say which folders are used: ``runs``, ``datasets``; each once a command."""
        folders = {"runs": paths.runs_folder, "datasets": paths.datasets_folder}
        unprinted = [name for name in names if name not in self._printed_folders]
        self._printed_folders.update(unprinted)
        if unprinted:
            self.say("  ".join(f"{name}: {folders[name]()}" for name in unprinted))

    def table(self, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
        """Print a table: drawn on a terminal, plain aligned columns where it is piped."""
        if self.terminal:
            self._drawn(columns, rows)
        else:
            widths = [max(map(len, column)) for column in zip(columns, *rows, strict=True)]
            for row in (columns, *rows):
                cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
                self.say("  ".join(cells).rstrip())

    def lines(self, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
        """Print a line for each row: cut to the width of a terminal, or with tabs and no head."""
        if self.terminal:
            Console().print(_cut(columns, rows))
        else:
            for row in rows:
                self.say("\t".join(" ".join(cell.split()) for cell in row))

    def _drawn(self, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
        table = Table(box=None, header_style="bold", pad_edge=False)
        for number, column in enumerate(columns):
            table.add_column(column, overflow="fold", no_wrap=number == 0)
        for row in rows:
            table.add_row(*(_escaped(shown(cell)) for cell in row))
        Console().print(table)

    def refuse(self, error: WorkbenchError) -> None:
        """Print what was refused: a sentence each on standard error, and as JSON where asked."""
        refusals = error.by_path() if isinstance(error, RecipeError) else {"": str(error)}
        for path, sentence in refusals.items():
            self.warn(sentence)
            if self.json_lines:
                self.record("refused", path=path, error=sentence)


def silence() -> None:
    """Let nothing more be written to a standard output whose reader has gone."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def percent(value: float | None) -> str:
    """A fraction as percent with one decimal, ``-`` where there is none."""
    return "-" if value is None else f"{100 * value:.1f} %"


def metrics_line(metrics: dict[str, Any] | None) -> str:
    """``mAP 61.9 % rank1 67.7 %`` of one set of weights; of several rankings only the whole."""
    plain = {
        name: value
        for name, value in (metrics or {}).items()
        if isinstance(value, float) and "." not in name
    }
    return "  ".join(f"{name} {percent(value)}" for name, value in plain.items()) or "-"


def _cut(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> Table:
    """A table with one line a row; the first column is whole, the widest others are cut first."""
    table = Table(box=None, header_style="bold", pad_edge=False)
    for number, column in enumerate(columns):
        table.add_column(column, no_wrap=number == 0)
    for first, *others in rows:
        table.add_row(first, *(Text(cell, no_wrap=True, overflow="ellipsis") for cell in others))
    return table


def _escaped(cell: str) -> str:
    return cell.replace("[", r"\[")
