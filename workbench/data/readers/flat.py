"""Folders of images whose file names say identity and camera, as Market-1501's do.

Source: Zheng et al. 2015, Scalable Person Re-identification: A Benchmark (ICCV). A file name such
as ``0001_c1s1_000151_01.jpg`` says identity 1, camera 1, sequence 1, frame 151, box 1.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from workbench.data.readers.layout import Layout, one_of
from workbench.data.readers.leftovers import leftovers
from workbench.data.readers.listing import image_names, require_folder, require_folders
from workbench.data.samples import JUNK, Part, Sample, Split
from workbench.data.wording import counted
from workbench.errors import MissingDataset
from workbench.recipe.settings.datasets import (
    CUHK03NP,
    DATASETS,
    DukeMTMC,
    Market1501,
    OccludedDuke,
    VeRi776,
)

TRAIN = "bounding_box_train"
_MARKET_FOLDERS: dict[Part, str] = {
    "train": TRAIN,
    "query": "query",
    "gallery": "bounding_box_test",
}
# 18 digits fit in 64 bits.
_NAME = re.compile(r"(-1|\d{1,18})_c(\d{1,18})")
# What MSMT17's own files are called: identity, number, camera, time, ...
_MSMT17_NAME = re.compile(r"(\d{1,18})_\d+_(\d{1,18})_")


@dataclass(frozen=True)
class FlatLayout:
    """Folders by their use, and how their files are named.

    ``raised`` is added to the identities of training and of query and gallery: MSMT17 counts both
    from 0 anew, where here 0 is a distractor and one number one person.
    """

    name: str
    title: str
    example: str
    folders: Mapping[Part, str]
    patterns: tuple[re.Pattern[str], ...] = (_NAME,)
    raised: tuple[int, int] = (0, 0)

    def parse(self, file_name: str) -> tuple[int, int] | None:
        """Identity and camera that a file name says, or None where it says none."""
        for pattern in self.patterns:
            if match := pattern.match(file_name):
                return int(match[1]), int(match[2])
        return None

    @property
    def counting(self) -> tuple[str, ...]:
        """Folders of training, query and gallery images, all of which count."""
        return tuple(self.folders[part] for part in _MARKET_FOLDERS)

    def holds(self, root: Path) -> bool:
        """Whether a folder has the folder of training images."""
        return (root / self.folders["train"]).is_dir()


MARKET1501 = FlatLayout(
    "market1501",
    "Market-1501",
    "0001_c1s1_000151_01.jpg",
    # The hand-drawn boxes, for queries of several images.
    {**_MARKET_FOLDERS, "multi_query": "gt_bbox"},
)
PLAYGROUND = replace(MARKET1501, name="playground", title="The playground")
DUKEMTMC = FlatLayout("dukemtmc", "DukeMTMC-reID", "0005_c2_f0046985.jpg", _MARKET_FOLDERS)
OCCLUDED_DUKE = replace(DUKEMTMC, name="occluded_duke", title="Occluded-Duke")
CUHK03_NP = FlatLayout("cuhk03_np", "CUHK03-NP", "0003_c1_21.png", _MARKET_FOLDERS)
VERI776 = FlatLayout(
    "veri776",
    "VeRi-776",
    "0002_c002_00030600_0.jpg",
    {"train": "image_train", "query": "image_query", "gallery": "image_test"},
)
MSMT17_TEST_RAISED = 10_001
"""What is added to identities of MSMT17's test half, which like its training half begins at 0."""
MSMT17_FLAT = FlatLayout(
    "msmt17",
    "MSMT17",
    "0000_c12_0005.jpg",
    _MARKET_FOLDERS,
    (_NAME, _MSMT17_NAME),
    (1, MSMT17_TEST_RAISED),
)
_BOXES = {"detected": ("detected",), "labelled": ("labeled", "labelled")}


