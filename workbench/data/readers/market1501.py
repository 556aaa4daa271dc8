"""The layout of Market-1501, which many later sets share.

Source: Zheng et al. 2015, Scalable Person Re-identification: A Benchmark (ICCV). A file name such
as ``0001_c1s1_000151_01.jpg`` says identity 1, camera 1, sequence 1, frame 151, box 1.
"""

import re
from pathlib import Path

from workbench.data.readers.listing import image_names, require_folder
from workbench.data.samples import JUNK, Part, Sample, Split
from workbench.data.wording import counted
from workbench.errors import MissingDataset

FOLDERS: dict[Part, str] = {
    "train": "bounding_box_train",
    "query": "query",
    "gallery": "bounding_box_test",
}
EXAMPLE = "0001_c1s1_000151_01.jpg"
_NAME = re.compile(r"(-1|\d+)_c(\d+)")


def read(root: Path, name: str = "market1501") -> Split:
    """The split in a folder that holds bounding_box_train, query and bounding_box_test.

    Identity -1 is junk, 0 a distractor. Junk outside the gallery is left out, as are files whose
    name says no identity and camera. Raises MissingDataset where one of the folders is absent.
    """
    require_folder(root)
    absent = [folder for folder in FOLDERS.values() if not (root / folder).is_dir()]
    if absent:
        raise MissingDataset(
            f"{root} has no folder {' and no folder '.join(absent)}: complete it, Market-1501's"
            f" layout needs {', '.join(FOLDERS.values())}."
        )
    notes: list[str] = []
    train, query = (_part(root, part, notes, keep_junk=False) for part in ("train", "query"))
    gallery = _part(root, "gallery", notes, keep_junk=True)
    return Split(name, root, train, query, gallery, notes=tuple(notes))


def parse(file_name: str) -> tuple[int, int] | None:
    """Identity and camera that a file name says, or None where it says none."""
    found = _NAME.match(file_name)
    return (int(found[1]), int(found[2])) if found else None


def _part(root: Path, part: Part, notes: list[str], *, keep_junk: bool) -> tuple[Sample, ...]:
    folder, samples, unread, junk = FOLDERS[part], [], [], 0
    for file_name in image_names(root / folder):
        meaning = parse(file_name)
        if meaning is None:
            unread.append(file_name)
        elif meaning[0] == JUNK and not keep_junk:
            junk += 1
        else:
            samples.append(Sample(f"{folder}/{file_name}", *meaning))
    if unread:
        notes.append(
            f"{folder}: {counted(len(unread), 'image')} left out, the name of {unread[0]} does not"
            f" say identity and camera as {EXAMPLE} does."
        )
    if junk:
        notes.append(f"{folder}: {counted(junk, 'image')} left out, marked as junk (-1).")
    return tuple(samples)
