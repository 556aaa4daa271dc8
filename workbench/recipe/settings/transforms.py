"""Transform settings: what happens to an image between its file and the network."""

from typing import Annotated, Literal

from workbench.recipe.settings.base import Group, Share, setting


class AutoAugment(Group):
    """Two editing steps learned for ImageNet, of 25 pairs (Cubuk et al. 2019, arXiv 1805.09501).

    They are applied to the resized image.
    """

    probability: Annotated[Share, setting("Share of images edited.")] = 0.0
    strengths: Annotated[
        Literal["nine", "ten"],
        setting(
            "What the strengths 0 to 9 of the table mean. nine: shares of 9, as torchvision has it;"
            " ten: shares of 10, as FastReID's program has it, which turns other bounds, keeps more"
            " bits and fills with grey.",
            later=True,
        ),
    ] = "nine"


class PadAndCrop(Group):
    """Pad on all sides, then cut the original size at a random place."""

    pixels: Annotated[
        int, setting("Padding on each side in pixels; 0 switches it off.", ge=0, le=64)
    ] = 0
    fill: Annotated[Literal["edge", "zeros", "symmetric"], setting("What the padding shows.")] = (
        "zeros"
    )


class Rotation(Group):
    """Turn the padded image about its centre, black where nothing is, before it is cut."""

    degrees: Annotated[
        float, setting("Angle drawn from [-value, value]; 0 switches it off.", ge=0.0, le=180.0)
    ] = 0.0
    groups: Annotated[
        list[str],
        setting("Groups of pictures that are turned, such as satellite; none named: all."),
    ] = []


class ColourJitter(Group):
    """Random colour per image: value * brightness, around the mean * contrast, saturation, gain."""

    brightness: Annotated[Share, setting("Factor drawn from [1 - value, 1 + value].")] = 0.0
    contrast: Annotated[Share, setting("Factor drawn from [1 - value, 1 + value].")] = 0.0
    saturation: Annotated[
        Share, setting("Distance from grey times a factor drawn from [1 - value, 1 + value].")
    ] = 0.0
    channel_gain: Annotated[
        Share, setting("Factor of each colour channel, drawn from [1 - value, 1 + value].")
    ] = 0.0


class Erasing(Group):
    """Random erasing (Zhong et al. 2020, arXiv 1708.04896): a rectangle of the image is covered."""

    probability: Annotated[Share, setting("Share of images erased.", important=True)] = 0.0
    min_area: Annotated[Share, setting("Smallest erased share of the image.")] = 0.02
    max_area: Annotated[Share, setting("Largest erased share of the image.")] = 0.4
    min_aspect: Annotated[
        float,
        setting("Smallest ratio of the sides; the largest is 1 / value or max_aspect.", gt=0, le=1),
    ] = 0.3
    max_aspect: Annotated[
        float | None,
        setting("Largest ratio of the sides; empty: 1 / min_aspect.", ge=1, le=100, later=True),
    ] = None
    aspect: Annotated[
        Literal["uniform", "log_uniform"],
        setting(
            "How the ratio is drawn between its bounds: evenly, or its logarithm evenly, so that"
            " tall and wide rectangles are as frequent.",
            later=True,
        ),
    ] = "uniform"
    oversize: Annotated[
        Literal["retry", "cut"],
        setting(
            "A rectangle larger than the image: draw up to ten, with the ratio height to width; or"
            " cut it to the image, with the ratio width to height."
        ),
    ] = "retry"
    fill: Annotated[
        Literal["zero", "mean", "mean_number", "random"],
        setting(
            "zero: black; mean: the mean colour, which is zero after normalising; mean_number: the"
            " numbers of ImageNet's mean colour written after normalising; random: a random colour"
            " for each image."
        ),
    ] = "zero"


class Transforms(Group):
    """What happens to a training image, in this order; evaluation resizes and normalises only."""

    interpolation: Annotated[
        Literal["bilinear", "bicubic", "bilinear_plain", "bilinear_opencv"],
        setting(
            "Resampling of the resize; bilinear_plain reads four pixels even where it shrinks and"
            " drops fractions; bilinear_opencv does so, too, and rounds as OpenCV does."
        ),
    ] = "bilinear"
    margin: Annotated[
        int,
        setting(
            "Pixels by which both sides are resized larger than the input, which is then cut out:"
            " at random in training, from the centre in evaluation.",
            ge=0,
            le=256,
        ),
    ] = 0
    auto_augment: Annotated[AutoAugment, setting("Learned editing.")] = AutoAugment()
    pad_and_crop: Annotated[PadAndCrop, setting("Random translation.")] = PadAndCrop()
    rotation: Annotated[Rotation, setting("Random rotation.")] = Rotation()
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
