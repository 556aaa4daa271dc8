"""What a data set is: samples with an identity and a camera, in a split. No torch."""

import hashlib
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Literal

from workbench.data.images.depth import Levels
from workbench.data.images.white_levels import levels_of
from workbench.data.wording import counted
from workbench.errors import EmptySplit

JUNK = -1
DISTRACTOR = 0
UNKNOWN_CAMERA = -1
Part = Literal["train", "query", "gallery", "validation", "multi_query"]
PARTS: tuple[Part, ...] = ("train", "query", "gallery", "validation", "multi_query")
Progress = Callable[[str, int, int], None]
"""How long work is followed: ``progress(stage, done, total)``."""


@dataclass(frozen=True)
class Sample:
    """One image file.

    ``path`` is relative to the root of its split, with forward slashes. ``identity`` is a number
    from 0; -1 is junk (never scored). In a gallery 0 is a distractor (always wrong) unless a query
    has identity 0 too: a split marks it as ``distractor``. ``camera`` is a number from 0, -1 means
    unknown. ``group`` tells kinds of picture apart where a data set has several, as ``drone`` and
    ``satellite``; else it is empty.
    """

    path: str
    identity: int
    camera: int = UNKNOWN_CAMERA
    group: str = ""
    distractor: bool = field(default=False, compare=False, repr=False)

    @property
    def is_person(self) -> bool:
        """Whether the identity is somebody's: neither junk nor a distractor."""
        return self.identity > JUNK and not self.distractor


def with_distractors(query: Sequence[Sample], gallery: tuple[Sample, ...]) -> tuple[Sample, ...]:
    """The gallery with its distractors marked: images of identity 0, unless a query has it too."""
    if not any(image.identity == DISTRACTOR for image in gallery):
        return gallery
    distractor = not any(image.identity == DISTRACTOR for image in query)
    return tuple(
        replace(image, distractor=distractor) if image.identity == DISTRACTOR else image
        for image in gallery
    )


@dataclass(frozen=True)
class Pairing:
    """Queries of one group, ranked against the gallery images of another."""

    name: str
    query: str
    gallery: str


@dataclass(frozen=True)
class Split:
    """The images of one data set by their use.

    What is ranked follows from four fields:

    - plain: each query against the whole gallery;
    - ``leave_one_out``: query and gallery are the same images, in the same order, and a query is
      never compared with itself;
    - ``gallery_draws``, with ``leave_one_out``: published figures draw one image of each identity
      as gallery and ask for it with all others, over and over;
    - ``pairings``: each is a ranking of its own, over ``paired(pairing)``. A group asks in one
      pairing at most.

    ``validation`` holds images of training identities; ``multi_query`` further images of a query's
    identity and camera, to be averaged with it where asked for. ``notes`` are sentences for the
    user about how the files were understood. ``earlier_cameras`` gives the numbers that cameras
    had before 0 was a camera, where they differ: earlier runs hold digests with them.
    """

    name: str
    root: Path
    train: tuple[Sample, ...]
    query: tuple[Sample, ...]
    gallery: tuple[Sample, ...]
    validation: tuple[Sample, ...] = ()
    leave_one_out: bool = False
    notes: tuple[str, ...] = ()
    multi_query: tuple[Sample, ...] = ()
    pairings: tuple[Pairing, ...] = ()
    gallery_draws: bool = False
    earlier_cameras: Mapping[int, int] = field(default_factory=dict, compare=False, repr=False)

    def __post_init__(self) -> None:
        """Mark the distractors of the gallery."""
        object.__setattr__(self, "gallery", with_distractors(self.query, self.gallery))

    def part(self, name: Part) -> tuple[Sample, ...]:
        """The samples of one part."""
        parts = {
            "train": self.train,
            "query": self.query,
            "gallery": self.gallery,
            "validation": self.validation,
            "multi_query": self.multi_query,
        }
        return parts[name]

    def paired(self, pairing: Pairing) -> tuple[list[int], list[int]]:
        """Places of a pairing's images in ``query`` and in ``gallery``, in their order."""
        return members(self.query, pairing.query), members(self.gallery, pairing.gallery)

    def digest(self, part: Part) -> str:
        """16 hex digits that change with any file name, identity or camera of the part."""
        return self._digest(part, {})

    def earlier_digest(self, part: Part) -> str:
        """The digest of the part in runs of versions in which 0 was the unknown camera."""
        return self._digest(part, {UNKNOWN_CAMERA: 0, **self.earlier_cameras})

    def _digest(self, part: Part, numbers: Mapping[int, int]) -> str:
        lines = sorted(
            f"{sample.path}\t{sample.identity}\t{numbers.get(sample.camera, sample.camera)}\n"
            for sample in self.part(part)
        )
        text = "".join(lines).encode(errors="surrogateescape")
        return hashlib.sha256(text).hexdigest()[:16]

    @cached_property
    def labels(self) -> dict[int, int]:
        """Class index of each training identity: its rank among them, from 0."""
        return {
            identity: index
            for index, identity in enumerate(sorted({sample.identity for sample in self.train}))
        }

    @cached_property
    def levels(self) -> Levels:
        """What is white in images of more than 8 bits, from the values of all parts; read once."""
        paths = dict.fromkeys(sample.path for part in PARTS for sample in self.part(part))
        return levels_of(self.root / path for path in paths)

    @property
    def identities(self) -> int:
        """Number of identities to train on."""
        return len(self.labels)


