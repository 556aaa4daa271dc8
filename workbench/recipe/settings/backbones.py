"""Backbone settings: the feature extractor, where it is split, and the strides of its tails."""

from typing import Annotated, Literal

from pydantic import Field

from workbench.recipe.settings.base import Group, setting

SMALLEST_WIDTH = 8
"""Fewer channels are refused: PyTorch 2.15 writes outside its memory in the backward pass of a
strided 1x1 convolution of 2 to 4 input channels in channels-last order."""

LOG_100 = 4.605170185988092

Width = Annotated[int, Field(ge=SMALLEST_WIDTH, le=4096)]
Depth = Annotated[int, Field(ge=1, le=64)]
Widths = Annotated[
    list[Width],
    setting(
        "Channels of the four stages, multiples of 8.", important=True, min_length=4, max_length=4
    ),
]
HeadWidth = Annotated[
    int, setting("Channels of the map, after a last 1x1 convolution.", ge=8, le=8192)
]
Split = Annotated[
    str | None,
    setting(
        "Last module of the shared trunk, e.g. layer3.0 of a ResNet or stage3; what follows is"
        " copied per tail."
    ),
]
Strides = Annotated[
    list[Annotated[int, Field(ge=1, le=2)]],
    setting(
        "Stride of the last stage, one entry per tail: 1 keeps the map larger.",
        min_length=1,
        max_length=8,
    ),
]
DropPath = Annotated[
    float,
    setting(
        "Share of residual paths dropped while training; rises linearly from 0 at the first block"
        " to this at the last.",
        ge=0.0,
        lt=1.0,
    ),
]


class NonLocal(Group):
    """Blocks in which every place of a map reads all others (Wang et al. 2018, arXiv 1711.07971).

    In dot-product form: y_i = 1/N sum_j (theta_i . phi_j) g_j over the N places of a map, from four
    1x1 convolutions, and z = norm(transform(y)) + x. The norm starts at zero, so that a network
    with such blocks starts as the one without.
    """

    after: Annotated[
        list[Annotated[int, Field(ge=0, le=64)]],
        setting(
            "Of how many of the last blocks of each of the four stages one is put behind.",
            min_length=4,
            max_length=4,
        ),
    ] = [0, 2, 3, 0]
    width: Annotated[
        int | None,
        setting(
            "Channels of theta, phi and g; empty: half of the stage's, as in the paper.",
            ge=1,
            le=4096,
        ),
    ] = None


class TimmBackbone(Group):
    """A convolutional or token network of the timm package."""

    kind: Literal["timm"] = "timm"
    name: Annotated[
        str,
        setting("Name of the architecture in timm, e.g. resnet50.", important=True, min_length=1),
    ] = "resnet50"
    widths: Annotated[
        list[Width] | None,
        setting(
            "Channels of the four stages, where timm lets them be chosen (ResNets).",
            min_length=4,
            max_length=4,
        ),
    ] = None
    instance_norm: Annotated[
        bool,
        setting(
            "Whether half of the channels of each block's first norm are normalised per image in"
            " the first three stages (IBN-a, ResNets)."
        ),
    ] = False
    non_local: Annotated[
        NonLocal | None,
        setting("Blocks in which every place of a map reads all others (ResNets); empty: none."),
    ] = None
    first_pool: Annotated[
        Literal["padded", "ceil"],
        setting(
            "Max-pool of the stem (ResNets). padded: one pixel on each side, as ImageNet's weights"
            " were trained; ceil: no padding, the size rounded up.",
            later=True,
        ),
    ] = "padded"
    last_activation: Annotated[
        bool,
        setting("Whether the map passes the network's last activation; without it, it is signed."),
    ] = True
    drop_path: DropPath = 0.0
    split: Split = None
    tail_strides: Strides = [1]


class CompactResNet(Group):
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


class GroupedRegNet(Group):
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


class GridTransformer(Group):
    """Convolution blocks alternating with attention among tokens on coarse grids.

    The topology is that of a published system; the defaults are its small size, and its large size
    has widths 48, 96, 192, 384 and drop_path 0.15. The last stage has no attention.
    """

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


Backbone = Annotated[
    TimmBackbone | CompactResNet | GroupedRegNet | GridTransformer, Field(discriminator="kind")
]
