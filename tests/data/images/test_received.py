"""Images from somebody unknown."""

import contextlib
import io
import struct
import zlib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from workbench.data.images.uploaded import FORMATS, LARGEST_BYTES, receive_image, require_size
from workbench.errors import BrokenImage

PIXELS = np.random.default_rng(3).integers(0, 256, (24, 12, 3), dtype=np.uint8)


def saved(image, kind="PNG", **options):
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def header_of_png(width, height):
    """A PNG that promises a size and holds no pixels."""
    fields = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    checksum = struct.pack(">I", zlib.crc32(b"IHDR" + fields))
    header = struct.pack(">I", 13) + b"IHDR" + fields + checksum
    return b"\x89PNG\r\n\x1a\n" + header + struct.pack(">I", 9) + b"IDAT"


@pytest.mark.parametrize("kind", FORMATS)
def test_allowed_formats_are_read(kind):
    assert receive_image(saved(Image.fromarray(PIXELS), kind)).size == (12, 24)


def test_pixels_come_as_they_were_meant():
    np.testing.assert_array_equal(receive_image(saved(Image.fromarray(PIXELS))), PIXELS)
    exif = Image.Exif()
    exif[0x0112] = 6  # the camera was held a quarter turn to the left
    turned = receive_image(saved(Image.fromarray(PIXELS), exif=exif))
    np.testing.assert_array_equal(turned, np.rot90(PIXELS, k=-1))
    assert receive_image(saved(Image.new("RGBA", (3, 5)))).mode == "RGB"


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "The file is empty"),
        (b"no image at all", "no image that can be read here: use JPEG, PNG, WEBP or BMP"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "no image that can be read here"),
        (saved(Image.fromarray(PIXELS), "GIF"), "no image that can be read here"),
        (saved(Image.fromarray(PIXELS), "JPEG")[:-80], "damaged or cut off"),
        (saved(Image.fromarray(PIXELS))[:300], "damaged or cut off"),
        (header_of_png(6000, 5000), "6000 x 5000 pixels, more than the 25 million allowed"),
        (header_of_png(60_000, 60_000), "more than the 25 million allowed"),
    ],
)
def test_what_is_refused_is_told_in_one_sentence(data, reason):
    with pytest.raises(BrokenImage, match=reason):
        receive_image(data)


def test_too_many_bytes_are_refused_before_they_are_looked_at():
    with pytest.raises(BrokenImage, match=r"10\.0 MB, more than the 10 MB allowed"):
        require_size(LARGEST_BYTES + 1)
    require_size(LARGEST_BYTES)


@pytest.mark.thorough
@settings(max_examples=60, deadline=None)
@given(st.integers(0, 400), st.binary(min_size=1, max_size=6))
def test_damage_anywhere_is_an_image_or_a_refusal(place, damage):
    data = bytearray(saved(Image.fromarray(PIXELS)))
    data[place : place + len(damage)] = damage
    with contextlib.suppress(BrokenImage):
        assert receive_image(bytes(data)).mode == "RGB"
