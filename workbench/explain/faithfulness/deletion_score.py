"""The outcome of taking away what is hot. No torch."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Float

_CURVES = ("taken", "curve", "random_curve", "centre_curve")
_AREAS = ("auc", "random", "random_best", "centre")


@dataclass(frozen=True)
class Deletion:
    """How fast a similarity falls when cells are taken away in the order of a map's heat.

    The areas are under similarity over the share taken away: the smaller, the faster it falls. A
    map tells something where ``auc`` is below the others.

    Attributes:
        taken: share of the image taken away, from 0 to 1.
        curve: similarity after each, hottest cells first.
        random_curve: the same for random orders, their mean.
        centre_curve: the same from the middle of the picture outwards.
        auc: area under ``curve``.
        random: area under ``random_curve``.
        random_best: the smallest area of any one of the random orders.
        centre: area under ``centre_curve``.
    """

    taken: Float[np.ndarray, "steps"]
    curve: Float[np.ndarray, "steps"]
    random_curve: Float[np.ndarray, "steps"]
    centre_curve: Float[np.ndarray, "steps"]
    auc: float
    random: float
    random_best: float
    centre: float

    def numbers(self) -> dict[str, Any]:
        """As JSON holds it."""
        return vars(self) | {name: getattr(self, name).tolist() for name in _CURVES}

    @classmethod
    def of_numbers(cls, told: dict[str, Any]) -> "Deletion":
        """What ``numbers`` told."""
        curves = {name: np.array(told[name], dtype=np.float64) for name in _CURVES}
        areas = {name: told[name] for name in _AREAS}
        return cls(**curves, **areas)
