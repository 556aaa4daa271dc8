"""The house: the drawing in ARCHITECTURE.md, the import contracts and the folders are the same."""

import re
import tomllib
from collections import Counter
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "workbench"
ARCHITECTURE = (ROOT / "ARCHITECTURE.md").read_text()
MOST_FILES = 20
"""Of a folder's own. ``assets`` waits for its rebuild as modules."""


def rooms_of(folder):
    """Names of the folders in a package's folder that hold modules."""
    return {path.parent.name for path in folder.glob("*/__init__.py")}


def layers():
    """The layers of the import contract, the lowest first, each as a set of names."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text())
    order = reversed(settings["tool"]["importlinter"]["contracts"][0]["layers"])
    return [
        {name.strip().removeprefix("workbench.") for name in layer.split(":")} for layer in order
    ]


def test_the_order_of_imports_is_that_of_the_contract():
    line = re.search(r"`(errors, lazy[^`]*)`", ARCHITECTURE).group(1)
    drawn = [set(re.split(r"[,|]\s*", layer.replace(" ", ""))) for layer in line.split("<")]
    assert drawn == layers()


def test_every_package_stands_in_the_order_of_imports():
    modules = {path.stem for path in PACKAGE.glob("*.py")} - {"__init__", "__main__"}
    assert set.union(*layers()) == rooms_of(PACKAGE) | modules


def test_the_table_of_packages_names_every_room():
    table = ARCHITECTURE.partition("| package |")[2].partition("\n\n")[0]
    rows = re.findall(r"^\| `(\w+)` \| ([^|]*)\|", table, re.MULTILINE)
    drawn = {package: set(re.findall(r"`(\w+)`", rooms)) for package, rooms in rows}
    assert drawn == {package: rooms_of(PACKAGE / package) for package in rooms_of(PACKAGE)}


@pytest.mark.parametrize("top", ["workbench", "tests", "benchmarks"])
def test_no_folder_holds_more_files_than_one_can_take_in(top):
    files = [path for path in (ROOT / top).rglob("*") if path.is_file()]
    here = Counter(
        path.parent.relative_to(ROOT)
        for path in files
        if "__pycache__" not in path.parts
        and path.name != "__init__.py"
        and "fixtures" not in path.parts
    )
    assert {str(folder): count for folder, count in here.items() if count > MOST_FILES} == {}
