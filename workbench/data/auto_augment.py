"""The editing steps AutoAugment learned for ImageNet.

Source: Cubuk et al. 2019 (arXiv 1805.09501), tables 6 and 9.
"""

import math

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


def edited(
    pixels: UInt8[np.ndarray, "height width 3"], policy: int, draws: Float64[np.ndarray, "4"]
) -> UInt8[np.ndarray, "height width 3"]:
    """The image after both steps of a policy, of the same size.

    Args:
        pixels: RGB.
        policy: index into ``POLICIES``.
        draws: in [0, 1): a step is applied where its chance (the first two) lies below its share,
            and turned the other way where its direction (the last two) lies below 0.5.
    """
    image = Image.fromarray(pixels)
    for (operation, share, strength), chance, direction in zip(
        POLICIES[policy], draws[:2], draws[2:], strict=True
    ):
        if chance < share:
            image = _applied(image, operation, strength, 1 if direction >= 0.5 else -1)
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
    kinds = {
        "colour": ImageEnhance.Color,
        "contrast": ImageEnhance.Contrast,
        "sharpness": ImageEnhance.Sharpness,
    }
    return kinds[operation](image).enhance(1 + sign * 0.9 * share)
