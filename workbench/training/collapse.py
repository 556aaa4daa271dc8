"""Noticing that a network has collapsed: it gives every image the same vector.

Two signs: every triplet is active while a triplet loss stays at its margin (both distances are 0),
and embeddings that do not differ any more. A collapse is reported once, and again only after the
sign had gone.
"""

from collections.abc import Mapping

import numpy as np
from jaxtyping import Float32

from workbench.training.events import Collapsed
from workbench.training.loop_state import LoopState
from workbench.training.measured import Numbers

STEPS_AT_MARGIN = 20
"""Consecutive steps after which a loss stays at its margin, or has left it."""
NEAR = 0.02
"""Relative distance from the margin that counts as at it."""
ALL_ACTIVE = 0.99
SMALLEST_SPREAD = 1e-4
"""Trained embeddings have 0.1 to 1, those of an untrained network 0.001 or more."""
TRIPLETS, SPREAD = "triplets_at_margin", "no_spread"


class CollapseWatch:
    """Looks at every update and at every evaluation.

    Args:
        margins: value of each triplet loss, by name, where both distances are 0.
    """

    def __init__(self, margins: Mapping[str, float]) -> None:
        self._margins = dict(margins)
        self._at = self._away = 0

    def look_at_step(self, numbers: Numbers, loop_state: LoopState) -> Collapsed | None:
        """The event of a collapse that this update makes certain."""
        name = self._name_at_margin(numbers)
        self._at, self._away = (self._at + 1, 0) if name else (0, self._away + 1)
        if self._away >= STEPS_AT_MARGIN:
            _forget(TRIPLETS, loop_state)
        if name is None or self._at < STEPS_AT_MARGIN or not _is_new(TRIPLETS, loop_state):
            return None
        margin = self._margins[name]
        return Collapsed(
            step=numbers.measured.step,
            sign=TRIPLETS,
            value=numbers.terms[name],
            limit=margin,
            message=f"collapsed: every triplet is active and the loss '{name}' has stayed at its"
            f" margin, {margin:g}, for {STEPS_AT_MARGIN} steps, so all vectors are equal; try a"
            " lower training.optimizer.learning_rate, a longer training.schedule.warmup, a"
            f" classification loss beside it, or losses.{name}.mining = weighted.",
        )

    def look_at_spread(self, spread: float, step: int, loop_state: LoopState) -> Collapsed | None:
        """The event of a collapse that an evaluation of ``step`` shows; see `spread_of`."""
        if spread >= SMALLEST_SPREAD:
            _forget(SPREAD, loop_state)
            return None
        if not _is_new(SPREAD, loop_state):
            return None
        return Collapsed(
            step=step,
            sign=SPREAD,
            value=spread,
            limit=SMALLEST_SPREAD,
            message="collapsed: the embeddings of all queries are nearly equal (spread"
            f" {spread:.1e} of 1); try a lower training.optimizer.learning_rate, a longer"
            " training.schedule.warmup, or a classification loss.",
        )

    def _name_at_margin(self, numbers: Numbers) -> str | None:
        if numbers.active_triplets is None or numbers.active_triplets < ALL_ACTIVE:
            return None
        return next(
            (
                name
                for name, margin in self._margins.items()
                if abs(numbers.terms[name] - margin) <= NEAR * margin
            ),
            None,
        )


def spread_of(vectors: Float32[np.ndarray, "images dim"]) -> float:
    """How much unit vectors differ: 1 - |mean|^2, half the mean squared distance of two of them.

    0 where all are equal, near 1 where they point everywhere; NaN vectors give 0.
    """
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    mean = (vectors / np.maximum(lengths, 1e-12)).mean(axis=0, dtype=np.float64)
    return max(0.0, float(np.nan_to_num(1.0 - mean @ mean, nan=0.0)))


def _is_new(sign: str, loop_state: LoopState) -> bool:
    """Note a sign; whether it is the first of a collapse."""
    first = not loop_state.collapsed
    if sign not in loop_state.collapsed:
        loop_state.collapsed.append(sign)
    return first


def _forget(sign: str, loop_state: LoopState) -> None:
    if sign in loop_state.collapsed:
        loop_state.collapsed.remove(sign)
