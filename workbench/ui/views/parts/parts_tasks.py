"""Explaining pairs while a page waits: in its background thread, what was asked last first."""

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import TypeVar

from workbench.explain.explanation import PairExplanation
from workbench.explain.methods import Method
from workbench.inspection.explained_pairs import (
    Masks,
    Pair,
    explanation_file,
    kept_explanation,
    kept_masks,
)
from workbench.runs.checkpoints import checkpoint_folder
from workbench.runs.folder import RunFolder
from workbench.ui.pending_answers import Questions
from workbench.ui.views.rankings.stored_rankings import Weights

PATIENCE = 120.0
"""Seconds that a picture waits for what it shows."""
DRAWING = "Drawing the heatmaps and taking the hot cells away, to see what they are worth."
_KEPT = 8

Answer = TypeVar("Answer")

_questions = Questions()
_loaded = threading.Event()
_latest: "OrderedDict[str, PairExplanation]" = OrderedDict()
_guard = threading.Lock()


@dataclass(frozen=True)
class Asked:
    """One pair of a run's own images under some weights and method."""

    run: RunFolder
    weights: Weights
    pair: Pair
    method: Method

    @property
    def key(self) -> str:
        """Differs whenever the answer could."""
        return self.pair.key(self.weights.checkpoint, self.weights.kind, self.method, True)


def explained(asked: Asked, patience: float = 0.0) -> PairExplanation | None:
    """From memory, from disk, or from the background thread; None where it is not there yet.

    Raises RunError where the checkpoint is gone, BrokenImage where an image is.
    """
    key = asked.key
    with _guard:
        found = _latest.get(key)
    if found is None and explanation_file(asked.run, key).exists():
        found = kept_explanation(asked.run, key)
    if found is None:
        # Said here, where it is one sentence at once, and not after torch was loaded.
        checkpoint_folder(asked.run, asked.weights.checkpoint)
        found = with_torch(key, lambda: _compute(asked), patience)
    if found is not None:
        with _guard:
            _latest[key] = found
            _latest.move_to_end(key)
            while len(_latest) > _KEPT:
                _latest.popitem(last=False)
    return found


def masks_of(run: RunFolder, weights: Weights) -> Masks | None:
    """The learned masks of some weights, waited for; None where they are not ready even then."""
    masks = kept_masks(run, weights.checkpoint, weights.kind)
    if masks is not None:
        return masks
    key = (run.path, weights.key, "masks")
    return with_torch(key, lambda: _compute_masks(run, weights), PATIENCE)


def with_torch(key: Hashable, work: Callable[[], Answer], patience: float = 0.0) -> Answer | None:
    """What ``work`` answers in the background thread, torch being loaded; None until it has."""

    def loaded() -> Answer:
        _load()
        return work()

    return _questions.ask(key, loaded, patience)


def begin_loading() -> None:
    """Load torch, which takes seconds, where somebody will need it."""
    if not _loaded.is_set():
        _questions.ask("torch", _load)


def waiting_in_words(work: str = DRAWING) -> str:
    """What is waited for: torch, and then some ``work``."""
    return work if _loaded.is_set() else "Loading torch. This takes some seconds, once."


def _load() -> bool:
    # Torch takes seconds to load and a page does without it until somebody asks.
    import torch

    import workbench.inspection.explaining  # noqa: F401

    # One thread: a training beside the page keeps its cores.
    torch.set_num_threads(1)
    _loaded.set()
    return True


def _compute(asked: Asked) -> PairExplanation:
    from workbench.inspection.explaining import explain

    weights = asked.weights
    return explain(asked.run, asked.pair, weights.checkpoint, weights.kind, asked.method)


def _compute_masks(run: RunFolder, weights: Weights) -> Masks:
    from workbench.inspection.explaining import masks_of as made

    return made(run, weights.checkpoint, weights.kind)
