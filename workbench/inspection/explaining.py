"""Why a run ranks an image where it does: its network, its images and their true masks together.

What was computed once is kept under the run's ``cache/``.
"""

import contextlib
import io
from collections.abc import Callable
from dataclasses import replace
from functools import lru_cache, partial
from pathlib import Path

import numpy as np
from jaxtyping import UInt8

from workbench.data.images.depth import Levels
from workbench.data.images.tensors import open_evaluated
from workbench.experiment.networks import network_of
from workbench.experiment.run_rankings import available_weights, open_rankings
from workbench.explain.explanation import PairExplanation
from workbench.explain.learned_masks import learned_masks
from workbench.explain.methods import Method
from workbench.explain.pair_explanation import explain_images
from workbench.explain.pair_reader import PairReader
from workbench.inspection.explained_pairs import (
    Masks,
    Pair,
    Pictures,
    explanation_file,
    kept_explanation,
    kept_masks,
    masks_file,
    method_named,
    require,
)
from workbench.model.network import PartNetwork
from workbench.recipe.schema import Recipe
from workbench.runs.checkpoints import checkpoint_folder
from workbench.runs.files import write_atomically
from workbench.runs.folder import RunFolder


def explain_pair(
    run: RunFolder,
    query: int | Path,
    hit: int,
    weights: str = "averaged",
    method: str = "evidence",
    *,
    checkpoint: str | None = None,
    scores: bool = True,
) -> PairExplanation:
    """Why a gallery image is as near to a query as it is.

    Args:
        run: whose network is asked.
        query: number of a query, as ``Rankings`` counts them, or any image file.
        hit: number of a gallery image.
        weights: "averaged" or "raw"; a checkpoint without averaged weights gives its raw ones.
        method: how heatmaps are made, one of ``METHODS``.
        checkpoint: a checkpoint's name; by default the last one, whose rankings are shown.
        scores: whether to count deletion scores.

    Raises:
        RunError: the run or its checkpoint is gone.
        DataError: there is no such query or gallery image, or no such method.
        BrokenImage: an image has been deleted, or is none.
    """
    require(run)
    chosen = method_named(method)
    pair = Pair.of(open_rankings(run, weights, checkpoint), query, hit)
    folder = checkpoint_folder(run, checkpoint or "last")
    kind = available_weights(folder, weights)
    return explain(run, pair, folder.name, kind, chosen, scores=scores)


def explain(
    run: RunFolder,
    pair: Pair,
    checkpoint: str,
    weights: str,
    method: Method = "evidence",
    *,
    scores: bool = True,
) -> PairExplanation:
    """The same of a pair that is at hand, and weights that there are: "averaged" or "raw"."""
    key = pair.key(checkpoint, weights, method, scores)
    kept = kept_explanation(run, key)
    if kept is not None:
        return kept
    reader = _reader(run, pair, checkpoint, weights)
    query, hit = pair.truths()
    found = explain_images(reader, method, (query, hit), scores=scores)
    found = replace(found, about=pair.about(run, checkpoint, weights))
    _keep(run, explanation_file(run, key), found.save)
    return found


def masks_of(run: RunFolder, checkpoint: str, weights: str) -> Masks:
    """The learned masks of a run's checkpoint by the name of their output.

    Raises WeightsError where the network has none, RunError where the checkpoint is gone.
    """
    require(run)
    kept = kept_masks(run, checkpoint, weights)
    if kept is not None:
        return kept
    masks = learned_masks(_network(run, checkpoint, weights))
    _keep(run, masks_file(run, checkpoint, weights), partial(_save, masks))
    return masks


def pair_pictures(
    run: RunFolder,
    query: int | Path,
    hit: int,
    weights: str = "averaged",
    checkpoint: str | None = None,
) -> Pictures:
    """The two images of a pair as they are on disk. Raises BrokenImage where one is gone."""
    return Pair.of(open_rankings(run, weights, checkpoint), query, hit).pictures()


def network_for(
    run: RunFolder, weights: str = "averaged", checkpoint: str | None = None
) -> tuple[PartNetwork, Recipe]:
    """The network behind a run's rankings, kept in memory for the next question, and its recipe.

    Raises RunError where the run or its checkpoint is gone.
    """
    require(run)
    folder = checkpoint_folder(run, checkpoint or "last")
    return _network(run, folder.name, available_weights(folder, weights)), run.recipe()


def _reader(run: RunFolder, pair: Pair, checkpoint: str, weights: str) -> PairReader:
    recipe = run.recipe()
    query, hit = (_pixels(file, recipe, pair.levels) for file in pair.files)
    return PairReader(_network(run, checkpoint, weights), recipe, query, hit)


def _pixels(file: Path, recipe: Recipe, levels: Levels) -> UInt8[np.ndarray, "height width 3"]:
    # A copy: torch wants memory that it could write to.
    return np.array(open_evaluated(file, recipe.data, levels))


def _keep(run: RunFolder, file: Path, save: Callable[[Path], None]) -> None:
    with contextlib.suppress(OSError):  # a full disk costs time, not the answer
        # No parents: a run that was deleted meanwhile must not come back as an empty folder.
        run.cache.mkdir(exist_ok=True)
        file.parent.mkdir(exist_ok=True)
        save(file)


def _save(masks: Masks, file: Path) -> None:
    written = io.BytesIO()
    np.savez_compressed(written, allow_pickle=False, **masks)
    write_atomically(file, written.getvalue(), durable=False)


@lru_cache(maxsize=2)
def _network(run: RunFolder, checkpoint: str, weights: str) -> PartNetwork:
    return network_of(run, weights, checkpoint)
