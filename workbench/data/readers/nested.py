"""Folders of identity folders: the folder of an image says whom it shows."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from workbench.data.readers.layout import Layout
from workbench.data.readers.leftovers import leftovers
from workbench.data.readers.listing import (
    image_names,
    require_folder,
    require_folders,
    subfolders,
)
from workbench.data.samples import DISTRACTOR, JUNK, UNKNOWN_CAMERA, Pairing, Part, Sample, Split
from workbench.errors import DataError, MissingDataset
from workbench.recipe.settings.datasets import DATASETS, PDukeMTMC, Prepared, University1652

# Letters before the number tell data sets apart that were put together, as in v0002.
_IDENTITY = re.compile(r"[A-Za-z]*(-1|\d{1,18})")
# Market-1501's names, then MSMT17's: identity, number, camera.
_CAMERAS = (re.compile(r"-?\d+_c(\d{1,18})"), re.compile(r"\d+_\d+_(\d{1,18})_"))
Uses = Mapping[Part, tuple[str, ...]]


@dataclass(frozen=True)
class NestedLayout:
    """Folders of identity folders by their use.

    With ``pairings`` the last word of a folder's name is the group of its images. ``cameras``: file
    names say the camera. ``marks``: an identity 0 is a distractor, -1 is junk.
    """

    name: str
    title: str
    uses: Uses
    pairings: tuple[Pairing, ...] = ()
    cameras: bool = False
    marks: bool = False

    @property
    def folders(self) -> tuple[str, ...]:
        """All folders of identity folders."""
        return tuple(dict.fromkeys(folder for part in self.uses.values() for folder in part))

    def holds(self, root: Path) -> bool:
        """Whether a folder has the first folder of each use."""
        return all((root / part[0]).is_dir() for part in self.uses.values())


P_DUKEMTMC = NestedLayout(
    "p_dukemtmc",
    "P-DukeMTMC-reID",
    {
        "train": ("train/occluded_body_images", "train/whole_body_images"),
        "query": ("test/occluded_body_images",),
        "gallery": ("test/whole_body_images",),
    },
)
UNIVERSITY1652 = NestedLayout(
    "university1652",
    "University-1652",
    {
        "train": ("train/satellite", "train/drone"),
        "query": ("test/query_satellite", "test/query_drone"),
        "gallery": ("test/gallery_drone", "test/gallery_satellite"),
    },
    pairings=(
        Pairing("satellite_to_drone", "satellite", "drone"),
        Pairing("drone_to_satellite", "drone", "satellite"),
    ),
)
OCCLUDED_REID = NestedLayout(
    "occluded_reid",
    "Occluded-REID",
    {"query": ("occluded_body_images",), "gallery": ("whole_body_images",)},
)
PREPARED = NestedLayout(
    "prepared",
    "A prepared folder",
    {"query": ("query",), "gallery": ("gallery",)},
    cameras=True,
    marks=True,
)
_TRAIN, _TRAIN_ALL, _VALIDATION, _MULTI_QUERY = "train", "train_all", "val", "multi-query"
PREPARED_FOLDERS = ("train", "val", "train_all", "query", "gallery", "multi-query")


def read(layout: NestedLayout, root: Path) -> Split:
    """The split in a folder of this layout.

    Raises MissingDataset where one of the folders is absent, DataError where the name of an
    identity's folder says no number.
    """
    require_folder(root)
    require_folders(root, layout.folders, layout.title)
    parts = {
        part: tuple(
            sample
            for folder in folders
            for sample in _samples(layout, root, folder)
            if part == "gallery" or sample.identity != JUNK
        )
        for part, folders in layout.uses.items()
    }
    notes: tuple[str, ...] = ()
    if not layout.marks and any(s.identity == DISTRACTOR for part in parts.values() for s in part):
        parts = {part: _from_one(samples) for part, samples in parts.items()}
        notes = ("Folders count identities from 0; here they count from 1.",)
    return Split(
        layout.name,
        root,
        parts.get("train", ()),
        parts["query"],
        parts["gallery"],
        validation=parts.get("validation", ()),
        multi_query=parts.get("multi_query", ()),
        notes=(*notes, *leftovers(root, layout.folders, 1).notes),
        pairings=layout.pairings,
    )


def layout_of(nested: NestedLayout) -> Layout:
    """What a nested layout answers; it has no settings of its own."""
    return Layout(
        read=lambda root, _: read(nested, root),
        holds=nested.holds,
        folders=nested.folders,
        told_by="folder",
    )


def read_prepared(root: Path, settings: Prepared) -> Split:
    """The split of a folder prepared with train, val, train_all, query, gallery, multi-query.

    Without ``train`` and ``val`` the division is made from ``train_all``. Raises MissingDataset
    where neither is there.
    """
    require_folder(root)
    there = {folder for folder in PREPARED_FOLDERS if (root / folder).is_dir()}
    both = {_TRAIN, _VALIDATION} <= there
    if not both and _TRAIN_ALL not in there and _TRAIN not in there:
        raise MissingDataset(
            f"{root} has neither the folder train_all nor train and val: prepare it again."
        )
    uses: dict[Part, tuple[str, ...]] = dict(PREPARED.uses)
    if settings.split == "train" and both:
        uses |= {"train": (_TRAIN,), "validation": (_VALIDATION,)}
    else:
        apart = (_TRAIN, _VALIDATION) if both else (_TRAIN,)
        uses["train"] = (_TRAIN_ALL,) if _TRAIN_ALL in there else apart
        if settings.split == "train_all" and _VALIDATION in there:
            uses["validation"] = (_VALIDATION,)
    if _MULTI_QUERY in there:
        uses["multi_query"] = (_MULTI_QUERY,)
    return _of_queries(read(replace(PREPARED, uses=uses), root))


def holds_prepared(root: Path) -> bool:
    """Whether a folder has been prepared: what a folder of one's own would not have counts."""
    own = (root / _TRAIN_ALL, root / _MULTI_QUERY)
    return PREPARED.holds(root) and any(folder.is_dir() for folder in own)


