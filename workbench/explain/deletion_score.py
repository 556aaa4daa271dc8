"""The outcome of taking away what is hot. No torch."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Float


@dataclass(frozen=True)
class Deletion:
    """How fast a similarity falls when cells are taken away in the order of a map's heat.

    The areas are under similarity over the share taken away: the smaller, the faster it falls. A
    map tells something where ``auc`` is below both others.

    Attributes:
        taken: share of the image taken away, from 0 to 1.
        curve: similarity after each.
        auc: area under ``curve``.
        random: the same area for random orders, their mean.
        centre: the same area from the middle of the picture outwards.
    """

    taken: Float[np.ndarray, "steps"]
    curve: Float[np.ndarray, "steps"]
    auc: float
    random: float
    centre: float

    def numbers(self) -> dict[str, Any]:
        """As JSON holds it."""
        return vars(self) | {"taken": self.taken.tolist(), "curve": self.curve.tolist()}

    @classmethod
    def of_numbers(cls, told: dict[str, Any]) -> "Deletion":
        """What ``numbers`` told."""
        taken, curve = (np.array(told[name], dtype=np.float64) for name in ("taken", "curve"))
        return cls(taken, curve, told["auc"], told["random"], told["centre"])
