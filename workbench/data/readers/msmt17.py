"""MSMT17 as it is handed out, with four lists; and flattened into Market-1501's layout.

Source: Wei et al. 2018, Person Transfer GAN to Bridge Domain Gap for Person Re-Identification
(CVPR). ``0000/0000_000_01_0303morning_0008_0.jpg`` says person 0, image 0, camera 1.
"""

from dataclasses import replace
from pathlib import Path

from workbench.data.readers import flat
from workbench.data.readers.layout import Layout, one_of
from workbench.data.readers.leftovers import unlisted
from workbench.data.readers.listing import require_folder, require_images
from workbench.data.readers.tables import rows, whole
from workbench.data.samples import Sample, Split
from workbench.errors import DataError, MissingDataset
from workbench.recipe.settings.datasets import DATASETS, MSMT17

TRAIN_FOLDERS = ("train", "mask_train_v2")
TEST_FOLDERS = ("test", "mask_test_v2")
"""Of version 1, and of version 2, in which faces are masked."""
LISTS = {
    "train": "list_train.txt",
    "val": "list_val.txt",
    "query": "list_query.txt",
    "gallery": "list_gallery.txt",
}


def read(root: Path, settings: MSMT17) -> Split:
    """The split of either layout.

    People of training and test are counted from 0 each: in training their numbers are raised by
    1, in query and gallery by ``flat.MSMT17_TEST_RAISED``. Raises MissingDataset where a folder or
    a list is absent, DataError where a list names images that are not there.
    """
    require_folder(root)
    if flat.MSMT17_FLAT.holds(root):
        split = flat.read(flat.MSMT17_FLAT, root)
        return split if settings.with_val else _with_note(split)
    train_folder, test_folder = one_of(root, TRAIN_FOLDERS), one_of(root, TEST_FOLDERS)
    if train_folder is None or test_folder is None:
        raise MissingDataset(
            f"{root} has not both folders of MSMT17, {' and '.join(_pair(0))} or"
            f" {' and '.join(_pair(1))}: unpack it again."
        )
    names = ("train", "val") if settings.with_val else ("train",)
    split = Split(
        "msmt17",
        root,
        train=tuple(sample for name in names for sample in _listed(root, train_folder, name, 1)),
        query=_listed(root, test_folder, "query", flat.MSMT17_TEST_RAISED),
        gallery=_listed(root, test_folder, "gallery", flat.MSMT17_TEST_RAISED),
    )
    validation = root / LISTS["val"]
    others = rows(validation, 2) if validation.is_file() else ()
    return unlisted(split, [f"{train_folder}/{path}" for path, _ in others])


def holds(root: Path) -> bool:
    """Whether a folder has one of the layouts."""
    raw = (root / LISTS["train"]).is_file() and one_of(root, TRAIN_FOLDERS) is not None
    return raw or flat.MSMT17_FLAT.holds(root)


def _pair(version: int) -> tuple[str, str]:
    return TRAIN_FOLDERS[version], TEST_FOLDERS[version]


def _listed(root: Path, folder: str, name: str, raised: int) -> tuple[Sample, ...]:
    file = root / LISTS[name]
    table = [(path, whole(person, file, "a person")) for path, person in rows(file, 2)]
    samples = tuple(
        Sample(f"{folder}/{path}", person + raised, _camera(path, file)) for path, person in table
    )
    require_images(root, (sample.path for sample in samples), str(file))
    return samples


def _camera(path: str, file: Path) -> int:
    meaning = flat.MSMT17_FLAT.parse(path.rpartition("/")[2])
    if meaning is None:
        raise DataError(
            f"{file} names {path}, which says no camera as 0000_000_01_0303morning_0008_0.jpg does:"
            " unpack the data set again."
        )
    return meaning[1]


def _with_note(split: Split) -> Split:
    note = (
        "A flattened MSMT17 does not tell the images of list_val.txt apart: with_val is off, yet"
        " they are trained on."
    )
    return replace(split, notes=(*split.notes, note))


DATASETS.implements(MSMT17)(Layout(read, holds))
