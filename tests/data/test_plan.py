from dataclasses import fields

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.data.plan import BatchPlan, batch_plan, plan_of
from workbench.errors import RecipeError
from workbench.recipe.data import Data
from workbench.recipe.samplers import IdentityBatches, Shuffle
from workbench.recipe.transforms import ColourJitter, Erasing, PadAndCrop, Transforms

EVERYTHING = Transforms(
    pad_and_crop=PadAndCrop(pixels=4),
    flip=0.5,
    colour=ColourJitter(brightness=0.2, contrast=0.3, channel_gain=0.1),
    erasing=Erasing(probability=0.5, fill="random"),
)


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


def test_nothing_is_planned_where_nothing_is_asked():
    plan = many(recipe(Transforms(flip=0.0)))
    assert not plan.top.any()
    assert not plan.left.any()
    assert not plan.mirrored.any()
    assert not plan.boxes.any()
    for factors in (plan.brightness, plan.contrast, plan.gain):
        assert (factors == 1).all()


def test_numbers_cover_their_ranges():
    plan = many(recipe())
    assert set(plan.top.tolist()) == set(plan.left.tolist()) == set(range(9))
    assert plan.mirrored.mean() == pytest.approx(0.5, abs=0.05)
    for factors, spread in ((plan.brightness, 0.2), (plan.contrast, 0.3), (plan.gain, 0.1)):
        assert factors.min() == pytest.approx(1 - spread, abs=0.01)
        assert factors.max() == pytest.approx(1 + spread, abs=0.01)
    assert (plan.boxes[:, 2] > 0).mean() == pytest.approx(0.5, abs=0.05)


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
