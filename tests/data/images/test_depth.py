"""Images of 10, 12, 14, 16 and 32 bits and of floating point numbers: the pixels they become."""

import io
import struct
import zlib

import numpy as np
import pytest
from PIL import Image

from workbench.data.catalogue.splits import read_split
from workbench.data.checks.check import check
from workbench.data.images.depth import Levels
from workbench.data.images.image_file import open_image, open_resized
from workbench.data.images.uploaded import receive_image
from workbench.data.images.white_levels import levels_of
from workbench.data.loaders import EvaluationLoader, TrainLoader
from workbench.data.samples import Sample, Split
from workbench.errors import BrokenImage
from workbench.recipe.settings.data import Data
from workbench.recipe.settings.datasets import ImageFolder
from workbench.recipe.settings.samplers import Shuffle

GREY = np.arange(256, dtype=np.uint8).reshape(16, 16)


def stored(path, values):
    Image.fromarray(values).save(path)
    return path


def colour16(path, values):
    """An RGB PNG of 16 bits, which Pillow cannot write."""

    def chunk(kind, body):
        return (
            struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        )

    height, width, _ = values.shape
    rows = b"".join(b"\0" + row.astype(">u2").tobytes() for row in values)
    header = struct.pack(">IIBBBBB", width, height, 16, 2, 0, 0, 0)
    body = chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + body)
    return path


def assert_grey(image, expected, within=0):
    assert image.shape == (*expected.shape, 3)
    for channel in range(3):
        assert np.abs(image[..., channel].astype(int) - expected).max() <= within


@pytest.mark.parametrize(
    ("name", "values", "within"),
    [
        ("16.png", GREY.astype(np.uint16) * 257, 0),
        ("16.tif", GREY.astype(np.uint16) * 257, 0),
        ("16_big_endian.tif", (GREY.astype(np.uint16) * 257).astype(">u2"), 0),
        ("14.png", np.rint(GREY * (16_383 / 255)).astype(np.uint16), 0),
        ("12.png", GREY.astype(np.uint16) * 16, 1),
        ("10.png", GREY.astype(np.uint16) * 4, 1),
        ("8_in_16.png", GREY.astype(np.uint16), 0),
        ("int32.tif", GREY.astype(np.int32) * 257, 0),
        ("float_to_1.tif", GREY.astype(np.float32) / 255, 0),
        ("float_to_255.tif", GREY.astype(np.float32), 0),
    ],
)
def test_a_deep_image_has_the_pixels_of_the_same_picture_in_8_bits(tmp_path, name, values, within):
    path = stored(tmp_path / name, values)
    assert_grey(open_image(path), GREY, within)
    plain = open_resized(stored(tmp_path / "grey.png", GREY), 8, 8, "bilinear").astype(int)
    assert np.abs(open_resized(path, 8, 8, "bilinear") - plain).max() <= within


def test_an_upload_of_16_bits_has_the_pixels_of_8_bits():
    file = io.BytesIO()
    Image.fromarray(GREY.astype(np.uint16) * 257).save(file, "PNG")
    assert_grey(np.asarray(receive_image(file.getvalue())), GREY)


def test_16_bits_of_colour_keep_their_upper_8_and_shorter_ones_are_refused(tmp_path):
    values = np.stack([GREY, GREY[::-1], GREY.T], axis=2)
    full = colour16(tmp_path / "full.png", values.astype(np.uint16) * 257)
    np.testing.assert_array_equal(open_image(full), values)
    short = colour16(tmp_path / "short.png", values.astype(np.uint16) * 16)
    with pytest.raises(BrokenImage, match=r"short\.png is a 16-bit colour .* 4095 is white"):
        open_image(short)


def test_a_dark_image_stays_darker_than_a_bright_one_of_its_data_set(tmp_path):
    bright = stored(tmp_path / "bright.png", GREY.astype(np.uint16) * 16)
    dark = stored(tmp_path / "dark.png", GREY.astype(np.uint16))
    split = Split("own", tmp_path, (Sample("bright.png", 1),), (), (Sample("dark.png", 2),))
    assert split.levels == Levels(integer=4095)
    assert_grey(open_image(bright, split.levels), GREY, 1)
    assert_grey(open_image(dark, split.levels), np.rint(GREY * (255 / 4095)))
    assert open_image(dark).max() == 255  # alone, its own values say what is white


