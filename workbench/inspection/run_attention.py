"""What a token of a run's image listens to."""

from pathlib import Path

import numpy as np
import torch

from workbench.data.images.depth import Levels
from workbench.data.images.image_file import ALONE
from workbench.data.images.tensors import open_evaluated
from workbench.data.transforms import evaluation_batch
from workbench.experiment.run_rankings import open_rankings
from workbench.explain.attention import BlockAttention, Place
from workbench.explain.token_attention import attend
from workbench.inspection.explaining import network_for
from workbench.runs.folder import RunFolder


def attention_of(
    run: RunFolder,
    image: int,
    place: Place = (0.5, 0.5),
    weights: str = "averaged",
    checkpoint: str | None = None,
) -> list[BlockAttention]:
    """What the token at a place of a test image listens to, in every block with attention.

    ``image`` is a number as ``Rankings`` counts queries and the gallery behind them; ``place``,
    ``weights`` and ``checkpoint`` are meant as in ``attend`` and ``open_rankings``.

    Raises:
        RunError: the run or its checkpoint is gone.
        WeightsError: the network has no attention.
        DataError: there is no such image, or the place lies outside of it.
    """
    rankings = open_rankings(run, weights, checkpoint)
    file = rankings.embeddings.root / rankings.image_of(image).path
    levels = rankings.embeddings.levels
    return attention_at(run, file, place, weights, checkpoint, levels)


def attention_at(
    run: RunFolder,
    file: Path,
    place: Place,
    weights: str = "averaged",
    checkpoint: str | None = None,
    levels: Levels = ALONE,
) -> list[BlockAttention]:
    """The same of any image file, of its one copy at the recipe's size. Raises BrokenImage."""
    network, recipe = network_for(run, weights, checkpoint)
    # A copy: torch wants memory that it could write to.
    pixels = np.array(open_evaluated(file, recipe.data, levels)[None])
    image = evaluation_batch(torch.from_numpy(pixels), recipe.data.transforms.normalise)
    return attend(network, image, place)
