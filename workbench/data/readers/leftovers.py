"""Files that a reader leaves out, by the reason: counted, with one example of each."""

import os
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

from workbench.data.images.image_file import is_image
from workbench.data.readers.listing import folders_below, image_names
from workbench.data.samples import PARTS, Split

_LEFT_BY_SYSTEMS = ("thumbs.db", "desktop.ini")


@dataclass(frozen=True)
class Leftovers:
    """Paths relative to the root, in the order of their folders.

    Attributes:
        others: files whose suffix is none of an image.
        dangling: links that lead nowhere.
        misplaced: images in folders where the layout has none.
        unlisted: images that no list of the data set names.
    """

    others: tuple[str, ...] = ()
    dangling: tuple[str, ...] = ()
    misplaced: tuple[str, ...] = ()
    unlisted: tuple[str, ...] = ()

    @property
    def notes(self) -> tuple[str, ...]:
        """A sentence for each reason, with the first file."""
        reasons = (
            (self.others, "One file that is no image is", "files that are no images are"),
            (self.dangling, "One link that leads nowhere is", "links that lead nowhere are"),
            (
                self.misplaced,
                "One image in a folder where the layout has none is",
                "images in folders where the layout has none are",
            ),
            (self.unlisted, "One image that no list names is", "images that no list names are"),
        )
        return tuple(
            f"{single} left out: {files[0]}."
            if len(files) == 1
            else f"{len(files):,} {several} left out, such as {files[0]}."
            for files, single, several in reasons
            if files
        )


def leftovers(root: Path, tops: Iterable[str], depth: int | None = None) -> Leftovers:
    """What is left out of some folders of ``root`` and all below them.

    ``depth`` is that of the folders with images below each of ``tops``: 0 for the folder itself, 1
    for its sub-folders, None for any. Hidden files and what Windows leaves in every folder are not
    counted, nor are other files outside of the folders with images.
    """
    others, dangling, misplaced = [], [], []
    for top in tops:
        for folder in folders_below(root / top):
            below = folder.relative_to(root).as_posix()
            here = len(folder.relative_to(root / top).parts)
            prefix = "" if below == "." else f"{below}/"
            for name, is_file in _entries(folder):
                if not is_file:
                    dangling.append(prefix + name)
                elif is_image(Path(name)):
                    misplaced += [prefix + name] * (depth not in (None, here))
                elif depth is None or here >= depth:
                    others.append(prefix + name)
    return Leftovers(tuple(others), tuple(dangling), tuple(misplaced))


def unlisted(split: Split, others: Iterable[str] = ()) -> Split:
    """The split of a data set with lists, with a note on what lies beside the images they name.

    ``others`` are images that lists name which this split does not use.
    """
    listed = {sample.path for part in PARTS for sample in split.part(part)}.union(others)
    tops = sorted({path.partition("/")[0] for path in listed if "/" in path})
    beside = leftovers(split.root, tops)
    images = [
        path
        for top in tops
        for folder in folders_below(split.root / top)
        for name in image_names(folder)
        if (path := (folder / name).relative_to(split.root).as_posix()) not in listed
    ]
    return replace(split, notes=(*split.notes, *replace(beside, unlisted=tuple(images)).notes))


def _entries(folder: Path) -> list[tuple[str, bool]]:
    """Names of files, and of links that lead nowhere, and whether it is a file; sorted."""
    with os.scandir(folder) as entries:
        return sorted(
            (entry.name, is_file)
            for entry in entries
            if not entry.name.startswith(".") and entry.name.lower() not in _LEFT_BY_SYSTEMS
            if (is_file := entry.is_file()) or (entry.is_symlink() and not entry.is_dir())
        )