def camera_in(file_name: str) -> int:
    """The camera that the name of an image of a prepared folder says; -1 where it says none."""
    for pattern in _CAMERAS:
        if match := pattern.match(file_name):
            return int(match[1])
    return UNKNOWN_CAMERA


def _of_queries(split: Split) -> Split:
    queried = {(sample.identity, sample.camera) for sample in split.query}
    images = tuple(s for s in split.multi_query if (s.identity, s.camera) in queried)
    return replace(split, multi_query=images)


def _samples(layout: NestedLayout, root: Path, folder: str) -> list[Sample]:
    group = folder.rpartition("/")[2].rpartition("_")[2] if layout.pairings else ""
    return [
        Sample(
            f"{folder}/{person}/{name}",
            identity,
            camera_in(name) if layout.cameras else UNKNOWN_CAMERA,
            group,
        )
        for person in subfolders(root / folder)
        for identity in (_identity(layout, root / folder, person),)
        for name in image_names(root / folder / person)
    ]


def _identity(layout: NestedLayout, folder: Path, person: str) -> int:
    match = _IDENTITY.fullmatch(person)
    if match is None:
        raise DataError(
            f"The folder {folder / person} is not named by the number of an identity: rename it,"
            " or move it out of the data set."
        )
    number = int(match[1])
    if number == JUNK and not layout.marks:
        raise DataError(
            f"The folder {folder / person} is named as junk, which {layout.title} has none of:"
            " rename it, or move it out of the data set."
        )
    return number


def _from_one(samples: tuple[Sample, ...]) -> tuple[Sample, ...]:
    return tuple(replace(sample, identity=sample.identity + 1) for sample in samples)


DATASETS.implements(PDukeMTMC)(layout_of(P_DUKEMTMC))
DATASETS.implements(University1652)(layout_of(UNIVERSITY1652))
DATASETS.implements(Prepared)(Layout(read_prepared, holds_prepared))
