"""Region settings: how a feature map is divided into parts."""

import math
from typing import Annotated, Any, ClassVar, Literal, NamedTuple

from workbench.recipe.refusals import listed
from workbench.recipe.settings.base import Group, OneOf, Problem, setting
from workbench.registry import Registry


class MapSize(NamedTuple):
    """Size of a feature map."""

    channels: int
    rows: int
    columns: int


class Region(Group):
    """What every division of a map into parts has in common."""

    kind: Any
    is_whole: ClassVar[bool] = False
    """Whether its only part is called as the branch is, without a number."""
    reads_all_channels: ClassVar[bool] = True
    """Whether every part reads all channels of the map."""
    learns_masks: ClassVar[bool] = False
    """Whether its parts look where masks that are trained with the network say."""

    @property
    def parts(self) -> int:
        """How many parts there are."""
        raise NotImplementedError

    def part_channels(self, size: MapSize) -> list[int]:
        """Channels of each part, in order."""
        return [size.channels] * self.parts

    def row_problem(self, path: str, rows: int) -> Problem | None:
        """Why a map of so many rows cannot be divided so; ``path`` is where the region stands."""
        return None

    def problem(self, path: str, size: MapSize) -> Problem | None:
        """Why a map of this size cannot be divided so."""
        return self.row_problem(path, size.rows)


REGIONS: Registry[Region] = Registry("region")
"""Their implementations are classes of ``workbench.model.regions.Division``."""
_MODULE = "workbench.model.regions"


@REGIONS.settings(_MODULE)
class Whole(Region):
    """The whole feature map."""

    is_whole = True
    kind: Literal["whole"] = "whole"

    @property
    def parts(self) -> int:
        """One."""
        return 1


@REGIONS.settings(_MODULE)
class RowStripes(Region):
    """Equal horizontal stripes, one part each (PCB: Sun et al. 2018, arXiv 1711.09349)."""

    kind: Literal["row_stripes"] = "row_stripes"
    count: Annotated[
        int, setting("Stripes; must divide the rows of the map.", important=True, ge=2, le=32)
    ] = 4

    @property
    def parts(self) -> int:
        """The stripes."""
        return self.count

    def row_problem(self, path: str, rows: int) -> Problem | None:
        """Rows that the stripes do not divide."""
        if rows % self.count == 0:
            return None
        fitting = [str(count) for count in range(2, rows + 1) if rows % count == 0]
        return Problem(
            f"{path}.count",
            f"feature map has {rows} rows; {self.count} does not divide {rows}",
            f"Use {listed(fitting)}." if fitting else "Use a larger data.height.",
            str(self.count),
        )


@REGIONS.settings(_MODULE)
class InterleavedRows(Region):
    """Part i holds rows i, i + count, i + 2 count, ... of the map."""

    kind: Literal["interleaved_rows"] = "interleaved_rows"
    count: Annotated[
        int, setting("Parts; at most the rows of the map.", important=True, ge=2, le=32)
    ] = 2

    @property
    def parts(self) -> int:
        """As set."""
        return self.count

    def row_problem(self, path: str, rows: int) -> Problem | None:
        """Fewer rows than parts."""
        if rows >= self.count:
            return None
        return Problem(
            f"{path}.count",
            f"feature map has {rows} rows",
            f"Use at most {rows}.",
            str(self.count),
        )


@REGIONS.settings(_MODULE)
class ChannelGroups(Region):
    """Consecutive groups of channels, each weighted by a learned spatial mask."""

    reads_all_channels = False
    learns_masks = True
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

    @property
    def parts(self) -> int:
        """The groups."""
        return self.count

    def part_channels(self, size: MapSize) -> list[int]:
        """Channels of each group; shorter than ``count`` where the channels do not suffice."""
        return group_widths(size.channels, self.count)

    def problem(self, path: str, size: MapSize) -> Problem | None:
        """Channels that do not give so many groups, or rows that do not give so many stripes."""
        groups = len(self.part_channels(size))
        if groups < self.count:
            width = math.ceil(size.channels / self.count)
            return Problem(
                f"{path}.count",
                f"{size.channels} channels in groups of {width} are only {groups} groups",
                f"Use {groups} or a divisor of {size.channels}.",
                str(self.count),
            )
        stripes = self.count + self.start_stripes - 1
        if self.start_stripes and stripes > size.rows:
            return Problem(
                f"{path}.start_stripes",
                f"feature map has {size.rows} rows, too few for {stripes} stripes"
                " (count + start_stripes - 1)",
                f"Use at most {max(size.rows - self.count + 1, 0)}.",
                str(self.start_stripes),
            )
        return None


def group_widths(channels: int, count: int) -> list[int]:
    """Channels of each group: ceil(channels / count), and what is left for the last one.

    The rule of ``torch.chunk``, so that checkpoints of networks built with it fit. Shorter than
    ``count`` where the channels do not suffice.
    """
    width = math.ceil(channels / count)
    return [min(width, channels - start) for start in range(0, channels, width)]


Regions = Annotated[Region, OneOf(REGIONS)]
