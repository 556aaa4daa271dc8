"""The total loss: named terms over the outputs of a network."""

from collections.abc import Mapping
from dataclasses import dataclass

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

from workbench.errors import RecipeError
from workbench.losses.classification import cross_entropy_smoothed
from workbench.losses.triplet import batch_hard_triplet
from workbench.model.outputs import BranchOutput
from workbench.recipe.losses import BatchHardTriplet, CrossEntropy, Loss
from workbench.recipe.schema import select


@dataclass(frozen=True)
class LossReport:
    """The loss of one batch."""

    total: Float[Tensor, ""]
    """What is minimised."""
    terms: dict[str, Tensor]
    """Each term after its reduction over outputs, before its weight; scalars without gradient."""
    active_triplets: Float[Tensor, ""] | None
    """Share of active triplets, mean over all outputs that form some; None where none do."""


class Term(nn.Module):
    """One kind of loss over the outputs it reads."""

    def __init__(self, loss: Loss, outputs: list[str]) -> None:
        super().__init__()
        self.loss = loss
        self.outputs = select(loss.branches, outputs)

    @property
    def parts(self) -> int:
        """How many times the term's weight enters the total."""
        return len(self.outputs) if self.loss.reduce == "sum" else 1

    def forward(
        self, outputs: Mapping[str, BranchOutput], labels: Int[Tensor, "batch"]
    ) -> tuple[Float[Tensor, ""], list[Tensor]]:
        """Value over all outputs, and the share of active triplets of each that forms some."""
        values, active = [], []
        for name in self.outputs:
            value, share = _value(self.loss, name, outputs[name], labels)
            values.append(value)
            active += [] if share is None else [share]
        total = torch.stack(values).sum()
        return (total if self.loss.reduce == "sum" else total / len(values)), active


class Objective(nn.Module):
    """Sum of weighted terms, computed in float32 also under autocast.

    Args:
        losses: terms by name.
        outputs: names of all outputs of the network.
        divide_by_weights: divide the total by the sum of the weights of all its parts: a summed
            term counts its weight once per output, a mean term once.

    Raises:
        RecipeError: where no term has a weight.
    """

    def __init__(
        self, losses: Mapping[str, Loss], outputs: list[str], divide_by_weights: bool = False
    ) -> None:
        super().__init__()
        terms = [Term(loss, outputs) for loss in losses.values()]
        if not any(term.loss.weight for term in terms):
            raise RecipeError("losses: every weight is 0. Give one loss a weight.", "losses")
        self.names = list(losses)
        self.weights = [term.loss.weight for term in terms]
        self.divisor = (
            sum(term.loss.weight * term.parts for term in terms) if divide_by_weights else 1.0
        )
        self.terms = nn.ModuleList(terms)

    def forward(self, outputs: dict[str, BranchOutput], labels: Int[Tensor, "batch"]) -> LossReport:
        """Total, terms and share of active triplets for one batch of class indices."""
        values, active = dict[str, Tensor](), list[Tensor]()
        with torch.autocast(labels.device.type, enabled=False):
            for name, term in zip(self.names, self.terms, strict=True):
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
        )


def _value(
    loss: Loss, name: str, output: BranchOutput, labels: Int[Tensor, "batch"]
) -> tuple[Float[Tensor, ""], Float[Tensor, ""] | None]:
    match loss:
        case CrossEntropy():
            if output.logits is None:
                raise RecipeError(
                    f"losses: '{name}' has no classifier, which cross_entropy reads. Give its"
                    " branch one, or leave it out of the loss."
                )
            smoothed = cross_entropy_smoothed(
                output.logits, labels, loss.smoothing, loss.smoothing_over
            )
            return smoothed, None
        case BatchHardTriplet():
            vectors = getattr(output, loss.reads)
            return batch_hard_triplet(vectors, labels, loss.margin, loss.normalise)
