"""Pool settings: how a region of a feature map becomes a vector."""

from typing import Annotated, Any, Literal

from workbench.recipe.settings.base import Group, OneOf, setting
from workbench.registry import Registry


class Pooling(Group):
    """What every pool has in common."""

    kind: Any


POOLS: Registry[Pooling] = Registry("pool")
"""Their implementations are functions from settings and number of parts to a module."""


@POOLS.settings("workbench.model.pooling")
class AveragePool(Pooling):
    """Mean over the region."""

    kind: Literal["average"] = "average"


@POOLS.settings("workbench.model.pooling")
class MaxPool(Pooling):
    """Largest value over the region."""

    kind: Literal["max"] = "max"


@POOLS.settings("workbench.model.pooling")
class AverageMaxPool(Pooling):
    """Mean plus largest value."""

    kind: Literal["average_max"] = "average_max"


@POOLS.settings("workbench.model.pooling")
class GeneralisedMean(Pooling):
    """(mean of x^p)^(1/p) of non-negative values.

    Source: Radenovic et al. 2018 (arXiv 1711.02512).
    """

    kind: Literal["generalised_mean"] = "generalised_mean"
    power: Annotated[
        float, setting("p; 1 is the mean, large values approach the maximum.", ge=1.0, le=20.0)
    ] = 3.0
    learned: Annotated[bool, setting("Train p with the network.")] = False
    per_part: Annotated[
        bool, setting("Train one p for each part of the branch instead of one for all.", later=True)
    ] = False


Pool = Annotated[Pooling, OneOf(POOLS)]
