"""Images that a person names one by one or by the folder: no layout, no identities. No torch."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from workbench.data.images.image_file import SUFFIXES, is_image
from workbench.data.wording import counted
from workbench.errors import EmptySplit, MissingDataset

_LEFT_BY_SYSTEMS = ("thumbs.db", "desktop.ini")


@dataclass(frozen=True)
class OwnFiles:
    """Image files in order, and the files of their folders that were left out."""

    images: tuple[Path, ...]
    left_out: tuple[Path, ...] = ()

    @property
    def notes(self) -> tuple[str, ...]:
        """How many files were left out, with one of them; empty where none was."""
        if not self.left_out:
            return ()
        files = counted(len(self.left_out), "file")
        return (
            f"{files} left out, not named as an image: {self.left_out[0]}. A file named by itself"
            " is read whatever its name.",
        )


def own_files(named: Sequence[str | Path]) -> OwnFiles:
    """The files that are named, in that order.

    A folder stands for all image files in it and in the folders below, sorted by path, links
    followed; hidden files are left out. A file may have any name and may be named twice.

    Raises MissingDataset where there is no such file or folder, EmptySplit for a folder without
    images.
    """
    images: list[Path] = []
    left_out: list[Path] = []
    for path in (Path(name).expanduser() for name in named):
        if not path.is_dir():
            if not path.exists():
                raise MissingDataset(
                    f"{path} does not exist: name an image file or a folder of images."
                )
            images.append(path)
            continue
        files = _below(path)
        images_below = [file for file in files if is_image(file)]
        if not images_below:
            raise EmptySplit(
                f"{path} holds no image file ({', '.join(sorted(SUFFIXES))}): name another folder,"
                " or the files themselves."
            )
        images += images_below
        left_out += [file for file in files if not is_image(file) and _counts(file)]
    return OwnFiles(tuple(images), tuple(left_out))


def _below(root: Path) -> list[Path]:
    """Everything but folders below a folder, links that lead nowhere too."""
    files: list[Path] = []
    seen = {os.path.realpath(root)}
    for directory, folders, names in os.walk(root, followlinks=True):
        files += [Path(directory, name) for name in names]
        # A link to a folder above would be followed without end.
        real = {name: os.path.realpath(Path(directory, name)) for name in folders}
        folders[:] = [
            name for name in folders if real[name] not in seen and not name.startswith(".")
        ]
        seen.update(real.values())
    return sorted(files)


def _counts(file: Path) -> bool:
    """Whether a file that is left out is worth a word: what systems leave in folders is not."""
    name = file.name.lower()
    return name not in _LEFT_BY_SYSTEMS and (
        not name.startswith(".") or file.suffix.lower() in SUFFIXES
    )
