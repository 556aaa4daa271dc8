"""Heatmaps of a pair as faces show them: plain JSON objects with the words, and their pictures."""

import io
import threading
from collections import OrderedDict
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from jaxtyping import Float
from PIL import Image

from workbench.errors import DataError
from workbench.experiment.pairs import (
    Masks,
    Pair,
    explanation_file,
    kept_explanation,
    kept_masks,
    method_named,
)
from workbench.explain.explanation import PairExplanation
from workbench.explain.methods import ABOUT, METHODS, TITLES, Method
from workbench.explain.overlay import heat_layer
from workbench.explain.reading import READING, scale_in_words
from workbench.explain.titles import part_titles
from workbench.recipe.model import Model
from workbench.recipe.outputs import outputs_of
from workbench.retrieval.ranking import RankedImage
from workbench.retrieval.rankings import Rankings
from workbench.runs.checkpoints import checkpoint_folder
from workbench.runs.folder import RunFolder
from workbench.ui import ranking_view
from workbench.ui.links import Link, write_link
from workbench.ui.parts_words import pair_in_words, part_of
from workbench.ui.questions import Questions
from workbench.ui.ranking_view import Source
from workbench.ui.re_ranking import OFF, protocol_of
from workbench.ui.stored_rankings import Weights, choose, opened

Side = Literal["query", "hit"]
LAYER_HEIGHT = 320
"""Pixels of a heat layer's height; the page lays it over an image of any size."""
PATIENCE = 120.0
"""Seconds that a picture waits for what it shows."""
_KEPT = 8

_questions = Questions()
_loaded = threading.Event()


@dataclass(frozen=True)
class Asked:
    """One pair under some weights and method, and its place in the ranked list."""

    run: RunFolder
    weights: Weights
    pair: Pair
    method: Method

    @property
    def key(self) -> str:
        """Differs whenever the answer could."""
        return self.pair.key(self.weights.checkpoint, self.weights.kind, self.method, True)


def overview(run: RunFolder, wanted: str = "") -> dict[str, Any]:
    """What Rankings says of a run's weights, and the methods to choose from.

    Lists are those before re-ranking: their order is that of the similarity that is explained.

    Starts to load torch, which takes seconds, where somebody will need it.
    """
    answer = ranking_view.overview(run, wanted, OFF)
    if answer["ready"] and not _loaded.is_set():
        _questions.ask("torch", _load)
    methods = [{"name": one, "title": TITLES[one], "about": ABOUT[one]} for one in METHODS]
    return answer | {"methods": methods, "reading": READING}


def pair_of(
    run: RunFolder, wanted: str, source: Source, query: int, hit: int, method: str = "evidence"
) -> dict[str, Any]:
    """A pair explained, or ``working`` with a sentence as long as it is being computed.

    Raises DataError where there is no such image or method, RunError where run or weights are
    gone, BrokenImage where an image has been deleted.
    """
    asked, number = _asked(run, wanted, source, query, hit, method)
    found = _explained(asked)
    if found is None:
        return {"working": True, "words": _waiting()}
    with opened(run, asked.weights, protocol_of(run, OFF)) as rankings:
        place = _place(rankings, number, hit)
    model = run.recipe().model
    titles = part_titles(model)
    *branches, whole = [part_of(part, titles[part.name], found.method) for part in found.parts]
    return {
        "working": False,
        "run": run.id,
        "weights": asked.weights.key,
        "source": source,
        "query": query,
        "hit": hit,
        "method": found.method,
        "version": asked.key,
        "rank": place.rank,
        "words": pair_in_words(found, place, asked.pair.hit),
        "about": f"{ABOUT[found.method]} {scale_in_words(found.method)}",
        "total": found.total,
        "constant": found.constant,
        "branches": branches if len(branches) > 1 else [],
        "whole": whole,
        "masks": [{"name": name, "title": titles[name]} for name in _masked(model)],
        "link": write_link(
            Link(
                tab="parts",
                run=run.id,
                weights=asked.weights.key,
                source=source,
                query=query,
                hit=hit,
                method=found.method,
            )
        ),
    }


