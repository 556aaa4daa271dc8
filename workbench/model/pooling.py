"""From regions of a feature map to vectors: mean, maximum, both, generalised mean.

Sums are taken in float32 also where the map comes in half precision.
"""

import torch
from jaxtyping import Float
from torch import Tensor, nn

from workbench.recipe.settings import model as settings

SMALLEST = 1e-6


class Average(nn.Module):
    """Mean over rows and columns."""

    def forward(self, regions: Float[Tensor, "*leading rows columns"]) -> Float[Tensor, "*leading"]:
        """Any number of leading axes; float32 at least."""
        return regions.mean((-2, -1), dtype=_sum_type(regions))


class Max(nn.Module):
    """Largest value over rows and columns."""

    def forward(self, regions: Float[Tensor, "*leading rows columns"]) -> Float[Tensor, "*leading"]:
        """Any number of leading axes; float32 at least."""
        return regions.amax((-2, -1)).to(_sum_type(regions))


class AverageMax(nn.Module):
    """Mean plus largest value over rows and columns."""

    def forward(self, regions: Float[Tensor, "*leading rows columns"]) -> Float[Tensor, "*leading"]:
        """Any number of leading axes; float32 at least."""
        return regions.mean((-2, -1), dtype=_sum_type(regions)) + regions.amax((-2, -1))


class GeneralisedMean(nn.Module):
    """Generalised mean whose power may be trained; a power that falls below 1 counts as 1.

    Args:
        power: at the start.
        learned: whether it is trained.
        parts: how many powers there are, one for each part, the third axis of ``forward``; None for
            one power for all.
    """

    power: Tensor

    def __init__(self, power: float, learned: bool, parts: int | None = None) -> None:
        super().__init__()
        start = torch.full(() if parts is None else (parts,), power)
        if learned:
            self.power = nn.Parameter(start)
        else:
            self.register_buffer("power", start)

    def forward(
        self, regions: Float[Tensor, "*leading rows columns"], first: int = 0
    ) -> Float[Tensor, "*leading"]:
        """Any number of leading axes; float32 at least.

        Where each part has a power of its own, parts are the last of them, from ``first`` on.
        """
        power = self.power.clamp(min=1.0)
        power = power[first : first + regions.shape[-3]] if power.ndim else power
        return generalised_mean(regions.to(_sum_type(regions)), power)


def generalised_mean(
    regions: Float[Tensor, "*leading rows columns"], power: Float[Tensor, "*parts"]
) -> Float[Tensor, "*leading"]:
    """(mean of x^p)^(1/p) over rows and columns of x clamped to at least 1e-6.

    ``power`` is one for all, or one for each entry of the last leading axis.

    Values are divided by the largest of their region first, so that neither a large power nor a
    large value leaves float32. The gradient at a region of zeros is zero, not NaN.

    Source: Radenovic et al. 2018, sec. 3.2 (arXiv 1711.02512).
    """
    positive = regions.clamp(min=SMALLEST)
    largest = positive.detach().amax((-2, -1), keepdim=True)
    mean = (positive / largest).pow(power[..., None, None]).mean((-2, -1))
    return mean.pow(1.0 / power) * largest.squeeze((-2, -1))


def make_pool(pool: settings.Pool, parts: int = 1) -> nn.Module:
    """The pooling a recipe asks for, of a branch with so many parts."""
    match pool:
        case settings.AveragePool():
            return Average()
        case settings.MaxPool():
            return Max()
        case settings.AverageMaxPool():
            return AverageMax()
        case settings.GeneralisedMean():
            return GeneralisedMean(pool.power, pool.learned, parts if pool.per_part else None)


def _sum_type(regions: Tensor) -> torch.dtype:
    return torch.promote_types(regions.dtype, torch.float32)