def read(layout: FlatLayout, root: Path) -> Split:
    """The split in a folder of this layout.

    Identity -1 is junk, 0 a distractor. Junk outside the gallery is left out, as are files whose
    name says no identity and camera. Raises MissingDataset where one of the folders is absent.
    """
    require_folder(root)
    require_folders(root, layout.counting, layout.title)
    notes: list[str] = []
    train, query = (_part(layout, root, part, notes) for part in ("train", "query"))
    gallery = _part(layout, root, "gallery", notes)
    return Split(
        layout.name,
        root,
        train,
        query,
        gallery,
        notes=(*notes, *leftovers(root, layout.counting, 0).notes),
        multi_query=_multi_query(layout, root, query),
    )


def layout_of(flat: FlatLayout) -> Layout:
    """What a flat layout answers; it has no settings of its own."""
    return Layout(
        read=lambda root, _: read(flat, root),
        holds=flat.holds,
        folders=flat.counting,
        told_by="name",
        example=flat.example,
        understands=lambda name: flat.parse(name) is not None,
    )


def read_cuhk03(root: Path, settings: CUHK03NP) -> Split:
    """The split of the detected or the labelled boxes.

    Raises MissingDataset where their folder is absent.
    """
    require_folder(root)
    folder = one_of(root, _BOXES[settings.boxes])
    if folder is None:
        there = [boxes for boxes, names in _BOXES.items() if one_of(root, names)]
        cure = f"set data.dataset.boxes to {there[0]}" if there else "unpack CUHK03-NP there"
        raise MissingDataset(f"{root} has no folder {_BOXES[settings.boxes][0]}: {cure}.")
    return read(CUHK03_NP, root / folder)


def holds_cuhk03(root: Path) -> bool:
    """Whether a folder has the boxes of a detector or those drawn by hand."""
    return any(CUHK03_NP.holds(root / name) for names in _BOXES.values() for name in names)


def _part(layout: FlatLayout, root: Path, part: Part, notes: list[str]) -> tuple[Sample, ...]:
    folder, samples, unread, junk = layout.folders[part], [], [], 0
    raised = layout.raised[part != "train"]
    for file_name in image_names(root / folder):
        meaning = layout.parse(file_name)
        if meaning is None:
            unread.append(file_name)
        elif meaning[0] == JUNK and part != "gallery":
            junk += 1
        else:
            identity = meaning[0] if meaning[0] == JUNK else meaning[0] + raised
            samples.append(Sample(f"{folder}/{file_name}", identity, meaning[1]))
    if unread:
        notes.append(
            f"{folder}: {counted(len(unread), 'image')} left out, the name of {unread[0]} does not"
            f" say identity and camera as {layout.example} does."
        )
    if junk:
        notes.append(f"{folder}: {counted(junk, 'image')} left out, marked as junk (-1).")
    return tuple(samples)


def _multi_query(layout: FlatLayout, root: Path, query: tuple[Sample, ...]) -> tuple[Sample, ...]:
    """Further images of each query's identity and camera, where the set has them."""
    folder = layout.folders.get("multi_query", "")
    if not folder or not (root / folder).is_dir():
        return ()
    queried = {(sample.identity, sample.camera) for sample in query}
    return tuple(
        Sample(f"{folder}/{name}", *meaning)
        for name in image_names(root / folder)
        if (meaning := layout.parse(name)) in queried and meaning is not None
    )


DATASETS.implements(Market1501)(layout_of(MARKET1501))
DATASETS.implements(DukeMTMC)(layout_of(DUKEMTMC))
DATASETS.implements(OccludedDuke)(layout_of(OCCLUDED_DUKE))
DATASETS.implements(VeRi776)(layout_of(VERI776))
DATASETS.implements(CUHK03NP)(
    Layout(
        read_cuhk03,
        holds_cuhk03,
        CUHK03_NP.counting,
        told_by="name",
        example=CUHK03_NP.example,
        understands=lambda name: CUHK03_NP.parse(name) is not None,
    )
)
