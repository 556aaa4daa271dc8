"""Report of size aims: modules of at most 300 lines, functions of at most 60, 8 arguments.

A report, not a gate: a number over its aim asks a person to look for the part that wants its own
name. Run by ``make check``.
"""

import ast
import statistics
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


def modules():
    return [ROOT / "app.py", *sorted((ROOT / "workbench").rglob("*.py"))]


def functions(path):
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, FUNCTIONS):
            arguments = len(node.args.args) + len(node.args.kwonlyargs)
            yield (
                f"{path.relative_to(ROOT)}:{node.name}",
                node.end_lineno - node.lineno + 1,
                arguments,
            )


def main():
    lines = {str(path.relative_to(ROOT)): path.read_text().count("\n") for path in modules()}
    found = [item for path in modules() for item in functions(path)]
    sizes = sorted(size for _, size, _ in found)
    print(
        f"sizes: {len(lines)} modules, {sum(lines.values())} lines, median"
        f" {statistics.median(lines.values()):.0f}, longest {max(lines.values())};"
        f" functions p95 {sizes[int(0.95 * len(sizes))]}, longest {sizes[-1]}"
    )
    for name, size in lines.items():
        if size > 300:
            print(f"  over 300 lines: {name} ({size})")
    for name, size, arguments in found:
        if size > 60 or arguments > 8:
            print(f"  look again: {name} ({size} lines, {arguments} arguments)")


if __name__ == "__main__":
    main()
