"""Everything random about a batch, drawn ahead of it. No torch.

A plan is a pure function of (seed, epoch, position in the epoch): whoever applies it, in whatever
process and order, gets the same images. Every number is drawn whether it is used or not, so that
switching one augmentation on leaves the others as they were.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float64, Int

from workbench.data.normalisation import mean_colour
from workbench.data.samplers import epoch_batches, keyed_generator
from workbench.recipe.data import Data
from workbench.recipe.transforms import ColourJitter, Erasing

_PLAN = 16
# torchvision's random erasing tries as often; after that the image stays whole.
RECTANGLE_TRIES = 10


@dataclass(frozen=True)
class BatchPlan:
    """What happens to each image of one batch, after it was resized.

    Attributes:
        position: place of the batch in its epoch, from 0.
        indices: which training images.
        top: first row of the crop in the padded image, in pixels, 0 to twice the padding.
        left: first column likewise.
        mirrored: whether the crop is turned left to right.
        brightness: factor of all values.
        contrast: factor of the distance from the image's mean value.
        gain: factor of each colour channel.
        boxes: erased rectangle as top, left, height, width in pixels; height 0 erases nothing.
        colours: what erased pixels show, in [0, 1] before normalising.
    """

    position: int
    indices: Int[np.ndarray, "batch"]
    top: Int[np.ndarray, "batch"]
    left: Int[np.ndarray, "batch"]
    mirrored: Bool[np.ndarray, "batch"]
    brightness: Float64[np.ndarray, "batch"]
    contrast: Float64[np.ndarray, "batch"]
    gain: Float64[np.ndarray, "batch 3"]
    boxes: Int[np.ndarray, "batch 4"]
    colours: Float64[np.ndarray, "batch 3"]


def batch_plan(
    data: Data, labels: Int[np.ndarray, "images"], seed: int, epoch: int, start: int = 0
) -> Iterator[BatchPlan]:
    """The plans of an epoch's batches in order, from batch ``start`` on.

    ``labels`` holds the identity or class of each training image; only their equality counts.
    Raises RecipeError where a batch is larger than the data set.
    """
    batches = epoch_batches(data.sampler, labels, seed, epoch)
    for position in range(start, len(batches)):
        yield plan_of(data, batches[position], seed, epoch, position)


def plan_of(
    data: Data, indices: Int[np.ndarray, "batch"], seed: int, epoch: int, position: int
) -> BatchPlan:
    """The plan of one batch of these images."""
    draws = keyed_generator(seed, _PLAN, epoch, position)
    count, transforms = len(indices), data.transforms
    place, colour, erase = draws.random((count, 3)), draws.random((count, 5)), draws.random(count)
    offsets = np.floor(place[:, :2] * (2 * transforms.pad_and_crop.pixels + 1)).astype(np.int64)
    brightness, contrast, gain = _colour_factors(transforms.colour, colour)
    boxes = _rectangles(transforms.erasing, draws, count, data.height, data.width)
    boxes[erase >= transforms.erasing.probability] = 0
    return BatchPlan(
        position=position,
        indices=indices,
        top=offsets[:, 0],
        left=offsets[:, 1],
        mirrored=place[:, 2] < transforms.flip,
        brightness=brightness,
        contrast=contrast,
        gain=gain,
        boxes=boxes,
        colours=_fill_colours(data, draws.random((count, 3))),
    )


def _colour_factors(
    jitter: ColourJitter, uniform: Float64[np.ndarray, "batch 5"]
) -> tuple[
    Float64[np.ndarray, "batch"], Float64[np.ndarray, "batch"], Float64[np.ndarray, "batch 3"]
]:
    spread = np.array([jitter.brightness, jitter.contrast, *(3 * [jitter.channel_gain])])
    factors = 1 + spread * (2 * uniform - 1)
    return factors[:, 0], factors[:, 1], factors[:, 2:]


def _rectangles(
    erasing: Erasing, draws: np.random.Generator, count: int, height: int, width: int
) -> Int[np.ndarray, "batch 4"]:
    """For each image the first of some random rectangles that fits inside, else zeros.

    Source: Zhong et al. 2020, algorithm 1 (arXiv 1708.04896): area and aspect (height / width)
    uniform between their bounds.
    """
    sizes, corner = draws.random((2, count, RECTANGLE_TRIES)), draws.random((count, 2))
    areas = erasing.min_area + sizes[0] * (erasing.max_area - erasing.min_area)
    lowest = erasing.min_aspect
    aspects = lowest + sizes[1] * (1 / lowest - lowest)
    heights = np.rint(np.sqrt(areas * height * width * aspects)).astype(np.int64)
    widths = np.rint(np.sqrt(areas * height * width / aspects)).astype(np.int64)
    fits = (heights < height) & (widths < width)
    images, first = np.arange(count), fits.argmax(axis=1)
    tall, wide = heights[images, first], widths[images, first]
    top = np.floor(corner[:, 0] * (height - tall + 1)).astype(np.int64)
    left = np.floor(corner[:, 1] * (width - wide + 1)).astype(np.int64)
    boxes = np.stack([top, left, tall, wide], axis=1)
    boxes[~fits.any(axis=1)] = 0
    return boxes


def _fill_colours(
    data: Data, uniform: Float64[np.ndarray, "batch 3"]
) -> Float64[np.ndarray, "batch 3"]:
    fill = data.transforms.erasing.fill
    if fill == "random":
        return uniform
    colour = (0.0, 0.0, 0.0) if fill == "zero" else mean_colour(data.transforms.normalise)
    return np.tile(np.array(colour), (len(uniform), 1))
