"""Deletion scores of all maps of a pair, every changed image embedded once."""

from collections.abc import Mapping

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from workbench.explain.faithfulness.deletion import (
    Fill,
    area,
    from_the_middle,
    hottest_first,
    random_orders,
    shares_taken,
    without,
)
from workbench.explain.faithfulness.deletion_score import Deletion
from workbench.explain.output_vectors import cosines, similarities
from workbench.explain.pair_reader import PairReader

BATCH = 64
"""Images embedded at once."""


def deletions(
    reader: PairReader,
    heats: Mapping[str, Float[np.ndarray, "_rows _columns"]],
    grid: tuple[int, int],
    fill: Fill = "mean",
) -> dict[str, Deletion]:
    """The score of each map over the query.

    Args:
        reader: the pair.
        heats: maps by the name of their part. A part's map is scored by the cosine of that part's
            vectors, any other name's by the cosine of all of them.
        grid: rows and columns of the cells that are taken away, the same for all orders.
        fill: what replaces them.

    The two orders a map is held against know nothing of its part: for a part that reads one stripe
    only, to beat them means no more than to have found the stripe.
    """
    cells = grid[0] * grid[1]
    blind = [from_the_middle(*grid), *random_orders(cells)]
    orders = [*blind, *(hottest_first(heat, *grid) for heat in heats.values())]
    curves = _curves(reader, [without(reader.images[0], order, grid, fill) for order in orders])
    taken = shares_taken(cells)
    found: dict[str, Deletion] = {}
    for number, name in enumerate(heats):
        centre, *random, own = (
            curves[place].get(name, curves[place][""])
            for place in [*range(len(blind)), len(blind) + number]
        )
        blind_mean = np.mean(random, axis=0)
        found[name] = Deletion(
            taken=taken,
            curve=own,
            random_curve=blind_mean,
            centre_curve=centre,
            auc=area(taken, own),
            random=area(taken, blind_mean),
            random_best=min(area(taken, one) for one in random),
            centre=area(taken, centre),
        )
    return found


def _curves(
    reader: PairReader, series: list[Float[Tensor, "steps 3 height width"]]
) -> list[dict[str, Float[np.ndarray, "steps"]]]:
    """Cosines to the hit of every series, by output; those of all outputs together under ""."""
    _, hit = reader.both
    changed = torch.cat(series)
    pieces: list[dict[str, Float[Tensor, "_batch"]]] = []
    for images in changed.split(BATCH):
        vectors = reader.vectors(images)
        whole = similarities(vectors, hit, reader.embedding, "cosine")
        pieces.append({"": whole} | cosines(vectors, hit))
    joined = {name: torch.cat([piece[name] for piece in pieces]).numpy() for name in pieces[0]}
    steps = len(series[0])
    return [
        {name: values[start : start + steps] for name, values in joined.items()}
        for start in range(0, len(changed), steps)
    ]
