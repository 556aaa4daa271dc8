"""What is known about a pair, as a value that can be kept on disk. No torch."""

import io
import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import Float

from workbench.explain.faithfulness.deletion_score import Deletion
from workbench.explain.methods import Method
from workbench.explain.true_masks import Shares
from workbench.runs.files import write_atomically

_ARRAYS = ("query_heat", "hit_heat")


@dataclass(frozen=True)
class PartExplanation:
    """One part of one branch, or all of them together.

    Attributes:
        name: of the output, e.g. ``stripes_0``; ``all`` for the sum.
        query_heat: over the query, on the cells of the map (or on pixels, for activation maps).
        hit_heat: the same over the hit.
        similarity: the part's share of the pair's similarity; the parts' shares sum to the total.
        cosine: of the part's own two vectors.
        query_constant: what no cell of the query adds; with the method ``evidence``
            ``query_heat.sum() + query_constant`` is ``similarity``. 0 for other methods, whose
            maps run from 0 to 1 and promise no sum.
        hit_constant: the same for the hit.
        deletion: how fast ``cosine`` falls when the query's hottest cells are taken away.
        query_shares: where the query's heat lies, where the truth is known.
        hit_shares: the same for the hit.
    """

    name: str
    query_heat: Float[np.ndarray, "rows columns"]
    hit_heat: Float[np.ndarray, "hit_rows hit_columns"]
    similarity: float
    cosine: float
    query_constant: float = 0.0
    hit_constant: float = 0.0
    deletion: Deletion | None = None
    query_shares: Shares | None = None
    hit_shares: Shares | None = None

    @property
    def on_person(self) -> float | None:
        """Share of the query's heat on the person; None where the truth is not known."""
        return None if self.query_shares is None else self.query_shares.on_person

    def on_part(self, label: str) -> float | None:
        """Share of the query's heat on one label, e.g. ``shoes``; None where it is not known."""
        return None if self.query_shares is None else self.query_shares.on_part[label]

    def numbers(self) -> dict[str, Any]:
        """Everything but the maps, as JSON holds it."""
        described = {name: value for name, value in vars(self).items() if name not in _ARRAYS}
        described |= {"deletion": None if self.deletion is None else self.deletion.numbers()}
        for side in ("query_shares", "hit_shares"):
            value = getattr(self, side)
            described[side] = None if value is None else asdict(value)
        return described


@dataclass(frozen=True)
class PairExplanation:
    """A pair, part by part.

    Attributes:
        method: how the maps were made.
        branches: every output that the embedding joins, in branch order.
        whole: all of them together, on the finest of their maps.
        constant: what no cell of the query adds.
        total: the pair's similarity: cosine, or minus the squared distance.
    """

    method: Method
    branches: tuple[PartExplanation, ...]
    whole: PartExplanation
    constant: float
    total: float
    about: dict[str, Any] = field(default_factory=dict)
    """Which run, weights and images: set by whoever knows."""

    @property
    def parts(self) -> tuple[PartExplanation, ...]:
        """All branches, and then the whole."""
        return (*self.branches, self.whole)

    def numbers(self) -> dict[str, Any]:
        """Everything but the maps, as JSON holds it."""
        return {
            "method": self.method,
            "total": self.total,
            "constant": self.constant,
            **self.about,
            "parts": [part.numbers() for part in self.parts],
        }

    def save(self, file: Path) -> None:
        """Write everything into one ``.npz``. Raises OSError where it cannot."""
        arrays = {
            f"{name}_{number}": getattr(part, name)
            for number, part in enumerate(self.parts)
            for name in _ARRAYS
        }
        written = io.BytesIO()
        np.savez_compressed(written, numbers=json.dumps(self.numbers()), **arrays)
        write_atomically(file, written.getvalue(), durable=False)

    @classmethod
    def load(cls, file: Path) -> "PairExplanation":
        """Read what ``save`` wrote. Raises OSError, ValueError or KeyError where it is damaged."""
        with np.load(file, allow_pickle=False) as stored:
            told = json.loads(str(stored["numbers"]))
            parts = [
                _part(described, stored[f"query_heat_{number}"], stored[f"hit_heat_{number}"])
                for number, described in enumerate(told.pop("parts"))
            ]
        method, total, constant = (told.pop(name) for name in ("method", "total", "constant"))
        return cls(method, tuple(parts[:-1]), parts[-1], constant, total, told)


def _part(
    described: dict[str, Any],
    query_heat: Float[np.ndarray, "rows columns"],
    hit_heat: Float[np.ndarray, "hit_rows hit_columns"],
) -> PartExplanation:
    values = dict(described)
    if values["deletion"] is not None:
        values["deletion"] = Deletion.of_numbers(values["deletion"])
    for side in ("query_shares", "hit_shares"):
        if values[side] is not None:
            values[side] = Shares(**values[side])
    return PartExplanation(query_heat=query_heat, hit_heat=hit_heat, **values)
