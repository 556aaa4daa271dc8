import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from workbench.data.batch_plan import BatchPlan, plan_of
from workbench.data.normalisation import NORMALISATIONS
from workbench.data.pixel_positions import empty_store, store_images, stored_size
from workbench.data.transforms import augment, evaluation_batch
from workbench.recipe.settings.data import Data
from workbench.recipe.settings.transforms import (
    AutoAugment,
    ColourJitter,
    Erasing,
    PadAndCrop,
    Rotation,
    Transforms,
)

# The smallest size a recipe allows is 16; these facts are easier to see on 4 x 4.
RAMP = np.arange(16, dtype=np.uint8).reshape(4, 4)


def small(**transforms) -> Data:
    options = {"flip": 0.0, "normalise": "none"} | transforms
    return Data().model_copy(update={"height": 4, "width": 4, "transforms": Transforms(**options)})


def planned(data: Data, **changes) -> BatchPlan:
    """The plan of one image that changes nothing but what is said."""
    quiet = {
        "position": 0,
        "indices": np.array([0]),
        "top": np.array([data.transforms.pad_and_crop.pixels]),
        "left": np.array([data.transforms.pad_and_crop.pixels]),
        "inner_top": np.array([0]),
        "inner_left": np.array([0]),
        "turn": np.zeros(1),
        "edit": np.array([-1]),
        "edit_draws": np.zeros((1, 4)),
        "mirrored": np.array([False]),
        "brightness": np.ones(1),
        "contrast": np.ones(1),
        "saturation": np.ones(1),
        "gain": np.ones((1, 3)),
        "boxes": np.zeros((1, 4), dtype=np.int64),
        "colours": np.zeros((1, 3)),
    }
    return BatchPlan(**(quiet | {name: np.array(value) for name, value in changes.items()}))


def store_of(images: np.ndarray) -> torch.Tensor:
    count, height, width, _ = images.shape
    store = empty_store(count, height, width)
    store_images(store, height, width)[:] = torch.from_numpy(images)
    return store


def ramp_after(data: Data, **changes) -> list[list[int]]:
    """The ramp in all three channels after a plan, in whole numbers of 0 to 255."""
    store = store_of(np.repeat(RAMP[None, :, :, None], 3, axis=3))
    images = augment(store, torch.tensor([0]), planned(data, **changes), data)
    assert images.shape == (1, 3, 4, 4)
    assert (images[0, 0] == images[0, 1]).all()
    return (images[0, 0] * 255).round().int().tolist()


def test_nothing_asked_changes_nothing():
    assert ramp_after(small()) == RAMP.tolist()


def test_mirroring():
    assert ramp_after(small(), mirrored=[True])[0] == [3, 2, 1, 0]


@pytest.mark.parametrize(
    ("fill", "first_row", "last_row"),
    [
        ("zeros", [0, 0, 0, 0], [0, 4, 5, 6]),
        ("edge", [0, 0, 1, 2], [4, 4, 5, 6]),
        ("symmetric", [4, 4, 5, 6], [4, 4, 5, 6]),
    ],
)
def test_a_crop_up_and_left_shows_the_padding(fill, first_row, last_row):
    data = small(pad_and_crop=PadAndCrop(pixels=2, fill=fill))
    rows = ramp_after(data, top=[0], left=[1])
    assert rows[0] == first_row
    assert rows[1] == {"zeros": [0] * 4, "edge": [0, 0, 1, 2], "symmetric": [0, 0, 1, 2]}[fill]
    assert rows[3] == last_row


def test_a_mirrored_crop_is_cut_first_and_turned_then():
    data = small(pad_and_crop=PadAndCrop(pixels=1, fill="zeros"))
    rows = ramp_after(data, top=[2], left=[0], mirrored=[True])
    assert rows == [[6, 5, 4, 0], [10, 9, 8, 0], [14, 13, 12, 0], [0, 0, 0, 0]]


def test_a_margin_is_cut_first_and_padded_then():
    data = small(margin=2, pad_and_crop=PadAndCrop(pixels=1, fill="symmetric"))
    larger = np.arange(36, dtype=np.uint8).reshape(6, 6)
    store = store_of(np.repeat(larger[None, :, :, None], 3, axis=3))
    plan = planned(data, inner_top=[2], inner_left=[1], top=[0], left=[1])
    found = (augment(store, torch.tensor([0]), plan, data)[0, 0] * 255).round().int().numpy()
    cut = np.pad(larger[2:6, 1:5], 1, mode="symmetric")[0:4, 1:5]
    assert found.tolist() == cut.tolist()


