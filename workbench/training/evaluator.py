"""What the loop asks of whoever evaluates for it."""

from typing import Protocol, runtime_checkable

from torch import nn


class Interrupted(Exception):
    """A stop was asked for in the middle of an evaluation; its figures are dropped."""


@runtime_checkable
class Evaluator(Protocol):
    """Looks at a network from outside, leaving its weights and random numbers alone.

    Both methods put the network into evaluation mode, may raise Interrupted, and may leave it so.
    """

    def figures(self, network: nn.Module, weights: str, step: int) -> dict[str, float]:
        """mAP, rank1, mINP as fractions; ``weights`` is "raw" or "averaged"."""
        ...

    def validation(self, network: nn.Module) -> dict[str, float] | None:
        """``loss`` and ``top1_error`` on validation images; None where the split has none."""
        ...
