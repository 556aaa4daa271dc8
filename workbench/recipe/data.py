"""Data settings: which images, how they are prepared, how they are drawn into batches."""

from typing import Annotated, Literal

from pydantic import Field

from workbench.recipe.base import Group, setting

Share = Annotated[float, Field(ge=0.0, le=1.0)]


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


class PadAndCrop(Group):
    """Pad on all sides, then cut the original size at a random place."""

    pixels: Annotated[
        int, setting("Padding on each side in pixels; 0 switches it off.", ge=0, le=64)
    ] = 0
    fill: Annotated[Literal["edge", "zeros", "symmetric"], setting("What the padding shows.")] = (
        "zeros"
    )


class ColourJitter(Group):
    """Random colour per image: value * brightness, around the mean * contrast, per channel gain."""

    brightness: Annotated[Share, setting("Factor drawn from [1 - value, 1 + value].")] = 0.0
    contrast: Annotated[Share, setting("Factor drawn from [1 - value, 1 + value].")] = 0.0
    channel_gain: Annotated[
        Share, setting("Factor of each colour channel, drawn from [1 - value, 1 + value].")
    ] = 0.0


class Erasing(Group):
    """Random erasing (Zhong et al. 2020, arXiv 1708.04896): a rectangle of the image is covered."""

    probability: Annotated[Share, setting("Share of images erased.", important=True)] = 0.0
    min_area: Annotated[Share, setting("Smallest erased share of the image.")] = 0.02
    max_area: Annotated[Share, setting("Largest erased share of the image.")] = 0.4
    min_aspect: Annotated[
        float, setting("Smallest ratio of height to width; the largest is 1 / value.", gt=0, le=1)
    ] = 0.3
    fill: Annotated[
        Literal["zero", "mean", "random"],
        setting(
            "zero: black; mean: the mean colour, which is zero after normalising; random: a random"
            " colour for each image."
        ),
    ] = "zero"


class Transforms(Group):
    """What happens to a training image after resizing, in this order; evaluation only resizes."""

    interpolation: Annotated[
        Literal["bilinear", "bicubic"], setting("Resampling of the resize.")
    ] = "bilinear"
    pad_and_crop: Annotated[PadAndCrop, setting("Random translation.")] = PadAndCrop()
    flip: Annotated[Share, setting("Share of images mirrored left to right.")] = 0.5
    colour: Annotated[ColourJitter, setting("Random colour.")] = ColourJitter()
    erasing: Annotated[Erasing, setting("Random erasing.")] = Erasing()
    normalise: Annotated[
        Literal["none", "imagenet", "half"],
        setting(
            "none: values in [0, 1]; imagenet: (value - mean) / std of ImageNet;"
            " half: (value - 0.5) / 0.25."
        ),
    ] = "imagenet"


class Shuffle(Group):
    """Every image once an epoch, in random order."""

    kind: Literal["shuffle"] = "shuffle"
    batch_size: Annotated[
        int,
        setting(
            "Images in a batch.",
            important=True,
            ge=1,
            le=4096,
        ),
    ] = 32
    drop_last: Annotated[bool, setting("Leave out the last, incomplete batch of an epoch.")] = True


class IdentityBatches(Group):
    """P identities with K images each (P x K).

    Source: Hermans et al. 2017, sec. 2 (arXiv 1703.07737).

    An epoch visits every identity once; an identity with fewer than K images repeats some.
    """

    kind: Literal["identity_batches"] = "identity_batches"
    identities: Annotated[
        int, setting("P: identities in a batch.", important=True, ge=2, le=1024)
    ] = 16
    images: Annotated[
        int, setting("K: images of each identity in a batch.", important=True, ge=2, le=64)
    ] = 4
    epoch: Annotated[
        Literal["identities", "images"],
        setting(
            "What an epoch is: every identity once, or about as many batches as the images fill."
        ),
    ] = "identities"


Sampler = Annotated[Shuffle | IdentityBatches, Field(discriminator="kind")]


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
