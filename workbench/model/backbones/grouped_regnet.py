"""A deep, narrow RegNet-Y with groups of four channels.

RegNet: Radosavovic et al. 2020 (arXiv 2003.13678). The sizes are those of a published system's own
network, which differs from the networks of similar names in torchvision and timm.
"""

from collections import OrderedDict

import torch
from jaxtyping import Float
from torch import Tensor, nn

from workbench.model.backbones.conv_blocks import Activation, GroupedBlock, conv_norm, start
from workbench.recipe.settings import backbones as settings


@settings.BACKBONES.implements(settings.GroupedRegNet)
class GroupedRegNet(nn.Sequential):
    """Stem of stride 2, four stages that each begin with stride 2, a 1x1 convolution."""

    file_only = ("classifier",)
    """Parts of the published files that this network does not have."""

    def __init__(self, backbone: settings.GroupedRegNet, image_size: tuple[int, int]) -> None:
        widths, activation = backbone.widths, backbone.activation
        first = widths[0] // 2
        stem = conv_norm(3, first, 3, stride=2, activation=activation)
        parts = OrderedDict[str, nn.Module](stem=stem)
        shares = torch.linspace(0.0, backbone.drop_path, sum(backbone.depths), device="cpu")
        rising = iter(shares.tolist())
        for stage, (before, width) in enumerate(zip([first, *widths[:3]], widths, strict=True)):
            drops = [next(rising) for _ in range(backbone.depths[stage])]
            parts[f"stage{stage + 1}"] = _stage(before, width, activation, drops)
        parts["projection"] = conv_norm(widths[3], backbone.head_width, 1, activation=activation)
        super().__init__(parts)
        self.num_features = backbone.head_width
        start(self, stem.get_submodule("conv"))

    def forward_features(
        self, images: Float[Tensor, "batch 3 height width"]
    ) -> Float[Tensor, "batch channels rows columns"]:
        """The map after the last convolution, 1/32 of the image."""
        return self(images)


def _stage(channels: int, width: int, activation: Activation, drops: list[float]) -> nn.Sequential:
    return nn.Sequential(
        *(
            GroupedBlock(
                width if index else channels,
                width,
                1 if index else 2,
                activation=activation,
                drop_path=drop,
            )
            for index, drop in enumerate(drops)
        )
    )
