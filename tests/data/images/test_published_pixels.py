"""Test images of the published systems, as plain Pillow, torchvision and OpenCV make them."""

import numpy as np
import pytest
import torch
from PIL import Image

from workbench.data.images.image_file import resized
from workbench.data.images.tensors import open_evaluated
from workbench.data.transforms import evaluation_batch
from workbench.recipe.presets import load_preset

# Mean of the network's input, and its values at (red, top left), (green, middle row, at a third),
# (blue, bottom right) and (red, at a fifth of the rows, last column but one), of picture(). Made
# without this project: layumi's and NAMA's by torchvision's Resize, ToTensor and Normalize;
# FastReID's by Resize and (value - 255 mean) / (255 std); RPM's and MSViT's by OpenCV 5.0's
# resize, divided by 255, Cars-196 with 32 pixels more and cut from the centre.
GOLDEN = {
    "layumi/market1501": (0.2200949, (-2.117904, 0.047619, 0.949368, 2.009162)),
    "layumi/pcb": (0.2201770, (-2.117904, 0.100140, 0.949368, 1.957787)),
    "nama/uc_tri_market1501": (0.2199381, (-2.117904, 0.047619, 0.897081, 1.974912)),
    "mgn/market1501": (0.2201800, (-2.117904, 0.030112, 0.949368, 1.923538)),
    "fastreid/bot_market1501": (0.2200948, (-2.117904, 0.047619, 0.949368, 2.009162)),
    "fastreid/sbs_market1501": (0.2201800, (-2.117904, 0.030112, 0.949368, 1.923538)),
    "rpm/market1501": (0.4980474, (0.000000, 0.462745, 0.607843, 0.921569)),
    "rpm/veri776": (0.4980089, (0.000000, 0.474510, 0.607843, 0.949020)),
    "rpm/cars196": (0.5012727, (0.211765, 0.549020, 0.819608, 0.192157)),
    "msvit/market1501_s": (0.4980474, (0.000000, 0.462745, 0.607843, 0.921569)),
}
# A gradient of 5 x 4 pixels made 7 x 3 and 2 x 6 by OpenCV 5.0, its green channel.
SMALL = np.arange(60, dtype=np.uint8).reshape(5, 4, 3) * 4
ENLARGED = [
    [6, 22, 38],
    [33, 49, 65],
    [68, 84, 100],
    [102, 118, 134],
    [136, 152, 168],
    [170, 186, 202],
    [198, 214, 230],
]
REDUCED = [[40, 46, 54, 62, 70, 76], [160, 166, 174, 182, 190, 196]]


def picture():
    y, x, c = np.meshgrid(np.arange(157), np.arange(71), np.arange(3), indexing="ij")
    return ((y * (3 + c) + x * (5 - c) + x * y // (7 + c)) % 256).astype(np.uint8)


@pytest.mark.parametrize("preset", GOLDEN)
def test_a_test_image_has_the_values_of_the_systems_own_pipeline(tmp_path, preset):
    data = load_preset(preset).data
    Image.fromarray(picture()).save(tmp_path / "picture.png")
    pixels = torch.from_numpy(open_evaluated(tmp_path / "picture.png", data).copy())
    values = evaluation_batch(pixels[None], data.transforms.normalise)[0]
    height, width = data.height, data.width
    places = (
        (0, 0, 0),
        (1, height // 2, width // 3),
        (2, height - 1, width - 1),
        (0, height // 5, width - 2),
    )
    mean, at_places = GOLDEN[preset]
    assert values.shape == (3, height, width)
    assert values.double().mean().item() == pytest.approx(mean, abs=2e-6)
    assert [values[place].item() for place in places] == pytest.approx(at_places, abs=2e-6)


@pytest.mark.parametrize(("size", "expected"), [((7, 3), ENLARGED), ((2, 6), REDUCED)])
def test_a_resize_rounds_as_opencv(size, expected):
    found = resized(Image.fromarray(SMALL), *size, "bilinear_opencv")
    assert found[:, :, 1].tolist() == expected


def test_fractions_that_were_dropped_are_a_level_darker_in_a_third_of_the_pixels():
    image = Image.fromarray(picture())
    rounded = resized(image, 384, 128, "bilinear_opencv").astype(int)
    dropped = resized(image, 384, 128, "bilinear_plain").astype(int)
    assert set(np.unique(rounded - dropped)) == {0, 1}
    assert 0.3 < (rounded != dropped).mean() < 0.45
