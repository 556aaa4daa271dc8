"""Reading one image file: RGB, upright, of a sane size, or one sentence that names the file."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
from jaxtyping import Int32, UInt8
from PIL import Image

from workbench.data.images.decoder import PIXEL_LIMIT, Limits, TooManyPixels, decode
from workbench.data.images.depth import DepthError, Levels
from workbench.errors import BrokenImage

SUFFIXES = frozenset({".jpg", ".jpeg", ".png", ".bmp", ".tif", ".tiff", ".webp"})
Interpolation = Literal["bilinear", "bicubic", "bilinear_plain", "bilinear_opencv"]
ALONE = Levels()
"""Of a file that belongs to no data set: its own values say what is white."""
_WHOLE = Limits()
UNIT = 2048
"""What a share of 1 is in OpenCV's whole numbers."""

_RESAMPLING = {
    "bilinear": Image.Resampling.BILINEAR,
    "bicubic": Image.Resampling.BICUBIC,
}


@dataclass(frozen=True)
class ImageFile:
    """An image file of a data set, with the values that are white there."""

    path: Path
    levels: Levels = ALONE


def is_image(path: Path) -> bool:
    """Whether the name is that of an image file; hidden files are not."""
    return path.suffix.lower() in SUFFIXES and not path.name.startswith(".")


def open_image(
    path: Path, levels: Levels = ALONE, pixel_limit: int = PIXEL_LIMIT
) -> UInt8[np.ndarray, "height width 3"]:
    """The image as it is meant to be seen: RGB, turned as its EXIF orientation says.

    ``levels`` are those of its data set. Transparency is ignored. Raises BrokenImage for a file
    that cannot be decoded, has more than ``pixel_limit`` pixels, or values of no usual range.
    """
    with opened(path, levels, Limits(pixels=pixel_limit)) as image:
        return np.asarray(image)


def open_resized(
    path: Path,
    height: int,
    width: int,
    interpolation: Interpolation,
    levels: Levels = ALONE,
    pixel_limit: int = PIXEL_LIMIT,
) -> UInt8[np.ndarray, "height width 3"]:
    """The image at exactly this size, its shape not kept, antialiased when it shrinks.

    Raises BrokenImage as ``open_image`` does.
    """
    with opened(path, levels, Limits(pixels=pixel_limit)) as image:
        return resized(image, height, width, interpolation)


def image_size(file: ImageFile) -> tuple[int, int]:
    """Width and height of the upright image in pixels. Raises BrokenImage as ``open_image``."""
    with opened(file.path, file.levels) as image:
        return image.size


def resized(
    image: Image.Image, height: int, width: int, interpolation: Interpolation
) -> UInt8[np.ndarray, "height width 3"]:
    """An RGB image at exactly this size, its shape not kept, antialiased when it shrinks.

    ``bilinear_plain`` does not antialias: each pixel comes from the four nearest, and its fraction
    is dropped; ``bilinear_opencv`` rounds it as OpenCV does.
    """
    if interpolation == "bilinear_opencv":
        return _bilinear(np.asarray(image), height, width)
    if image.size != (width, height) and interpolation == "bilinear_plain":
        steps = (image.width / width, 0.0, 0.0, 0.0, image.height / height, 0.0)
        image = image.transform(
            (width, height), Image.Transform.AFFINE, steps, Image.Resampling.BILINEAR
        )
    elif image.size != (width, height):
        image = image.resize((width, height), _RESAMPLING[interpolation])
    return np.asarray(image)


def _bilinear(
    pixels: UInt8[np.ndarray, "rows columns 3"], height: int, width: int
) -> UInt8[np.ndarray, "height width 3"]:
    """Pixels between the four nearest in whole numbers of 2^-11, as OpenCV counts them."""
    top, below, lower = _between(len(pixels), height)
    left, beside, right = _between(pixels.shape[1], width)
    right[left == beside] = 0  # outside, OpenCV mixes rows, whose roundings count, but no columns
    wide = pixels.astype(np.int32)
    rows = wide[:, left] * (UNIT - right)[:, None] + wide[:, beside] * right[:, None]
    upper_share, lower_share = (UNIT - lower)[:, None, None], lower[:, None, None]
    total = (upper_share * (rows[top] >> 4) >> 16) + (lower_share * (rows[below] >> 4) >> 16)
    return (total + 2 >> 2).astype(np.uint8)


def _between(
    before: int, after: int
) -> tuple[Int32[np.ndarray, "after"], Int32[np.ndarray, "after"], Int32[np.ndarray, "after"]]:
    """For each new place along an axis the two places around it, and the share of the second."""
    places = ((np.arange(after) + 0.5) * (before / after) - 0.5).astype(np.float32)
    first = np.floor(places)
    shares = np.rint((places - first) * np.float32(UNIT)).astype(np.int32)
    around = first.astype(np.int32) + np.array([[0], [1]], dtype=np.int32)
    first_in, second_in = around.clip(0, before - 1)
    return first_in, second_in, shares


@contextmanager
def opened(path: Path, levels: Levels = ALONE, limits: Limits = _WHOLE) -> Iterator[Image.Image]:
    """The image of a file as Pillow's, for as long as its room in memory is kept.

    Raises BrokenImage as ``open_image`` does.
    """
    with ExitStack() as held:
        yield _decoded(held, path, levels, limits)


def _decoded(held: ExitStack, path: Path, levels: Levels, limits: Limits) -> Image.Image:
    try:
        return decode(held, path, levels, limits)
    except TooManyPixels as error:
        raise _too_large(path, str(error), limits.pixels) from error
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise _too_large(path, "far too many", limits.pixels) from error
    except DepthError as error:
        raise BrokenImage(f"{path} {error}") from error
    except Exception as error:
        # Decoders raise nearly anything over damaged files, and none of it is a bug of ours.
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