def test_white_is_the_smallest_usual_value_that_no_image_exceeds(tmp_path):
    highest = {"a.png": 900, "b.png": 1_024, "c.png": 3_000}
    files = [
        stored(tmp_path / name, np.full((2, 2), value, np.uint16))
        for name, value in highest.items()
    ]
    assert levels_of(files[:1]).integer == 1_023
    assert levels_of(files).integer == 4_095
    files.append(stored(tmp_path / "d.tif", np.full((2, 2), 0.5, np.float32)))
    assert levels_of(files) == Levels(4_095, 1.0)
    files.append(stored(tmp_path / "e.tif", np.full((2, 2), 1.5, np.float32)))
    assert levels_of(files) == Levels(4_095, 255.0)
    broken = tmp_path / "broken.tif"
    broken.write_bytes(b"II*\0 and nothing more")
    plain = stored(tmp_path / "plain.png", GREY)
    assert levels_of([broken, plain, tmp_path / "gone.png"]) == Levels()


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        (np.full((2, 2), 70_000, np.int32), "values from 70000 to 70000, which is none of"),
        (np.full((2, 2), -1, np.int32), "values from -1 to -1, which is none of"),
        (np.full((2, 2), 300.5, np.float32), "values from 300.5 to 300.5, which is none of"),
        (np.full((2, 2), -0.1, np.float32), "values from -0.1 to -0.1, which is none of"),
        (np.full((2, 2), np.nan, np.float32), "values that are not finite"),
        (np.full((2, 2), np.inf, np.float32), "values that are not finite"),
    ],
)
def test_values_of_no_usual_range_are_refused_by_name(tmp_path, values, reason):
    path = stored(tmp_path / "odd.tif", values)
    with pytest.raises(BrokenImage, match=rf"odd\.tif holds {reason}"):
        open_image(path)


def test_an_image_brighter_than_the_white_of_its_data_set_is_refused(tmp_path):
    path = stored(tmp_path / "own.png", GREY.astype(np.uint16) * 257)
    with pytest.raises(BrokenImage, match=r"up to 65535, where the images of its data set end at"):
        open_image(path, Levels(integer=4_095))


def test_zero_is_white_where_the_file_says_so(tmp_path):
    path = tmp_path / "inverted.tif"
    deep = Image.fromarray(GREY.astype(np.uint16) * 257)
    deep.save(path, tiffinfo={262: 0})
    with Image.open(path) as image:
        assert image.tag_v2[262] == 0
    assert_grey(open_image(path), 255 - GREY)


def test_levels_are_said_in_sentences():
    assert Levels().notes == ()
    (integer,) = Levels(integer=4_095).notes
    assert "read with 4095 as white (12 bits)" in integer
    (real,) = Levels(real=1.0).notes
    assert "read with 1 as white" in real


def twelve_bits(root):
    """Four people on two images each, of which one pair is dark, stored as 12 bits in 16."""
    for person in range(4):
        for number in range(2):
            path = root / f"person {person}" / f"{number}.png"
            path.parent.mkdir(parents=True, exist_ok=True)
            stored(path, GREY.astype(np.uint16) * (1 if person == 2 else 16))
    return root


def test_data_check_says_how_deep_images_are_read_and_evaluation_reads_them_so(tmp_path):
    root = twelve_bits(tmp_path / "own")
    report = check(root, "folder")
    assert any("read with 4095 as white (12 bits)" in note for note in report.notes)
    split = read_split(Data(dataset=ImageFolder(), root=str(root)))
    data = Data(height=16, width=16)
    loader = EvaluationLoader(split.query, split.root, data, 8, levels=split.levels)
    ((images, _),) = list(loader)
    for image, sample in zip(images, split.query, strict=True):
        seen = GREY if "person 2" not in sample.path else np.rint(GREY * (255 / 4095))
        plain = stored(tmp_path / "plain.png", seen.astype(np.uint8))
        ((expected, _),) = list(EvaluationLoader([Sample(plain.name, 1)], tmp_path, data, 8))
        assert float((image - expected[0]).abs().max()) < 0.03  # one level is 0.017
    with TrainLoader(split, data.model_copy(update={"sampler": Shuffle(batch_size=2)}), 0) as train:
        (batch,) = [one.images for one in train.epoch(0)][:1]
    assert float(batch.max()) < 3.0


def test_a_data_set_with_colour_that_cannot_be_scaled_is_not_usable(tmp_path):
    root = twelve_bits(tmp_path / "own")
    colour16(root / "person 1" / "0.png", np.stack([GREY] * 3, axis=2).astype(np.uint16) * 16)
    report = check(root, "folder")
    assert not report.usable
    (refused,) = [one for one in report.findings if one.level == "error"]
    assert refused.file == "person 1/0.png"
    assert "16-bit colour image in which 4095 is white" in refused.sentence
