"""Data settings: which images, how they are prepared, how they are drawn into batches."""

from typing import Annotated, Literal

from pydantic import Field

from workbench.recipe.base import Group, Share, setting
from workbench.recipe.samplers import Sampler, Shuffle
from workbench.recipe.transforms import Transforms


class Playground(Group):
    """Procedural pedestrians, drawn on this machine on first use."""

    kind: Literal["playground"] = "playground"
    train_identities: Annotated[
        int, setting("Identities to train on.", important=True, ge=4, le=10_000)
    ] = 150
    test_identities: Annotated[int, setting("Identities to be ranked.", ge=2, le=10_000)] = 100
    image_height: Annotated[
        int, setting("Height of the drawn images in pixels; width is half of it.", ge=32, le=512)
    ] = 128
    look_alikes: Annotated[
        Share, setting("Share of identities that have a look-alike (differs in one part).")
    ] = 0.52
    seed: Annotated[int, setting("Seed of the drawing.", ge=0, le=2**31 - 1)] = 0


class Market1501(Group):
    """The layout of Market-1501: bounding_box_train, query, bounding_box_test."""

    kind: Literal["market1501"] = "market1501"


class ImageFolder(Group):
    """A folder of one's own: a sub-folder an identity, or train/query/gallery folders of such."""

    kind: Literal["folder"] = "folder"
    camera_pattern: Annotated[
        str | None,
        setting(
            "Regular expression whose first group is the camera in a file name, e.g. _c(\\d+)."
        ),
    ] = None
    held_out: Annotated[
        float, setting("Share of identities kept for evaluation.", gt=0.0, lt=1.0)
    ] = 0.3
    split_seed: Annotated[
        int, setting("Seed of the split into identities.", ge=0, le=2**31 - 1)
    ] = 0


Dataset = Annotated[Playground | Market1501 | ImageFolder, Field(discriminator="kind")]


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
