"""Everything random about a batch, drawn ahead of it. No torch.

A plan is a pure function of (seed, epoch, position in the epoch): whoever applies it, in whatever
process and order, gets the same images. Every number is drawn whether it is used or not, so that
switching one augmentation on leaves the others as they were.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields

import numpy as np
from jaxtyping import Bool, Float64, Int

from workbench.data.normalisation import IMAGENET_MEAN, NORMALISATIONS, mean_colour
from workbench.data.samplers import Views, epoch_batches, keyed_generator
from workbench.recipe.settings.data import Data
from workbench.recipe.settings.transforms import ColourJitter, Erasing, Rotation

_PLAN = 16
# torchvision's random erasing tries as often; after that the image stays whole.
RECTANGLE_TRIES = 10
EDITS = 25
"""Pairs of editing steps of the learned policy."""


@dataclass(frozen=True)
class BatchPlan:
    """What happens to each image of one batch, after it was resized.

    Attributes:
        position: place of the batch in its epoch, from 0.
        indices: which training images.
        top: first row of the crop in the padded image, in pixels, 0 to twice the padding.
        left: first column likewise.
        inner_top: first row of the input in the larger resized image, 0 to the margin.
        inner_left: first column likewise.
        turn: degrees by which the padded image is turned, counter-clockwise.
        edit: which pair of learned editing steps, -1 for none.
        edit_draws: whether (below the step's share) and where to (from 0.5 on: upwards) each of its
            two steps goes: two chances, then two directions, in [0, 1).
        mirrored: whether the crop is turned left to right.
        brightness: factor of all values.
        contrast: factor of the distance from the image's mean value.
        saturation: factor of the distance of a pixel from its own grey.
        gain: factor of each colour channel.
        boxes: erased rectangle as top, left, height, width in pixels; height 0 erases nothing.
        colours: what erased pixels show, in [0, 1] before normalising.
    """

    position: int
    indices: Int[np.ndarray, "batch"]
    top: Int[np.ndarray, "batch"]
    left: Int[np.ndarray, "batch"]
    inner_top: Int[np.ndarray, "batch"]
    inner_left: Int[np.ndarray, "batch"]
    turn: Float64[np.ndarray, "batch"]
    edit: Int[np.ndarray, "batch"]
    edit_draws: Float64[np.ndarray, "batch 4"]
    mirrored: Bool[np.ndarray, "batch"]
    brightness: Float64[np.ndarray, "batch"]
    contrast: Float64[np.ndarray, "batch"]
    saturation: Float64[np.ndarray, "batch"]
    gain: Float64[np.ndarray, "batch 3"]
    boxes: Int[np.ndarray, "batch 4"]
    colours: Float64[np.ndarray, "batch 3"]

    def only(self, place: int) -> "BatchPlan":
        """The plan of the one image at this place of the batch."""
        values = {field.name: getattr(self, field.name) for field in fields(self)}
        own = {name: item[[place]] for name, item in values.items() if name != "position"}
        return BatchPlan(position=self.position, **own)


def batch_plan(
    data: Data,
    labels: Int[np.ndarray, "images"],
    seed: int,
    epoch: int,
    start: int = 0,
    views: Views | None = None,
) -> Iterator[BatchPlan]:
    """The plans of an epoch's batches in order, from batch ``start`` on.

    ``labels`` holds the identity or class of each training image; only their equality counts.
    ``views`` says where the images come from. Raises RecipeError where a batch is larger than the
    data set.
    """
    views = views or Views.unknown(len(labels))
    batches = epoch_batches(data.sampler, labels, seed, epoch, views)
    for position in range(start, len(batches)):
        indices = batches[position]
        groups = [views.groups[index] for index in indices]
        yield plan_of(data, indices, seed, epoch, position, groups)


def plan_of(
    data: Data,
    indices: Int[np.ndarray, "batch"],
    seed: int,
    epoch: int,
    position: int,
    groups: Sequence[str] = (),
) -> BatchPlan:
    """The plan of one batch of these images, each of a group of pictures."""
    draws = keyed_generator(seed, _PLAN, epoch, position)
    count, transforms = len(indices), data.transforms
    place, colour, erase = draws.random((count, 3)), draws.random((count, 5)), draws.random(count)
    offsets = np.floor(place[:, :2] * (2 * transforms.pad_and_crop.pixels + 1)).astype(np.int64)
    brightness, contrast, gain = _colour_factors(transforms.colour, colour)
    boxes = _rectangles(transforms.erasing, draws, count, data.height, data.width)
    boxes[erase >= transforms.erasing.probability] = 0
    fills = _fill_colours(data, draws.random((count, 3)))
    # What came later draws after what was there: batches of older recipes stay as they are.
    inner = np.floor(draws.random((count, 2)) * (transforms.margin + 1)).astype(np.int64)
    turn, saturation, edit = draws.random((count, 1)), draws.random(count), draws.random((count, 6))
    edited = edit[:, 0] < transforms.auto_augment.probability
    return BatchPlan(
        position=position,
        indices=indices,
        top=offsets[:, 0],
        left=offsets[:, 1],
        inner_top=inner[:, 0],
        inner_left=inner[:, 1],
        turn=_angles(transforms.rotation, turn[:, 0], groups),
        edit=np.where(edited, np.floor(edit[:, 1] * EDITS).astype(np.int64), -1),
        edit_draws=edit[:, 2:],
        mirrored=place[:, 2] < transforms.flip,
        brightness=brightness,
        contrast=contrast,
        saturation=1 + transforms.colour.saturation * (2 * saturation - 1),
        gain=gain,
        boxes=boxes,
        colours=fills,
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
    uniform between their bounds, the aspect also log-uniform. Where the recipe says to cut, the
    first rectangle is taken, its aspect is width / height, and each side is cut to the image, the
    height after the width.
    """
    sizes, corner = draws.random((2, count, RECTANGLE_TRIES)), draws.random((count, 2))
    areas = erasing.min_area + sizes[0] * (erasing.max_area - erasing.min_area)
    aspects = _aspects(erasing, sizes[1])
    heights = np.rint(np.sqrt(areas * height * width * aspects)).astype(np.int64)
    widths = np.rint(np.sqrt(areas * height * width / aspects)).astype(np.int64)
    fits = (heights < height) & (widths < width)
    if erasing.oversize == "cut":
        widths = np.clip(heights, 1, width)
        heights = np.clip(np.rint(areas * height * width / widths).astype(np.int64), 0, height)
        fits = np.ones_like(fits)
    images, first = np.arange(count), fits.argmax(axis=1)
    tall, wide = heights[images, first], widths[images, first]
    top = np.floor(corner[:, 0] * (height - tall + 1)).astype(np.int64)
    left = np.floor(corner[:, 1] * (width - wide + 1)).astype(np.int64)
    boxes = np.stack([top, left, tall, wide], axis=1)
    boxes[~fits.any(axis=1)] = 0
    return boxes


def _aspects(
    erasing: Erasing, uniform: Float64[np.ndarray, "batch tries"]
) -> Float64[np.ndarray, "batch tries"]:
    lowest = erasing.min_aspect
    highest = erasing.max_aspect or 1 / lowest
    if erasing.aspect == "log_uniform":
        return lowest * (highest / lowest) ** uniform
    return lowest + uniform * (highest - lowest)


def _fill_colours(
    data: Data, uniform: Float64[np.ndarray, "batch 3"]
) -> Float64[np.ndarray, "batch 3"]:
    fill = data.transforms.erasing.fill
    kind = data.transforms.normalise
    match fill:
        case "random":
            return uniform
        case "zero":
            colour = np.zeros(3)
        case "mean":
            colour = np.array(mean_colour(kind))
        case "mean_number":
            mean, std = NORMALISATIONS[kind]
            colour = np.array(mean) + np.array(std) * np.array(IMAGENET_MEAN)
    return np.tile(colour, (len(uniform), 1))


def _angles(
    rotation: Rotation, uniform: Float64[np.ndarray, "batch"], groups: Sequence[str]
) -> Float64[np.ndarray, "batch"]:
    angles = rotation.degrees * (2 * uniform - 1)
    if rotation.groups:
        known = groups or [""] * len(uniform)
        angles[[group not in rotation.groups for group in known]] = 0.0
    return angles
