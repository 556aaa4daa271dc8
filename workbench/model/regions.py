"""How a feature map is divided into parts.

Every kind turns a map (batch, channels, rows, columns) into *blocks*: tensors (batch, channels,
parts, rows, columns) of parts that have the same shape, so that one reduction pools them all. Most
maps give one block, those that do not divide evenly give two. Parts keep their order over blocks.
"""

import math

import torch
from jaxtyping import Float
from torch import Tensor, nn

from workbench.errors import ShapeError
from workbench.model.outputs import MapSize
from workbench.recipe import model as settings

Block = Float[Tensor, "batch _channels _parts _rows columns"]


class Whole(nn.Module):
    """The whole map as its only part."""

    count = 1

    def forward(self, feature_map: Float[Tensor, "batch channels rows columns"]) -> list[Block]:
        """One block with one part."""
        return [feature_map.unsqueeze(2)]


class RowStripes(nn.Module):
    """Equal horizontal stripes from top to bottom.

    Source: Sun et al. 2018, sec. 3.2 (PCB, arXiv 1711.09349).
    """

    def __init__(self, count: int) -> None:
        super().__init__()
        self.count = count

    def forward(self, feature_map: Float[Tensor, "batch channels rows columns"]) -> list[Block]:
        """One block: part k holds rows k * rows / count up to (k + 1) * rows / count.

        Raises ShapeError where ``count`` does not divide the rows.
        """
        rows = feature_map.shape[2]
        if rows % self.count:
            raise ShapeError(
                f"A feature map with {rows} rows cannot be cut into {self.count} equal stripes:"
                " use another image height or evaluation.embedding.scales = [1.0]."
            )
        return [feature_map.unflatten(2, (self.count, rows // self.count))]


class InterleavedRows(nn.Module):
    """Part k holds rows k, k + count, k + 2 count, ... of the map."""

    def __init__(self, count: int) -> None:
        super().__init__()
        self.count = count

    def forward(self, feature_map: Float[Tensor, "batch channels rows columns"]) -> list[Block]:
        """One block, or two where the first parts hold one row more than the others.

        Raises ShapeError where the map has fewer than ``count`` rows.
        """
        each, longer = divmod(feature_map.shape[2], self.count)
        if each == 0:
            raise ShapeError(
                f"A feature map with {longer} rows cannot be dealt out to {self.count} parts: use a"
                " larger image height or evaluation.embedding.scales = [1.0]."
            )
        even = feature_map[:, :, : each * self.count].unflatten(2, (each, self.count))
        parts = even.transpose(2, 3)
        if longer == 0:
            return [parts]
        last_rows = feature_map[:, :, each * self.count :].unsqueeze(3)
        return [torch.cat([parts[:, :, :longer], last_rows], dim=3), parts[:, :, longer:]]


class ChannelGroups(nn.Module):
    """Consecutive groups of channels, each multiplied by a learned mask over rows and columns.

    ``masks`` (parts, rows, columns) are free parameters, neither clamped nor squashed.
    """

    def __init__(self, count: int, start_stripes: int, size: MapSize) -> None:
        super().__init__()
        self.count = count
        self.widths = group_widths(size.channels, count)
        self.masks = nn.Parameter(start_masks(count, start_stripes, size.rows, size.columns))

    def forward(self, feature_map: Float[Tensor, "batch channels rows columns"]) -> list[Block]:
        """One block, or two where the last group has fewer channels than the others.

        Raises ShapeError where the map is not as large as the masks.
        """
        if feature_map.shape[2:] != self.masks.shape[1:]:
            raise ShapeError(
                f"A feature map of {feature_map.shape[2]} x {feature_map.shape[3]} does not fit"
                f" masks of {self.masks.shape[1]} x {self.masks.shape[2]}: use the image size of"
                " the training and evaluation.embedding.scales = [1.0]."
            )
        equal = self.widths.count(self.widths[0])
        blocks = [self._masked(feature_map[:, : equal * self.widths[0]], self.masks[:equal])]
        if equal < self.count:
            blocks.append(
                self._masked(feature_map[:, equal * self.widths[0] :], self.masks[equal:])
            )
        return blocks

    @staticmethod
    def _masked(
        channels: Float[Tensor, "batch all_channels rows columns"],
        masks: Float[Tensor, "parts rows columns"],
    ) -> Block:
        groups = channels.unflatten(1, (masks.shape[0], -1)) * masks.unsqueeze(1)
        return groups.transpose(1, 2)


Regions = Whole | RowStripes | InterleavedRows | ChannelGroups


def group_widths(channels: int, count: int) -> list[int]:
    """Channels of each group: ceil(channels / count), and what is left for the last one.

    The rule of ``torch.chunk``, so that checkpoints of networks built with it fit. Shorter than
    ``count`` where the channels do not suffice.
    """
    width = math.ceil(channels / count)
    return [min(width, channels - start) for start in range(0, channels, width)]


def start_masks(
    count: int, stripes: int, rows: int, columns: int
) -> Float[Tensor, "{count} {rows} {columns}"]:
    """Masks of zeros and ones: mask k is one on ``stripes`` stripes from stripe k on.

    The rows are cut into count + stripes - 1 stripes at round(k * rows / number); ``stripes=0``
    makes all masks one everywhere, ``stripes=1`` makes them disjoint.
    """
    if stripes == 0:
        return torch.ones(count, rows, columns)
    number = count + stripes - 1
    bounds = [round(stripe * rows / number) for stripe in range(number + 1)]
    masks = torch.zeros(count, rows, columns)
    for part in range(count):
        masks[part, bounds[part] : bounds[part + stripes]] = 1.0
    return masks


def make_regions(regions: settings.Regions, size: MapSize) -> Regions:
    """The division a recipe asks for, for maps of this size (see ``refusal`` for what fits)."""
    match regions:
        case settings.Whole():
            return Whole()
        case settings.RowStripes():
            return RowStripes(regions.count)
        case settings.InterleavedRows():
            return InterleavedRows(regions.count)
        case settings.ChannelGroups():
            return ChannelGroups(regions.count, regions.start_stripes, size)


def part_channels(regions: settings.Regions, size: MapSize) -> list[int]:
    """Channels of each part, in order."""
    match regions:
        case settings.Whole():
            return [size.channels]
        case settings.ChannelGroups():
            return group_widths(size.channels, regions.count)
        case _:
            return [size.channels] * regions.count


def refusal(regions: settings.Regions, size: MapSize) -> tuple[str, str] | None:
    """Field and reason why these regions cannot be cut from maps of this size; None if they can."""
    match regions:
        case settings.RowStripes(count=count) if size.rows % count:
            return "count", (
                f"feature map has {size.rows} rows; {count} does not divide {size.rows}."
                f" Use {_divisors(size.rows)}."
            )
        case settings.InterleavedRows(count=count) if size.rows < count:
            return "count", f"feature map has {size.rows} rows. Use at most {size.rows}."
        case settings.ChannelGroups(count=count):
            return _group_refusal(count, regions.start_stripes, size)
    return None


def _group_refusal(count: int, stripes: int, size: MapSize) -> tuple[str, str] | None:
    found = len(group_widths(size.channels, count))
    if found < count:
        return "count", (
            f"{size.channels} channels in groups of {math.ceil(size.channels / count)} are only"
            f" {found} groups. Use {found} or a divisor of {size.channels}."
        )
    if stripes and count + stripes - 1 > size.rows:
        return "start_stripes", (
            f"feature map has {size.rows} rows, too few for {count + stripes - 1} stripes"
            f" (count + start_stripes - 1). Use at most {max(size.rows - count + 1, 0)}."
        )
    return None


def _divisors(rows: int) -> str:
    """Divisors of ``rows`` as words, without 1 and ``rows`` itself unless there is no other."""
    found = [str(count) for count in range(2, rows) if rows % count == 0] or [str(rows)]
    return found[0] if len(found) == 1 else f"{', '.join(found[:-1])} or {found[-1]}"
