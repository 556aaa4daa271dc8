"""Region and pool settings: how a feature map becomes the vectors of its parts."""

from typing import Annotated, Literal

from pydantic import Field

from workbench.recipe.settings.base import Group, setting


class Whole(Group):
    """The whole feature map."""

    kind: Literal["whole"] = "whole"


class RowStripes(Group):
    """Equal horizontal stripes, one part each (PCB: Sun et al. 2018, arXiv 1711.09349)."""

    kind: Literal["row_stripes"] = "row_stripes"
    count: Annotated[
        int, setting("Stripes; must divide the rows of the map.", important=True, ge=2, le=32)
    ] = 4


class InterleavedRows(Group):
    """Part i holds rows i, i + count, i + 2 count, ... of the map."""

    kind: Literal["interleaved_rows"] = "interleaved_rows"
    count: Annotated[
        int, setting("Parts; at most the rows of the map.", important=True, ge=2, le=32)
    ] = 2


class ChannelGroups(Group):
    """Consecutive groups of channels, each weighted by a learned spatial mask."""

    kind: Literal["channel_groups"] = "channel_groups"
    count: Annotated[
        int, setting("Groups of channels, one part each.", important=True, ge=2, le=32)
    ] = 2
    start_stripes: Annotated[
        int,
        setting(
            "Stripes on which a mask starts as one (0: everywhere); the rows are cut into"
            " count + start_stripes - 1 stripes.",
            ge=0,
            le=32,
        ),
    ] = 1


Regions = Annotated[
    Whole | RowStripes | InterleavedRows | ChannelGroups, Field(discriminator="kind")
]


class AveragePool(Group):
    """Mean over the region."""

    kind: Literal["average"] = "average"


class MaxPool(Group):
    """Largest value over the region."""

    kind: Literal["max"] = "max"


class AverageMaxPool(Group):
    """Mean plus largest value."""

    kind: Literal["average_max"] = "average_max"


class GeneralisedMean(Group):
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


Pool = Annotated[
    AveragePool | MaxPool | AverageMaxPool | GeneralisedMean, Field(discriminator="kind")
]
