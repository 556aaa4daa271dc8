"""What every layout can be asked: whether a folder has it, and what its files mean."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from workbench.data.catalogue.entry import Entry
from workbench.data.samples import Split


@dataclass(frozen=True)
class Layout:
    """How one kind of data set lies on disk.

    Attributes:
        read: the split in a folder, given the recipe's settings of the data set.
        holds: whether a folder has this layout, as far as its folders and lists show.
        folders: the folders all of whose images count, relative to the split's root.
        told_by: what says whom an image shows: its file name, its folder, or a list.
        example: a file name, where names tell.
        understands: whether a file name says identity and camera.
        entry: what is known about the data set, where the catalogue does not know it.
    """

    read: Callable[[Path, Any], Split]
    holds: Callable[[Path], bool]
    folders: tuple[str, ...] = ()
    told_by: Literal["name", "folder", "list"] = "list"
    example: str = ""
    understands: Callable[[str], bool] = lambda name: True
    entry: Entry | None = None


def one_of(root: Path, names: tuple[str, ...]) -> str | None:
    """The first of several spellings that is a folder or file in ``root``."""
    return next((name for name in names if (root / name).exists()), None)
