"""Asking a network with grid attention what a token of an image listens to."""

from typing import cast

import torch
from jaxtyping import Float
from torch import Tensor

from workbench.errors import WeightsError
from workbench.explain.attention import BlockAttention, Key, Place, require_place
from workbench.model.attention_maps import TokenAttention, attention_blocks, attention_maps
from workbench.model.backbones.grid_attention import GridAttention
from workbench.model.network import PartNetwork


def attend(
    network: PartNetwork, image: Float[Tensor, "1 3 height width"], place: Place
) -> list[BlockAttention]:
    """What the token at a place listens to, in every block with attention, in order.

    Args:
        network: in evaluation mode, on the processor.
        image: normalised.
        place: of the token; each block has its own map, so it is another token in each.

    Raises:
        WeightsError: the network has no such block.
        DataError: the place lies outside of the image.
    """
    names = attention_blocks(network)
    if not names:
        raise WeightsError(
            "This network has no attention to look into: only a backbone of kind grid_transformer"
            " has it."
        )
    require_place(place)
    with torch.inference_mode(False), torch.no_grad():
        found = attention_maps(network, image, place)
    return [
        _block(
            found[name],
            cast(GridAttention, network.get_submodule(name)),
            (number, len(names)),
        )
        for number, name in enumerate(names, 1)
    ]


def _block(
    token: TokenAttention, attention: GridAttention, counted: tuple[int, int]
) -> BlockAttention:
    weights = token.weights[0].double().cpu()
    rows, columns = int(weights.shape[1]), int(weights.shape[2])
    kept = min(attention.kept, attention.grid[0] * attention.grid[1])
    return BlockAttention(
        number=counted[0],
        of=counted[1],
        rows=rows,
        columns=columns,
        grid=attention.grid,
        row=token.row,
        column=token.column,
        kept=kept,
        heads=tuple(_keys(head, kept) for head in weights),
    )


def _keys(weights: Float[Tensor, "rows columns"], kept: int) -> tuple[Key, ...]:
    best, places = weights.flatten().topk(kept)
    across = weights.shape[1]
    pairs = zip(places.tolist(), best.tolist(), strict=True)
    # A weight so small that it became zero cannot be told from a token of another group.
    return tuple(Key(place // across, place % across, share) for place, share in pairs if share > 0)
