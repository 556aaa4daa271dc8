"""Augmentation and normalisation of whole batches: one gather, one multiply-add, then erasing.

Images stay uint8 until here, in a pixel store. No result depends on the number of threads: sums
are sums of whole numbers, exact in any order, and the rest is one operation per value.
"""

import numpy as np
import torch
from jaxtyping import Float, Float32, Float64, Int, UInt8
from torch import Tensor

from workbench.data.auto_augment import edited
from workbench.data.batch_plan import BatchPlan
from workbench.data.normalisation import NORMALISATIONS, NormalisationKind
from workbench.data.pixel_positions import empty_store, gathered, store_images, stored_size, turned
from workbench.recipe.settings.data import Data
from workbench.recipe.settings.transforms import ColourJitter

GREY_SHARES = (0.299, 0.587, 0.114)
"""How bright red, green and blue look (ITU-R BT.601)."""


def augment(
    store: UInt8[Tensor, "pixels 3"], rows: Int[Tensor, "batch"], plan: BatchPlan, data: Data
) -> Float32[Tensor, "batch 3 height width"]:
    """The planned training images, normalised, in channels_last order on the store's device.

    ``rows`` are the places of the plan's images in the store, which holds them at the recipe's
    height and width, margin included.
    """
    transforms, device = data.transforms, store.device
    lines = gathered(store, rows, plan, data)
    _replace_edited(lines, store, rows, plan, data)
    if transforms.colour.saturation:
        _saturate(lines, torch.from_numpy(plan.saturation).to(device))
    mean, std = _mean_and_std(transforms.normalise, device)
    brighter, level = _colour(lines, plan, transforms.colour)
    _multiply_add(lines, brighter / (255 * std), (level / 255 - mean) / std)
    if _jitters(transforms.colour):
        # Jittered values are cut to the range of an image, as image editors do.
        lines.clamp_(_line((0 - mean) / std, data.width), _line((1 - mean) / std, data.width))
    images = lines.view(len(rows), data.height, data.width, 3)
    _erase(images, plan, (torch.from_numpy(plan.colours).to(device) - mean) / std)
    return images.permute(0, 3, 1, 2)


def _replace_edited(
    lines: Float32[Tensor, "batch height line"],
    store: UInt8[Tensor, "pixels 3"],
    rows: Int[Tensor, "batch"],
    plan: BatchPlan,
    data: Data,
) -> None:
    """Images that are edited or turned take the place of what was gathered, one by one."""
    first = torch.zeros(1, dtype=torch.int64, device=store.device)
    for place in np.flatnonzero((plan.edit >= 0) | (plan.turn != 0)).tolist():
        own, row, pixels = plan.only(place), rows[place : place + 1], store
        if own.edit[0] >= 0:
            pixels, row = _edited_store(store, int(row), own, data), first
        turn = own.turn[0] != 0
        lines[place] = (turned if turn else gathered)(pixels, row, own, data).view_as(lines[place])


def _edited_store(
    store: UInt8[Tensor, "pixels 3"], row: int, plan: BatchPlan, data: Data
) -> UInt8[Tensor, "own_pixels 3"]:
    """A pixel store of the one image a plan edits."""
    tall, wide = stored_size(data)
    pixels = store_images(store, tall, wide)[row].cpu().numpy()
    alone = empty_store(1, tall, wide)
    strengths = data.transforms.auto_augment.strengths
    image = edited(pixels, int(plan.edit[0]), plan.edit_draws[0], strengths)
    store_images(alone, tall, wide)[0] = torch.from_numpy(image.copy())
    return alone.to(store.device)


def _saturate(
    lines: Float32[Tensor, "batch height line"], factors: Float64[Tensor, "batch"]
) -> None:
    """Move every pixel away from its own grey, or towards it, within 0 to 255, in place."""
    pixels = lines.view(*lines.shape[:2], -1, 3)
    red, green, blue = (share * pixels[..., place] for place, share in enumerate(GREY_SHARES))
    grey = (red + green + blue)[..., None]
    pixels.sub_(grey).mul_(factors.float()[:, None, None, None]).add_(grey).clamp_(0, 255)


def evaluation_batch(
    images: UInt8[Tensor, "batch height width 3"], normalise: NormalisationKind
) -> Float32[Tensor, "batch 3 height width"]:
    """The images normalised and otherwise as they are, in channels_last order."""
    batch, height, width, _ = images.shape
    mean, std = _mean_and_std(normalise, images.device)
    lines = images.contiguous().view(batch, height, width * 3).float()
    _multiply_add(lines, (1 / (255 * std))[None], (-mean / std)[None])
    return lines.view(batch, height, width, 3).permute(0, 3, 1, 2)


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
    # Sums of whole numbers are exact in any order; saturated or turned images have others, whose
    # sums differ by less than single precision shows.
    sums = lines.sum(dim=1, dtype=torch.float64).sum(dim=1)
    mean = (sums / (lines.shape[1] * lines.shape[2]))[:, None]
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
