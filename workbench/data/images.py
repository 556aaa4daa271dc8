"""Reading one image file: RGB, upright, of a sane size, or one sentence that names the file."""

import struct
import zlib
from pathlib import Path
from typing import Literal

import numpy as np
from jaxtyping import UInt8
from PIL import Image, ImageOps

from workbench.errors import BrokenImage

PIXEL_LIMIT = 50_000_000
SUFFIXES = frozenset({".jpg", ".jpeg", ".png", ".bmp", ".tif", ".tiff", ".webp"})
Interpolation = Literal["bilinear", "bicubic", "bilinear_plain"]

_RESAMPLING = {
    "bilinear": Image.Resampling.BILINEAR,
    "bicubic": Image.Resampling.BICUBIC,
}
# What Pillow's decoders let through on damaged files.
_DAMAGE = (OSError, SyntaxError, ValueError, TypeError, LookupError, EOFError, OverflowError)
_DAMAGED = (*_DAMAGE, struct.error, zlib.error, MemoryError)


def is_image(path: Path) -> bool:
    """Whether the name is that of an image file; hidden files are not."""
    return path.suffix.lower() in SUFFIXES and not path.name.startswith(".")


def open_image(path: Path, pixel_limit: int = PIXEL_LIMIT) -> UInt8[np.ndarray, "height width 3"]:
    """The image as it is meant to be seen: RGB, turned as its EXIF orientation says.

    Raises BrokenImage for a file that cannot be decoded or has more than ``pixel_limit`` pixels.
    """
    return np.asarray(_open(path, pixel_limit))


def open_resized(
    path: Path,
    height: int,
    width: int,
    interpolation: Interpolation,
    pixel_limit: int = PIXEL_LIMIT,
) -> UInt8[np.ndarray, "height width 3"]:
    """The image at exactly this size, its shape not kept, antialiased when it shrinks.

    Raises BrokenImage as ``open_image`` does.
    """
    return resized(_open(path, pixel_limit), height, width, interpolation)


def resized(
    image: Image.Image, height: int, width: int, interpolation: Interpolation
) -> UInt8[np.ndarray, "height width 3"]:
    """An RGB image at exactly this size, its shape not kept, antialiased when it shrinks.

    ``bilinear_plain`` does not antialias: each pixel comes from the four nearest, as in OpenCV.
    """
    if image.size != (width, height) and interpolation == "bilinear_plain":
        steps = (image.width / width, 0.0, 0.0, 0.0, image.height / height, 0.0)
        image = image.transform(
            (width, height), Image.Transform.AFFINE, steps, Image.Resampling.BILINEAR
        )
    elif image.size != (width, height):
        image = image.resize((width, height), _RESAMPLING[interpolation])
    return np.asarray(image)


def _open(path: Path, pixel_limit: int) -> Image.Image:
    try:
        with Image.open(path) as image:
            # The size is known before anything is decoded, so a bomb is never unpacked.
            if image.width * image.height > pixel_limit:
                raise _too_large(path, f"{image.width} x {image.height}", pixel_limit)
            upright = ImageOps.exif_transpose(image)
            return upright.convert("RGB")
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise _too_large(path, "far too many", pixel_limit) from error
    except _DAMAGED as error:
        raise BrokenImage(
            f"{path} cannot be read as an image ({_reason(error)}): replace it or remove it."
        ) from error


def _too_large(path: Path, size: str, pixel_limit: int) -> BrokenImage:
    return BrokenImage(
        f"{path} has {size} pixels, more than the {pixel_limit / 1e6:g} million allowed: shrink it"
        " or remove it."
    )


def _reason(error: BaseException) -> str:
    if isinstance(error, FileNotFoundError):
        return "it does not exist"
    if isinstance(error, Image.UnidentifiedImageError):
        return "no known image format"
    return str(error).partition("\n")[0] or type(error).__name__
