"""One named term of the total: a kind of loss over the outputs it reads."""

from collections.abc import Callable, Mapping
from typing import NamedTuple, cast

import torch
import torch.nn.functional as F
from jaxtyping import Float, Int
from torch import Tensor, nn

from workbench.errors import RecipeError
from workbench.losses.classification import (
    cross_entropy_smoothed,
    margin_logits,
    ordered_cross_entropy,
)
from workbench.losses.norm_penalty import gradient_only, length_cost
from workbench.losses.pair_losses import circle, instance, linear_shifts, pair_margin
from workbench.losses.triplet import batch_hard_triplet, weighted_triplet
from workbench.model.outputs import BranchOutput
from workbench.recipe.schema import select
from workbench.recipe.settings.losses import (
    BatchHardTriplet,
    Circle,
    CrossEntropy,
    Instance,
    LengthRegulariser,
    Loss,
    MarginCrossEntropy,
    MetricLearning,
    OrderedCrossEntropy,
    PairMargin,
    VectorTerm,
)

Labels = Int[Tensor, "batch"]
Scalar = Float[Tensor, ""]
Vectors = Float[Tensor, "batch dim"]
PackageForward = Callable[[Vectors, Labels], Scalar]


class Sizes(NamedTuple):
    """What losses with weights of their own have to know about the network.

    ``widths`` holds the length of each vector: of output name, then of ``pooled``, ``reduced`` or
    ``embedding``.
    """

    classes: int
    widths: Mapping[str, Mapping[str, int]]


class Term(nn.Module):
    """One kind of loss over the outputs it reads.

    Args:
        loss: its settings.
        name: its name in the recipe.
        outputs: names of all outputs of the network.
        sizes: needed by kinds with weights of their own only.

    Raises:
        RecipeError: for arguments a class of pytorch-metric-learning does not take.
    """

    def __init__(self, loss: Loss, name: str, outputs: list[str], sizes: Sizes | None) -> None:
        super().__init__()
        self.loss = loss
        self.outputs = select(loss.branches, outputs)
        self.own = nn.ModuleList()
        if isinstance(loss, MetricLearning):
            self.own.extend(_package_losses(loss, f"losses.{name}", self.outputs, sizes))

    @property
    def parts(self) -> int:
        """How many times the term's weight enters the total."""
        return self._values if self.loss.reduce == "sum" else 1

    def forward(
        self, outputs: Mapping[str, BranchOutput], labels: Labels
    ) -> tuple[Scalar, list[Tensor]]:
        """Value over all outputs, and the share of active triplets of each that forms some."""
        read = {name: outputs[name] for name in self.outputs}
        active: list[Tensor] = []
        match self.loss:
            case OrderedCrossEntropy() as loss:
                logits = [_logits(name, output, loss.kind) for name, output in read.items()]
                values = ordered_cross_entropy(logits, labels, loss.exponent)
            case BatchHardTriplet(margin=margin, normalise=normalise) as loss:
                triplet = weighted_triplet if loss.mining == "weighted" else batch_hard_triplet
                found = [
                    triplet(vectors, labels, margin, normalise) for vectors in _vectors(loss, read)
                ]
                values, active = [pair.loss for pair in found], [pair.active for pair in found]
            case Circle() | Instance() | MetricLearning() as loss:
                values = [
                    _of_vectors(loss, own, vectors, labels)
                    for own, vectors in zip(self._own(), _vectors(loss, read), strict=True)
                ]
            case loss:
                values = [_value(loss, name, output, labels) for name, output in read.items()]
        total = torch.stack(values).sum()
        return (total if self.loss.reduce == "sum" else total / len(values)), active

    def _own(self) -> list[nn.Module | None]:
        """The losses with weights of their own, one for each vector; None for other kinds."""
        return [*self.own] if self.own else [None] * self._values

    @property
    def _values(self) -> int:
        """How many numbers the term reduces to one."""
        joined = isinstance(self.loss, VectorTerm) and self.loss.join
        return 1 if joined else len(self.outputs)


