"""Listing image files, in an order that does not depend on the file system."""

import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from workbench.data.images.image_file import is_image
from workbench.data.wording import counted
from workbench.errors import DataError, MissingDataset


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


def require_folders(root: Path, folders: Iterable[str], title: str) -> None:
    """Raises MissingDataset where one of a layout's folders, relative to ``root``, is absent.

    ``title`` names the data set. A folder that is there with other capitals is named.
    """
    needed = list(folders)
    absent = [folder for folder in needed if not (root / folder).is_dir()]
    if not absent:
        return
    there = {name.lower(): name for name in subfolders(root)}
    if (name := there.get(absent[0].lower())) is not None:
        raise MissingDataset(
            f"{root} has the folder {name} where {title}'s layout has {absent[0]}: rename it."
        )
    raise MissingDataset(
        f"{root} has no folder {' and no folder '.join(absent)}: complete it, {title}'s layout"
        f" needs {', '.join(needed)}."
    )


def require_images(root: Path, paths: Iterable[str], named_by: str) -> None:
    """Raises DataError where files that a list names are not there; ``paths`` are below ``root``.

    Whole folders are looked through once: a hundred thousand single questions would take seconds.
    """
    wanted = list(paths)
    outside = next((path for path in wanted if path[:1] == "/" or ".." in path.split("/")), None)
    if outside:
        raise DataError(
            f"{named_by} names {outside}, which leads out of {root}: take the line out."
        )
    there = {parent: set(_names(root / parent)) for parent in {_parent(path) for path in wanted}}
    absent = [path for path in wanted if path.rpartition("/")[2] not in there[_parent(path)]]
    if absent:
        raise DataError(
            f"{named_by} names {counted(len(absent), 'image')} that {_are(len(absent))} not in"
            f" {root}, {absent[0]} first: complete the images, or take the lines out."
        )


def _parent(path: str) -> str:
    return path.rpartition("/")[0]


def _are(count: int) -> str:
    return "is" if count == 1 else "are"


def _names(folder: Path) -> list[str]:
    try:
        return [entry.name for entry in _files(folder)]
    except OSError:
        return []


def _files(folder: Path) -> list[os.DirEntry[str]]:
    with os.scandir(folder) as entries:
        return [entry for entry in entries if entry.is_file()]
