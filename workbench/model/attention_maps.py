"""What a chosen token attends to, in every block of a network that has grid attention."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import cast

import torch
from jaxtyping import Float
from torch import Tensor, nn

from workbench.model.backbones.grid_attention import GridAttention


@dataclass(frozen=True)
class TokenAttention:
    """What one token of a block takes of every token of the block's map.

    ``weights`` are zero outside the token's grid and at keys that were not kept; each head's sum to
    one. ``row`` and ``column`` are the token's place on the map.
    """

    weights: Float[Tensor, "batch heads rows columns"]
    row: int
    column: int


def attention_blocks(network: nn.Module) -> list[str]:
    """Names of the grid attentions of a network, in order; empty where it has none."""
    return [name for name, module in network.named_modules() if isinstance(module, GridAttention)]


def attention_maps(
    network: nn.Module,
    images: Float[Tensor, "batch 3 height width"],
    place: tuple[float, float],
) -> dict[str, TokenAttention]:
    """Attention of the token at a place of the images, by the name of the block.

    Evaluation mode is the caller's.

    Args:
        network: as ``build_network`` makes it.
        images: as the network reads them.
        place: from the top and from the left, as fractions of height and width in [0, 1).
    """
    with torch.no_grad(), _watching(network, place) as attention:
        network(images)
    return attention


@contextmanager
def _watching(
    network: nn.Module, place: tuple[float, float]
) -> Iterator[dict[str, TokenAttention]]:
    attention: dict[str, TokenAttention] = {}
    names = {network.get_submodule(name): name for name in attention_blocks(network)}

    def note(module: nn.Module, inputs: tuple[Tensor, ...]) -> None:
        queries, keys, _ = inputs
        attention[names[module]] = _of_token(cast(GridAttention, module), queries, keys, place)

    handles = [module.register_forward_pre_hook(note) for module in names]
    try:
        yield attention
    finally:
        for handle in handles:
            handle.remove()


def _of_token(
    attention: GridAttention, queries: Tensor, keys: Tensor, place: tuple[float, float]
) -> TokenAttention:
    rows, columns = queries.shape[2:]
    row, column = int(place[0] * rows), int(place[1] * columns)
    below, beside = rows // attention.grid[0], columns // attention.grid[1]
    group = (row % below) * beside + column % beside
    token = (row // below) * attention.grid[1] + column // beside
    weights = attention.weights(queries, keys)[:, :, group, token]
    spread = weights.new_zeros(*weights.shape[:2], rows, columns)
    spread[:, :, row % below :: below, column % beside :: beside] = weights.unflatten(
        2, attention.grid
    )
    return TokenAttention(spread, row, column)
