"""Heat on other grids, its colours, and pictures of it."""

import numpy as np
import pytest
from PIL import Image

from workbench.explain.cams.cells import overlap, resampled
from workbench.explain.pictures.colours import coloured
from workbench.explain.pictures.contact_sheet import Tile, contact_sheet
from workbench.explain.pictures.overlay import heat_layer, heat_picture, overlay


def test_heat_is_spread_over_what_a_cell_covers():
    assert resampled(np.array([[4.0, 0.0]]), 2, 4).tolist() == [[1, 1, 0, 0], [1, 1, 0, 0]]
    np.testing.assert_allclose(resampled(np.array([[3.0], [6.0]]), 3, 1), [[2], [3], [4]])


@pytest.mark.parametrize("size", [(1, 1), (3, 5), (16, 7)])
def test_no_heat_is_lost(size):
    heat = np.random.default_rng(0).normal(size=(8, 4))
    assert resampled(heat, *size).sum() == pytest.approx(heat.sum())
    np.testing.assert_allclose(overlap(8, size[0]).sum(0), 1.0)


@pytest.mark.parametrize("palette", ["cividis", "viridis"])
def test_lightness_rises_with_heat(palette):
    colours = coloured(np.linspace(0, 1, 50)[None], palette)[0] / 255.0
    light = np.where(colours <= 0.04045, colours / 12.92, ((colours + 0.055) / 1.055) ** 2.4)
    luminance = light @ np.array([0.2126, 0.7152, 0.0722])
    assert (np.diff(luminance) > 0).all()


def test_the_hottest_cell_is_the_lightest_place():
    heat = np.zeros((4, 2))
    heat[3, 1] = 2.0
    picture = np.asarray(heat_picture(heat, (32, 64)).convert("L"))
    row, column = np.unravel_index(picture.argmax(), picture.shape)
    assert row >= 48
    assert column >= 16
    assert picture[0, 0] == picture.min()


def test_cold_and_negative_heat_is_dark():
    assert heat_picture(np.full((2, 2), -1.0), (4, 4)).getpixel((0, 0)) == (0x44, 0x01, 0x54)
    assert heat_picture(np.zeros((2, 2)), (4, 4)).getpixel((3, 3)) == (0x44, 0x01, 0x54)


def test_opacity_goes_from_the_image_to_the_heat():
    image = np.full((8, 4, 3), 200, dtype=np.uint8)
    heat = np.ones((2, 1))
    assert np.array_equal(np.asarray(overlay(image, heat, 0.0)), image)
    assert overlay(image, heat, 1.0).getpixel((0, 0)) == (0xFD, 0xE7, 0x25)
    # What is cold is darkened and keeps its colour.
    assert overlay(image, 0 * heat, 1.0).getpixel((0, 0)) == (140, 140, 140)


def test_a_layer_hides_what_is_hot_and_darkens_what_is_cold():
    layer = heat_layer(np.array([[1.0, -1.0]]), (64, 8))
    assert layer.mode == "RGBA"
    assert layer.getpixel((0, 4)) == (0xFD, 0xE7, 0x25, 255)
    assert layer.getpixel((63, 4)) == (0, 0, 0, 77)


def test_maps_can_share_one_scale():
    strong, weak = np.array([[2.0]]), np.array([[1.0]])
    light = np.asarray(heat_picture(strong, (2, 2), highest=2.0)).sum()
    assert np.asarray(heat_picture(weak, (2, 2), highest=2.0)).sum() < light


def test_a_sheet_holds_every_tile():
    tile = Tile(Image.new("RGB", (20, 40), (250, 0, 0)), "one", ("share +0.50", "deletion 0.20"))
    sheet = contact_sheet([[tile, tile], [tile]], 40, "three", ["what the numbers mean " * 9])
    pixels = np.asarray(sheet)
    assert (pixels == (250, 0, 0)).all(-1).sum() == 3 * 20 * 40
