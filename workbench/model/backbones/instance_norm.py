"""Half of a norm by instance: keeps what an image shows, drops how it was lit.

Source: Pan et al. 2018, IBN-Net (arXiv 1807.09441), sec. 3.2, the form a.
"""

from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor, nn

from workbench.errors import RecipeError

PATH = "model.backbone.instance_norm"
STAGES = ("layer1", "layer2", "layer3")


class HalfInstanceNorm(nn.Module):
    """Instance normalisation of the first half of the channels, batch normalisation of the rest."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.first = channels // 2
        self.instance = nn.InstanceNorm2d(self.first, affine=True)
        self.batch = nn.BatchNorm2d(channels - self.first)

    def forward(
        self, features: Float[Tensor, "batch channels rows columns"]
    ) -> Float[Tensor, "batch channels rows columns"]:
        """A map of the same shape."""
        by_image, by_batch = features[:, : self.first], features[:, self.first :]
        return torch.cat([self.instance(by_image), self.batch(by_batch)], dim=1)


def normalise_by_instance(network: Any, name: str) -> None:  # noqa: ANN401
    """Give every block of a residual network's first three stages such a first norm, in place.

    Raises:
        RecipeError: where the network is not a ResNet; ``name`` is how the message calls it.
    """
    blocks = [block for stage in STAGES for block in getattr(network, stage, [])]
    norms = [getattr(block, "bn1", None) for block in blocks]
    known = [norm for norm in norms if isinstance(norm, nn.BatchNorm2d)]
    if not blocks or len(known) < len(blocks):
        raise RecipeError(
            f"{PATH} = true: {name} has no stages of residual blocks with a first norm. Choose a"
            " ResNet, or set it to false.",
            PATH,
        )
    for block, norm in zip(blocks, known, strict=True):
        block.bn1 = HalfInstanceNorm(norm.num_features)
