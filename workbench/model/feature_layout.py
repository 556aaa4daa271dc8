"""Feature maps in one layout: batch, channels, rows, columns."""

import math
from typing import Any

from jaxtyping import Float
from torch import Tensor, nn

from workbench.errors import RecipeError


class ChannelsFirst(nn.Module):
    """From maps with channels last."""

    def forward(
        self, features: Float[Tensor, "batch rows columns channels"]
    ) -> Float[Tensor, "batch channels rows columns"]:
        """The same numbers, another order of axes."""
        return features.permute(0, 3, 1, 2)


class TokensToMap(nn.Module):
    """From a sequence of tokens: leading extra tokens are dropped, the others are laid out."""

    def __init__(self, extra: int, rows: int, columns: int) -> None:
        super().__init__()
        self.extra = extra
        self.grid = (rows, columns)

    def forward(
        self, tokens: Float[Tensor, "batch tokens channels"]
    ) -> Float[Tensor, "batch channels rows columns"]:
        """One position of the map per token, row by row."""
        return tokens[:, self.extra :].transpose(1, 2).unflatten(2, self.grid)


def to_map(network: Any, features: Tensor, image_size: tuple[int, int]) -> nn.Module:  # noqa: ANN401
    """What turns a network's features into a map; ``Identity`` where they are one already.

    Args:
        network: with ``num_features``, and for tokens ``feature_info`` and ``num_prefix_tokens`` as
            timm's networks have them.
        features: what it gave for an image.
        image_size: height and width of that image in pixels.

    Raises:
        RecipeError: where the features are no map in any known layout.
    """
    channels = network.num_features
    if features.ndim == 4 and features.shape[1] == channels:
        return nn.Identity()
    if features.ndim == 4 and features.shape[3] == channels:
        return ChannelsFirst()
    if features.ndim == 3 and features.shape[2] == channels:
        pixels = network.feature_info[-1]["reduction"]
        extra = getattr(network, "num_prefix_tokens", 0)
        for whole in (math.ceil, math.floor):
            rows, columns = (whole(side / pixels) for side in image_size)
            if features.shape[1] == extra + rows * columns:
                return TokensToMap(extra, rows, columns)
    raise RecipeError(
        f"model.backbone.name: its features of shape {tuple(features.shape)} cannot be read as a"
        " map. Choose a convolutional network or a transformer that keeps all its tokens.",
        "model.backbone.name",
    )
