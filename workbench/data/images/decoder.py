"""The one place where image files are decoded: formats from a list, memory within a budget.

Pillow has readers of dozens of formats, some of which start other programs: only those of
``FORMATS`` are asked. However many threads want images at once, no more pixels than
``BUDGET_PIXELS`` are decoded at a time, and what large ones took is given back.
"""

import ctypes
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import cache
from io import BytesIO
from pathlib import Path

from PIL import ExifTags, Image, ImageOps

from workbench.data.images.depth import Depth, Levels, in_eight_bits

FORMATS = ("JPEG", "PNG", "WEBP", "BMP", "TIFF", "GIF")
PIXEL_LIMIT = 50_000_000
BUDGET_PIXELS = PIXEL_LIMIT
_LARGE = 4_000_000
_TURNED = range(5, 9)  # EXIF orientations that exchange width and height
_MARGIN = 2
_ARENA_MAX = -8  # of malloc.h


class TooManyPixels(Exception):
    """An image is larger than allowed; its message is the size."""


@dataclass(frozen=True)
class Limits:
    """What may be decoded.

    Attributes:
        formats: names of formats, as Pillow has them.
        pixels: the most an image may have.
        height: an image that is only looked at, at this many pixels or less: JPEG is then decoded
            at a fraction of its size. None: all pixels as they are.
    """

    formats: tuple[str, ...] = FORMATS
    pixels: int = PIXEL_LIMIT
    height: int | None = None


class Budget:
    """So many pixels may be decoded at once; whoever wants more waits, in the order of asking."""

    def __init__(self, pixels: int) -> None:
        self._all = self._free = pixels
        self._turn, self._changed = threading.Lock(), threading.Condition()

    @contextmanager
    def take(self, pixels: int) -> Iterator[None]:
        """Wait for room and keep it. A thread must not take again what it holds already."""
        wanted = min(pixels, self._all)
        with self._turn, self._changed:
            self._changed.wait_for(lambda: self._free >= wanted)
            self._free -= wanted
        try:
            yield
        finally:
            if pixels >= _LARGE:
                give_back()
            with self._changed:
                self._free += wanted
                self._changed.notify_all()


budget = Budget(BUDGET_PIXELS)
"""That of this process."""


def decode(held: ExitStack, source: Path | BytesIO, levels: Levels, limits: Limits) -> Image.Image:
    """An image in RGB, upright; it and its room in the budget go when ``held`` is closed.

    Raises TooManyPixels, DepthError, and nearly anything over damaged files.
    """
    image = open_within(held, source, limits)
    depth = Depth.of(image)
    ImageOps.exif_transpose(image, in_place=True)
    if depth.deep:
        converted = in_eight_bits(image, depth, levels)
    elif image.mode != "RGB":
        converted = image.convert("RGB")
    else:
        image.load()
        return image
    image.close()
    held.callback(converted.close)
    return converted


def open_within(held: ExitStack, source: Path | BytesIO, limits: Limits) -> Image.Image:
    """An image as it is stored, its pixels still unread, with room for them in the budget.

    Raises TooManyPixels, and nearly anything over damaged files.
    """
    image = held.enter_context(Image.open(source, formats=limits.formats))
    pixels = image.width * image.height
    # The size is known before anything is decoded, so a bomb is never unpacked.
    if pixels > limits.pixels:
        raise TooManyPixels(f"{image.width} x {image.height}")
    # Of a progressive file all coefficients are kept, whatever size is asked for.
    if limits.height is not None and image.format == "JPEG" and "progressive" not in image.info:
        _draft(image, limits.height)
        pixels = image.width * image.height
    held.enter_context(budget.take(pixels))
    # Freed before its room is: whoever waits for it begins at once.
    held.callback(image.close)
    return image


def give_back() -> None:
    """Return freed memory to the system, where the C library would keep it for later."""
    library = _c_library()
    if library is not None:
        library.malloc_trim(0)


def share_one_heap() -> None:
    """Let all threads started from now on take memory from one heap; before there are any.

    The C library gives each thread a heap of its own and never returns the last large piece of it:
    with forty threads that answer requests, half a gigabyte.
    """
    library = _c_library()
    if library is not None:
        library.mallopt(_ARENA_MAX, 1)


@cache
def _c_library() -> ctypes.CDLL | None:
    """The C library, where it is GNU's."""
    try:
        library = ctypes.CDLL(None)
        return library if hasattr(library, "malloc_trim") else None
    except (OSError, TypeError):
        return None


def _draft(image: Image.Image, height: int) -> None:
    """Let JPEG be decoded at an eighth, a quarter or half of its size, if that is enough."""
    turned = image.getexif().get(ExifTags.Base.Orientation) in _TURNED
    wide, tall = image.size[::-1] if turned else image.size
    share = _MARGIN * min(2 * height / wide, height / tall)
    if share < 1:
        width, height = image.size
        image.draft("RGB", (max(round(width * share), 1), max(round(height * share), 1)))