@pytest.mark.parametrize("degrees", [90.0, 180.0, -90.0])
def test_quarter_turns_move_pixels_counter_clockwise(degrees):
    data = small(rotation=Rotation(degrees=180))
    expected = np.rot90(RAMP, round(degrees / 90))
    assert ramp_after(data, turn=[degrees]) == expected.tolist()


@pytest.mark.parametrize("fill", ["zeros", "edge", "symmetric"])
def test_a_turned_image_is_what_an_image_library_makes_of_the_padded_one(fill):
    draws = np.random.default_rng(0)
    pixels = draws.integers(0, 256, (20, 16, 3), dtype=np.uint8)
    transforms = Transforms(
        pad_and_crop=PadAndCrop(pixels=5, fill=fill),
        rotation=Rotation(degrees=180),
        normalise="none",
    )
    data = Data(height=20, width=16, transforms=transforms)
    mode = {"zeros": "constant", "edge": "edge", "symmetric": "symmetric"}[fill]
    padded = Image.fromarray(np.pad(pixels, ((5, 5), (5, 5), (0, 0)), mode=mode))
    for turn, mirrored in ((23.0, False), (-140.0, True)):
        library = np.asarray(padded.rotate(turn, Image.Resampling.BILINEAR))[3:23, 6:22]
        library = library[:, ::-1] if mirrored else library
        plan = planned(data, turn=[turn], top=[3], left=[6], mirrored=[mirrored])
        found = augment(store_of(pixels[None]), torch.tensor([0]), plan, data)[0] * 255
        # The library cuts off fractions.
        difference = np.abs(found.numpy().transpose(1, 2, 0) - library)
        assert np.quantile(difference, 0.99) < 1.01


def test_saturation_by_hand():
    data = small(colour=ColourJitter(saturation=1))
    store = store_of(np.full((1, 4, 4, 3), (200, 100, 50), dtype=np.uint8))
    grey = 0.299 * 200 + 0.587 * 100 + 0.114 * 50
    for factor in (0.0, 0.5):
        plan = planned(data, saturation=[factor])
        found = augment(store, torch.tensor([0]), plan, data)[0, :, 0, 0] * 255
        expected = [grey + factor * (value - grey) for value in (200, 100, 50)]
        assert found.tolist() == pytest.approx(expected, abs=1e-3)


def test_an_edited_image_takes_its_place_alone():
    data = small(auto_augment=AutoAugment(probability=1), margin=2)
    images = np.random.default_rng(0).integers(0, 256, (2, 6, 6, 3), dtype=np.uint8)
    alone = [planned(data), planned(data, edit=[13], edit_draws=[[0.0, 1.0, 0.9, 0.9]])]
    # Policy 13 first inverts with 0.6; its second step is not drawn.
    found = [augment(store_of(images), torch.tensor([1]), plan, data) for plan in alone]
    np.testing.assert_allclose(found[1].numpy(), 1 - found[0].numpy(), atol=1e-6)


def test_zero_padding_is_black_before_normalising():
    data = small(pad_and_crop=PadAndCrop(pixels=4, fill="zeros"), normalise="half")
    store = store_of(np.full((1, 4, 4, 3), 255, dtype=np.uint8))
    images = augment(store, torch.tensor([0]), planned(data, top=[0], left=[0]), data)
    assert (images == -2).all()  # (0 - 0.5) / 0.25


def test_brightness_contrast_and_gain_by_hand():
    data = small(colour=ColourJitter(brightness=1, contrast=1, channel_gain=1))
    assert ramp_after(data, brightness=[2.0])[3] == [24, 26, 28, 30]
    # The mean of the ramp is 7.5: 0 goes to 3.75, 15 to 11.25.
    assert ramp_after(data, contrast=[0.5])[0][0] == 4
    assert ramp_after(data, contrast=[0.5])[3][3] == 11
    store = store_of(np.full((1, 4, 4, 3), 100, dtype=np.uint8))
    plan = planned(data, gain=[[0.5, 1.0, 2.0]])
    images = augment(store, torch.tensor([0]), plan, data)
    assert (images[0, :, 0, 0] * 255).round().int().tolist() == [50, 100, 200]


