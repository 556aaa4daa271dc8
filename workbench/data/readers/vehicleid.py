"""PKU VehicleID: one folder of images, and lists of images and vehicles.

Source: Liu et al. 2016, Deep Relative Distance Learning: Tell the Difference Between Similar
Vehicles (CVPR).
"""

from pathlib import Path

from workbench.data.readers.layout import Layout
from workbench.data.readers.leftovers import unlisted
from workbench.data.readers.listing import require_folder, require_images
from workbench.data.readers.tables import rows, whole
from workbench.data.samples import Sample, Split
from workbench.recipe.settings.datasets import DATASETS, VehicleID

IMAGES, LISTS = "image", "train_test_split"


def read(root: Path, settings: VehicleID) -> Split:
    """The split of the training list and one test list.

    Query and gallery are the whole test list: which image of each vehicle is the gallery is drawn
    by the protocol. Raises MissingDataset where a list is absent, DataError where it names images
    that are not there.
    """
    require_folder(root)
    tested = _listed(root, f"test_list_{settings.test_list}.txt")
    train = _listed(root, "train_list.txt")
    split = Split("vehicleid", root, train, tested, tested, leave_one_out=True, gallery_draws=True)
    others = [f"{IMAGES}/{image}.jpg" for file in _lists(root) for image, _ in rows(file, 2)]
    return unlisted(split, others)


def holds(root: Path) -> bool:
    """Whether a folder has the images and the training list."""
    return (root / IMAGES).is_dir() and (root / LISTS / "train_list.txt").is_file()


def _lists(root: Path) -> list[Path]:
    """The lists of all tests."""
    return sorted((root / LISTS).glob("test_list_*.txt"))


def _listed(root: Path, name: str) -> tuple[Sample, ...]:
    file = root / LISTS / name
    samples = tuple(
        Sample(f"{IMAGES}/{image}.jpg", whole(vehicle, file, "a vehicle") + 1)
        for image, vehicle in rows(file, 2)
    )
    require_images(root, (sample.path for sample in samples), str(file))
    return samples


DATASETS.implements(VehicleID)(Layout(read, holds))
