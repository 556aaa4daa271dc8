"""What every loss is: a named term of the total, over the outputs it reads."""

from abc import abstractmethod
from collections.abc import Mapping
from typing import Generic, NamedTuple, TypeVar

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

from workbench.errors import RecipeError
from workbench.model.outputs import BranchOutput
from workbench.recipe.settings import losses as settings
from workbench.recipe.settings.outputs import select

Labels = Int[Tensor, "batch"]
Scalar = Float[Tensor, ""]
Vectors = Float[Tensor, "batch dim"]
S = TypeVar("S", bound=settings.Term)
V = TypeVar("V", bound=settings.VectorTerm)


class Sizes(NamedTuple):
    """What losses with weights of their own have to know about the network.

    ``widths`` holds the length of each vector: of output name, then of ``pooled``, ``reduced`` or
    ``embedding``.
    """

    classes: int
    widths: Mapping[str, Mapping[str, int]]


class TermValues(NamedTuple):
    """What a term is over the outputs it reads, before they are reduced to one number.

    Attributes:
        losses: one for each output, or one for all where their vectors are joined.
        active: the share of active triplets of each output that forms some.
    """

    losses: list[Scalar]
    active: list[Scalar] = []


class Term(nn.Module, Generic[S]):
    """One kind of loss over the outputs it reads.

    Args:
        loss: its settings.
        name: its name in the recipe.
        outputs: names of all outputs of the network.
        sizes: needed by kinds with weights of their own only.
    """

    def __init__(self, loss: S, name: str, outputs: list[str], sizes: Sizes | None) -> None:
        super().__init__()
        self.loss = loss
        self.name = name
        self.outputs = select(loss.branches, outputs)

    @abstractmethod
    def values(self, outputs: Mapping[str, BranchOutput], labels: Labels) -> TermValues:
        """The loss of each output; ``outputs`` are those it reads, by name, in order."""

    @property
    def count(self) -> int:
        """How many losses ``values`` gives."""
        return len(self.outputs)

    @property
    def parts(self) -> int:
        """How many times the term's weight enters the total."""
        return self.count if self.loss.reduce == "sum" else 1

    @property
    def collapsed_value(self) -> float | None:
        """The loss of an output whose vectors are all equal, where it shows a collapse."""
        return None

    def forward(
        self, outputs: Mapping[str, BranchOutput], labels: Labels
    ) -> tuple[Scalar, list[Scalar]]:
        """Value over all outputs, and the share of active triplets of each that forms some."""
        losses, active = self.values({name: outputs[name] for name in self.outputs}, labels)
        total = torch.stack(losses).sum()
        return (total if self.loss.reduce == "sum" else total / len(losses)), active


class OutputTerm(Term[S]):
    """A loss of each output alone."""

    @abstractmethod
    def value(self, name: str, output: BranchOutput, labels: Labels) -> Scalar:
        """The loss of one output."""

    def values(self, outputs: Mapping[str, BranchOutput], labels: Labels) -> TermValues:
        """One of each output."""
        return TermValues([self.value(name, output, labels) for name, output in outputs.items()])


class VectorTerm(Term[V]):
    """A loss of the vectors of each output, or of those of all outputs joined."""

    @abstractmethod
    def value(self, vectors: Vectors, labels: Labels) -> Scalar:
        """The loss of one vector per image."""

    def vectors(self, outputs: Mapping[str, BranchOutput]) -> list[Vectors]:
        """The vectors it reads, one of each output, or all joined into one."""
        vectors = [getattr(output, self.loss.reads) for output in outputs.values()]
        return [torch.cat(vectors, dim=1)] if self.loss.join else vectors

    def values(self, outputs: Mapping[str, BranchOutput], labels: Labels) -> TermValues:
        """One of each output, or one for all where they are joined."""
        return TermValues([self.value(vectors, labels) for vectors in self.vectors(outputs)])

    @property
    def count(self) -> int:
        """One where the vectors are joined."""
        return 1 if self.loss.join else len(self.outputs)


def make_term(
    loss: settings.Loss, name: str, outputs: list[str], sizes: Sizes | None = None
) -> Term[settings.Term]:
    """The term of a loss's settings; the arguments are those of :class:`Term`.

    Raises RecipeError for arguments a class of pytorch-metric-learning does not take.
    """
    return settings.LOSSES.implementation(loss)(loss, name, outputs, sizes)


def logits_of(output: BranchOutput, name: str, kind: str) -> Float[Tensor, "batch classes"]:
    """Logits of the output ``name``; RecipeError where it has no classifier."""
    if output.logits is None:
        raise RecipeError(
            f"losses: '{name}' has no classifier, which {kind} reads. Give its branch one, or leave"
            " it out of the loss."
        )
    return output.logits


def certainty_of(output: BranchOutput, name: str, kind: str) -> Float[Tensor, "batch"]:
    """Certainty of the output ``name``; RecipeError where its branch learns none."""
    if output.certainty is None:
        raise RecipeError(
            f"losses: '{name}' has no certainty, which {kind} reads. Set its branch's certainty, or"
            " leave it out of the loss."
        )
    return output.certainty


@torch.no_grad()
def vector_widths(network: nn.Module, image_size: tuple[int, int]) -> dict[str, dict[str, int]]:
    """Lengths of all vectors of a network, by output and kind: what one black image gives.

    ``image_size`` is height and width in pixels. The network stays in the mode it is in.
    """
    training = network.training
    first = next(network.parameters())
    images = torch.zeros(1, 3, *image_size, device=first.device)
    outputs: dict[str, BranchOutput] = network.eval()(images)
    network.train(training)
    kinds = ("pooled", "reduced", "embedding")
    return {
        name: {kind: getattr(output, kind).shape[1] for kind in kinds}
        for name, output in outputs.items()
    }
