"""One image that came as bytes from somebody unknown, checked before it is decoded."""

import io
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from PIL import Image

from workbench.data.images.decoder import Limits, TooManyPixels, decode
from workbench.data.images.depth import DepthError, Levels
from workbench.data.images.image_file import ALONE
from workbench.errors import BrokenImage

FORMATS = ("JPEG", "PNG", "WEBP", "BMP")
LARGEST_BYTES = 10_000_000
LARGEST_PIXELS = 25_000_000
ALLOWED = f"{', '.join(FORMATS[:-1])} or {FORMATS[-1]}"


def receive_image(data: bytes, levels: Levels = ALONE) -> Image.Image:
    """The image in RGB, turned as its EXIF orientation says.

    Raises BrokenImage where it is longer than ``LARGEST_BYTES``, of another format than
    ``FORMATS``, larger than ``LARGEST_PIXELS``, damaged or cut off, or of values that do not fit
    ``levels``, those of the data set it is looked for in.
    """
    with received(data, levels) as image:
        return image.copy()


@contextmanager
def received(
    data: bytes, levels: Levels = ALONE, height: int | None = None
) -> Iterator[Image.Image]:
    """The same for as long as its room in memory is kept; ``height`` as in ``Limits``."""
    require_size(len(data))
    with ExitStack() as held:
        yield _decoded(held, data, levels, Limits(FORMATS, LARGEST_PIXELS, height))


def require_size(length: int) -> None:
    """Refuse a file of this many bytes where that is none, or too many. Raises BrokenImage."""
    if length == 0:
        raise BrokenImage("The file is empty: use another one.")
    if length > LARGEST_BYTES:
        raise BrokenImage(
            f"The file has {length / 1e6:.1f} MB, more than the {LARGEST_BYTES / 1e6:g} MB allowed:"
            " shrink it first."
        )


def _decoded(held: ExitStack, data: bytes, levels: Levels, limits: Limits) -> Image.Image:
    try:
        return decode(held, io.BytesIO(data), levels, limits)
    except TooManyPixels as error:
        raise _too_many_pixels(str(error)) from error
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise _too_many_pixels("far too many") from error
    except Image.UnidentifiedImageError as error:
        raise BrokenImage(f"The file is no image that can be read here: use {ALLOWED}.") from error
    except DepthError as error:
        raise BrokenImage(f"The image {error}") from error
    except Exception as error:
        # Decoders raise nearly anything over hostile bytes, and none of it is a bug of ours.
        reason = str(error).partition("\n")[0] or type(error).__name__
        raise BrokenImage(
            f"The image is damaged or cut off ({reason}): save it again, or use another one."
        ) from error


def _too_many_pixels(size: str) -> BrokenImage:
    return BrokenImage(
        f"The image has {size} pixels, more than the {LARGEST_PIXELS / 1e6:g} million allowed:"
        " shrink it first."
    )
