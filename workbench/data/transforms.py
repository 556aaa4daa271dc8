"""Augmentation and normalisation of whole batches: one gather, one multiply-add, then erasing.

Images stay uint8 until here. They lie in a pixel store: all images row after row as one table of
pixels, with a black one at its end, so that crop, flip and every kind of padding are arithmetic on
indices. No result depends on the number of threads: sums are sums of whole numbers, exact in any
order, and the rest is one operation per value.
"""

import torch
from jaxtyping import Bool, Float, Float32, Float64, Int, UInt8
from torch import Tensor

from workbench.data.normalisation import NORMALISATIONS, NormalisationKind
from workbench.data.plan import BatchPlan
from workbench.recipe.data import Data
from workbench.recipe.transforms import ColourJitter, PadAndCrop


def empty_store(images: int, height: int, width: int) -> UInt8[Tensor, "pixels 3"]:
    """A pixel store for so many images, to be filled through ``store_images``."""
    store = torch.empty((images * height * width + 1, 3), dtype=torch.uint8)
    store[-1] = 0
    return store


def store_images(
    store: UInt8[Tensor, "pixels 3"], height: int, width: int
) -> UInt8[Tensor, "images height width 3"]:
    """The images of a pixel store, sharing its memory."""
    return store[:-1].view(-1, height, width, 3)


def augment(
    store: UInt8[Tensor, "pixels 3"], rows: Int[Tensor, "batch"], plan: BatchPlan, data: Data
) -> Float32[Tensor, "batch 3 height width"]:
    """The planned training images, normalised, in channels_last order on the store's device.

    ``rows`` are the places of the plan's images in the store, which holds them at the recipe's
    height and width.
    """
    transforms, device = data.transforms, store.device
    source = _source_pixels(rows, plan, data, black=len(store) - 1)
    # Rows of pixels as one axis: the innermost loop runs over width * 3 values instead of 3.
    lines = store.index_select(0, source).view(len(rows), data.height, data.width * 3).float()
    mean, std = _mean_and_std(transforms.normalise, device)
    brighter, level = _colour(lines, plan, transforms.colour)
    _multiply_add(lines, brighter / (255 * std), (level / 255 - mean) / std)
    if _jitters(transforms.colour):
        # Jittered values are cut to the range of an image, as image editors do.
        lines.clamp_(_line((0 - mean) / std, data.width), _line((1 - mean) / std, data.width))
    images = lines.view(len(rows), data.height, data.width, 3)
    _erase(images, plan, (torch.from_numpy(plan.colours).to(device) - mean) / std)
    return images.permute(0, 3, 1, 2)


def evaluation_batch(
    images: UInt8[Tensor, "batch height width 3"], normalise: NormalisationKind
) -> Float32[Tensor, "batch 3 height width"]:
    """The images normalised and otherwise as they are, in channels_last order."""
    batch, height, width, _ = images.shape
    mean, std = _mean_and_std(normalise, images.device)
    lines = images.contiguous().view(batch, height, width * 3).float()
    _multiply_add(lines, (1 / (255 * std))[None], (-mean / std)[None])
    return lines.view(batch, height, width, 3).permute(0, 3, 1, 2)


def _source_pixels(
    rows: Int[Tensor, "batch"], plan: BatchPlan, data: Data, black: int
) -> Int[Tensor, "wanted"]:
    """Where in the store each pixel of the result lies: crop, flip and padding at once."""
    # Half-width indices halve the time of this arithmetic.
    index = torch.int32 if black < 2**31 else torch.int64
    device, settings = rows.device, data.transforms.pad_and_crop
    down = torch.arange(data.height, device=device, dtype=index)
    along = torch.arange(data.width, device=device, dtype=index)
    mirrored = torch.from_numpy(plan.mirrored).to(device)[:, None]
    top = torch.from_numpy(plan.top).to(device, index)[:, None] - settings.pixels
    left = torch.from_numpy(plan.left).to(device, index)[:, None] - settings.pixels
    y, y_outside = _inside(down + top, data.height, settings)
    x, x_outside = _inside(torch.where(mirrored, along.flip(0), along) + left, data.width, settings)
    y = (rows.to(index)[:, None] * data.height + y) * data.width
    source = y[:, :, None] + x[:, None, :]
    if settings.fill == "zeros" and settings.pixels:
        source.masked_fill_(y_outside[:, :, None] | x_outside[:, None, :], black)
    return source.flatten()


