"""One image that came as bytes from somebody unknown, checked before it is decoded."""

import io

from PIL import Image, ImageOps

from workbench.errors import BrokenImage

FORMATS = ("JPEG", "PNG", "WEBP", "BMP")
LARGEST_BYTES = 10_000_000
LARGEST_PIXELS = 25_000_000
ALLOWED = f"{', '.join(FORMATS[:-1])} or {FORMATS[-1]}"


def receive_image(data: bytes) -> Image.Image:
    """The image in RGB, turned as its EXIF orientation says.

    Raises BrokenImage where it is longer than ``LARGEST_BYTES``, of another format than
    ``FORMATS``, larger than ``LARGEST_PIXELS``, damaged or cut off.
    """
    require_size(len(data))
    try:
        with Image.open(io.BytesIO(data), formats=FORMATS) as image:
            # The size is known before anything is decoded, so a bomb is never unpacked.
            if image.width * image.height > LARGEST_PIXELS:
                raise _too_many_pixels(f"{image.width} x {image.height}")
            return ImageOps.exif_transpose(image).convert("RGB")
    except BrokenImage:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise _too_many_pixels("far too many") from error
    except Image.UnidentifiedImageError as error:
        raise BrokenImage(f"The file is no image that can be read here: use {ALLOWED}.") from error
    except Exception as error:
        # Decoders raise nearly anything over hostile bytes, and none of it is a bug of ours.
        reason = str(error).partition("\n")[0] or type(error).__name__
        raise BrokenImage(
            f"The image is damaged or cut off ({reason}): save it again, or use another one."
        ) from error


def require_size(length: int) -> None:
    """Refuse a file of this many bytes where that is none, or too many. Raises BrokenImage."""
    if length == 0:
        raise BrokenImage("The file is empty: use another one.")
    if length > LARGEST_BYTES:
        raise BrokenImage(
            f"The file has {length / 1e6:.1f} MB, more than the {LARGEST_BYTES / 1e6:g} MB allowed:"
            " shrink it first."
        )


def _too_many_pixels(size: str) -> BrokenImage:
    return BrokenImage(
        f"The image has {size} pixels, more than the {LARGEST_PIXELS / 1e6:g} million allowed:"
        " shrink it first."
    )
