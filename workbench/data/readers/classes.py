"""Cars and birds, divided by class: the first half trained on, the second ranked leave-one-out.

Sources: Song et al. 2016, Deep Metric Learning via Lifted Structured Feature Embedding (CVPR), for
the division; Krause et al. 2013, 3D Object Representations for Fine-Grained Categorization, for
CARS196; Wah et al. 2011, The Caltech-UCSD Birds-200-2011 Dataset. The sets' own divisions into
training and test are of other tasks and are not used, nor are bounding boxes.
"""

from collections.abc import Sequence
from pathlib import Path

from workbench.data.readers.layout import Layout, one_of
from workbench.data.readers.leftovers import unlisted
from workbench.data.readers.listing import require_folder, require_images
from workbench.data.readers.matlab import annotations, number, text
from workbench.data.readers.tables import rows, whole
from workbench.data.samples import Sample, Split
from workbench.errors import DataError, MissingDataset
from workbench.recipe.settings.datasets import CUB200, DATASETS, Cars196

CARS_LAST_TRAINED, BIRDS_LAST_TRAINED = 98, 100
CARS_FILE = "cars_annos.mat"
# The other download: two folders, each with a file of its own.
_CARS_APART = (
    ("cars_train", ("devkit/cars_train_annos.mat", "cars_train_annos.mat")),
    (
        "cars_test",
        ("cars_test_annos_withlabels.mat", "devkit/cars_test_annos_withlabels.mat"),
    ),
)
_BIRDS_IMAGES, _BIRDS_CLASSES = "images.txt", "image_class_labels.txt"


def read_cars(root: Path, _: Cars196) -> Split:
    """The split of either download of CARS196.

    Raises MissingDataset where annotations are absent, DataError where they are damaged, without
    labels, or name images that are not there.
    """
    require_folder(root)
    if (root / CARS_FILE).is_file():
        samples = _cars(root / CARS_FILE, "relative_im_path", root, "")
    else:
        samples = [
            sample
            for folder, names in _CARS_APART
            for sample in _cars(_annotations_of(root, names), "fname", root, f"{folder}/")
        ]
    return _by_class("cars196", root, samples, CARS_LAST_TRAINED)


def holds_cars(root: Path) -> bool:
    """Whether a folder has one of the downloads."""
    apart = all((root / folder).is_dir() for folder, _ in _CARS_APART)
    return apart or (root / CARS_FILE).is_file()


def read_birds(root: Path, _: CUB200) -> Split:
    """The split of CUB-200-2011.

    Raises MissingDataset where a table is absent, DataError where it names images that are not
    there or leaves one without a class.
    """
    require_folder(root)
    classes = {
        image: whole(label, root / _BIRDS_CLASSES, "a class")
        for image, label in rows(root / _BIRDS_CLASSES, 2)
    }
    images = rows(root / _BIRDS_IMAGES, 2)
    without = [path for image, path in images if image not in classes]
    if without:
        raise DataError(
            f"{root / _BIRDS_CLASSES} has no class for {without[0]}: unpack the data set again."
        )
    samples = [Sample(f"images/{path}", classes[image]) for image, path in images]
    require_images(root, (sample.path for sample in samples), str(root / _BIRDS_IMAGES))
    return _by_class("cub200", root, samples, BIRDS_LAST_TRAINED)


def holds_birds(root: Path) -> bool:
    """Whether a folder has the tables of images and classes."""
    return all((root / name).is_file() for name in (_BIRDS_IMAGES, _BIRDS_CLASSES))


def _by_class(name: str, root: Path, samples: Sequence[Sample], last_trained: int) -> Split:
    train = tuple(sample for sample in samples if sample.identity <= last_trained)
    test = tuple(sample for sample in samples if sample.identity > last_trained)
    return unlisted(Split(name, root, train, test, test, leave_one_out=True))


def _cars(file: Path, path_field: str, root: Path, folder: str) -> list[Sample]:
    samples = [
        Sample(f"{folder}{text(row[0], file)}", number(row[1], file))
        for row in annotations(file, (path_field, "class"))
    ]
    require_images(root, (sample.path for sample in samples), str(file))
    return samples


def _annotations_of(root: Path, names: tuple[str, ...]) -> Path:
    name = one_of(root, names)
    if name is None:
        raise MissingDataset(
            f"{root} has no {names[0]}: add the annotations with labels of this download."
        )
    return root / name


DATASETS.implements(Cars196)(Layout(read_cars, holds_cars))
DATASETS.implements(CUB200)(Layout(read_birds, holds_birds))
