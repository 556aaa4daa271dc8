"""Backbones of the timm package."""

import re
from typing import Annotated, Literal

from pydantic import Field

from workbench.recipe.settings.backbones.base import (
    BACKBONES,
    BackboneSettings,
    DropPath,
    Split,
    Strides,
    Width,
    residual_rows,
)
from workbench.recipe.settings.base import Group, setting

_PLAIN_RESNET = re.compile(r"resnet\d+(\..+)?")


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


@BACKBONES.settings("workbench.model.backbones.timm_backbone")
class TimmBackbone(BackboneSettings):
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

    @property
    def ends_with_activation(self) -> bool:
        """As set."""
        return self.last_activation

    def map_rows(self, tail: int, height: int) -> int | None:
        """Of plain ResNets."""
        if not _PLAIN_RESNET.fullmatch(self.name):
            return None
        return residual_rows(height, self.tail_strides[tail])
