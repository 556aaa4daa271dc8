"""Convolution blocks of our own backbones: grouped 3x3 convolutions with squeeze-and-excitation."""

from collections import OrderedDict
from typing import Literal

import torch
from jaxtyping import Float
from torch import Tensor, nn

Activation = Literal["none", "relu", "prelu", "gelu"]
Map = Float[Tensor, "batch channels rows columns"]
GROUP_WIDTH = 4
SQUEEZE = 8
NORM_BIAS = 1e-4


def activation_of(name: Activation, channels: int) -> nn.Module:
    """The module of an activation; ``prelu`` learns one slope per channel."""
    match name:
        case "relu":
            return nn.ReLU(inplace=True)
        case "prelu":
            return nn.PReLU(channels)
        case "gelu":
            return nn.GELU()
        case "none":
            return nn.Identity()


def conv_norm(
    channels: int,
    width: int,
    kernel: int,
    *,
    stride: int = 1,
    grouped: bool = False,
    activation: Activation = "none",
) -> nn.Sequential:
    """Convolution without offset, batch normalisation, activation.

    ``grouped``: each group of four output channels reads four input channels.
    """
    groups = width // GROUP_WIDTH if grouped else 1
    layers = OrderedDict[str, nn.Module](
        conv=nn.Conv2d(
            channels, width, kernel, stride, padding=kernel // 2, groups=groups, bias=False
        ),
        norm=nn.BatchNorm2d(width),
    )
    if activation != "none":
        layers["act"] = activation_of(activation, width)
    return nn.Sequential(layers)


class SqueezeExcite(nn.Module):
    """Each channel times a factor from 0 to 1 that follows from the means of all channels.

    Source: Hu et al. 2018 (arXiv 1709.01507).
    """

    def __init__(self, channels: int) -> None:
        super().__init__()
        hidden = max(SQUEEZE, channels // SQUEEZE)
        self.squeeze = nn.Conv2d(channels, hidden, 1)
        self.excite = nn.Conv2d(hidden, channels, 1)

    def forward(self, features: Map) -> Map:
        """The map, its channels rescaled."""
        mean = features.mean((2, 3), keepdim=True)
        return features * self.excite(self.squeeze(mean).relu()).sigmoid()


class DropPath(nn.Module):
    """A residual path that is left out for a random share of the images of a batch in training.

    What is kept is scaled up, so that its expectation stays (Huang et al. 2016, arXiv 1603.09382).
    """

    def __init__(self, share: float) -> None:
        super().__init__()
        self.share = share

    def forward(self, path: Map) -> Map:
        """The path times 0 or 1 / (1 - share), per image."""
        if not self.training or not self.share:
            return path
        survives = torch.rand(path.shape[0], 1, 1, 1, device=path.device) >= self.share
        return path * survives.to(path.dtype) / (1.0 - self.share)


class GroupedBlock(nn.Module):
    """1x1, grouped 3x3, squeeze-and-excitation, 1x1, added to a shortcut; no activation after it.

    The block of RegNet-Y (Radosavovic et al. 2020, sec. 5, arXiv 2003.13678) with groups of four
    channels and a shortcut that is a grouped 3x3 and a 1x1 convolution where the map is halved.
    """

    def __init__(
        self,
        channels: int,
        width: int,
        stride: int,
        *,
        activation: Activation,
        drop_path: float,
        expansion: int = 1,
    ) -> None:
        super().__init__()
        inner = width * expansion
        self.expand = conv_norm(channels, inner, 1, activation=activation)
        self.spatial = conv_norm(
            inner, inner, 3, stride=stride, grouped=True, activation=activation
        )
        self.excite = SqueezeExcite(inner)
        self.project = conv_norm(inner, width, 1)
        self.drop_path = DropPath(drop_path)
        self.shortcut = _shortcut(channels, width, stride)

    def forward(self, features: Map) -> Float[Tensor, "batch width _rows _columns"]:
        """Half the rows and columns at stride 2, rounded up."""
        path = self.project(self.excite(self.spatial(self.expand(features))))
        return self.drop_path(path) + self.shortcut(features)


def start(network: nn.Module, first: nn.Module) -> None:
    """Starting weights of a network of such blocks, where no file gives them.

    Convolutions N(0, 1 / input channels of a group), the first one N(0, 0.01), linear layers
    N(0, 0.01), offsets of norms 1e-4.
    """
    for module in network.modules():
        if isinstance(module, nn.Conv2d):
            std = 0.01 if module is first else 1.0 / module.weight.shape[1]
            nn.init.normal_(module.weight, 0.0, std)
            if module.bias is not None:
                nn.init.zeros_(module.bias)
        elif isinstance(module, nn.Linear):
            nn.init.normal_(module.weight, 0.0, 0.01)
        elif isinstance(module, nn.BatchNorm2d | nn.BatchNorm1d):
            nn.init.constant_(module.bias, NORM_BIAS)


def _shortcut(channels: int, width: int, stride: int) -> nn.Module:
    if stride == 1:
        return nn.Identity()
    return nn.Sequential(
        OrderedDict(
            spatial=conv_norm(channels, channels, 3, stride=stride, grouped=True),
            project=conv_norm(channels, width, 1),
        )
    )
