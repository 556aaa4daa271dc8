"""From regions of a feature map to vectors: mean, maximum, both, generalised mean.

Sums are taken in float32 also where the map comes in half precision.
"""

import torch
from jaxtyping import Float
from torch import Tensor, nn

from workbench.recipe import model as settings

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
    """Generalised mean whose power may be trained; a power that falls below 1 counts as 1."""

    power: Tensor

    def __init__(self, power: float, learned: bool) -> None:
        super().__init__()
        if learned:
            self.power = nn.Parameter(torch.tensor(power))
        else:
            self.register_buffer("power", torch.tensor(power))

    def forward(self, regions: Float[Tensor, "*leading rows columns"]) -> Float[Tensor, "*leading"]:
        """Any number of leading axes; float32 at least."""
        return generalised_mean(regions.to(_sum_type(regions)), self.power.clamp(min=1.0))


def generalised_mean(
    regions: Float[Tensor, "*leading rows columns"], power: Float[Tensor, ""]
) -> Float[Tensor, "*leading"]:
    """(mean of x^p)^(1/p) over rows and columns of x clamped to at least 1e-6.

    Values are divided by the largest of their region first, so that neither a large power nor a
    large value leaves float32. The gradient at a region of zeros is zero, not NaN.

    Source: Radenovic et al. 2018, sec. 3.2 (arXiv 1711.02512).
    """
    positive = regions.clamp(min=SMALLEST)
    largest = positive.detach().amax((-2, -1), keepdim=True)
    mean = (positive / largest).pow(power).mean((-2, -1))
    return mean.pow(1.0 / power) * largest.squeeze((-2, -1))


def make_pool(pool: settings.Pool) -> nn.Module:
    """The pooling a recipe asks for."""
    match pool:
        case settings.AveragePool():
            return Average()
        case settings.MaxPool():
            return Max()
        case settings.AverageMaxPool():
            return AverageMax()
        case settings.GeneralisedMean():
            return GeneralisedMean(pool.power, pool.learned)


def _sum_type(regions: Tensor) -> torch.dtype:
    return torch.promote_types(regions.dtype, torch.float32)
