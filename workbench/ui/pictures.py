"""Small pictures for a page: bounded in size, made once, kept in memory."""

import io
from functools import lru_cache
from pathlib import Path

from PIL import Image

from workbench.data.images import open_image

LARGEST_HEIGHT = 512
SMALLEST_HEIGHT = 32
_KEPT = 2000


def thumbnail(path: Path, height: int) -> bytes:
    """The image as JPEG, at most ``height`` (32 to 512) pixels high and never enlarged.

    Raises BrokenImage for a file that is no image or too large to be one.
    """
    bounded = min(max(height, SMALLEST_HEIGHT), LARGEST_HEIGHT)
    changed = path.stat().st_mtime_ns if path.is_file() else 0
    return _thumbnail(path, bounded, changed)


def small_jpeg(picture: Image.Image, height: int) -> bytes:
    """An RGB image as JPEG, at most ``height`` pixels high and twice as wide, never enlarged."""
    small = picture.copy()
    small.thumbnail((2 * height, height), Image.Resampling.LANCZOS)
    file = io.BytesIO()
    small.save(file, "JPEG", quality=90)
    return file.getvalue()


@lru_cache(maxsize=_KEPT)
def _thumbnail(path: Path, height: int, changed: int) -> bytes:
    return small_jpeg(Image.fromarray(open_image(path)), height)
