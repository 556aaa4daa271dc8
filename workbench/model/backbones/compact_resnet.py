"""A small residual network that learns on two processor cores in minutes."""

from collections import OrderedDict

import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor, nn

from workbench.recipe.settings import backbones as settings


class BasicBlock(nn.Module):
    """Two 3x3 convolutions beside a shortcut (He et al. 2016, sec. 4.1, arXiv 1512.03385)."""

    def __init__(self, channels: int, width: int, stride: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(channels, width, 3, stride, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(width)
        self.conv2 = nn.Conv2d(width, width, 3, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(width)
        self.downsample = (
            nn.Identity()
            if stride == 1 and channels == width
            else nn.Sequential(
                nn.Conv2d(channels, width, 1, stride, bias=False), nn.BatchNorm2d(width)
            )
        )

    def forward(
        self, features: Float[Tensor, "batch channels rows columns"]
    ) -> Float[Tensor, "batch width _rows _columns"]:
        """Half the rows and columns at stride 2."""
        residual = F.relu(self.bn1(self.conv1(features)), inplace=True)
        residual = self.bn2(self.conv2(residual))
        return F.relu(residual + self.downsample(features), inplace=True)


@settings.BACKBONES.implements(settings.CompactResNet)
class CompactResNet(nn.Sequential):
    """Stem of two 3x3 convolutions of stride 2, then four stages of basic blocks.

    Stage k has width * 2^k channels; all but the first halve the map, so it ends at 1/32. The stem
    costs a fraction of a 7x7 convolution with pooling and ends at the same 1/4.
    """

    def __init__(self, backbone: settings.CompactResNet, image_size: tuple[int, int]) -> None:
        width, depths = backbone.width, backbone.depths
        widths = [width * 2**stage for stage in range(4)]
        stages = OrderedDict[str, nn.Module](stem=_stem(width))
        for stage, (before, after) in enumerate(zip([width, *widths[:3]], widths, strict=True)):
            stages[f"stage{stage + 1}"] = _stage(before, after, depths[stage], 2 if stage else 1)
        super().__init__(stages)
        self.num_features = widths[3]
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")

    def forward_features(
        self, images: Float[Tensor, "batch 3 height width"]
    ) -> Float[Tensor, "batch channels rows columns"]:
        """The map of the last stage, not negative."""
        return self(images)


def _stem(width: int) -> nn.Sequential:
    half = max(width // 2, 1)
    return nn.Sequential(
        *(nn.Conv2d(3, half, 3, 2, padding=1, bias=False), nn.BatchNorm2d(half), nn.ReLU(True)),
        *(nn.Conv2d(half, width, 3, 2, padding=1, bias=False), nn.BatchNorm2d(width)),
        nn.ReLU(True),
    )


def _stage(channels: int, width: int, depth: int, stride: int) -> nn.Sequential:
    first = BasicBlock(channels, width, stride)
    return nn.Sequential(first, *(BasicBlock(width, width, 1) for _ in range(depth - 1)))
