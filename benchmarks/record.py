"""Tables of what was measured, as sections of a document that are replaced when measured again."""

from collections.abc import Sequence
from pathlib import Path

from workbench.runs.environment import machine
from workbench.runs.files import write_atomically

Row = Sequence[object]


def table(heads: Row, rows: Sequence[Row]) -> str:
    """A table in markdown."""

    def line(cells: Row) -> str:
        return f"| {' | '.join(str(cell) for cell in cells)} |"

    return "\n".join([line(heads), line(["---"] * len(heads)), *map(line, rows)])


def machine_in_words() -> str:
    """The machine that measured, as a sentence."""
    known = machine()
    facts = [
        known.get("processor"),
        f"{known.get('cores')} cores",
        f"{known.get('memory_gigabytes')} GB of memory",
        known.get("accelerator") or "no accelerator",
        known.get("system"),
    ]
    return f"{', '.join(str(fact) for fact in facts if fact)}."


def write_section(document: Path, title: str, *paragraphs: str) -> None:
    """Write the section ``## title`` of a document: in place of the one there, else at its end."""
    text = document.read_text() if document.is_file() else ""
    section = "\n\n".join([f"## {title}", *paragraphs]) + "\n"
    opening = f"## {title}\n"
    if f"\n{opening}" in text:
        before, _, rest = text.partition(f"\n{opening}")
        _, next_heading, rest_of_document = rest.partition("\n## ")
        text = f"{before}\n{section}" + (f"\n## {rest_of_document}" if next_heading else "")
    else:
        text = f"{text.rstrip()}\n\n{section}" if text else section
    write_atomically(document, text.encode())