def test_jittered_values_stay_in_the_range_of_an_image():
    data = small(colour=ColourJitter(brightness=1, contrast=1))
    store = store_of(np.array([[[[250] * 3, [5] * 3]] * 4], dtype=np.uint8).repeat(2, axis=2))
    images = augment(store, torch.tensor([0]), planned(data, contrast=[2.0]), data)
    assert images.min() == 0
    assert images.max() == 1


def test_erasing_covers_exactly_its_rectangle_after_the_colours():
    data = small(erasing=Erasing(probability=1), colour=ColourJitter(brightness=0.5))
    plan = {"boxes": [[1, 2, 2, 1]], "colours": [[1.0, 1.0, 1.0]], "brightness": [0.5]}
    rows = ramp_after(data, **plan)
    assert [[value == 255 for value in row] for row in rows] == [
        [False, False, False, False],
        [False, False, True, False],
        [False, False, True, False],
        [False, False, False, False],
    ]


def test_numbers_of_the_mean_colour_are_written_after_normalising():
    data = small(erasing=Erasing(probability=1, fill="mean_number"), normalise="imagenet")
    drawn = plan_of(data, np.array([0]), seed=0, epoch=0, position=0)
    plan = planned(data, boxes=[[0, 0, 4, 4]], colours=drawn.colours)
    images = augment(store_of(np.zeros((1, 4, 4, 3), np.uint8)), torch.tensor([0]), plan, data)
    assert images[0, :, 0, 0].tolist() == pytest.approx([0.485, 0.456, 0.406], abs=1e-6)


def test_the_mean_colour_is_zero_for_the_network():
    data = small(erasing=Erasing(probability=1, fill="mean"), normalise="imagenet")
    drawn = plan_of(data, np.array([0]), seed=0, epoch=0, position=0)
    plan = planned(data, boxes=[[0, 0, 4, 4]], colours=drawn.colours)
    images = augment(store_of(np.zeros((1, 4, 4, 3), np.uint8)), torch.tensor([0]), plan, data)
    assert (images == 0).all()


@pytest.mark.parametrize(
    ("kind", "black", "white"),
    [
        ("none", (0, 0, 0), (1, 1, 1)),
        ("half", (-2, -2, -2), (2, 2, 2)),
        ("imagenet", (-2.1179, -2.0357, -1.8044), (2.2489, 2.4286, 2.64)),
    ],
)
def test_normalising_black_and_white(kind, black, white):
    images = torch.zeros((2, 3, 5, 3), dtype=torch.uint8)
    images[1] = 255
    batch = evaluation_batch(images, kind)
    assert batch.shape == (2, 3, 3, 5)
    assert batch.is_contiguous(memory_format=torch.channels_last)
    for image, colour in zip(batch, (black, white), strict=True):
        expected = np.broadcast_to(np.array(colour)[:, None, None], (3, 3, 5))
        np.testing.assert_allclose(image.numpy(), expected, atol=1e-4)


def reference(image: np.ndarray, plan: BatchPlan, place: int, data: Data) -> np.ndarray:
    """One image, step by step, in double precision: height x width x 3."""
    settings, height, width = data.transforms, data.height, data.width
    top, left = plan.inner_top[place], plan.inner_left[place]
    image = image[top : top + height, left : left + width]
    pixels, fill = settings.pad_and_crop.pixels, settings.pad_and_crop.fill
    mode = {"zeros": "constant", "edge": "edge", "symmetric": "symmetric"}[fill]
    padded = np.pad(image, ((pixels, pixels), (pixels, pixels), (0, 0)), mode=mode)
    top, left = plan.top[place], plan.left[place]
    image = padded[top : top + height, left : left + width].astype(float) / 255
    image = image[:, ::-1] if plan.mirrored[place] else image
    grey = (image * [0.299, 0.587, 0.114]).sum(axis=2, keepdims=True)
    image = np.clip(grey + plan.saturation[place] * (image - grey), 0, 1)
    image = image * plan.brightness[place]
    image = plan.contrast[place] * (image - image.mean()) + image.mean()
    image = np.clip(image * plan.gain[place], 0, 1)
    top, left, tall, wide = plan.boxes[place]
    image[top : top + tall, left : left + wide] = plan.colours[place]
    mean, std = NORMALISATIONS[settings.normalise]
    return (image - mean) / std


