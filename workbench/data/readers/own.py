"""Images of one's own, labelled by folders, names or a list, as a split.

With ``query`` and ``gallery`` these are ranked. With ``test`` instead, or with no use at all, each
image of the held-out identities is ranked against all their others.
"""

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from workbench.data.readers.cameras import CameraNames
from workbench.data.samples import DISTRACTOR, JUNK, Sample, Split
from workbench.data.wording import counted, is_number
from workbench.errors import EmptySplit, MissingDataset
from workbench.recipe.settings.datasets import Own

USES = ("train", "query", "gallery", "test", "validation", "val")
_MARKS = {"-1": JUNK, "0": DISTRACTOR}


@dataclass(frozen=True)
class OwnImage:
    """One image: the name of its identity, and its path relative to the root."""

    identity: str
    path: str


OwnImages = tuple[OwnImage, ...]
NameCameras = Callable[[Sequence[str]], CameraNames]
"""The cameras of the images at these paths."""


@dataclass(frozen=True)
class Source:
    """Where the images of a split come from.

    Attributes:
        name: of the split.
        root: the folder that their paths are relative to.
        told_by: the folder or file whose labels these are, for messages.
        use: what a use is there: a ``folder``, or a ``split`` of a list.
        cameras: the cameras of images by path.
    """

    name: str
    root: Path
    told_by: Path
    use: str
    cameras: NameCameras


@dataclass(frozen=True)
class _Uses:
    """Images by their use; without a gallery the queries are ranked against each other."""

    train: OwnImages
    query: OwnImages
    gallery: OwnImages | None
    validation: OwnImages = ()


def split_of(source: Source, settings: Own, images: Mapping[str, OwnImages]) -> Split:
    """The split of images by their use; those of the use ``""`` have none.

    Identities named by whole numbers keep them, others are numbered from 1 in the order of their
    names. In the gallery the identity -1 is junk and an identity 0 or 0000 a distractor, unless
    there are queries of it too. Raises MissingDataset where query and gallery are not both there,
    EmptySplit where there are too few identities.
    """
    validation = (*images.get("validation", ()), *images.get("val", ()))
    if ("query" in images) != ("gallery" in images):
        there, absent = ("query", "gallery") if "query" in images else ("gallery", "query")
        raise MissingDataset(
            f"{source.told_by} has a {source.use} {there} and no {source.use} {absent}: ranking"
            f" needs both. Add it, or call {there} test, so that each of its images is ranked"
            " against the others."
        )
    train = images.get("train", ())
    if "query" in images:
        uses = _Uses(train, images["query"], images["gallery"], validation)
        return _numbered(source, uses, [])
    if "test" in images:
        uses = _Uses(train, images["test"], None, validation)
        return _numbered(source, uses, [_leave_one_out("test")])
    undivided = source.told_by if "" in images else source.told_by / "train"
    uses, notes = _held_out((*images.get("", ()), *train), undivided, settings)
    return _numbered(source, replace(uses, validation=validation), notes)


def _held_out(images: OwnImages, told_by: Path, settings: Own) -> tuple[_Uses, list[str]]:
    """Identities divided into those to train on and those to rank, by the seed."""
    people = sorted({image.identity for image in images})
    if len(people) < 3:
        raise EmptySplit(
            f"{told_by} has {counted(len(people), 'identity')} with images: at least 3 are"
            " needed, two to train on and one to rank. Add identities."
        )
    count = min(max(1, round(settings.held_out * len(people))), len(people) - 2)
    held = set(sorted(people, key=lambda person: _lot(settings.split_seed, person))[:count])
    uses = _Uses(
        train=tuple(image for image in images if image.identity not in held),
        query=tuple(image for image in images if image.identity in held),
        gallery=None,
    )
    note = (
        f"{told_by} has no query and gallery: {counted(count, 'identity')} of {len(people)},"
        f" chosen by split_seed {settings.split_seed}, held out of the training."
    )
    return uses, [note, _leave_one_out(told_by.name)]


def _lot(seed: int, person: str) -> bytes:
    """A place in a random order that does not move when other identities are added."""
    return hashlib.sha256(f"{seed}/{person}".encode(errors="surrogateescape")).digest()


def _leave_one_out(name: str) -> str:
    return (
        f"Evaluation in {name} is leave-one-out: every held-out image is ranked against all"
        " other held-out images."
    )


def _numbered(source: Source, uses: _Uses, notes: list[str]) -> Split:
    """Identities and cameras as numbers, and what had to be left out."""
    gallery = uses.query if uses.gallery is None else uses.gallery
    marks = _gallery_marks(uses)
    everything = (*uses.train, *uses.query, *gallery)
    numbers = _numbers({image.identity for image in everything} - set(marks)) | marks
    cameras = source.cameras([image.path for image in everything])
    notes = [*notes, *cameras.notes]
    trained = {image.identity for image in uses.train}
    validation = tuple(image for image in uses.validation if image.identity in trained)
    if left_out := len(uses.validation) - len(validation):
        notes.append(
            f"validation: {counted(left_out, 'image')} left out, showing identities that are not in"
            " the training images and so have no class."
        )

    def samples(images: Iterable[OwnImage]) -> tuple[Sample, ...]:
        return tuple(
            Sample(image.path, numbers[image.identity], cameras.number(image.path))
            for image in images
        )

    return Split(
        source.name,
        source.root,
        train=samples(uses.train),
        query=samples(uses.query),
        gallery=samples(gallery),
        validation=samples(validation),
        leave_one_out=uses.gallery is None,
        notes=tuple(notes),
        earlier_cameras=cameras.earlier,
    )


def _gallery_marks(uses: _Uses) -> dict[str, int]:
    """Identities of the gallery that mark junk or distractors: no query is of them."""
    if uses.gallery is None:
        return {}
    queried = {image.identity for image in (*uses.query, *uses.train)}
    people = {image.identity for image in uses.gallery} - queried
    return {
        person: _MARKS[short]
        for person in people
        if (short := person if person == "-1" else person.strip("0") or "0") in _MARKS
    }


def _numbers(people: set[str]) -> dict[str, int]:
    """A whole number from 1 for each identity: its own where all have one, else by order."""
    own = {person: int(person) for person in people if is_number(person)}
    if len(own) == len(people) == len(set(own.values())) and 0 not in own.values():
        return own
    return {person: number for number, person in enumerate(sorted(people), start=1)}
