"""Breaks each module of losses and networks once, and lists the breaks that no test noticed.

    make mutants
    .venv/bin/python tests/mutants.py --only losses/triplet.py --each 3

A break turns a sum, a product or a comparison into another one, in a copy of the tree; then the
tests of its package run until the first fails. Which lines are broken depends on the file alone.
"""

import argparse
import ast
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("losses", "model")
QUICK = "not browser and not process and not long and not gpu"
SWAPS = {
    ast.Add: "-",
    ast.Sub: "+",
    ast.Mult: "/",
    ast.Div: "*",
    ast.Lt: ">=",
    ast.LtE: ">",
    ast.Gt: "<=",
    ast.GtE: "<",
    ast.Eq: "!=",
    ast.NotEq: "==",
}


def breaks(source):
    """(start, end, text, line) of every place that can be broken, in the order of the file."""
    starts = [0]
    for line in source.splitlines(keepends=True):
        starts.append(starts[-1] + len(line.encode()))

    def at(line, column):
        return starts[line - 1] + column

    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.BinOp) and type(node.op) in SWAPS:
            left, right = node.left, node.right
            operator = type(node.op)
        elif isinstance(node, ast.Compare) and type(node.ops[0]) in SWAPS:
            left, right = node.left, node.comparators[0]
            operator = type(node.ops[0])
        else:
            continue
        begin = at(left.end_lineno, left.end_col_offset)
        end = at(right.lineno, right.col_offset)
        between = source.encode()[begin:end].decode()
        if between.strip() in ("+", "-", "*", "/", "<", "<=", ">", ">=", "==", "!="):
            yield begin, end, f" {SWAPS[operator]} ", node.lineno


def broken(source, place):
    begin, end, text, _ = place
    raw = source.encode()
    return (raw[:begin] + text.encode() + raw[end:]).decode()


def noticed(copy, package):
    command = [sys.executable, "-m", "pytest", "-q", "-x", "-m", QUICK, f"tests/{package}"]
    environment = os.environ | {"PYTHONPATH": str(copy)}
    done = subprocess.run(command, cwd=copy, env=environment, capture_output=True, check=False)
    return done.returncode != 0


def survivors(each, only):
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder, "tree")
        ignored = shutil.ignore_patterns(".venv", ".git", "__pycache__", "runs", "datasets")
        shutil.copytree(ROOT, copy, ignore=ignored)
        for package in PACKAGES:
            for path in sorted((copy / "workbench" / package).rglob("*.py")):
                name = path.relative_to(copy / "workbench").as_posix()
                if only and name not in only:
                    continue
                source = path.read_text("utf-8")
                places = sorted(breaks(source))
                step = max(1, len(places) // each)
                for place in places[step // 2 :: step][:each]:
                    path.write_text(broken(source, place), encoding="utf-8")
                    seen = noticed(copy, package)
                    path.write_text(source, encoding="utf-8")
                    line = source.splitlines()[place[3] - 1].strip()
                    print(
                        f"{'noticed ' if seen else 'SURVIVED'} {name}:{place[3]}: {line}",
                        flush=True,
                    )
                    if not seen:
                        yield name


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--each", type=int, default=1, help="breaks of each file")
    parser.add_argument("--only", nargs="*", default=[], help="files, as losses/triplet.py")
    options = parser.parse_args()
    count = sum(1 for _ in survivors(options.each, options.only))
    print(f"{count} survived")
    return bool(count)


if __name__ == "__main__":
    sys.exit(main())