recipes = st.builds(
    Data,
    height=st.integers(16, 24),
    width=st.integers(16, 20),
    transforms=st.builds(
        Transforms,
        pad_and_crop=st.builds(
            PadAndCrop,
            pixels=st.integers(0, 40),
            fill=st.sampled_from(["edge", "zeros", "symmetric"]),
        ),
        margin=st.integers(0, 9),
        flip=st.floats(0, 1),
        colour=st.builds(
            ColourJitter,
            brightness=st.floats(0, 1),
            contrast=st.floats(0, 1),
            saturation=st.floats(0, 1),
            channel_gain=st.floats(0, 1),
        ),
        erasing=st.builds(
            Erasing,
            probability=st.floats(0, 1),
            oversize=st.sampled_from(["retry", "cut"]),
            fill=st.sampled_from(["zero", "mean", "mean_number", "random"]),
        ),
        normalise=st.sampled_from(["none", "imagenet", "half"]),
    ),
)


@pytest.mark.thorough
@settings(deadline=None)
@given(data=recipes, seed=st.integers(0, 1000))
def test_a_batch_is_what_each_image_would_be_alone(data, seed):
    draws = np.random.default_rng(seed)
    tall, wide = stored_size(data)
    images = draws.integers(0, 256, (5, tall, wide, 3), dtype=np.uint8)
    rows = draws.integers(0, 5, 4)
    plan = plan_of(data, rows, seed, epoch=1, position=2)
    batch = augment(store_of(images), torch.from_numpy(rows), plan, data)
    assert batch.is_contiguous(memory_format=torch.channels_last)
    assert batch.dtype == torch.float32
    for place, row in enumerate(rows):
        expected = reference(images[row], plan, place, data).transpose(2, 0, 1)
        np.testing.assert_allclose(batch[place].numpy(), expected, atol=2e-5)


@pytest.mark.thorough
@pytest.mark.parametrize("threads", [2, 3])
def test_threads_do_not_change_a_bit(threads):
    data = Data(
        height=200,
        width=120,
        transforms=Transforms(
            pad_and_crop=PadAndCrop(pixels=9),
            rotation=Rotation(degrees=40),
            auto_augment=AutoAugment(probability=0.5),
            colour=ColourJitter(brightness=0.3, contrast=0.3, saturation=0.4, channel_gain=0.2),
            erasing=Erasing(probability=0.5, fill="random"),
        ),
    )
    images = np.random.default_rng(0).integers(0, 256, (7, 200, 120, 3), dtype=np.uint8)
    plan, store = plan_of(data, np.arange(7), 0, 0, 0), store_of(images)
    used = torch.get_num_threads()
    try:
        torch.set_num_threads(1)
        alone = augment(store, torch.arange(7), plan, data)
        torch.set_num_threads(threads)
        together = augment(store, torch.arange(7), plan, data)
    finally:
        torch.set_num_threads(used)
    assert torch.equal(alone, together)


def test_images_are_not_changed_by_what_is_made_of_them():
    data = small(colour=ColourJitter(brightness=1), erasing=Erasing(probability=1))
    store = store_of(np.full((1, 4, 4, 3), 100, dtype=np.uint8))
    augment(store, torch.tensor([0]), planned(data, boxes=[[0, 0, 4, 4]]), data)
    assert (store[:-1] == 100).all()
    assert (store[-1] == 0).all()


BUSY = Data(
    height=24,
    width=16,
    transforms=Transforms(
        pad_and_crop=PadAndCrop(pixels=5),
        auto_augment=AutoAugment(probability=0.5),
        colour=ColourJitter(brightness=0.3, contrast=0.3, saturation=0.3, channel_gain=0.2),
        erasing=Erasing(probability=0.5, fill="random"),
    ),
)


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="no GPU here")
def test_everything_happens_where_the_images_are():
    images = np.random.default_rng(0).integers(0, 256, (6, 24, 16, 3), dtype=np.uint8)
    plan, store = plan_of(BUSY, np.arange(6), 0, 0, 0), store_of(images)
    here = augment(store, torch.arange(6), plan, BUSY)
    there = augment(store.cuda(), torch.arange(6).cuda(), plan, BUSY)
    assert there.device.type == "cuda"
    assert there.is_contiguous(memory_format=torch.channels_last)
    np.testing.assert_allclose(there.cpu().numpy(), here.numpy(), atol=1e-5)
    pixels = torch.from_numpy(images).cuda()
    assert evaluation_batch(pixels, "half").device.type == "cuda"
