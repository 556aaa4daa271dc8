from dataclasses import fields

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.data.batch_plan import BatchPlan, _aspects, batch_plan, plan_of
from workbench.errors import RecipeError
from workbench.recipe.presets import load_preset
from workbench.recipe.settings.data import Data
from workbench.recipe.settings.samplers import IdentityBatches, Shuffle
from workbench.recipe.settings.transforms import (
    AutoAugment,
    ColourJitter,
    Erasing,
    PadAndCrop,
    Rotation,
    Transforms,
)

EVERYTHING = Transforms(
    pad_and_crop=PadAndCrop(pixels=4),
    flip=0.5,
    colour=ColourJitter(brightness=0.2, contrast=0.3, channel_gain=0.1),
    erasing=Erasing(probability=0.5, fill="random"),
)


LATER = {
    "margin": 8,
    "rotation": Rotation(degrees=30),
    "auto_augment": AutoAugment(probability=0.5),
    "colour": EVERYTHING.colour.model_copy(update={"saturation": 0.5}),
}


def recipe(transforms: Transforms = EVERYTHING, **others) -> Data:
    return Data(height=32, width=16, transforms=transforms, **others)


def same(one: BatchPlan, other: BatchPlan, leave_out: tuple[str, ...] = ()) -> bool:
    return all(
        np.array_equal(getattr(one, field.name), getattr(other, field.name))
        for field in fields(BatchPlan)
        if field.name not in leave_out
    )


def many(data: Data, count: int = 2000) -> BatchPlan:
    return plan_of(data, np.arange(count), seed=0, epoch=0, position=0)


@pytest.mark.parametrize(
    "sampler", [Shuffle(batch_size=4), IdentityBatches(identities=3, images=2)]
)
def test_a_plan_depends_on_seed_epoch_and_position_only(sampler):
    data, labels = recipe(sampler=sampler), np.arange(24) // 3
    whole = list(batch_plan(data, labels, seed=3, epoch=2))
    assert [plan.position for plan in whole] == list(range(len(whole)))
    for start in range(len(whole) + 1):
        rest = list(batch_plan(data, labels, seed=3, epoch=2, start=start))
        assert len(rest) == len(whole) - start
        assert all(same(*pair) for pair in zip(rest, whole[start:], strict=True))
    assert not same(whole[0], next(batch_plan(data, labels, seed=3, epoch=3)))
    assert not same(whole[0], next(batch_plan(data, labels, seed=4, epoch=2)))
    assert not same(whole[0], whole[1], leave_out=("position", "indices"))


def test_switching_one_augmentation_leaves_the_others_as_they_were():
    plain = many(recipe())
    other = many(recipe(EVERYTHING.model_copy(update={"erasing": Erasing(probability=0.9)})))
    assert same(plain, other, leave_out=("boxes", "colours"))
    other = many(recipe(EVERYTHING.model_copy(update={"flip": 0.1, "colour": ColourJitter()})))
    assert same(plain, other, leave_out=("mirrored", "brightness", "contrast", "gain"))


def test_later_kinds_leave_older_numbers_as_they_were():
    plain, other = many(recipe()), many(recipe(EVERYTHING.model_copy(update=LATER)))
    changed = ("turn", "saturation", "edit", "inner_top", "inner_left")
    assert same(plain, other, leave_out=changed)
    assert not any(same(plain, other, leave_out=changed[:i] + changed[i + 1 :]) for i in range(5))


def test_later_numbers_cover_their_ranges():
    plan = many(recipe(EVERYTHING.model_copy(update=LATER)))
    assert set(plan.inner_top.tolist()) == set(plan.inner_left.tolist()) == set(range(9))
    assert np.abs(plan.turn).max() == pytest.approx(30, abs=0.1)
    assert plan.saturation.min() == pytest.approx(0.5, abs=0.01)
    assert (plan.edit >= 0).mean() == pytest.approx(0.5, abs=0.05)
    assert set(plan.edit.tolist()) == set(range(-1, 25))


def test_only_named_groups_of_pictures_are_turned():
    turning = Transforms(rotation=Rotation(degrees=180, groups=["satellite"]))
    groups = ["satellite", "drone"] * 10
    plan = plan_of(recipe(turning), np.arange(20), 0, 0, 0, groups)
    assert (plan.turn[::2] != 0).all()
    assert not plan.turn[1::2].any()
    everywhere = Transforms(rotation=Rotation(degrees=180))
    assert (plan_of(recipe(everywhere), np.arange(20), 0, 0, 0, groups).turn != 0).all()


def test_a_cut_rectangle_has_the_published_sides():
    """Width sqrt(area * ratio), then height area / width, each rounded and cut to the image."""
    erasing = Erasing(probability=1.0, min_area=0.02, max_area=0.9, oversize="cut")
    data = Data(height=32, width=16, transforms=Transforms(erasing=erasing))
    boxes = many(data).boxes
    tall, wide = boxes[:, 2], boxes[:, 3]
    assert tall.min() >= 1
    assert (tall <= 32).all()
    assert wide.max() == 16
    assert (wide >= 1).all()
    free = (wide < 16) & (tall < 32)
    tall, wide = tall[free], wide[free]
    # Where nothing was cut, area and ratio keep their bounds, but for rounding.
    least, most = (tall - 0.5) * wide, (tall + 0.5) * wide
    assert (most >= 0.02 * 512).all()
    assert (least <= 0.9 * 512).all()
    assert ((wide + 0.5) ** 2 >= 0.3 * least).all()
    assert ((wide - 0.5) ** 2 <= most / 0.3).all()
    assert (least > 0.3 * 512).any()


