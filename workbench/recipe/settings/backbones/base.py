"""What every backbone has in common, and the registry of all kinds."""

from typing import TYPE_CHECKING, Annotated, Any, ClassVar

from pydantic import Field

from workbench.recipe.settings.base import Group, Problem, setting
from workbench.registry import Registry

SMALLEST_WIDTH = 8
"""Fewer channels are refused: PyTorch 2.15 writes outside its memory in the backward pass of a
strided 1x1 convolution of 2 to 4 input channels in channels-last order."""

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


class BackboneSettings(Group):
    """What every backbone has in common.

    Each kind has ``split`` and ``tail_strides`` as its last fields, so that a form shows them last.
    """

    kind: Any
    if TYPE_CHECKING:
        split: Split
        tail_strides: Strides

    has_grid_attention: ClassVar[bool] = False
    """Whether one can look into what its tokens attend to."""

    @property
    def ends_with_activation(self) -> bool:
        """Whether its map has passed its last activation."""
        return True

    @property
    def own_neck_width(self) -> int | None:
        """Outputs of the layer behind its pooled map that a neck may copy; None without one."""
        return None

    def map_rows(self, tail: int, height: int) -> int | None:
        """Rows of a tail's map for images of this height; None where only building it tells."""
        return None

    def problems(self, height: int, width: int) -> list[Problem]:
        """What is impossible about its settings for images of this size in pixels."""
        return []


BACKBONES: Registry[BackboneSettings] = Registry("backbone")
"""Their implementations make a network from settings and image size, height and width."""


def uneven_widths(widths: list[int]) -> list[Problem]:
    """Channels that are no multiple of 8."""
    uneven = [channels for channels in widths if channels % 8]
    if not uneven:
        return []
    below = uneven[0] - uneven[0] % 8
    return [
        Problem(
            "model.backbone.widths",
            f"{uneven[0]} is no multiple of 8",
            f"Use {below} or {below + 8}.",
            str(widths),
        )
    ]


HALVINGS = 5
"""A residual network halves its map five times; the last time only where the tail has stride 2."""


def residual_rows(height: int, stride: int) -> int:
    """Rows of the map of a residual network whose last stage has this stride.

    >>> residual_rows(256, 1)
    16
    """
    return halved(height, HALVINGS if stride == 2 else HALVINGS - 1)


def halved(pixels: int, times: int) -> int:
    """Halved so often, rounded up each time."""
    for _ in range(times):
        pixels = -(-pixels // 2)
    return pixels
