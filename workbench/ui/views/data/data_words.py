"""What data sets are, in words: a line in the list, and all that the catalogue knows."""

from workbench.data.catalogue.local_datasets import PLAYGROUND, Holding, settings_in_words
from workbench.paths import datasets_folder

ORIGIN = "Drawn by the workbench on this machine, in a second or two: no picture of anything real."
TERMS = "Free to use. Its figures say nothing about the published ones."


def subtitle(item: Holding) -> str:
    """What tells a data set from others of its name."""
    if item.layout is not None:
        return f"{item.layout}, {'drawn' if item.path else 'not drawn yet'}"
    if item.kind == PLAYGROUND:
        told = settings_in_words(item.settings) if item.settings else item.key
        return f"{told}, {'drawn' if item.path else 'not drawn yet'}"
    if item.path is None:
        return "not here"
    if not item.path.is_relative_to(datasets_folder()):
        return str(item.path)
    name = item.path.relative_to(datasets_folder()).as_posix()
    return f"read as {item.kind}" if name == item.title else f"{name}, read as {item.kind}"


def about(item: Holding) -> list[tuple[str, str]]:
    """Label and text of everything known about a data set."""
    entry = item.entry
    if item.layout is not None:
        return [
            ("What it is", f"A few drawn images in the layout of {entry.title}, to try things on"),
            ("Origin", ORIGIN),
            ("Terms", TERMS),
            ("Layout", entry.layout),
            ("From a shell", f"workbench data make miniature {item.layout}"),
        ]
    told = [
        ("What it is", entry.title),
        ("Origin", entry.origin),
        ("Terms", entry.terms),
        ("Withdrawn", entry.withdrawn),
        ("Home", entry.homepage),
        ("Layout", entry.layout),
        ("How to get it", "" if item.path else entry.how_to_get),
        ("Looked for as", "" if item.path else ", ".join(entry.folders)),
    ]
    return [(label, str(text)) for label, text in told if text]
