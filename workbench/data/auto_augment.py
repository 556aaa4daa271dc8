"""The editing steps AutoAugment learned for ImageNet.

Source: Cubuk et al. 2019 (arXiv 1805.09501), tables 6 and 9. Toolboxes read its strengths as
shares of 9 or of 10; the latter as in FastReID (He et al. 2020, arXiv 2006.02631), which has it
from timm's policy "original".
"""

import math
from typing import Literal

import numpy as np
from jaxtyping import Float64, UInt8
from PIL import Image, ImageEnhance, ImageOps

Step = tuple[str, float, int]
"""Operation, the share of images it is applied to, and its strength from 0 to 9."""

POLICIES: tuple[tuple[Step, Step], ...] = (
    (("posterize", 0.4, 8), ("rotate", 0.6, 9)),
    (("solarize", 0.6, 5), ("auto_contrast", 0.6, 0)),
    (("equalize", 0.8, 0), ("equalize", 0.6, 0)),
    (("posterize", 0.6, 7), ("posterize", 0.6, 6)),
    (("equalize", 0.4, 0), ("solarize", 0.2, 4)),
    (("equalize", 0.4, 0), ("rotate", 0.8, 8)),
    (("solarize", 0.6, 3), ("equalize", 0.6, 0)),
    (("posterize", 0.8, 5), ("equalize", 1.0, 0)),
    (("rotate", 0.2, 3), ("solarize", 0.6, 8)),
    (("equalize", 0.6, 0), ("posterize", 0.4, 6)),
    (("rotate", 0.8, 8), ("colour", 0.4, 0)),
    (("rotate", 0.4, 9), ("equalize", 0.6, 0)),
    (("equalize", 0.0, 0), ("equalize", 0.8, 0)),
    (("invert", 0.6, 0), ("equalize", 1.0, 0)),
    (("colour", 0.6, 4), ("contrast", 1.0, 8)),
    (("rotate", 0.8, 8), ("colour", 1.0, 2)),
    (("colour", 0.8, 8), ("solarize", 0.8, 7)),
    (("sharpness", 0.4, 7), ("invert", 0.6, 0)),
    (("shear", 0.6, 5), ("equalize", 1.0, 0)),
    (("colour", 0.4, 0), ("equalize", 0.6, 0)),
    (("equalize", 0.4, 0), ("solarize", 0.2, 4)),
    (("solarize", 0.6, 5), ("auto_contrast", 0.6, 0)),
    (("invert", 0.6, 0), ("equalize", 1.0, 0)),
    (("colour", 0.6, 4), ("contrast", 1.0, 8)),
    (("equalize", 0.8, 0), ("equalize", 0.6, 0)),
)
_STRONGEST = 9
_ENHANCERS = {
    "colour": ImageEnhance.Color,
    "contrast": ImageEnhance.Contrast,
    "sharpness": ImageEnhance.Sharpness,
}
_GREY = (128, 128, 128)
_KERNELS = (Image.Resampling.BILINEAR, Image.Resampling.BICUBIC)


def edited(
    pixels: UInt8[np.ndarray, "height width 3"],
    policy: int,
    draws: Float64[np.ndarray, "4"],
    strengths: Literal["nine", "ten"] = "nine",
) -> UInt8[np.ndarray, "height width 3"]:
    """The image after both steps of a policy, of the same size.

    Args:
        pixels: RGB.
        policy: index into ``POLICIES``.
        draws: in [0, 1): a step is applied where its chance (the first two) lies below its share,
            and turned the other way where its direction (the last two) lies below 0.5. Where
            strengths are of ten, the odd quarters of a direction are those of bicubic resampling.
        strengths: what they are shares of; ``ten`` is FastReID's program.
    """
    image = Image.fromarray(pixels)
    for (operation, share, strength), chance, direction in zip(
        POLICIES[policy], draws[:2], draws[2:], strict=True
    ):
        if chance < share and strengths == "nine":
            image = _applied(image, operation, strength, 1 if direction >= 0.5 else -1)
        elif chance < share:
            image = _applied_of_ten(image, operation, strength, direction)
    return np.asarray(image)


def _applied(image: Image.Image, operation: str, strength: int, sign: int) -> Image.Image:
    share = strength / _STRONGEST
    match operation:
        case "auto_contrast":
            return ImageOps.autocontrast(image)
        case "equalize":
            return ImageOps.equalize(image)
        case "invert":
            return ImageOps.invert(image)
        case "posterize":
            # From 8 bits a channel down to 4.
            return ImageOps.posterize(image, 8 - round(4 * share))
        case "solarize":
            return ImageOps.solarize(image, math.ceil(255 * (1 - share)))
        case "rotate":
            return image.rotate(sign * 30 * share)
    return _sheared_or_enhanced(image, operation, share, sign)


def _sheared_or_enhanced(
    image: Image.Image, operation: str, share: float, sign: int
) -> Image.Image:
    if operation == "shear":
        slant = sign * 0.3 * share
        matrix = (1.0, slant, -slant * image.height / 2, 0.0, 1.0, 0.0)
        return image.transform(image.size, Image.Transform.AFFINE, matrix)
    return _ENHANCERS[operation](image).enhance(1 + sign * 0.9 * share)


def _applied_of_ten(
    image: Image.Image, operation: str, strength: int, direction: float
) -> Image.Image:
    """One step as FastReID's program has it.

    Posterize keeps 4 bits and more, the more the stronger it is, and solarize inverts what is not
    below a bound that rises with strength; colour, contrast and sharpness have one direction.
    """
    share = strength / 10
    sign, kernel = 1 if direction >= 0.5 else -1, _KERNELS[int(4 * direction) % 2]
    match operation:
        case "posterize":
            return ImageOps.posterize(image, int(4 * share) + 4)
        case "solarize":
            return ImageOps.solarize(image, int(256 * share))
        case "rotate":
            return image.rotate(sign * 30 * share, kernel, fillcolor=_GREY)
        case "shear":
            matrix = (1.0, sign * 0.3 * share, 0.0, 0.0, 1.0, 0.0)
            affine = Image.Transform.AFFINE
            return image.transform(image.size, affine, matrix, kernel, fillcolor=_GREY)
        case "colour" | "contrast" | "sharpness":
            return _ENHANCERS[operation](image).enhance(0.1 + 1.8 * share)
    return _applied(image, operation, strength, sign)
