"""Products and clothes, whose lists say which image is of which item and for which use.

Sources: Song et al. 2016, Deep Metric Learning via Lifted Structured Feature Embedding (CVPR), for
Stanford Online Products; Liu et al. 2016, DeepFashion (CVPR), for In-shop Clothes Retrieval.
"""

from pathlib import Path

from workbench.data.readers.layout import Layout, one_of
from workbench.data.readers.leftovers import unlisted
from workbench.data.readers.listing import require_folder, require_images
from workbench.data.readers.tables import rows, whole
from workbench.data.samples import Sample, Split
from workbench.errors import DataError, MissingDataset
from workbench.recipe.settings.datasets import DATASETS, InShop, OnlineProducts

EBAY_TRAIN, EBAY_TEST = "Ebay_train.txt", "Ebay_test.txt"
PARTITION = "list_eval_partition.txt"
_PARTITION_FOLDERS = ("", "Eval/", "Anno/")
# The list says img/...; archives of high resolution unpack as img_highres/..., some below Img.
IN_SHOP_IMAGES = ("img", "img_highres", "Img/img", "Img/img_highres")


def read_online_products(root: Path, _: OnlineProducts) -> Split:
    """The split of Stanford Online Products, evaluated leave-one-out.

    Raises MissingDataset where a list is absent, DataError where it names images that are not
    there.
    """
    require_folder(root)
    train, test = _ebay(root, EBAY_TRAIN), _ebay(root, EBAY_TEST)
    return unlisted(Split("sop", root, train, test, test, leave_one_out=True))


def holds_online_products(root: Path) -> bool:
    """Whether a folder has both lists."""
    return all((root / name).is_file() for name in (EBAY_TRAIN, EBAY_TEST))


def read_in_shop(root: Path, _: InShop) -> Split:
    """The split of In-shop Clothes Retrieval: queries against a gallery of other images.

    Raises MissingDataset where list or images are absent, DataError where the list names images
    that are not there or a use that is none.
    """
    require_folder(root)
    where, images = one_of(root, _partitions()), one_of(root, IN_SHOP_IMAGES)
    if where is None or images is None:
        absent = f"no {PARTITION}" if where is None else f"no folder {IN_SHOP_IMAGES[0]}"
        raise MissingDataset(f"{root} has {absent}: unpack In-shop Clothes Retrieval there.")
    file = root / where
    parts: dict[str, list[Sample]] = {"train": [], "query": [], "gallery": []}
    for path, item, use in rows(file, 3, skip=2):
        if use not in parts:
            raise DataError(
                f"{file} uses {path} as {use}, which is none of train, query and gallery: unpack"
                " the data set again."
            )
        place = f"{images}/{path.removeprefix('img/')}"
        parts[use].append(Sample(place, whole(item, file, "an item")))
    require_images(root, (s.path for part in parts.values() for s in part), str(file))
    train, query, gallery = parts.values()
    return unlisted(Split("in_shop", root, tuple(train), tuple(query), tuple(gallery)))


def holds_in_shop(root: Path) -> bool:
    """Whether a folder has the list of uses beside a folder of images."""
    return one_of(root, _partitions()) is not None and one_of(root, IN_SHOP_IMAGES) is not None


def _partitions() -> tuple[str, ...]:
    return tuple(f"{folder}{PARTITION}" for folder in _PARTITION_FOLDERS)


def _ebay(root: Path, name: str) -> tuple[Sample, ...]:
    file = root / name
    samples = tuple(
        Sample(path, whole(product, file, "a class"))
        for _, product, _, path in rows(file, 4, skip=1)
    )
    require_images(root, (sample.path for sample in samples), str(file))
    return samples


DATASETS.implements(OnlineProducts)(Layout(read_online_products, holds_online_products))
DATASETS.implements(InShop)(Layout(read_in_shop, holds_in_shop))