def heat_of(
    run: RunFolder,
    wanted: str,
    source: Source,
    query: int,
    hit: int,
    part: str,
    side: Side,
    method: str = "evidence",
) -> bytes:
    """One map as a PNG to lay over its image. Raises DataError where there is no such part."""
    asked, _ = _asked(run, wanted, source, query, hit, method)
    found = _explained(asked, PATIENCE)
    for one in found.parts if found is not None else ():
        if one.name == part:
            return _layer(run, one.query_heat if side == "query" else one.hit_heat)
    raise DataError(f"There is no heatmap of a part '{part}' in run {run.id}.")


def mask_of(run: RunFolder, wanted: str, part: str) -> bytes:
    """One learned mask as a PNG to lay over any image. Raises DataError where there is none."""
    weights = choose(run, wanted)
    if part not in _masked(run.recipe().model):
        raise DataError(f"Part '{part}' of run {run.id} has no learned mask.")
    masks = kept_masks(run, weights.checkpoint, weights.kind)
    if masks is None:
        key = (run.path, weights.key, "masks")
        masks = _questions.ask(key, lambda: _compute_masks(run, weights), PATIENCE)
    if masks is None:
        raise DataError(f"The masks of run {run.id} are not ready: look again in a minute.")
    return _layer(run, masks[part])


# ---- what is asked, and who answers


def _asked(
    run: RunFolder, wanted: str, source: Source, query: int, hit: int, method: str
) -> tuple[Asked, int]:
    chosen, weights = method_named(method), choose(run, wanted)
    with opened(run, weights, protocol_of(run, OFF)) as rankings:
        number = ranking_view.number_of(rankings, source, query)
        pair = Pair.of(rankings, number, hit)
    return Asked(run, weights, pair, chosen), number


def _place(rankings: Rankings, number: int, hit: int) -> RankedImage:
    everything = rankings.list(number, len(rankings.embeddings.gallery_images))
    return next(item for item in everything if item.index == hit)


_latest: "OrderedDict[str, PairExplanation]" = OrderedDict()
_guard = threading.Lock()


def _explained(asked: Asked, patience: float = 0.0) -> PairExplanation | None:
    """From memory, from disk, or from the background thread; None where it is not there yet."""
    key = asked.key
    with _guard:
        found = _latest.get(key)
    if found is None and explanation_file(asked.run, key).exists():
        found = kept_explanation(asked.run, key)
    if found is None:
        # Said here, where it is one sentence at once, and not after torch was loaded.
        checkpoint_folder(asked.run, asked.weights.checkpoint)
        found = _questions.ask(key, lambda: _compute(asked), patience)
    if found is not None:
        with _guard:
            _latest[key] = found
            _latest.move_to_end(key)
            while len(_latest) > _KEPT:
                _latest.popitem(last=False)
    return found


def _load() -> bool:
    # Torch takes seconds to load and a page does without it until somebody asks.
    import torch

    import workbench.experiment.explaining  # noqa: F401

    # One thread: a training beside the page keeps its cores.
    torch.set_num_threads(1)
    _loaded.set()
    return True


def _compute(asked: Asked) -> PairExplanation:
    _load()
    from workbench.experiment.explaining import explain

    weights = asked.weights
    return explain(asked.run, asked.pair, weights.checkpoint, weights.kind, asked.method)


def _compute_masks(run: RunFolder, weights: Weights) -> Masks:
    _load()
    from workbench.experiment.explaining import masks_of

    return masks_of(run, weights.checkpoint, weights.kind)


def _waiting() -> str:
    if not _loaded.is_set():
        return "Loading torch. This takes some seconds, once."
    return "Drawing the heatmaps and taking the hot cells away, to see what they are worth."


def _masked(model: Model) -> list[str]:
    """Outputs with a learned mask."""
    return [
        output
        for name, branch in model.branches.items()
        if branch.regions.kind == "channel_groups"
        for output in outputs_of(name, branch)
    ]


def _layer(run: RunFolder, heat: Float[np.ndarray, "rows columns"]) -> bytes:
    data = run.recipe().data
    width = max(round(LAYER_HEIGHT * data.width / data.height), 1)
    return _png(heat_layer(heat, (width, LAYER_HEIGHT)))


def _png(picture: Image.Image) -> bytes:
    file = io.BytesIO()
    picture.save(file, "PNG")
    return file.getvalue()
