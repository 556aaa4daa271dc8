"""From regions of a feature map to vectors: mean, maximum, both, generalised mean.

Sums are taken in float32 also where the map comes in half precision.
"""

from abc import abstractmethod

import torch
from jaxtyping import Float
from torch import Tensor, nn

from workbench.recipe.settings import pools as settings

SMALLEST = 1e-6


class Pool(nn.Module):
    """What every kind of pool is: rows and columns of a region become one number a channel.

    Args:
        pool: its settings.
        parts: of the branch it belongs to.
    """

    def __init__(self, pool: settings.Pool, parts: int = 1) -> None:
        super().__init__()

    @abstractmethod
    def forward(
        self, regions: Float[Tensor, "*leading rows columns"], first: int = 0
    ) -> Float[Tensor, "*leading"]:
        """Any number of leading axes; float32 at least.

        The last of them counts parts, from part ``first`` of the branch on.
        """


@settings.POOLS.implements(settings.AveragePool)
class Average(Pool):
    """Mean over rows and columns."""

    def forward(
        self, regions: Float[Tensor, "*leading rows columns"], first: int = 0
    ) -> Float[Tensor, "*leading"]:
        """The same for every part."""
        return regions.mean((-2, -1), dtype=_sum_type(regions))


@settings.POOLS.implements(settings.MaxPool)
class Max(Pool):
    """Largest value over rows and columns."""

    def forward(
        self, regions: Float[Tensor, "*leading rows columns"], first: int = 0
    ) -> Float[Tensor, "*leading"]:
        """The same for every part."""
        return regions.amax((-2, -1)).to(_sum_type(regions))


@settings.POOLS.implements(settings.AverageMaxPool)
class AverageMax(Pool):
    """Mean plus largest value over rows and columns."""

    def forward(
        self, regions: Float[Tensor, "*leading rows columns"], first: int = 0
    ) -> Float[Tensor, "*leading"]:
        """The same for every part."""
        return regions.mean((-2, -1), dtype=_sum_type(regions)) + regions.amax((-2, -1))


@settings.POOLS.implements(settings.GeneralisedMean)
class GeneralisedMean(Pool):
    """Generalised mean whose power may be trained; a power that falls below 1 counts as 1.

    ``power`` is one for all parts or one for each.
    """

    power: Tensor

    def __init__(self, pool: settings.GeneralisedMean, parts: int = 1) -> None:
        super().__init__(pool, parts)
        start = torch.full((parts,) if pool.per_part else (), pool.power)
        if pool.learned:
            self.power = nn.Parameter(start)
        else:
            self.register_buffer("power", start)

    def forward(
        self, regions: Float[Tensor, "*leading rows columns"], first: int = 0
    ) -> Float[Tensor, "*leading"]:
        """By the power of each part, or by one for all."""
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


def make_pool(pool: settings.Pool, parts: int = 1) -> Pool:
    """The pooling a recipe asks for, of a branch with so many parts."""
    return settings.POOLS.implementation(pool)(pool, parts)


def _sum_type(regions: Tensor) -> torch.dtype:
    return torch.promote_types(regions.dtype, torch.float32)
