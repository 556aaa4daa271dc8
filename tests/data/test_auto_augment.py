"""Learned editing: the published table, and what each step does to an image."""

import numpy as np
import pytest
from PIL import Image
from torchvision.transforms import AutoAugment, AutoAugmentPolicy

from workbench.data.auto_augment import POLICIES, edited
from workbench.data.batch_plan import EDITS

NAMES = {
    "AutoContrast": "auto_contrast",
    "Color": "colour",
    "Contrast": "contrast",
    "Equalize": "equalize",
    "Invert": "invert",
    "Posterize": "posterize",
    "Rotate": "rotate",
    "Sharpness": "sharpness",
    "ShearX": "shear",
    "Solarize": "solarize",
}
PIXELS = np.random.default_rng(0).integers(0, 256, (12, 8, 3), dtype=np.uint8)
ALWAYS, NEVER = 0.0, 0.999


def test_the_table_is_the_published_one():
    published = AutoAugment(AutoAugmentPolicy.IMAGENET).policies
    found = [
        tuple((NAMES[name], share, strength or 0) for name, share, strength in pair)
        for pair in published
    ]
    assert list(POLICIES) == found
    assert len(POLICIES) == EDITS


def step(policy, place, direction=0.9):
    """An image after one step of a policy; shares of 0.999 and more are always drawn."""
    chances = [NEVER, NEVER]
    chances[place] = ALWAYS
    return edited(PIXELS, policy, np.array([*chances, direction, direction]))


def test_steps_by_hand():
    assert (step(13, 0) == 255 - PIXELS).all()  # invert
    assert (step(0, 0) == PIXELS & 0xF0).all()  # posterize 8: four bits
    assert (step(4, 1) == np.where(PIXELS < 142, PIXELS, 255 - PIXELS)).all()  # solarize 4
    turned = Image.fromarray(PIXELS).rotate(-30)
    assert (step(0, 1, direction=0.1) == np.asarray(turned)).all()  # rotate 9
    assert (step(10, 1) == PIXELS).all()  # colour 0
    sheared = step(18, 0)
    assert (sheared[5:7] == PIXELS[5:7]).all()  # the middle rows move by less than half a pixel
    assert not (sheared == PIXELS).all()


@pytest.mark.parametrize("policy", range(EDITS))
def test_every_policy_keeps_the_size_and_changes_nothing_in_place(policy):
    before = PIXELS.copy()
    image = edited(PIXELS, policy, np.array([ALWAYS, ALWAYS, 0.9, 0.1]))
    assert image.shape == PIXELS.shape
    assert image.dtype == np.uint8
    assert (before == PIXELS).all()


OF_TEN = {  # of a step: the operation of timm's policy "original" and its level
    (0, 0): ("PosterizeOriginal", 8),
    (0, 1): ("Rotate", 9),
    (1, 0): ("Solarize", 5),
    (3, 0): ("PosterizeOriginal", 7),
    (7, 0): ("PosterizeOriginal", 5),
    (10, 1): ("Color", 0),
    (14, 0): ("Color", 4),
    (14, 1): ("Contrast", 8),
    (17, 0): ("Sharpness", 7),
    (17, 1): ("Invert", 8),
    (18, 0): ("ShearX", 5),
    (1, 1): ("AutoContrast", 5),
    (2, 0): ("Equalize", 8),
}


@pytest.mark.parametrize("place", OF_TEN)
@pytest.mark.parametrize("direction", [0.1, 0.4, 0.6, 0.9])
def test_strengths_of_ten_are_those_of_the_program_fastreid_has_them_from(
    monkeypatch, place, direction
):
    timm = pytest.importorskip("timm.data.auto_augment")
    kernel = Image.BILINEAR if direction in (0.1, 0.6) else Image.BICUBIC
    monkeypatch.setattr("random.random", lambda: 0.9 if direction < 0.5 else 0.1)
    name, level = OF_TEN[place]
    theirs = timm.AugmentOp(name, 1.0, level, {"img_mean": (128,) * 3, "interpolation": kernel})
    policy, step_place = place
    pixels = np.random.default_rng(1).integers(0, 200, (40, 32, 3), dtype=np.uint8)
    chances = [1.0, 1.0]  # below no share
    chances[step_place] = ALWAYS
    ours = edited(pixels, policy, np.array([*chances, direction, direction]), "ten")
    assert (ours == np.asarray(theirs(Image.fromarray(pixels)))).all()
