"""Refuses names that say nothing where they are gone, and counts them where they are not yet.

Run by ``make lint``. A variable, parameter or function of such a name makes a reader look for what
it holds: name the thing, `samples`, `report`, `checkpoint`.
"""

import ast
import sys
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
EMPTY = {"found", "told", "words", "given", "made", "kept", "asked", "one"}
CLEAN = ("recipe", "model", "losses", "training", "runs", "experiment")
"""Packages of the workbench that have none, and may not get any."""


def names(tree):
    """Every name that is bound: variables, parameters, functions, names of imports."""
    for node in ast.walk(tree):
        match node:
            case ast.Name(id=name, ctx=ast.Store()) | ast.arg(arg=name):
                yield name, node.lineno
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
                yield name, node.lineno
            case ast.alias(asname=str(name)):
                yield name, node.lineno


def empty_names(path):
    return [
        (name, line)
        for name, line in names(ast.parse(path.read_text("utf-8")))
        if name.lstrip("_") in EMPTY
    ]


def main():
    refused, left = [], Counter()
    for path in sorted((ROOT / "workbench").rglob("*.py")):
        package = path.relative_to(ROOT / "workbench").parts[0]
        for name, line in empty_names(path):
            left[package] += 1
            if package in CLEAN:
                place = f"{path.relative_to(ROOT)}:{line}"
                refused.append(f"{place}: '{name}' says nothing: name what it holds")
    counts = ", ".join(f"{package} {count}" for package, count in sorted(left.items()))
    print(f"names that say nothing: {sum(left.values())} ({counts or 'none'})")
    if refused:
        print("\n".join(refused))
    return bool(refused)


if __name__ == "__main__":
    sys.exit(main())
