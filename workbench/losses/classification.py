"""Classification of training identities."""

from collections.abc import Mapping, Sequence
from typing import Literal

import torch
import torch.nn.functional as F
from jaxtyping import Float, Int
from torch import Tensor

from workbench.losses.terms import (
    Labels,
    OutputTerm,
    Scalar,
    Term,
    TermValues,
    certainty_of,
    logits_of,
)
from workbench.model.outputs import BranchOutput
from workbench.recipe.settings import losses as settings

LARGEST_COSINE = 0.99


@settings.LOSSES.implements(settings.CrossEntropy)
class CrossEntropyTerm(OutputTerm[settings.CrossEntropy]):
    """Cross-entropy of each output."""

    def value(self, name: str, output: BranchOutput, labels: Labels) -> Scalar:
        """The mean over the batch."""
        logits = logits_of(output, name, self.loss.kind)
        return cross_entropy_smoothed(logits, labels, self.loss.smoothing, self.loss.smoothing_over)


@settings.LOSSES.implements(settings.OrderedCrossEntropy)
class OrderedCrossEntropyTerm(Term[settings.OrderedCrossEntropy]):
    """Cross-entropies in the order of the outputs."""

    def values(self, outputs: Mapping[str, BranchOutput], labels: Labels) -> TermValues:
        """One of each output."""
        logits = [logits_of(output, name, self.loss.kind) for name, output in outputs.items()]
        return TermValues(ordered_cross_entropy(logits, labels, self.loss.exponent))


@settings.LOSSES.implements(settings.MarginCrossEntropy)
class MarginCrossEntropyTerm(OutputTerm[settings.MarginCrossEntropy]):
    """Cross-entropy of cosines with a margin."""

    def value(self, name: str, output: BranchOutput, labels: Labels) -> Scalar:
        """The mean over the batch."""
        loss = self.loss
        cosines = logits_of(output, name, loss.kind).float()
        cosines = F.relu(cosines) if loss.positive else cosines
        shift = certainty_of(output, name, loss.kind) if loss.certainty else None
        logits = loss.scale * margin_logits(cosines, labels, loss.similarity, loss.margin, shift)
        return cross_entropy_smoothed(logits, labels, loss.smoothing, loss.smoothing_over)


def cross_entropy_smoothed(
    logits: Float[Tensor, "batch classes"],
    labels: Int[Tensor, "batch"],
    smoothing: float = 0.0,
    over: Literal["all", "others"] = "all",
) -> Float[Tensor, ""]:
    """Mean cross-entropy against labels of which a share is spread over the classes.

    Args:
        logits: unnormalised log-probabilities; half precision is computed in float32.
        labels: class indices.
        smoothing: the share that is spread, in [0, 1).
        over: ``all`` spreads it over the C classes, smoothing / C each, the target included
            (Szegedy et al. 2016, sec. 7, arXiv 1512.00567). ``others`` gives smoothing / (C - 1) to
            every class but the target (FastReID).
    """
    logits = logits.to(torch.promote_types(logits.dtype, torch.float32))
    if over == "all" or smoothing == 0.0:
        return F.cross_entropy(logits, labels, label_smoothing=smoothing)
    log_probabilities = logits.log_softmax(dim=1)
    target = log_probabilities.gather(1, labels.unsqueeze(1)).squeeze(1)
    others = (log_probabilities.sum(dim=1) - target) / max(logits.shape[1] - 1, 1)
    return -((1.0 - smoothing) * target + smoothing * others).mean()


def ordered_cross_entropy(
    logits: Sequence[Float[Tensor, "batch classes"]],
    labels: Int[Tensor, "batch"],
    exponent: float,
) -> list[Float[Tensor, ""]]:
    """One cross-entropy per output, each attending to what the output before it found hard.

    The first is the plain mean over the batch. Output i weighs an image by (1 - p)^exponent, where
    p is the probability that output i - 1 gave to the right class (without gradient); weights are
    divided by their mean over the batch.

    Args:
        logits: of all outputs, in order; half precision is computed in float32.
        labels: class indices.
        exponent: 0 gives plain cross-entropies.
    """
    losses: list[Tensor] = []
    weights = torch.ones(len(labels), device=labels.device)
    for output in logits:
        costs = F.cross_entropy(
            output.to(torch.promote_types(output.dtype, torch.float32)), labels, reduction="none"
        )
        losses.append((weights * costs).mean())
        hardness = (-torch.expm1(-costs.detach())).clamp(min=0.0) ** exponent
        # Where every image is certain no weight is left to share: the loss is then 0, not NaN.
        weights = hardness / hardness.mean().clamp(min=1e-12)
    return losses


def margin_logits(
    cosines: Float[Tensor, "batch classes"],
    labels: Int[Tensor, "batch"],
    similarity: Literal["cosine", "cosine_of_angle", "angle", "circle", "projection"],
    margin: float,
    shift: Float[Tensor, "batch"] | None = None,
) -> Float[Tensor, "batch classes"]:
    """Logits before their scale, with a margin for the right class.

    Args:
        cosines: between embeddings and class weights, in [-1, 1].
        labels: class indices.
        similarity: ``cosine``: c - margin for the right class, c for the others (CosFace, arXiv
            1801.09414); ``cosine_of_angle``: cos(angle + margin) (ArcFace, arXiv 1801.07698);
            ``angle``: -(angle + margin); ``circle``: max(0, 1 + margin - c) (c - 1 + margin) for
            the right class, max(0, c + margin) (c - margin) for the others, the factors without
            gradient (arXiv 2002.10857, sec. 3.3); ``projection``: c - margin against 1 - sine.
        margin: larger makes the right class harder to reach.
        shift: per image, added for the other classes and taken away for the right one; inside the
            cosine of ``cosine_of_angle`` the signs are those of the angle, which is reversed.
            ``circle`` and ``projection`` have no place for it.
    """
    right = F.one_hot(labels, cosines.shape[1]).to(cosines.dtype)
    shifts = 0.0 if shift is None else (1.0 - 2.0 * right) * shift.unsqueeze(1)
    match similarity:
        case "cosine":
            return cosines + shifts - margin * right
        case "cosine_of_angle":
            return torch.cos(_angles(cosines) - shifts + margin * right)
        case "angle":
            return shifts - _angles(cosines) - margin * right
        case "projection":
            sines = torch.sqrt(1.0 - _inside(cosines).square())
            return right * (cosines - margin) + (1.0 - right) * (1.0 - sines)
        case "circle":
            to_one = F.relu(1.0 + margin - cosines.detach()) * (cosines - (1.0 - margin))
            to_zero = F.relu(cosines.detach() + margin) * (cosines - margin)
            return right * to_one + (1.0 - right) * to_zero


def _angles(cosines: Float[Tensor, "batch classes"]) -> Float[Tensor, "batch classes"]:
    return torch.acos(_inside(cosines))


def _inside(cosines: Float[Tensor, "batch classes"]) -> Float[Tensor, "batch classes"]:
    """Cut to where the slope of an arc cosine is moderate; beyond, the gradient is 0."""
    return cosines.clamp(-LARGEST_COSINE, LARGEST_COSINE)
