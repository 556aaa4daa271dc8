"""An image from outside as the query of a run: its vector and its heatmaps by the run's network.

Nothing of it is kept on disk.
"""

import numpy as np
import torch
from jaxtyping import Float32
from PIL import Image

from workbench.data.images.tensors import evaluated, open_evaluated
from workbench.data.transforms import evaluation_batch
from workbench.errors import DataError
from workbench.explain.explanation import PairExplanation
from workbench.explain.methods import Method
from workbench.explain.pair_explanation import explain_images
from workbench.explain.pair_reader import PairReader
from workbench.explain.true_masks import true_parts
from workbench.inspection.explained_pairs import Pair
from workbench.inspection.explaining import network_for
from workbench.model.embedding import embed
from workbench.runs.folder import RunFolder
from workbench.training.timing_trial import autocast

Vector = Float32[np.ndarray, "dim"]


def embed_image(
    run: RunFolder, image: Image.Image, weights: str = "averaged", checkpoint: str | None = None
) -> Vector:
    """The vector of an RGB image of any size, made as those of the run's gallery are made.

    ``weights`` and ``checkpoint`` are meant as in ``open_rankings``; it is computed on the
    processor. Raises RunError where the run or its checkpoint is gone, DataError where the vector
    is not finite.
    """
    network, recipe = network_for(run, weights, checkpoint)
    data = recipe.data
    pixels = np.array(evaluated(image, data)[None])
    batch = evaluation_batch(torch.from_numpy(pixels), data.transforms.normalise)
    with torch.inference_mode(), autocast("cpu", _precision(run)):
        vector = embed(network, batch, recipe.evaluation.embedding)[0].numpy()
    if not np.isfinite(vector).all():
        raise DataError(
            f"The network of run {run.id} gives this image a vector that is not finite: its weights"
            " have diverged; choose an earlier checkpoint."
        )
    return vector


def explain_image(
    run: RunFolder,
    image: Image.Image,
    pair: Pair,
    weights: str = "averaged",
    checkpoint: str | None = None,
    method: Method = "evidence",
) -> PairExplanation:
    """Why a gallery image, the hit of ``pair``, is as near to an RGB image as it is.

    With deletion scores, and shares by true masks on the hit alone. Raises RunError where the run
    or its checkpoint is gone, BrokenImage where the hit's file is.
    """
    network, recipe = network_for(run, weights, checkpoint)
    query = np.array(evaluated(image, recipe.data))
    # A copy: torch wants memory that it could write to.
    hit = np.array(open_evaluated(pair.files[1], recipe.data, pair.levels))
    masks = (None, true_parts(pair.root, pair.hit.path))
    return explain_images(PairReader(network, recipe, query, hit), method, masks)


def _precision(run: RunFolder) -> str:
    """Half precision belongs to the device it was chosen on: elsewhere it may be emulated."""
    status = run.status()
    on_processor = all(device == "cpu" for device in status.devices)
    return (status.precision or "fp32") if on_processor else "fp32"
