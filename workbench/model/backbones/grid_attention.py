"""Attention among tokens that lie on a coarse grid over the whole map, each to its best keys.

A grid of a rows and b columns takes every (height / a)-th row and every (width / b)-th column of
the map, so each group of tokens sees the whole image sparsely. Grids: MaxViT (Tu et al. 2022,
sec. 3.3, arXiv 2204.01697); cosine attention with a learned scale: Swin V2 (Liu et al. 2022,
sec. 3.2, arXiv 2111.09883).
"""

import math

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor, nn

from workbench.errors import ShapeError
from workbench.model.backbones.conv_blocks import Activation, DropPath, activation_of, conv_norm
from workbench.model.full_precision import full_precision

Map = Float[Tensor, "batch channels rows columns"]
Grid = tuple[int, int]
LARGEST_LOG_SCALE = math.log(100.0)
FIRST_LOG_SCALE = math.log(10.0)


def grid_groups(
    features: Map, heads: int, grid: Grid
) -> Float[Tensor, "batch heads groups tokens head_channels"]:
    """Tokens of a map, grouped.

    With grid (a, b) group (p, q) holds the tokens (i * rows / a + p, j * columns / b + q) for all
    0 <= i < a and 0 <= j < b, row by row; groups are in the order of (p, q).

    Raises ShapeError where the grid does not divide the map.
    """
    rows, columns = features.shape[2:]
    if rows % grid[0] or columns % grid[1]:
        raise ShapeError(
            f"A feature map of {rows} x {columns} cannot be divided by a grid of {grid[0]} x"
            f" {grid[1]} tokens: use another image size or evaluation.embedding.scales = [1.0]."
        )
    cells = features.unflatten(1, (heads, -1))
    cells = cells.unflatten(3, (grid[0], rows // grid[0]))
    cells = cells.unflatten(5, (grid[1], columns // grid[1]))  # batch head channel i p j q
    return cells.permute(0, 1, 4, 6, 3, 5, 2).flatten(4, 5).flatten(2, 3)


def ungrouped(
    groups: Float[Tensor, "batch heads groups tokens head_channels"],
    grid: Grid,
    rows: int,
    columns: int,
) -> Float[Tensor, "batch channels {rows} {columns}"]:
    """The map that ``grid_groups`` grouped."""
    cells = groups.unflatten(3, grid).unflatten(2, (rows // grid[0], columns // grid[1]))
    cells = cells.permute(0, 1, 6, 4, 2, 5, 3)  # batch head channel i p j q
    return cells.flatten(5, 6).flatten(3, 4).flatten(1, 2)


def attention_weights(
    queries: Float[Tensor, "*leading queries channels"],
    keys: Float[Tensor, "*leading keys channels"],
    scale: Float[Tensor, "*#leading 1 1"],
    key_count: int,
) -> Float[Tensor, "*leading queries keys"]:
    """What each query takes of each key: softmax of scale * cosine over its best ``key_count``.

    Every row sums to one and has at most ``key_count`` entries that are not zero; float32 at least.
    """
    wide = torch.promote_types(queries.dtype, torch.float32)
    queries, keys = F.normalize(queries.to(wide), dim=-1), F.normalize(keys.to(wide), dim=-1)
    scores = queries @ keys.transpose(-2, -1) * scale
    if key_count >= scores.shape[-1]:
        return scores.softmax(-1)
    best, places = scores.topk(key_count, dim=-1)
    return torch.zeros_like(scores).scatter(-1, places, best.softmax(-1))


class GridAttention(nn.Module):
    """Attention of queries and keys of a map; the values are given, not projected."""

    def __init__(
        self, heads: int, grid: Grid, key_count: int, largest_log_scale: float = LARGEST_LOG_SCALE
    ) -> None:
        super().__init__()
        self.largest_log_scale = largest_log_scale
        self.heads = heads
        self.grid = grid
        self.kept = key_count
        self.log_scale = nn.Parameter(torch.full((heads, 1, 1), FIRST_LOG_SCALE))

    def forward(self, queries: Map, keys: Map, values: Map) -> Map:
        """Per token the values of its group, weighted."""
        rows, columns = values.shape[2:]
        grouped = grid_groups(values, self.heads, self.grid)
        with full_precision(values.device):
            weights = self.weights(queries, keys)
            mixed = weights @ grouped.to(weights.dtype)
        return ungrouped(mixed.to(values.dtype), self.grid, rows, columns)

    def weights(self, queries: Map, keys: Map) -> Float[Tensor, "batch heads groups tokens tokens"]:
        """What each token of each group takes of each token of its group."""
        return attention_weights(
            grid_groups(queries, self.heads, self.grid),
            grid_groups(keys, self.heads, self.grid),
            self.log_scale.clamp(max=self.largest_log_scale).exp().unsqueeze(1),
            self.kept,
        )


class GridBlock(nn.Module):
    """Grid attention beside a local path, added to what came in.

    x -> 1x1 convolution = v; q, k and a local path are grouped 3x3 convolutions of v; out =
    1x1 convolution of activation(attention(q, k, v) + local path).
    """

    def __init__(
        self,
        channels: int,
        attention: GridAttention,
        activation: Activation,
        drop_path: float,
    ) -> None:
        super().__init__()
        self.values = conv_norm(channels, channels, 1)
        self.queries = conv_norm(channels, channels, 3, grouped=True)
        self.keys = conv_norm(channels, channels, 3, grouped=True)
        self.local = conv_norm(channels, channels, 3, grouped=True)
        self.attention = attention
        self.activation = activation_of(activation, channels)
        self.project = conv_norm(channels, channels, 1)
        self.drop_path = DropPath(drop_path)

    def forward(self, features: Map) -> Map:
        """A map of the same shape."""
        values = self.values(features)
        mixed = self.attention(self.queries(values), self.keys(values), values)
        path = self.project(self.activation(mixed + self.local(values)))
        return features + self.drop_path(path)
