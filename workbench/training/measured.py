"""The numbers of one update: kept on the device, read later, many at once."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor


@dataclass(frozen=True)
class Measured:
    """One update before its numbers are read.

    ``values`` holds the total loss, the share of active triplets (NaN without triplets) and of
    images whose class is not the first (NaN without classes), each of ``terms``, and the norm of
    the gradient.
    """

    step: int
    learning_rate: float
    images: int
    terms: tuple[str, ...]
    values: Float[Tensor, " numbers"]


@dataclass(frozen=True)
class Numbers:
    """One update after its numbers were read."""

    measured: Measured
    loss: float
    terms: dict[str, float]
    gradient_norm: float
    active_triplets: float | None
    top1_error: float | None

    @property
    def bad_term(self) -> tuple[str, float] | None:
        """The first loss term that is not finite, else the total if that is not, else None."""
        infinite = ((name, value) for name, value in self.terms.items() if not math.isfinite(value))
        return next(infinite, None if math.isfinite(self.loss) else ("total", self.loss))


def read_all(unread: Sequence[Measured]) -> list[Numbers]:
    """Read the numbers of all updates with one transfer from the device."""
    if not unread:
        return []
    rows = torch.stack([measured.values for measured in unread]).tolist()
    return [_numbers(measured, row) for measured, row in zip(unread, rows, strict=True)]


def _numbers(measured: Measured, row: list[float]) -> Numbers:
    total, active, error, *terms, norm = row
    return Numbers(
        measured=measured,
        loss=total,
        terms=dict(zip(measured.terms, terms, strict=True)),
        gradient_norm=norm,
        active_triplets=None if math.isnan(active) else active,
        top1_error=None if math.isnan(error) else error,
    )
