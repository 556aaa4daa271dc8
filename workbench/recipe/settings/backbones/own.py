"""Backbones of our own: a small one, and those of two published systems."""

from typing import Annotated, Literal

from pydantic import Field

from workbench.recipe.refusals import listed
from workbench.recipe.settings.backbones.base import (
    BACKBONES,
    SMALLEST_WIDTH,
    BackboneSettings,
    Depth,
    DropPath,
    HeadWidth,
    Split,
    Strides,
    Widths,
    halved,
    residual_rows,
    uneven_widths,
)
from workbench.recipe.settings.base import Problem, setting

LOG_100 = 4.605170185988092
_ATTENTION_STRIDES = (4, 8, 16)
"""Pixels per token in the stages of a grid transformer that have attention."""


@BACKBONES.settings("workbench.model.backbones.compact_resnet")
class CompactResNet(BackboneSettings):
    """A small residual network that learns on two processor cores in minutes."""

    kind: Literal["compact_resnet"] = "compact_resnet"
    width: Annotated[
        int,
        setting(
            "Channels of the first stage; each stage doubles them.",
            important=True,
            ge=SMALLEST_WIDTH,
            le=256,
        ),
    ] = 32
    depths: Annotated[
        list[Annotated[int, Field(ge=1, le=12)]],
        setting("Residual blocks of the four stages.", min_length=4, max_length=4),
    ] = [1, 1, 1, 1]
    split: Split = None
    tail_strides: Strides = [1]

    def map_rows(self, tail: int, height: int) -> int | None:
        """Of a residual network."""
        return residual_rows(height, self.tail_strides[tail])


@BACKBONES.settings("workbench.model.backbones.grouped_regnet")
class GroupedRegNet(BackboneSettings):
    """A deep, narrow RegNet-Y: groups of four channels, squeeze-and-excitation in every block.

    RegNet: Radosavovic et al. 2020 (arXiv 2003.13678). The topology is that of a published system,
    not of timm's networks of similar names: the defaults are its 1.6 GF size; its 800 MF size has
    widths 48, 96, 192, 384, depths 5, 10, 23, 5 and drop_path 0.05.
    """

    kind: Literal["grouped_regnet"] = "grouped_regnet"
    widths: Widths = [64, 128, 256, 512]
    depths: Annotated[
        list[Depth], setting("Blocks of the four stages.", min_length=4, max_length=4)
    ] = [6, 12, 27, 6]
    head_width: HeadWidth = 1024
    activation: Annotated[
        Literal["relu", "prelu"],
        setting("After each convolution; prelu learns one slope per channel.", important=True),
    ] = "relu"
    drop_path: DropPath = 0.1
    split: Split = None
    tail_strides: Strides = [1]

    def map_rows(self, tail: int, height: int) -> int | None:
        """Of a residual network."""
        return residual_rows(height, self.tail_strides[tail])

    def problems(self, height: int, width: int) -> list[Problem]:
        """Widths that are no multiples of 8."""
        return uneven_widths(self.widths)


@BACKBONES.settings("workbench.model.backbones.grid_transformer")
class GridTransformer(BackboneSettings):
    """Convolution blocks alternating with attention among tokens on coarse grids.

    The topology is that of a published system; the defaults are its small size, and its large size
    has widths 48, 96, 192, 384 and drop_path 0.15. The last stage has no attention.
    """

    has_grid_attention = True
    kind: Literal["grid_transformer"] = "grid_transformer"
    widths: Widths = [32, 64, 128, 256]
    depths: Annotated[
        list[Depth],
        setting(
            "Convolution blocks of the four stages; in the first three all but the first are"
            " followed by attention.",
            min_length=4,
            max_length=4,
        ),
    ] = [3, 6, 15, 3]
    heads: Annotated[
        list[Annotated[int, Field(ge=1, le=64)]],
        setting(
            "Attention heads of the first three stages; each must divide its stage's channels.",
            min_length=3,
            max_length=3,
        ),
    ] = [2, 4, 8]
    grid: Annotated[
        list[Annotated[int, Field(ge=1, le=64)]],
        setting(
            "Rows and columns of the grid of tokens that attend to each other; must divide the"
            " rows and columns of the maps at 1/4, 1/8 and 1/16 of the image.",
            important=True,
            min_length=2,
            max_length=2,
        ),
    ] = [8, 8]
    kept_keys: Annotated[
        float,
        setting(
            "Share of the keys of a grid that each token attends to, its best ones, rounded down.",
            important=True,
            gt=0.0,
            le=1.0,
        ),
    ] = 1.0
    head_width: HeadWidth = 512
    activation: Annotated[
        Literal["relu", "gelu"], setting("After each convolution, in attention and head.")
    ] = "relu"
    drop_path: DropPath = 0.1
    paired_drop_path: Annotated[
        bool,
        setting(
            "Attention drops as large a share as the convolution block before it; else the share"
            " rises over both.",
            later=True,
        ),
    ] = False
    largest_log_scale: Annotated[
        float,
        setting(
            "Logarithm of the largest factor of attention's cosines; that of 100 by default.",
            ge=0.0,
            le=20.0,
            later=True,
        ),
    ] = LOG_100
    split: Split = None
    tail_strides: Strides = [1]

    def map_rows(self, tail: int, height: int) -> int | None:
        """Of a residual network."""
        return residual_rows(height, self.tail_strides[tail])

    @property
    def own_neck_width(self) -> int | None:
        """Its linear layer keeps the width of its map."""
        return self.head_width

    @property
    def attended_keys(self) -> int:
        """Keys that each token of a grid attends to.

        >>> GridTransformer(grid=[8, 8], kept_keys=0.3).attended_keys
        19
        """
        rows, columns = self.grid
        # A share such as 0.29 of 100 is 28.999... in binary: it means 29.
        return int(rows * columns * self.kept_keys + 1e-9)

    def problems(self, height: int, width: int) -> list[Problem]:
        """Widths, heads and a grid that do not fit each other or the images."""
        problems = uneven_widths(self.widths)
        stages = enumerate(zip(self.heads, self.widths, strict=False), start=1)
        problems += [
            Problem(
                "model.backbone.heads",
                f"{heads} does not divide the {channels} channels of stage {stage}",
                "Use a divisor.",
                str(self.heads),
            )
            for stage, (heads, channels) in stages
            if channels % heads
        ]
        problem = self._grid_problem(height, width)
        return [*problems, problem] if problem else problems

    def _grid_problem(self, height: int, width: int) -> Problem | None:
        for place, name, pixels in ((0, "rows", height), (1, "columns", width)):
            sizes = [halved(pixels, stride.bit_length() - 1) for stride in _ATTENTION_STRIDES]
            tokens = self.grid[place]
            if any(size % tokens for size in sizes):
                fitting = [
                    str(count) for count in range(1, 65) if all(size % count == 0 for size in sizes)
                ]
                return Problem(
                    "model.backbone.grid",
                    f"the maps of images of {height} x {width} have"
                    f" {', '.join(map(str, sizes))} {name}, which {tokens} does not divide",
                    f"Use {listed(fitting)} for the {name}, or another image size.",
                    str(self.grid),
                )
        if self.attended_keys == 0:
            return Problem(
                "model.backbone.kept_keys",
                f"no key is left of the {self.grid[0] * self.grid[1]} of a grid",
                "Use a larger share.",
                str(self.kept_keys),
            )
        return None
