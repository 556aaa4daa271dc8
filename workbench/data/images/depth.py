"""Images of more than 8 bits a channel: which value is white in them, and the picture in 8 bits.

A file rarely says how many of its bits are used: a camera of 12 bits is stored in 16. The value
that is white is therefore the smallest of the usual ones that no image of the same data set
exceeds, and the same for all of them: brighter stays brighter from one image to the next.
"""

from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from jaxtyping import UInt8
from PIL import Image

INTEGER_WHITES = (255, 1_023, 4_095, 16_383, 65_535)
"""Largest values of 8, 10, 12, 14 and 16 bits."""
REAL_WHITES = (1.0, 255.0)
_TWELVE_BITS = 4_095
_PHOTOMETRIC, _WHITE_IS_ZERO = 262, 0
_ROUNDING = 1e-6
_Number = TypeVar("_Number", int, float)


class DepthError(Exception):
    """Values that no picture can be made of: what they are, and what to do."""


@dataclass(frozen=True)
class Levels:
    """The values that are white in the deep images of a data set; None where it has none.

    Attributes:
        integer: of images of 16 or 32 bits, one of ``INTEGER_WHITES``.
        real: of images of floating point numbers, one of ``REAL_WHITES``.
    """

    integer: int | None = None
    real: float | None = None

    @property
    def notes(self) -> tuple[str, ...]:
        """What a user must know of them, a sentence for each kind of image."""
        notes: list[str] = []
        if self.integer is not None:
            bits = self.integer.bit_length()
            notes.append(
                f"Images of more than 8 bits are read with {self.integer} as white ({bits} bits),"
                " the smallest of the usual ranges that holds all of them."
            )
        if self.real is not None:
            notes.append(
                f"Images of floating point numbers are read with {self.real:g} as white, because"
                f" their values lie from 0 to {self.real:g}."
            )
        return tuple(notes)


@dataclass(frozen=True)
class Depth:
    """How the values of an open image are stored; asked before its pixels are loaded.

    Attributes:
        deep: it has more than 8 bits a channel.
        coarse: Pillow keeps the upper 8 of 16 bits alone, as it does in colour.
        twelve: the file itself says 12 bits.
        inverted: 0 is white.
    """

    deep: bool
    coarse: bool = False
    twelve: bool = False
    inverted: bool = False

    @classmethod
    def of(cls, image: Image.Image) -> "Depth":
        """The depth of an image that is open, its pixels still unread."""
        stored = " ".join(str(tile[3]) for tile in getattr(image, "tile", ()))
        if image.mode == "F" or image.mode.startswith("I"):
            tags = getattr(image, "tag_v2", {})
            inverted = tags.get(_PHOTOMETRIC) == _WHITE_IS_ZERO
            return cls(True, twelve="I;12" in stored, inverted=inverted)
        return cls(";16" in stored, coarse=";16" in stored)


def largest_value(image: Image.Image, depth: Depth) -> int | float:
    """The largest value of a deep image: an integer, or a float of floating point numbers.

    Raises DepthError where a value is below 0 or not finite, or above all usual ranges.
    """
    if depth.coarse:
        # The lower bits are gone: the largest value they leave room for.
        return (max(high for _, high in _extrema(image)) << 8) | 255
    values = np.asarray(image)
    if image.mode == "F":
        if not np.isfinite(values).all():
            raise DepthError("holds values that are not finite: save it with 8 bits.")
        return _within(float(values.min()), float(values.max()), REAL_WHITES[-1] + _ROUNDING)
    largest = _within(int(values.min()), int(values.max()), INTEGER_WHITES[-1])
    return _TWELVE_BITS if depth.twelve else largest


def white_of(largest: int | float, levels: Levels) -> int | float:
    """The value that is white in an image: its data set's, else the smallest that holds it.

    Raises DepthError where the image exceeds its data set's.
    """
    real = isinstance(largest, float)
    white = levels.real if real else levels.integer
    if white is None:
        usual = REAL_WHITES if real else INTEGER_WHITES
        return next(white for white in usual if largest <= white + real * _ROUNDING)
    if largest > white + real * _ROUNDING:
        raise DepthError(
            f"holds values up to {largest:g}, where the images of its data set end at {white:g}:"
            " save it with 8 bits, or in the range of the others."
        )
    return white


def in_eight_bits(image: Image.Image, depth: Depth, levels: Levels) -> Image.Image:
    """A deep image as RGB, its white at 255.

    Raises DepthError where its values have no usual range, or cannot be brought to that range.
    """
    largest = largest_value(image, depth)
    white = white_of(largest, levels)
    if depth.coarse:
        if white != INTEGER_WHITES[-1]:
            raise DepthError(
                f"is a 16-bit colour image in which {white:g} is white, of which only the upper 8"
                " bits can be read: save it with 8 bits, or in the range from 0 to 65535."
            )
        return image.convert("RGB")
    scaled = _scaled(np.asarray(image), white)
    grey = Image.fromarray(255 - scaled if depth.inverted else scaled)
    return grey.convert("RGB")


def _scaled(values: np.ndarray, white: int | float) -> UInt8[np.ndarray, "height width"]:
    if isinstance(white, float):
        return np.clip(np.rint(values * np.float32(255 / white)), 0, 255).astype(np.uint8)
    # A table: no second copy of a large image in wider numbers.
    table = np.minimum((np.arange(65_536) * 255 + white // 2) // white, 255).astype(np.uint8)
    return table[values]


def _within(lowest: _Number, highest: _Number, limit: int | float) -> _Number:
    if lowest < 0 or highest > limit:
        raise DepthError(
            f"holds values from {lowest:g} to {highest:g}, which is none of the usual ranges: save"
            " it with 8 bits, as integers from 0 to 65535, or as numbers from 0 to 1."
        )
    return highest


def _extrema(image: Image.Image) -> list[tuple[int, int]]:
    extrema = image.getextrema()
    return [extrema] if isinstance(extrema[0], int) else list(extrema)  # pyright: ignore
