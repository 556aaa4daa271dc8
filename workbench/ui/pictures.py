"""Small pictures for a page: bounded in size, made once, kept in memory."""

import io
from functools import lru_cache

from PIL import Image

from workbench.data.images.decoder import Limits
from workbench.data.images.image_file import ImageFile, opened

LARGEST_HEIGHT = 512
SMALLEST_HEIGHT = 32
_KEPT = 2000


def thumbnail(file: ImageFile, height: int) -> bytes:
    """The image as JPEG, at most ``height`` (32 to 512) pixels high and never enlarged.

    Raises BrokenImage for a file that is no image or too large to be one.
    """
    changed = file.path.stat().st_mtime_ns if file.path.is_file() else 0
    return _thumbnail(file, bounded(height), changed)


def bounded(height: int) -> int:
    """The height in pixels that is given where this one is asked for."""
    return min(max(height, SMALLEST_HEIGHT), LARGEST_HEIGHT)


def small_jpeg(picture: Image.Image, height: int) -> bytes:
    """An RGB image as JPEG, at most ``height`` pixels high and twice as wide, never enlarged.

    ``picture`` itself becomes small: a large one is not copied first.
    """
    picture.thumbnail((2 * height, height), Image.Resampling.LANCZOS)
    file = io.BytesIO()
    picture.save(file, "JPEG", quality=90, exif=b"")
    return file.getvalue()


@lru_cache(maxsize=_KEPT)
def _thumbnail(file: ImageFile, height: int, changed: int) -> bytes:
    with opened(file.path, file.levels, Limits(height=height)) as image:
        return small_jpeg(image, height)
