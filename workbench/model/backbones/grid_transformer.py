"""Convolution blocks alternating with grid attention: a published system's own backbone."""

from collections.abc import Iterator

import torch
from jaxtyping import Float
from torch import Tensor, nn

from workbench.model.backbones.conv_blocks import GroupedBlock, conv_norm, start
from workbench.model.backbones.grid_attention import GridAttention, GridBlock
from workbench.recipe.settings import backbones as settings

EXPANSION = 4
MAP_PARTS = ("stem", "stage1", "stage2", "stage3", "stage4", "projection")


@settings.BACKBONES.implements(settings.GridTransformer)
class GridTransformer(nn.Module):
    """Stem of stride 2, four stages that each begin with stride 2, a 1x1 convolution.

    Stages 1 to 3 are one convolution block, then pairs of a convolution block and grid attention;
    stage 4 has convolution blocks only. ``linear`` and ``norm`` come after the pooled map: necks
    may start as copies of them.
    """

    file_only = ("classifier",)
    """Parts of the published files that this network does not have."""
    own_neck = {"linear": "linear", "bnneck": "norm"}
    """Layers of a neck, and the children of this network that they may be copies of."""

    def __init__(self, backbone: settings.GridTransformer, image_size: tuple[int, int]) -> None:
        super().__init__()
        widths, first = backbone.widths, backbone.widths[0] // 2
        stem = conv_norm(3, first, 3, stride=2, activation=backbone.activation)
        self.add_module("stem", stem)
        drops = _drop_shares(backbone)
        for stage, before in enumerate([first, *widths[:3]]):
            self.add_module(f"stage{stage + 1}", _stage(backbone, stage, before, drops))
        width = backbone.head_width
        self.projection = conv_norm(widths[3], width, 1, activation=backbone.activation)
        self.linear = nn.Linear(width, width, bias=False)
        self.norm = nn.BatchNorm1d(width)
        self.num_features = width
        start(self, stem.get_submodule("conv"))

    def forward_features(
        self, images: Float[Tensor, "batch 3 height width"]
    ) -> Float[Tensor, "batch channels rows columns"]:
        """The map after the last convolution, 1/32 of the image."""
        features = images
        for name in MAP_PARTS:
            features = self.get_submodule(name)(features)
        return features


def _drop_shares(backbone: settings.GridTransformer) -> Iterator[float]:
    """The share of drop path of each block, convolution or attention, in order."""
    followed = [
        stage < len(backbone.heads) and index > 0
        for stage, depth in enumerate(backbone.depths)
        for index in range(depth)
    ]
    steps = len(followed) if backbone.paired_drop_path else len(followed) + sum(followed)
    rising = iter(torch.linspace(0.0, backbone.drop_path, steps, device="cpu").tolist())
    for attention in followed:
        share = next(rising)
        yield share
        if attention:
            yield share if backbone.paired_drop_path else next(rising)


def _stage(
    backbone: settings.GridTransformer, stage: int, before: int, drops: Iterator[float]
) -> nn.Sequential:
    width, activation = backbone.widths[stage], backbone.activation
    blocks: list[nn.Module] = []
    for index in range(backbone.depths[stage]):
        blocks.append(
            GroupedBlock(
                width if index else before,
                width,
                1 if index else 2,
                activation=activation,
                drop_path=next(drops),
                expansion=EXPANSION,
            )
        )
        if index and stage < len(backbone.heads):
            rows, columns = backbone.grid
            attention = GridAttention(
                backbone.heads[stage],
                (rows, columns),
                backbone.attended_keys,
                backbone.largest_log_scale,
            )
            blocks.append(GridBlock(width, attention, activation, next(drops)))
    return nn.Sequential(*blocks)
