"""A folder of one's own: a sub-folder an identity, or names that say it; folders for each use."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path

from workbench.data.readers import flat
from workbench.data.readers.cameras import CameraNames
from workbench.data.readers.leftovers import leftovers
from workbench.data.readers.listing import (
    image_names,
    images_below,
    require_folder,
    subfolders,
)
from workbench.data.readers.own import USES, OwnImage, OwnImages, Source, split_of
from workbench.data.readers.patterns import LabelPattern
from workbench.data.samples import Split
from workbench.data.wording import counted
from workbench.errors import DataError, EmptySplit, MissingDataset
from workbench.recipe.settings.datasets import ImageFolder

_PATH = "data.dataset.identity_pattern"
_CAMERA_FOLDER = re.compile(r"(?:cam|camera|kamera)[ _-]?\d+", re.IGNORECASE)


def read(root: Path, settings: ImageFolder | None = None, name: str = "folder") -> Split:
    """The split of a folder of images; capitals in the names of the folders of uses do not matter.

    Without an identity pattern the sub-folder is the identity. Raises MissingDataset where query
    and gallery are not both there, EmptySplit where there are no images or too few identities,
    DataError where sub-folders are named as cameras, RecipeError for a wrong pattern.
    """
    require_folder(root)
    _refuse_market(root)
    _refuse_two_spellings(root)
    settings = settings or ImageFolder()
    tops = _tops(root)
    source = Source(
        name, root, root, "folder", partial(CameraNames.by_pattern, settings.camera_pattern)
    )
    if settings.identity_pattern is not None:
        images, notes = _by_pattern(root, tops, settings.identity_pattern)
    else:
        images = {use: _by_folder(root, top) for use, top in tops.items()}
        _refuse_cameras(root, images.values())
        notes = ()
    if not any(images.values()):
        raise _empty(root)
    split = split_of(source, settings, images)
    depth = 1 if settings.identity_pattern is None else None
    return replace(
        split, notes=(*split.notes, *notes, *leftovers(root, tops.values(), depth).notes)
    )


def holds(root: Path, settings: ImageFolder | None = None) -> bool:
    """Whether a folder has images where one's own are looked for."""
    tops = _tops(root).values()
    if settings is not None and settings.identity_pattern is not None:
        return any(images_below(root, top) for top in tops)
    return any(
        image_names(root / top / person) for top in tops for person in subfolders(root / top)
    )


def _tops(root: Path) -> dict[str, str]:
    """The folder of each use, as it is spelled; the root itself where there is none."""
    tops = {folder.lower(): folder for folder in subfolders(root)}
    return {use: tops[use] for use in USES if use in tops} or {"": ""}


def _refuse_two_spellings(root: Path) -> None:
    folders = [folder for folder in subfolders(root) if folder.lower() in USES]
    twice = [f for f in folders if sum(f.lower() == other.lower() for other in folders) > 1]
    if twice:
        raise DataError(
            f"{root} has the folders {twice[0]} and {twice[1]}, which differ in capitals only: put"
            " their images into one."
        )


def _by_folder(root: Path, top: str) -> OwnImages:
    return tuple(
        OwnImage(person, "/".join(filter(None, (top, person, file_name))))
        for person in subfolders(root / top)
        for file_name in image_names(root / top / person)
    )


def _by_pattern(
    root: Path, tops: Mapping[str, str], pattern: str
) -> tuple[dict[str, OwnImages], tuple[str, ...]]:
    """Images of all sub-folders by use, and a note where a name says no identity."""
    names = {use: images_below(root, top) for use, top in tops.items()}
    every = [path for paths in names.values() for path in paths]
    identities = LabelPattern(pattern, _PATH, "identity", "^(\\d+)_").labels(every)
    images = {
        use: tuple(OwnImage(identities[path], path) for path in paths if path in identities)
        for use, paths in names.items()
    }
    unread = [path for path in every if path not in identities]
    if every and not identities:
        raise EmptySplit(
            f"{root} has {counted(len(every), 'image')} and {_PATH} = {pattern} finds an identity"
            f" in none of their names, {unread[0]} first: change the pattern."
        )
    if not unread:
        return images, ()
    note = (
        f"{counted(len(unread), 'image')} left out, for {_PATH} = {pattern} finds no identity in"
        f" the name, such as {unread[0]}."
    )
    return images, (note,)


def _refuse_market(root: Path) -> None:
    if (root / flat.TRAIN).is_dir():
        raise MissingDataset(
            f"{root} has Market-1501's layout, not a sub-folder for each identity: set"
            " data.dataset.kind to market1501."
        )


def _refuse_cameras(root: Path, images: Iterable[OwnImages]) -> None:
    people = sorted({image.identity for part in images for image in part})
    if len(people) > 1 and all(_CAMERA_FOLDER.fullmatch(person) for person in people):
        raise DataError(
            f"{root} has sub-folders named as cameras, {people[0]} to {people[-1]}, where"
            f" identities are expected: set {_PATH} to find the identity in file names and"
            f" data.dataset.camera_pattern to find the camera, such as cam(\\d+)/, or"
            " list the images in a CSV file (data.dataset.kind=csv)."
        )


def _empty(root: Path) -> EmptySplit:
    deeper = next(iter(images_below(root)), None)
    if deeper is None:
        return EmptySplit(
            f"{root} has no images in sub-folders: give the folder that holds one for each"
            " identity."
        )
    return EmptySplit(
        f"{root} has no images in sub-folders of identities, the first image is {deeper}: make one"
        f" sub-folder for each identity and put its images there, or set {_PATH}."
    )