def _inside(
    places: Int[Tensor, "batch size"], size: int, settings: PadAndCrop
) -> tuple[Int[Tensor, "batch size"], Bool[Tensor, "batch size"]]:
    """Places along one axis moved into the image as the padding asks, and which were outside."""
    outside = (places < 0) | (places >= size)
    if settings.fill == "symmetric":
        # Period of twice the size: forwards, then backwards with the edge repeated.
        places = places.remainder(2 * size)
        return torch.where(places < size, places, 2 * size - 1 - places), outside
    return places.clamp(0, size - 1), outside


def _colour(
    lines: Float32[Tensor, "batch height line"], plan: BatchPlan, jitter: ColourJitter
) -> tuple[Float64[Tensor, "rows 3"], Float64[Tensor, "rows 3"]]:
    """Factor and summand of every value in 0 to 255: ``gain * (contrast * (b v - m) + m)``.

    ``b`` is the brightness and ``m`` the mean of all ``b v`` of an image. One row for all images
    where nothing is jittered.
    """
    if not _jitters(jitter):
        unchanged = torch.ones((1, 3), dtype=torch.float64, device=lines.device)
        return unchanged, torch.zeros_like(unchanged)
    device = lines.device
    brightness = torch.from_numpy(plan.brightness).to(device)[:, None]
    contrast = torch.from_numpy(plan.contrast).to(device)[:, None]
    gain = torch.from_numpy(plan.gain).to(device)
    # Column sums stay below 2**24, so that single precision holds them exactly.
    mean = (lines.sum(dim=1).double().sum(dim=1) / (lines.shape[1] * lines.shape[2]))[:, None]
    return gain * contrast * brightness, gain * (1 - contrast) * brightness * mean


def _jitters(jitter: ColourJitter) -> bool:
    return bool(jitter.brightness or jitter.contrast or jitter.channel_gain)


def _mean_and_std(
    kind: NormalisationKind, device: torch.device
) -> tuple[Float64[Tensor, "3"], Float64[Tensor, "3"]]:
    mean, std = NORMALISATIONS[kind]
    return (
        torch.tensor(mean, dtype=torch.float64, device=device),
        torch.tensor(std, dtype=torch.float64, device=device),
    )


def _multiply_add(
    lines: Float32[Tensor, "batch height line"],
    factor: Float64[Tensor, "rows 3"],
    summand: Float64[Tensor, "rows 3"],
) -> None:
    """``lines * factor + summand`` in place, as two operations.

    A fused one would round differently in the vectorised body of a loop and in its remainder.
    """
    width = lines.shape[2] // 3
    lines.mul_(_line(factor, width)[:, None]).add_(_line(summand, width)[:, None])


def _line(colour: Float[Tensor, "*rows 3"], width: int) -> Float32[Tensor, "*rows line"]:
    """A colour repeated along one row of pixels."""
    return colour.float().repeat(*([1] * (colour.ndim - 1)), width)


def _erase(
    images: Float32[Tensor, "batch height width 3"],
    plan: BatchPlan,
    colours: Float64[Tensor, "batch 3"],
) -> None:
    """Cover the planned rectangles in place."""
    fills = colours.float()
    for image, (top, left, height, width) in enumerate(plan.boxes.tolist()):
        if height:
            images[image, top : top + height, left : left + width] = fills[image]
