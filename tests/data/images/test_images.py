import contextlib
import io
import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from workbench.data.images.image_file import is_image, open_image, open_resized
from workbench.errors import BrokenImage

CORNERS = np.array([[[255, 0, 0], [0, 255, 0]], [[0, 0, 255], [9, 9, 9]]], dtype=np.uint8)


def saved(path: Path, image: Image.Image, **options) -> Path:
    image.save(path, **options)
    return path


def test_pixels_come_back_as_they_were_saved(tmp_path):
    path = saved(tmp_path / "a.png", Image.fromarray(CORNERS))
    np.testing.assert_array_equal(open_image(path), CORNERS)


def test_exif_orientation_turns_the_image_upright(tmp_path):
    exif = Image.Exif()
    exif[0x0112] = 6  # the camera was held a quarter turn to the left
    path = saved(tmp_path / "a.png", Image.fromarray(CORNERS), exif=exif)
    np.testing.assert_array_equal(open_image(path), np.rot90(CORNERS, k=-1))


@pytest.mark.parametrize("mode", ["1", "L", "P", "LA", "RGBA", "CMYK"])
def test_every_colour_mode_becomes_rgb(tmp_path, mode):
    suffix = "tif" if mode == "CMYK" else "png"
    path = saved(tmp_path / f"a.{suffix}", Image.new(mode, (5, 3)))
    assert open_image(path).shape == (3, 5, 3)
    assert open_image(path).dtype == np.uint8


def test_resizing_does_not_keep_the_shape_and_averages_when_it_shrinks(tmp_path):
    stripes = np.zeros((8, 8, 3), dtype=np.uint8)
    stripes[::2] = 200
    path = saved(tmp_path / "a.png", Image.fromarray(stripes))
    small = open_resized(path, height=2, width=4, interpolation="bilinear")
    assert small.shape == (2, 4, 3)
    assert np.abs(small.astype(int) - 100).max() <= 20


def test_an_image_of_the_right_size_is_not_resampled(tmp_path):
    path = saved(tmp_path / "a.png", Image.fromarray(CORNERS))
    np.testing.assert_array_equal(open_resized(path, 2, 2, "bicubic"), CORNERS)


def test_too_many_pixels_are_refused_by_name(tmp_path):
    path = saved(tmp_path / "wide.png", Image.new("RGB", (200, 100)))
    with pytest.raises(BrokenImage, match=r"wide\.png has 200 x 100 pixels, more than the 0\.01"):
        open_image(path, pixel_limit=10_000)


@pytest.mark.parametrize("side", [10_000, 20_000])
def test_a_bomb_is_refused_before_it_is_unpacked(tmp_path, side):
    path = saved(tmp_path / "bomb.png", Image.new("L", (1, 1)))
    content = bytearray(path.read_bytes())
    content[16:24] = struct.pack(">II", side, side)  # only the header says so
    content[29:33] = struct.pack(">I", zlib.crc32(content[12:29]))
    path.write_bytes(content)
    with pytest.raises(BrokenImage, match=r"bomb\.png has .* pixels"):
        open_image(path)


def test_a_broken_file_is_one_sentence_with_its_name(tmp_path):
    text, cut, gone = tmp_path / "text.jpg", tmp_path / "cut.png", tmp_path / "gone.png"
    text.write_text("hello")
    whole = saved(tmp_path / "whole.png", Image.effect_noise((64, 64), 50)).read_bytes()
    cut.write_bytes(whole[: len(whole) // 2])
    for path, reason in ((text, "no known image format"), (cut, ""), (gone, "does not exist")):
        with pytest.raises(BrokenImage) as caught:
            open_image(path)
        assert str(path) in str(caught.value)
        assert reason in str(caught.value)
        assert "\n" not in str(caught.value)


@pytest.mark.thorough
@pytest.mark.filterwarnings("ignore")  # Pillow warns about damaged metadata
@settings(deadline=None, max_examples=150)
@given(
    kind=st.sampled_from(["jpeg", "png", "tiff", "webp", "bmp"]),
    edits=st.lists(st.tuples(st.floats(0, 0.999), st.integers(0, 255)), max_size=6),
    keep=st.floats(0.1, 1.0),
)
def test_a_damaged_file_is_read_or_refused_and_nothing_else(tmp_path_factory, kind, edits, keep):
    memory = io.BytesIO()
    Image.fromarray(np.tile(CORNERS, (8, 8, 1))).save(memory, format=kind)
    content = bytearray(memory.getvalue())
    for place, value in edits:
        content[int(place * len(content))] = value
    path = tmp_path_factory.getbasetemp() / f"damaged.{kind}"
    path.write_bytes(content[: int(keep * len(content))])
    with contextlib.suppress(BrokenImage):
        assert open_image(path).shape[2] == 3


def test_image_files_are_known_by_their_name():
    named = ["a.jpg", "B.JPEG", "c.Png", "d.bmp", "e.tif", "f.webp"]
    assert all(is_image(Path(name)) for name in named)
    others = ["Thumbs.db", "a.txt", "jpg", "._a.jpg"]
    assert not any(is_image(Path(name)) for name in others)
