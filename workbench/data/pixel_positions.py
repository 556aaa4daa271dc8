"""Where in a pixel store the pixels of an augmented image lie.

A pixel store holds images row after row as one table of pixels, with a black one at its end, so
that crop, flip and every kind of padding are arithmetic on indices.
"""

import math

import torch
from jaxtyping import Bool, Float32, Int, UInt8
from torch import Tensor

from workbench.data.batch_plan import BatchPlan
from workbench.recipe.settings.data import Data
from workbench.recipe.settings.transforms import PadAndCrop


def stored_size(data: Data) -> tuple[int, int]:
    """Height and width at which images are resized and stored: the input and its margin."""
    margin = data.transforms.margin
    return data.height + margin, data.width + margin


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


def gathered(
    store: UInt8[Tensor, "pixels 3"], rows: Int[Tensor, "batch"], plan: BatchPlan, data: Data
) -> Float32[Tensor, "batch height line"]:
    """The planned images cut, mirrored and padded, in 0 to 255; rows of pixels as one axis.

    So the innermost loop of what follows runs over width * 3 values instead of 3.
    """
    source = _source_pixels(rows, plan, data, black=len(store) - 1)
    return store.index_select(0, source).view(len(rows), data.height, data.width * 3).float()


def turned(
    store: UInt8[Tensor, "pixels 3"], rows: Int[Tensor, "1"], plan: BatchPlan, data: Data
) -> Float32[Tensor, "height line"]:
    """One planned image, turned about the centre of its padded self: values between four pixels.

    What lies outside the padded image is black.
    """
    device, pixels = store.device, data.transforms.pad_and_crop.pixels
    tall, wide = data.height + 2 * pixels, data.width + 2 * pixels
    angle = math.radians(float(plan.turn[0]))
    down = torch.arange(data.height, device=device) + int(plan.top[0]) + 0.5 - tall / 2
    along = torch.arange(data.width, device=device)
    along = along.flip(0) if plan.mirrored[0] else along
    along = along + int(plan.left[0]) + 0.5 - wide / 2
    y = (math.sin(angle) * along)[None, :] + (math.cos(angle) * down)[:, None] + tall / 2
    x = (math.cos(angle) * along)[None, :] - (math.sin(angle) * down)[:, None] + wide / 2
    inside = (y >= 0) & (y < tall) & (x >= 0) & (x < wide)
    y, x = y - 0.5, x - 0.5
    top, left = y.floor(), x.floor()
    lower, right = (y - top)[..., None], (x - left)[..., None]
    value = torch.zeros(data.height, data.width, 3, device=device)
    for below, share_y in ((0, 1 - lower), (1, lower)):
        for beside, share_x in ((0, 1 - right), (1, right)):
            place_y = (top.long() + below).clamp(0, tall - 1) - pixels
            place_x = (left.long() + beside).clamp(0, wide - 1) - pixels
            source = _stored_places(rows, place_y[None], place_x[None], plan, data, len(store) - 1)
            corner = store.index_select(0, source.flatten()).view_as(value).float()
            value += corner * share_y * share_x
    return (value * inside[..., None]).view(data.height, data.width * 3)


def _source_pixels(
    rows: Int[Tensor, "batch"], plan: BatchPlan, data: Data, black: int
) -> Int[Tensor, "wanted"]:
    """Where in the store each pixel of the result lies: both cuts, flip and padding at once."""
    # Half-width indices halve the time of this arithmetic.
    index = torch.int32 if black < 2**31 else torch.int64
    device, pixels = rows.device, data.transforms.pad_and_crop.pixels
    down = torch.arange(data.height, device=device, dtype=index)
    along = torch.arange(data.width, device=device, dtype=index)
    mirrored = torch.from_numpy(plan.mirrored).to(device)[:, None]
    top = torch.from_numpy(plan.top).to(device, index)[:, None] - pixels
    left = torch.from_numpy(plan.left).to(device, index)[:, None] - pixels
    y, x = down + top, torch.where(mirrored, along.flip(0), along) + left
    return _stored_places(rows, y[:, :, None], x[:, None, :], plan, data, black).flatten()


def _stored_places(
    rows: Int[Tensor, "batch"],
    y: Int[Tensor, "batch _rows _columns"],
    x: Int[Tensor, "batch _rows_or_one _columns_or_one"],
    plan: BatchPlan,
    data: Data,
    black: int,
) -> Int[Tensor, "batch height width"]:
    """Indices in the store of places in the cut image, also of places in its padding."""
    settings, index, device = data.transforms.pad_and_crop, y.dtype, rows.device
    y, y_outside = _inside(y, data.height, settings)
    x, x_outside = _inside(x, data.width, settings)
    tall, wide = stored_size(data)
    if data.transforms.margin:
        y = y + torch.from_numpy(plan.inner_top).to(device, index)[:, None, None]
        x = x + torch.from_numpy(plan.inner_left).to(device, index)[:, None, None]
    source = (rows.to(index)[:, None, None] * tall + y) * wide + x
    if settings.fill == "zeros" and settings.pixels:
        source.masked_fill_(y_outside | x_outside, black)
    return source


def _inside(
    places: Int[Tensor, "batch _rows _columns"], size: int, settings: PadAndCrop
) -> tuple[Int[Tensor, "batch _rows _columns"], Bool[Tensor, "batch _rows _columns"]]:
    """Places along one axis moved into the image as the padding asks, and which were outside."""
    outside = (places < 0) | (places >= size)
    if settings.fill == "symmetric":
        # Period of twice the size: forwards, then backwards with the edge repeated.
        places = places.remainder(2 * size)
        return torch.where(places < size, places, 2 * size - 1 - places), outside
    return places.clamp(0, size - 1), outside
