"""Makes ``notebooks/*.ipynb`` from ``notebooks/src/*.py``.

A source is a Python file in percent format: ``# %%`` opens a cell of code, ``# %% [markdown]`` one
of text (its lines are comments), and ``# %% tags=["parameters"]`` gives a cell tags. A cell's id is
made from its place and its kind, so that a change of one cell changes no other line of the file.

    python notebooks/build.py           writes every notebook
    python notebooks/build.py --check   ends with 1 where one is not what its source says
"""

import argparse
import json
import re
import sys
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).resolve().parent
MARKER = re.compile(r"^# %%(?P<markdown> \[markdown\])?(?P<rest>.*)$")
TAGS = re.compile(r"tags=(\[[^\]]*\])")
KERNEL = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}


def sources() -> list[Path]:
    """All sources by name."""
    return sorted((FOLDER / "src").glob("*.py"))


def notebook_of(source: Path) -> Path:
    """The notebook that is made from a source."""
    return FOLDER / f"{source.stem}.ipynb"


def built(source: Path) -> str:
    """The text of the notebook that a source describes."""
    notebook = {
        "cells": cells(source.read_text("utf-8")),
        "metadata": {"kernelspec": KERNEL, "language_info": {"name": "python"}},
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    return json.dumps(notebook, indent=1, ensure_ascii=False, sort_keys=True) + "\n"


def cells(text: str) -> list[dict[str, Any]]:
    """The cells of a source; what stands before the first marker is left out."""
    made: list[dict[str, Any]] = []
    lines: list[str] = []
    for line in [*text.splitlines(), "# %%"]:
        marker = MARKER.match(line)
        if marker is None:
            lines.append(line)
            continue
        if made:
            _fill(made[-1], lines)
        lines = []
        made.append(_cell(len(made), bool(marker["markdown"]), marker["rest"]))
    return made[:-1]


def _cell(place: int, markdown: bool, rest: str) -> dict[str, Any]:
    kind = "markdown" if markdown else "code"
    tags = TAGS.search(rest)
    cell: dict[str, Any] = {
        "cell_type": kind,
        "id": f"{place:02d}-{kind}",
        "metadata": {"tags": json.loads(tags[1])} if tags else {},
        "source": [],
    }
    return cell if markdown else cell | {"execution_count": None, "outputs": []}


def _fill(cell: dict[str, Any], lines: list[str]) -> None:
    if cell["cell_type"] == "markdown":
        lines = [line.removeprefix("#").removeprefix(" ") for line in lines]
    text = "\n".join(lines).strip("\n")
    cell["source"] = text.splitlines(keepends=True)


def main() -> int:
    """Write or compare every notebook; returns the exit code."""
    parser = argparse.ArgumentParser(description="Makes the notebooks from their sources.")
    parser.add_argument("--check", action="store_true", help="only compare")
    check = parser.parse_args().check
    stale = []
    for source in sources():
        target, text = notebook_of(source), built(source)
        if target.is_file() and target.read_text("utf-8") == text:
            continue
        stale.append(target.name)
        if not check:
            target.write_text(text, "utf-8")
    if stale:
        print(f"{'Not what their sources say' if check else 'Written'}: {', '.join(stale)}")
    return 1 if check and stale else 0


if __name__ == "__main__":
    sys.exit(main())
