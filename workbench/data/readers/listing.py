"""Listing image files, in an order that does not depend on the file system."""

import os
from collections.abc import Iterator
from pathlib import Path

from workbench.data.images import is_image
from workbench.errors import MissingDataset


def image_names(folder: Path) -> list[str]:
    """Names of the image files directly in a folder, sorted."""
    return sorted(entry.name for entry in _files(folder) if is_image(Path(entry.name)))


def subfolders(folder: Path) -> list[str]:
    """Names of the folders directly in a folder, sorted; hidden ones are left out."""
    with os.scandir(folder) as entries:
        return sorted(
            entry.name for entry in entries if entry.is_dir() and not entry.name.startswith(".")
        )


def images_below(root: Path, folder: str = "") -> list[str]:
    """Image files in a folder and all folders below it, relative to ``root``, sorted."""
    below = [
        (directory / name).relative_to(root).as_posix()
        for directory in folders_below(root / folder)
        for name in image_names(directory)
    ]
    return sorted(below)


def folders_below(root: Path) -> Iterator[Path]:
    """A folder and all folders below it, hidden ones left out."""
    for directory, names, _ in os.walk(root):
        names[:] = sorted(name for name in names if not name.startswith("."))
        yield Path(directory)


def require_folder(path: Path) -> None:
    """Raises MissingDataset where a path is not a folder."""
    if not path.exists():
        raise MissingDataset(f"{path} does not exist: give the folder of a data set.")
    if not path.is_dir():
        raise MissingDataset(f"{path} is a file: give the folder of a data set.")


def _files(folder: Path) -> list[os.DirEntry[str]]:
    with os.scandir(folder) as entries:
        return [entry for entry in entries if entry.is_file()]
