"""How much there is to train on, also where the images are not there yet. No torch."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np

from workbench.data.catalogue.counts import made_from, published_counts, published_identities
from workbench.data.catalogue.published import ENTRIES
from workbench.data.catalogue.splits import read_split
from workbench.data.samplers import steps_per_epoch
from workbench.data.samples import require_usable
from workbench.data.wording import counted
from workbench.errors import DataError, RecipeError
from workbench.recipe.settings.data import Data
from workbench.recipe.settings.datasets import Dataset, Own, Playground, Prepared


@dataclass(frozen=True)
class Identities:
    """How many identities a classifier tells apart.

    Attributes:
        count: None where nobody knows.
        known_from: ``recipe`` says it, authors ``published`` it, or it was counted on ``disk``;
            empty where nobody knows.
        words: the same for people.
    """

    count: int | None
    known_from: Literal["recipe", "published", "disk", ""]
    words: str


def identities_of(data: Data) -> Identities:
    """How many identities a recipe's data have to train on.

    The published number, whatever is on disk; of a prepared folder and one of one's own that on
    disk, and for a prepared one that is not there that of the set it was made from.
    """
    dataset = data.dataset
    if isinstance(dataset, Playground):
        count = dataset.train_identities
        return Identities(count, "recipe", f"classifiers for {counted(count, 'drawn identity')}")
    if isinstance(dataset, Prepared | Own) and (count := _on_disk(data)) is not None:
        source_of_count = f"classifiers for the {counted(count, 'identity')} on disk"
        return Identities(count, "disk", source_of_count)
    source = made_from(dataset)
    count = None if source is None else published_identities(source)
    if source is None or count is None:
        return Identities(None, "", "without classifiers: how many identities is not known yet")
    source_of_count = f"classifiers for the {counted(count, 'identity')} published of"
    return Identities(count, "published", f"{source_of_count} {ENTRIES[source.kind].title}")


def images_an_epoch(data: Data) -> int | None:
    """Images that an epoch of training sees, by published counts; None where there are none.

    A sampler that does not fit the counts gives None, and so does one of groups: its epochs depend
    on how many images each identity has.
    """
    if data.sampler.counts_identities:
        return None
    source = made_from(data.dataset)
    counts = None if source is None else _training_counts(published_counts(source), source)
    if counts is None:
        return None
    identities, images = counts
    try:
        steps = steps_per_epoch(data.sampler, np.arange(images) % identities)
    except RecipeError:
        return None
    return steps * data.sampler.batch_images


def require_trainable(data: Data, *, drop_same_camera: bool) -> None:
    """Refuse what is on disk where it cannot be trained on and evaluated as a recipe says.

    Raises EmptySplit as ``require_usable`` does, RecipeError naming the sampler's setting where it
    asks for more than there is, and what ``read_split`` raises.
    """
    split = read_split(data)
    require_usable(split, drop_same_camera=drop_same_camera)
    steps_per_epoch(data.sampler, np.array([sample.identity for sample in split.train]))


def _training_counts(figures: Mapping[str, int], dataset: Dataset) -> tuple[int, int] | None:
    """Identities and images to train on."""
    identities = published_identities(dataset)
    of_groups = [
        count
        for name, count in figures.items()
        if name.startswith("train_") and name.endswith("_images")
    ]
    images = figures.get("train_images", sum(of_groups))
    if identities is None or not images:
        return None
    if getattr(dataset, "split", "") == "combine_all":
        images += figures.get("query_images", 0) + figures.get("gallery_images_without_junk", 0)
    return identities, images


def _on_disk(data: Data) -> int | None:
    try:
        return read_split(data).identities
    except DataError:
        return None