def _vectors(loss: VectorTerm, read: Mapping[str, BranchOutput]) -> list[Vectors]:
    """The vectors a loss reads, one of each output, or all joined into one."""
    vectors = [getattr(output, loss.reads) for output in read.values()]
    return [torch.cat(vectors, dim=1)] if loss.join else vectors


def _of_vectors(
    loss: Circle | Instance | MetricLearning,
    own: nn.Module | None,
    vectors: Vectors,
    labels: Labels,
) -> Scalar:
    match loss:
        case Circle():
            value = circle(vectors, labels, loss.margin, loss.scale, loss.pairs, loss.similarity)
        case Instance():
            value = instance(
                vectors, labels, loss.scale, loss.average_identities, loss.average_units
            )
        case MetricLearning():
            value = cast(PackageForward, own)(vectors, labels)
    return value / len(labels) if loss.per_image else value


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


def _value(
    loss: CrossEntropy | MarginCrossEntropy | PairMargin | LengthRegulariser,
    name: str,
    output: BranchOutput,
    labels: Labels,
) -> Scalar:
    """The loss of one output."""
    match loss:
        case CrossEntropy():
            logits = _logits(name, output, loss.kind)
            return cross_entropy_smoothed(logits, labels, loss.smoothing, loss.smoothing_over)
        case MarginCrossEntropy():
            return _margin_cross_entropy(loss, name, output, labels)
        case PairMargin():
            return _pair_margin(loss, name, output, labels)
        case LengthRegulariser():
            lengths = getattr(output, loss.reads).norm(dim=1)
            costs = length_cost(lengths, loss.form, loss.rate, loss.low, loss.high)
            return gradient_only(costs.mean())


def _margin_cross_entropy(
    loss: MarginCrossEntropy, name: str, output: BranchOutput, labels: Labels
) -> Scalar:
    cosines = _logits(name, output, loss.kind).float()
    cosines = F.relu(cosines) if loss.positive else cosines
    shift = _certainty(name, output, loss.kind) if loss.certainty else None
    logits = margin_logits(cosines, labels, loss.similarity, loss.margin, shift)
    return cross_entropy_smoothed(loss.scale * logits, labels, loss.smoothing, loss.smoothing_over)


def _pair_margin(loss: PairMargin, name: str, output: BranchOutput, labels: Labels) -> Scalar:
    vectors = getattr(output, loss.reads)
    match loss.shift:
        case "certainty":
            shifts = _certainty(name, output, loss.kind)
        case "linear":
            lengths = (loss.length_low, loss.length_high)
            shifts = linear_shifts(vectors, lengths, (loss.shift_low, loss.shift_high))
        case "none":
            shifts = vectors.new_zeros(len(vectors))
    return pair_margin(
        vectors,
        labels,
        shifts,
        margin=loss.margin,
        scale=loss.scale,
        distance=loss.distance,
        mining=loss.mining,
        normalise=loss.normalise,
        partner_learns=loss.partner_learns,
    )


def _logits(name: str, output: BranchOutput, kind: str) -> Float[Tensor, "batch classes"]:
    if output.logits is None:
        raise RecipeError(
            f"losses: '{name}' has no classifier, which {kind} reads. Give its branch one, or leave"
            " it out of the loss."
        )
    return output.logits


def _certainty(name: str, output: BranchOutput, kind: str) -> Float[Tensor, "batch"]:
    if output.certainty is None:
        raise RecipeError(
            f"losses: '{name}' has no certainty, which {kind} reads. Set its branch's certainty, or"
            " leave it out of the loss."
        )
    return output.certainty


def _package_losses(
    loss: MetricLearning, path: str, outputs: list[str], sizes: Sizes | None
) -> list[nn.Module]:
    # Imported only for recipes that use it: the package takes a second to load.
    from workbench.losses.metric_learning import PackageLoss

    if sizes is None:
        raise RecipeError(f"{path}: the sizes of the network are not known here.", path)
    widths = [sizes.widths[output][loss.reads] for output in outputs]
    return [
        PackageLoss(loss, path, sizes.classes, width)
        for width in ([sum(widths)] if loss.join else widths)
    ]
