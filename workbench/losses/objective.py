"""The total loss: named terms over the outputs of a network."""

from collections.abc import Mapping
from dataclasses import dataclass

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

from workbench.errors import RecipeError
from workbench.losses.terms import Sizes, make_term
from workbench.losses.voting import top1_error
from workbench.model.outputs import BranchOutput
from workbench.recipe.settings.losses import Loss


@dataclass(frozen=True)
class LossReport:
    """The loss of one batch."""

    total: Float[Tensor, ""]
    """What is minimised."""
    terms: dict[str, Tensor]
    """Each term after its reduction over outputs, before its weight; scalars without gradient."""
    active_triplets: Float[Tensor, ""] | None
    """Share of active triplets, mean over all outputs that form some; None where none do."""
    top1_error: Float[Tensor, ""] | None = None
    """Share of images whose class is not the first; None where no term classifies."""


class Objective(nn.Module):
    """Sum of weighted terms, computed in float32 also under autocast.

    Args:
        losses: terms by name.
        outputs: names of all outputs of the network.
        divide_by_weights: divide the total by the sum of the weights of all its parts: a summed
            term counts its weight once per output, a mean term once.
        sizes: of the network, for losses with weights of their own.

    Raises:
        RecipeError: where no term has a weight, or one is given arguments it does not take.
    """

    def __init__(
        self,
        losses: Mapping[str, Loss],
        outputs: list[str],
        divide_by_weights: bool = False,
        sizes: Sizes | None = None,
    ) -> None:
        super().__init__()
        terms = [make_term(loss, name, outputs, sizes) for name, loss in losses.items()]
        if not any(term.loss.weight for term in terms):
            raise RecipeError("losses: every weight is 0. Give one loss a weight.", "losses")
        self.names = list(losses)
        self.weights = [term.loss.weight for term in terms]
        self.divisor = (
            sum(term.loss.weight * term.parts for term in terms) if divide_by_weights else 1.0
        )
        self.terms = nn.ModuleList(terms)
        self._terms = tuple(terms)
        self.classifies = any(term.loss.classifies for term in terms)

    @property
    def margins(self) -> dict[str, float]:
        """The value of each triplet loss with a margin where all vectors are equal."""
        return {
            name: value * term.parts
            for name, term in zip(self.names, self._terms, strict=True)
            if (value := term.collapsed_value) is not None
        }

    def forward(self, outputs: dict[str, BranchOutput], labels: Int[Tensor, "batch"]) -> LossReport:
        """Total, terms and share of active triplets for one batch of class indices."""
        values, active = dict[str, Tensor](), list[Tensor]()
        with torch.autocast(labels.device.type, enabled=False):
            for name, term in zip(self.names, self._terms, strict=True):
                values[name], shares = term(outputs, labels)
                active += shares
            weighted = [
                weight * value for weight, value in zip(self.weights, values.values(), strict=True)
            ]
            total = torch.stack(weighted).sum() / self.divisor
        return LossReport(
            total,
            {name: value.detach() for name, value in values.items()},
            torch.stack(active).mean() if active else None,
            top1_error(outputs, labels) if self.classifies else None,
        )
