"""Transform settings: what happens to an image between its file and the network."""

from typing import Annotated, Literal

from workbench.recipe.base import Group, Share, setting


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