def require_training(split: Split) -> None:
    """Refuse a split that nothing can be learned from.

    Raises EmptySplit where there are no training images, or only one identity.
    """
    if not split.train:
        raise EmptySplit(
            f"{split.root} has no images to train on: add a folder train with one sub-folder for"
            " each identity, or choose another data set."
        )
    if split.identities < 2:
        raise EmptySplit(
            f"{split.root} has one identity to train on ({counted(len(split.train), 'image')}): add"
            " images of at least one more, a network learns from differences."
        )


def require_ranking(split: Split, *, drop_same_camera: bool = False) -> None:
    """Refuse a split that nothing can be ranked in.

    Raises EmptySplit where query or gallery is empty, or where no query has a match: none at all,
    or with ``drop_same_camera`` none from another camera.
    """
    for name in ("query", "gallery"):
        if not split.part(name):
            raise EmptySplit(f"{split.root} has no {name} images: add some, or rank another set.")
    if not any(matches(split)):
        raise EmptySplit(
            f"{split.root} has {counted(len(split.query), 'query')} and for none of them another"
            " image of the same identity in the gallery: add second images of some identities."
        )
    if drop_same_camera and not any(matches(split, drop_same_camera=True)):
        raise EmptySplit(
            f"{split.root} has {counted(len(split.query), 'query')} and for each of them every"
            " match in the gallery is from the query's own camera, which evaluation excludes: set"
            " evaluation.drop_same_camera=false, or add images from other cameras."
        )


def require_usable(split: Split, *, drop_same_camera: bool) -> None:
    """Refuse a split that cannot be trained on and evaluated.

    The one set of rules: a start, a worker and ``check`` ask it. ``drop_same_camera`` is that of
    the evaluation. Raises EmptySplit as ``require_training`` and ``require_ranking`` do.
    """
    require_training(split)
    require_ranking(split, drop_same_camera=drop_same_camera)


def matches(split: Split, *, drop_same_camera: bool = False) -> list[int]:
    """Number of correct gallery images for each query, the query itself excluded.

    With ``drop_same_camera`` images from the query's own camera are excluded too; an unknown camera
    excludes nothing. With pairings only images of the group that the query is paired with count.
    """
    opposite = {pairing.query: pairing.gallery for pairing in split.pairings}
    groups = [sample.group if opposite else "" for sample in split.gallery]
    correct = Counter(
        (group, image.identity) for group, image in zip(groups, split.gallery, strict=True)
    )
    same_camera = Counter(
        (group, image.identity, image.camera)
        for group, image in zip(groups, split.gallery, strict=True)
    )
    itself = 1 if split.leave_one_out else 0

    def excluded(group: str, query: Sample) -> int:
        if drop_same_camera and query.camera != UNKNOWN_CAMERA:
            return same_camera[group, query.identity, query.camera]
        return itself

    return [
        correct[group, query.identity] - excluded(group, query)
        for query in split.query
        for group in (opposite.get(query.group, ""),)
    ]


def members(samples: Sequence[Sample], group: str) -> list[int]:
    """Places of the samples of one group."""
    return [place for place, sample in enumerate(samples) if sample.group == group]