def test_nothing_is_planned_where_nothing_is_asked():
    plan = many(recipe(Transforms(flip=0.0)))
    assert not plan.top.any()
    assert not plan.left.any()
    assert not plan.mirrored.any()
    assert not plan.boxes.any()
    assert not plan.inner_top.any()
    assert not plan.turn.any()
    assert (plan.edit == -1).all()
    for factors in (plan.brightness, plan.contrast, plan.saturation, plan.gain):
        assert (factors == 1).all()


def test_numbers_cover_their_ranges():
    plan = many(recipe())
    assert set(plan.top.tolist()) == set(plan.left.tolist()) == set(range(9))
    assert plan.mirrored.mean() == pytest.approx(0.5, abs=0.05)
    for factors, spread in ((plan.brightness, 0.2), (plan.contrast, 0.3), (plan.gain, 0.1)):
        assert factors.min() == pytest.approx(1 - spread, abs=0.01)
        assert factors.max() == pytest.approx(1 + spread, abs=0.01)
    assert (plan.boxes[:, 2] > 0).mean() == pytest.approx(0.5, abs=0.05)


@pytest.mark.thorough
@given(
    height=st.integers(16, 40),
    width=st.integers(16, 40),
    areas=st.tuples(st.floats(0, 1), st.floats(0, 1)).map(sorted),
    aspect=st.floats(0.05, 1.0),
)
def test_rectangles_lie_inside_and_have_the_asked_size(height, width, areas, aspect):
    erasing = Erasing(probability=1.0, min_area=areas[0], max_area=areas[1], min_aspect=aspect)
    data = Data(height=height, width=width, transforms=Transforms(erasing=erasing))
    boxes = many(data, 50).boxes
    top, left, tall, wide = boxes[boxes[:, 2] * boxes[:, 3] > 0].T
    assert (top >= 0).all()
    assert (left >= 0).all()
    assert (top + tall <= height).all()
    assert (left + wide <= width).all()
    # Rounding moves each side by at most half a pixel.
    assert ((tall + 0.5) * (wide + 0.5) >= areas[0] * height * width).all()
    assert ((tall - 0.5) * (wide - 0.5) <= areas[1] * height * width).all()
    assert ((tall + 0.5) / (wide - 0.5) >= aspect).all()
    assert ((tall - 0.5) / (wide + 0.5) <= 1 / aspect).all()


def test_a_rectangle_that_never_fits_erases_nothing():
    whole = Transforms(erasing=Erasing(probability=1.0, min_area=1.0, max_area=1.0))
    assert not many(recipe(whole)).boxes.any()


@pytest.mark.parametrize(
    ("fill", "normalise", "colour"),
    [
        ("zero", "imagenet", (0, 0, 0)),
        ("mean", "imagenet", (0.485, 0.456, 0.406)),
        ("mean", "half", (0.5, 0.5, 0.5)),
        ("mean", "none", (0.485, 0.456, 0.406)),
    ],
)
def test_fill_colours(fill, normalise, colour):
    plan = many(recipe(Transforms(erasing=Erasing(fill=fill), normalise=normalise)), 3)
    assert plan.colours.tolist() == [list(colour)] * 3


def test_random_fill_colours_differ_between_images():
    colours = many(recipe()).colours
    assert len(np.unique(colours, axis=0)) == len(colours)
    assert colours.min() >= 0
    assert colours.max() < 1


def test_numbers_are_the_same_on_every_machine():
    plan = plan_of(recipe(), np.arange(2), seed=1, epoch=2, position=3)
    assert plan.top.tolist() == [7, 3]
    assert plan.mirrored.tolist() == [True, False]
    assert plan.boxes.tolist() == [[0, 0, 0, 0], [13, 2, 11, 12]]


def test_a_batch_larger_than_the_data_set_is_refused():
    with pytest.raises(RecipeError, match=r"data\.sampler\.batch_size = 32"):
        next(batch_plan(Data(), np.arange(10), seed=0, epoch=0))


def test_ratios_of_fastreids_rectangles_are_even_in_their_logarithm_from_0_3_to_3_3():
    erasing = load_preset("fastreid/bot_market1501").data.transforms.erasing
    uniform = np.linspace(0.0, 1.0, 5)[None]
    expected = np.exp(np.linspace(np.log(0.3), np.log(3.3), 5))[None]
    np.testing.assert_allclose(_aspects(erasing, uniform), expected)
    even = _aspects(Erasing(), uniform)
    np.testing.assert_allclose(even, np.linspace(0.3, 1 / 0.3, 5)[None])
