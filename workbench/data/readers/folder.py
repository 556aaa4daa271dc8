"""A folder of one's own: a sub-folder an identity, or folders of such for each use.

With ``query`` and ``gallery`` these are ranked. With ``test`` instead, or with nothing but
identities, each image of the held-out identities is ranked against all their others.
"""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from workbench.data.readers import flat
from workbench.data.readers.cameras import CameraNames
from workbench.data.readers.listing import (
    image_names,
    require_folder,
    subfolders,
    without_others,
)
from workbench.data.samples import DISTRACTOR, JUNK, Sample, Split
from workbench.data.wording import counted
from workbench.errors import EmptySplit, MissingDataset
from workbench.recipe.data import ImageFolder

USES = ("train", "query", "gallery", "test", "validation", "val")
_MARKS = {"-1": JUNK, "0": DISTRACTOR}


@dataclass(frozen=True)
class _File:
    """One image: the folder of its identity, and its path relative to the root."""

    person: str
    path: str


_Part = tuple[_File, ...]


def read(root: Path, settings: ImageFolder | None = None, name: str = "folder") -> Split:
    """The split of a folder of images.

    Identity folders named by whole numbers keep them, others are numbered from 1 in the order of
    their names. In ``gallery`` the folder -1 is junk and a folder 0 or 0000 holds distractors,
    unless ``query`` has them too. Raises MissingDataset where query and gallery are not both there,
    EmptySplit where there are no images or too few identities, RecipeError for a wrong camera
    pattern.
    """
    require_folder(root)
    _refuse_market(root)
    parts = {use: _files(root, use) for use in USES if (root / use).is_dir()}
    split = _split(root, settings or ImageFolder(), name, parts)
    people = (root / use / person for use in parts or ("",) for person in subfolders(root / use))
    return replace(split, notes=(*split.notes, *without_others(people, root)))


def _split(root: Path, settings: ImageFolder, name: str, parts: Mapping[str, _Part]) -> Split:
    if not parts:
        return _numbered(name, root, settings, *_held_out(_files(root, ""), root, settings))
    if ("query" in parts) != ("gallery" in parts):
        there, absent = ("query", "gallery") if "query" in parts else ("gallery", "query")
        raise MissingDataset(
            f"{root} has a folder {there} and no folder {absent}: ranking needs both. Add it, or"
            f" call {there} test, so that each of its images is ranked against the others."
        )
    train = parts.get("train", ())
    validation = (*parts.get("validation", ()), *parts.get("val", ()))
    if "query" in parts:
        split = _Uses(train, parts["query"], parts["gallery"], validation)
        return _numbered(name, root, settings, split, [])
    if "test" in parts:
        split = _Uses(train, parts["test"], None, validation)
        return _numbered(name, root, settings, split, [_leave_one_out(root / "test")])
    split, notes = _held_out(train, root / "train", settings)
    return _numbered(name, root, settings, split.with_validation(validation), notes)


def _refuse_market(root: Path) -> None:
    if (root / flat.TRAIN).is_dir():
        raise MissingDataset(
            f"{root} has Market-1501's layout, not a sub-folder for each identity: set"
            " data.dataset.kind to market1501."
        )


@dataclass(frozen=True)
class _Uses:
    """Files by their use; without a gallery the queries are ranked against each other."""

    train: _Part
    query: _Part
    gallery: _Part | None
    validation: _Part = ()

    def with_validation(self, validation: _Part) -> "_Uses":
        return _Uses(self.train, self.query, self.gallery, validation)


def _files(root: Path, use: str) -> _Part:
    return tuple(
        _File(person, "/".join(filter(None, (use, person, file_name))))
        for person in subfolders(root / use)
        for file_name in image_names(root / use / person)
    )


def _held_out(files: _Part, folder: Path, settings: ImageFolder) -> tuple[_Uses, list[str]]:
    """Identities divided into those to train on and those to rank, by the seed."""
    people = sorted({file.person for file in files})
    if not people:
        raise EmptySplit(
            f"{folder} has no images in sub-folders: make one sub-folder for each identity and put"
            " its images there."
        )
    if len(people) < 3:
        raise EmptySplit(
            f"{folder} has {counted(len(people), 'identity')} with images: at least 3 are"
            " needed, two to train on and one to rank. Add sub-folders."
        )
    count = min(max(1, round(settings.held_out * len(people))), len(people) - 2)
    held = set(sorted(people, key=lambda person: _lot(settings.split_seed, person))[:count])
    uses = _Uses(
        train=tuple(file for file in files if file.person not in held),
        query=tuple(file for file in files if file.person in held),
        gallery=None,
    )
    note = (
        f"{folder} has no query and gallery: {counted(count, 'identity')} of {len(people)},"
        f" chosen by split_seed {settings.split_seed}, held out of the training."
    )
    return uses, [note, _leave_one_out(folder)]


def _lot(seed: int, person: str) -> bytes:
    """A place in a random order that does not move when other identities are added."""
    return hashlib.sha256(f"{seed}/{person}".encode()).digest()


def _leave_one_out(folder: Path) -> str:
    return (
        f"Evaluation in {folder.name} is leave-one-out: every held-out image is ranked against all"
        " other held-out images."
    )


def _numbered(name: str, root: Path, settings: ImageFolder, uses: _Uses, notes: list[str]) -> Split:
    """Identities and cameras as numbers, and what had to be left out."""
    gallery = uses.query if uses.gallery is None else uses.gallery
    marks = _gallery_marks(uses)
    everything = (*uses.train, *uses.query, *gallery)
    numbers = _numbers({file.person for file in everything} - set(marks)) | marks
    cameras = CameraNames(settings.camera_pattern, [file.path for file in everything])
    notes = [*notes, *cameras.notes]
    trained = {file.person for file in uses.train}
    validation = tuple(file for file in uses.validation if file.person in trained)
    if left_out := len(uses.validation) - len(validation):
        notes.append(
            f"validation: {counted(left_out, 'image')} left out, showing identities that are not in"
            " the training images and so have no class."
        )

    def samples(files: Iterable[_File]) -> tuple[Sample, ...]:
        return tuple(
            Sample(file.path, numbers[file.person], cameras.number(file.path)) for file in files
        )

    return Split(
        name,
        root,
        train=samples(uses.train),
        query=samples(uses.query),
        gallery=samples(gallery),
        validation=samples(validation),
        leave_one_out=uses.gallery is None,
        notes=tuple(notes),
    )


def _gallery_marks(uses: _Uses) -> dict[str, int]:
    """Folders of the gallery that hold junk or distractors: nobody asks for them."""
    if uses.gallery is None:
        return {}
    asked = {file.person for file in (*uses.query, *uses.train)}
    people = {file.person for file in uses.gallery} - asked
    return {
        person: _MARKS[short]
        for person in people
        if (short := person if person == "-1" else person.strip("0") or "0") in _MARKS
    }


def _numbers(people: set[str]) -> dict[str, int]:
    """A whole number from 1 for each identity: its own where all have one, else by order."""
    own = {person: int(person) for person in people if person.isdecimal()}
    if len(own) == len(people) == len(set(own.values())) and 0 not in own.values():
        return own
    return {person: number for number, person in enumerate(sorted(people), start=1)}
