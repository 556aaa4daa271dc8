"""Data settings: which images, how they are prepared, how they are drawn into batches."""

from typing import Annotated, Literal

from workbench.recipe.settings.base import Group, setting
from workbench.recipe.settings.datasets import Dataset as Dataset
from workbench.recipe.settings.datasets import ImageFolder as ImageFolder
from workbench.recipe.settings.datasets import ImageList as ImageList
from workbench.recipe.settings.datasets import Market1501 as Market1501
from workbench.recipe.settings.datasets import Playground as Playground
from workbench.recipe.settings.samplers import Sampler, Shuffle
from workbench.recipe.settings.transforms import Transforms


class Loader(Group):
    """How images reach the network. It never changes what they look like."""

    kind: Annotated[
        Literal["auto", "cached", "workers"],
        setting("cached: decoded once into memory; workers: decoded by processes; auto: by size."),
    ] = "auto"
    workers: Annotated[int, setting("Processes that decode images.", ge=1, le=64)] = 2
    prefetch: Annotated[int, setting("Batches prepared ahead by each process.", ge=1, le=16)] = 2
    cache_megabytes: Annotated[
        int, setting("Largest decoded data set that auto keeps in memory, in MB.", ge=1, le=10**6)
    ] = 2000


class Data(Group):
    """Images: source, size, augmentation, sampling."""

    dataset: Annotated[Dataset, setting("Where the images come from.", important=True)] = (
        Playground()
    )
    root: Annotated[
        str | None,
        setting("Folder of the data set; empty looks for it under the data sets folder."),
    ] = None
    height: Annotated[
        int, setting("Height of the network's input in pixels.", important=True, ge=16, le=1024)
    ] = 256
    width: Annotated[
        int, setting("Width of the network's input in pixels.", important=True, ge=16, le=1024)
    ] = 128
    transforms: Annotated[Transforms, setting("Preparation and augmentation.")] = Transforms()
    sampler: Annotated[Sampler, setting("How batches are composed.")] = Shuffle()
    loader: Annotated[Loader, setting("How images are loaded.")] = Loader()
