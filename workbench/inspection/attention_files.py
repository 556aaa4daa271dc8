"""What a token listens to, as pictures and numbers in a folder."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from jaxtyping import UInt8
from PIL import Image

from workbench.data.images.image_file import open_image
from workbench.errors import DataError
from workbench.experiment.run_rankings import open_rankings
from workbench.explain.attention import BlockAttention, Place, in_words
from workbench.explain.pictures.contact_sheet import Tile, contact_sheet
from workbench.explain.pictures.token_overlay import HEIGHT, groups_picture, keys_picture
from workbench.inspection.explanation_files import hit_at
from workbench.inspection.picture_files import write_pictures
from workbench.inspection.run_attention import attention_at
from workbench.runs.folder import RunFolder

STRONGEST = 3
"""Keys whose weights stand below a picture."""
READING = (
    "Ringed: the token. Outlined: the tokens of its group, the only ones it can hear. Filled: the"
    " keys that were kept, the lighter the more is heard; every picture has a scale of its own. In"
    " the first picture cells of one colour are one group."
)


def write_attention(
    run: RunFolder,
    folder: Path,
    query: int = 0,
    rank: int | None = None,
    place: Place = (0.5, 0.5),
    blocks: Sequence[int] = (),
    weights: str = "averaged",
    checkpoint: str | None = None,
) -> list[Path]:
    """Write the groups of every block over an image, and the keys that a token of it chose.

    Args:
        run: whose network is asked.
        folder: where ``attention.png`` (all blocks), ``block_NN.png`` and ``attention.json`` go.
        query: number of the query.
        rank: of the image in its list that is looked at instead; None for the query itself.
        place: of the token, from the top and from the left, as fractions.
        blocks: numbers of the blocks, from 1; none stands for all.
        weights: as in ``open_rankings``.
        checkpoint: likewise.

    Raises:
        WeightsError: the network has no attention.
        DataError: there is no such image, place or block.
        PlaceError: the folder cannot be written.
    """
    rankings = open_rankings(run, weights, checkpoint)
    number = query if rank is None else rankings.query_of(hit_at(rankings, query, rank))
    file = rankings.embeddings.root / rankings.image_of(number).path
    levels = rankings.embeddings.levels
    found = _chosen(attention_at(run, file, place, weights, checkpoint, levels), blocks)
    image = open_image(file, levels)
    name = f"query {query}" if rank is None else f"rank {rank} of query {query}"
    where = f"{name}, token at {place[0]:.2f}, {place[1]:.2f}   (run {run.id}, {weights})"
    pictures = {
        f"block_{block.number:02d}": contact_sheet(
            [_row(image, block)], HEIGHT, f"{block.title}: {where}", [in_words(block), READING]
        )
        for block in found
    }
    everything = contact_sheet(
        [_row(image, block) for block in found], HEIGHT // 2, f"Attention of {where}", [READING]
    )
    about = {"run": run.id, "weights": weights, "image": rankings.image_of(number).path}
    numbers = {**about, "place": list(place), "blocks": [block.numbers() for block in found]}
    return write_pictures(folder, {"attention": everything, **pictures}, {"attention": numbers})


def _chosen(found: list[BlockAttention], numbers: Sequence[int]) -> list[BlockAttention]:
    for number in numbers:
        if not 1 <= number <= len(found):
            raise DataError(
                f"There is no block {number}: those with attention are numbered from 1 to"
                f" {len(found)}."
            )
    return [block for block in found if not numbers or block.number in numbers]


def _row(image: UInt8[np.ndarray, "height width 3"], block: BlockAttention) -> list[Tile]:
    down, across = block.strides
    count = "1 group" if down * across == 1 else f"{down * across} groups"
    groups = (f"{count} of {block.grid[0]} x {block.grid[1]}",)
    tiles = [
        Tile(Image.fromarray(image), f"block {block.number}", (f"{block.rows} x {block.columns}",)),
        Tile(groups_picture(image, block), "groups", groups),
        Tile(keys_picture(image, block), "all heads"),
    ]
    for number, keys in enumerate(block.heads):
        best = " ".join(f"{100 * key.weight:.0f}" for key in keys[:STRONGEST])
        tiles.append(
            Tile(keys_picture(image, block, number), f"head {number + 1}", (f"{best} ... %",))
        )
    return tiles
