"""Non-local blocks: every place of a map reads all others; put behind blocks of a ResNet."""

from collections import OrderedDict
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor, nn

from workbench.errors import RecipeError
from workbench.recipe.settings import model as settings

PATH = "model.backbone.non_local"
NAME = "non_local"
"""A block behind block 3 of a stage is the stage's child ``non_local_3``."""
STAGES = ("layer1", "layer2", "layer3", "layer4")

Map = Float[Tensor, "batch channels rows columns"]


class NonLocalBlock(nn.Module):
    """z = norm(transform(y)) + x with y_i = 1/N sum_j (theta(x_i) . phi(x_j)) g(x_j).

    The sum runs over all N places of the map, i itself among them. All four are 1x1 convolutions
    with an offset; scale and offset of the norm start at zero, so that the block starts as the
    identity.

    Source: Wang et al. 2018, sec. 3.2 and 3.3, dot product (arXiv 1711.07971).

    Args:
        channels: of the map.
        width: channels of theta, phi and g.
    """

    def __init__(self, channels: int, width: int) -> None:
        super().__init__()
        self.theta = nn.Conv2d(channels, width, 1)
        self.phi = nn.Conv2d(channels, width, 1)
        self.g = nn.Conv2d(channels, width, 1)
        self.transform = nn.Conv2d(width, channels, 1)
        self.norm = nn.BatchNorm2d(channels)
        nn.init.zeros_(self.norm.weight)
        nn.init.zeros_(self.norm.bias)

    def forward(self, features: Map) -> Map:
        """A map of the same shape."""
        theta, phi, g = (layer(features).flatten(2) for layer in (self.theta, self.phi, self.g))
        # Nothing stands between the two products, so the small one is taken first: width x width
        # numbers of an image instead of places x places. Divided before, no sum leaves float16.
        summed = torch.bmm(g, phi.transpose(1, 2) / phi.shape[2])
        answer = torch.bmm(summed, theta).unflatten(2, features.shape[2:])
        return features + self.norm(self.transform(answer))


def add_non_local(network: Any, non_local: settings.NonLocal, name: str) -> None:  # noqa: ANN401
    """Put such blocks behind the last blocks of a residual network's stages, in place.

    Names of the blocks that were there stay as they are.

    Raises:
        RecipeError: where the network has no such stages, or one of too few blocks; ``name`` is how
            the message calls it.
    """
    for number, (stage, count) in enumerate(zip(STAGES, non_local.after, strict=True), start=1):
        blocks = getattr(network, stage, None)
        if not isinstance(blocks, nn.Sequential):
            raise RecipeError(
                f"{PATH}: {name} has no stages of residual blocks to put one behind. Choose a"
                " ResNet, or leave it empty.",
                PATH,
            )
        if count > len(blocks):
            raise RecipeError(
                f"{PATH}.after = {non_local.after}: stage {number} of {name} has {len(blocks)}"
                f" blocks. Use at most {len(blocks)} there.",
                f"{PATH}.after",
            )
        if count:
            setattr(network, stage, _followed(blocks, count, non_local.width))


def _followed(blocks: nn.Sequential, count: int, width: int | None) -> nn.Sequential:
    """The blocks with a non-local one behind each of the last ``count``."""
    children: OrderedDict[str, nn.Module] = OrderedDict()
    first = len(blocks) - count
    for place, (child, block) in enumerate(blocks.named_children()):
        children[child] = block
        if place >= first:
            channels = _channels(block)
            children[f"{NAME}_{child}"] = NonLocalBlock(channels, width or channels // 2)
    return nn.Sequential(children)


def _channels(block: nn.Module) -> int:
    """Channels that a residual block gives: those of its last norm."""
    norms = [module for module in block.children() if isinstance(module, nn.BatchNorm2d)]
    return norms[-1].num_features
