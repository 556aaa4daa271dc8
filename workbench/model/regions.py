"""How a feature map is divided into parts.

Every kind turns a map (batch, channels, rows, columns) into *blocks*: tensors (batch, channels,
parts, rows, columns) of parts that have the same shape, so that one reduction pools them all. Most
maps give one block, those that do not divide evenly give two. Parts keep their order over blocks.
"""

import torch
from jaxtyping import Float
from torch import Tensor, nn

from workbench.errors import ShapeError
from workbench.recipe.settings import regions as settings
from workbench.recipe.settings.regions import MapSize

Block = Float[Tensor, "batch _channels _parts _rows columns"]
Cells = Float[Tensor, "batch _parts _rows columns"]


class Division(nn.Module):
    """What every kind of region can say about itself.

    ``evidence`` asks a kind where on the map its parts read what they read, so that whoever draws a
    heatmap need not know the kind.

    Args:
        regions: its settings.
        size: of the maps that are divided.
    """

    def __init__(self, regions: settings.Regions, size: MapSize) -> None:
        super().__init__()
        self.count = regions.parts
        self.is_whole = regions.is_whole

    @property
    def learned_masks(self) -> Float[Tensor, "parts rows columns"] | None:
        """The mask of each part, where they are trained with the network."""
        return None

    def placed(self, cells: list[Cells], rows: int) -> Cells:
        """One value per cell of each block, put back where the cell came from; zero elsewhere.

        Args:
            cells: per block of ``forward`` a map (batch, parts, rows, columns) of its parts.
            rows: rows of the whole map; its columns are those of the blocks.
        """
        raise NotImplementedError

    def evidence(
        self,
        feature_map: Float[Tensor, "batch channels rows columns"],
        weights: list[Block] | None = None,
    ) -> Float[Tensor, "batch parts rows columns"]:
        """What each part reads at each cell of the map, summed over its channels.

        Args:
            feature_map: what ``forward`` divides.
            weights: what each value of each block counts, shaped like the blocks; without them
                every value counts once.

        Returns:
            One map per part, all of them as large as ``feature_map`` and zero where the part does
            not look. A part's map sums to the weighted sum of the values it reads.
        """
        blocks = self(feature_map)
        if weights is not None:
            blocks = [block * weight for block, weight in zip(blocks, weights, strict=True)]
        return self.placed([block.sum(1) for block in blocks], feature_map.shape[2])


@settings.REGIONS.implements(settings.Whole)
class Whole(Division):
    """The whole map as its only part."""

    def placed(self, cells: list[Cells], rows: int) -> Cells:
        """The block is the map."""
        return cells[0]

    def forward(self, feature_map: Float[Tensor, "batch channels rows columns"]) -> list[Block]:
        """One block with one part."""
        return [feature_map.unsqueeze(2)]


@settings.REGIONS.implements(settings.RowStripes)
class RowStripes(Division):
    """Equal horizontal stripes from top to bottom.

    Source: Sun et al. 2018, sec. 3.2 (PCB, arXiv 1711.09349).
    """

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

    def placed(self, cells: list[Cells], rows: int) -> Cells:
        """Each stripe back at its height."""
        height = rows // self.count
        return _spread(
            cells[0], rows, [range(k * height, (k + 1) * height) for k in range(self.count)]
        )


@settings.REGIONS.implements(settings.InterleavedRows)
class InterleavedRows(Division):
    """Part k holds rows k, k + count, k + 2 count, ... of the map."""

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

    def placed(self, cells: list[Cells], rows: int) -> Cells:
        """Each row back where it was dealt from."""
        longer = cells[0].shape[1]
        dealt = [range(part, rows, self.count) for part in range(self.count)]
        spread = [_spread(cells[0], rows, dealt[:longer])]
        spread += [_spread(block, rows, dealt[longer:]) for block in cells[1:]]
        return torch.cat(spread, dim=1)


@settings.REGIONS.implements(settings.ChannelGroups)
class ChannelGroups(Division):
    """Consecutive groups of channels, each multiplied by a learned mask over rows and columns.

    ``masks`` (parts, rows, columns) are free parameters, neither clamped nor squashed.
    """

    def __init__(self, regions: settings.ChannelGroups, size: MapSize) -> None:
        super().__init__(regions, size)
        self.widths = regions.part_channels(size)
        stripes = regions.start_stripes
        self.masks = nn.Parameter(start_masks(self.count, stripes, size.rows, size.columns))

    @property
    def learned_masks(self) -> Float[Tensor, "parts rows columns"]:
        """Any sign and size."""
        return self.masks

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

    def placed(self, cells: list[Cells], rows: int) -> Cells:
        """Every group looks at the whole map."""
        return torch.cat(cells, dim=1)

    @staticmethod
    def _masked(
        channels: Float[Tensor, "batch all_channels rows columns"],
        masks: Float[Tensor, "parts rows columns"],
    ) -> Block:
        groups = channels.unflatten(1, (masks.shape[0], -1)) * masks.unsqueeze(1)
        return groups.transpose(1, 2)


def _spread(cells: Cells, rows: int, places: list[range]) -> Cells:
    """Part k's rows at the rows ``places[k]`` of a map that is zero elsewhere."""
    batch, parts, _, columns = cells.shape
    spread = cells.new_zeros(batch, parts, rows, columns)
    for part, place in enumerate(places):
        spread[:, part, place.start : place.stop : place.step] = cells[:, part]
    return spread


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


def make_regions(regions: settings.Regions, size: MapSize) -> Division:
    """The division a recipe asks for, for maps of a size that its settings accept."""
    return settings.REGIONS.implementation(regions)(regions, size)
