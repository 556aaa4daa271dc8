"""Is what is hot what counts? Take it away, hottest first, and see how the similarity falls.

A map is as good as its fall is fast, against two orders that know nothing of the network: random
ones, and from the middle of the picture outwards, where people tend to be. The score is the area
under the curve of similarity over the share taken away: the smaller, the better.

Source: Petsiuk et al. 2018, sec. 3.3 (RISE, arXiv 1806.07421).
"""

from typing import Literal

import numpy as np
import torch
import torch.nn.functional as F
from jaxtyping import Bool, Float, Int
from torch import Tensor

from workbench.explain.cams.cells import resampled

Fill = Literal["mean", "blur"]
STEPS = 8
RANDOM_ORDERS = 3
BLUR_SHARE = 8
"""A blur as wide as the image's height divided by this (standard deviation)."""


def hottest_first(
    heat: Float[np.ndarray, "rows columns"], rows: int, columns: int
) -> Int[np.ndarray, "cells"]:
    """Cells of a ``rows`` x ``columns`` grid by falling heat, equal ones in reading order."""
    return np.argsort(-resampled(heat, rows, columns).ravel(), kind="stable")


def from_the_middle(rows: int, columns: int) -> Int[np.ndarray, "cells"]:
    """Cells by distance from the middle of the picture, each side counted as one."""
    down = (np.arange(rows) + 0.5) / rows - 0.5
    across = (np.arange(columns) + 0.5) / columns - 0.5
    return np.argsort((down[:, None] ** 2 + across[None] ** 2).ravel(), kind="stable")


def random_orders(cells: int, count: int = RANDOM_ORDERS) -> list[Int[np.ndarray, "{cells}"]]:
    """The same ``count`` orders every time."""
    generator = np.random.default_rng(0)
    return [generator.permutation(cells) for _ in range(count)]


def step_counts(cells: int, steps: int = STEPS) -> Int[np.ndarray, "counts"]:
    """How many cells are gone at each step, from none to all; fewer steps where cells are few."""
    return np.unique(np.linspace(0, cells, steps + 1).round().astype(np.int64))


def without(
    image: Float[Tensor, "3 height width"],
    order: Int[np.ndarray, "cells"],
    grid: tuple[int, int],
    fill: Fill = "mean",
) -> Float[Tensor, "steps 3 height width"]:
    """The image at every step, its first cells in ``order`` replaced.

    ``fill``: by the mean colour of the image, or by the image blurred until nothing is left to
    recognise.
    """
    counts = step_counts(len(order))
    gone = np.zeros((len(counts), len(order)), dtype=bool)
    for step, count in enumerate(counts):
        gone[step, order[:count]] = True
    masks = torch.from_numpy(_enlarged(gone.reshape(-1, *grid), *image.shape[1:]))
    return torch.where(masks[:, None], _replacement(image, fill), image)


def area(taken: Float[np.ndarray, "steps"], curve: Float[np.ndarray, "steps"]) -> float:
    """Area under a curve by trapezoids."""
    return float(np.trapezoid(curve, taken))


def shares_taken(cells: int) -> Float[np.ndarray, "counts"]:
    """Share of the cells gone at each step."""
    return step_counts(cells) / cells


def _enlarged(
    masks: Bool[np.ndarray, "steps rows columns"], height: int, width: int
) -> Bool[np.ndarray, "steps {height} {width}"]:
    """Each pixel takes the cell its middle lies in."""
    down = (np.arange(height) * 2 + 1) * masks.shape[1] // (2 * height)
    across = (np.arange(width) * 2 + 1) * masks.shape[2] // (2 * width)
    return masks[:, down[:, None], across[None]]


def _replacement(
    image: Float[Tensor, "3 height width"], fill: Fill
) -> Float[Tensor, "3 height width"]:
    if fill == "mean":
        return image.mean((1, 2), keepdim=True).expand_as(image)
    sigma = image.shape[1] / BLUR_SHARE
    blurred = image[None]
    for axis in (2, 3):
        blurred = _blurred(blurred, sigma, axis)
    return blurred[0]


def _blurred(
    image: Float[Tensor, "1 3 height width"], sigma: float, axis: int
) -> Float[Tensor, "1 3 height width"]:
    """Along one axis, as far as the image goes; the edges are continued."""
    reach = min(int(3 * sigma), image.shape[axis])
    kernel = torch.exp(-0.5 * (torch.arange(-reach, reach + 1) / sigma) ** 2)
    down = axis == 2
    shape = [3, 1, -1, 1] if down else [3, 1, 1, -1]
    padding = (0, 0, reach, reach) if down else (reach, reach, 0, 0)
    weight = (kernel / kernel.sum()).expand(3, -1).reshape(shape).to(image.dtype)
    return F.conv2d(F.pad(image, padding, mode="replicate"), weight, groups=3)
