"""Losses over all pairs of a batch."""

from typing import Literal

import torch
import torch.nn.functional as F
from jaxtyping import Bool, Float, Int
from torch import Tensor

from workbench.losses.terms import (
    Labels,
    OutputTerm,
    Scalar,
    Vectors,
    VectorTerm,
    certainty_of,
)
from workbench.model.outputs import BranchOutput
from workbench.recipe.settings import losses as settings

EXCLUDED = -10.0
"""Cost of what is no pair of the kind at hand: far below any that is one."""
LONGEST_CHORD = 2.0 * (1.0 - 1e-6)
"""Opposite vectors are kept this far apart, where the slope of their angle is still finite."""


@settings.LOSSES.implements(settings.Circle)
class CircleTerm(VectorTerm[settings.Circle]):
    """Circle loss of the pairs of a batch."""

    def value(self, vectors: Vectors, labels: Labels) -> Scalar:
        """Of the batch, or an image of it."""
        loss = self.loss
        value = circle(vectors, labels, loss.margin, loss.scale, loss.pairs, loss.similarity)
        return value / len(labels) if loss.per_image else value


@settings.LOSSES.implements(settings.Instance)
class InstanceTerm(VectorTerm[settings.Instance]):
    """Every image, or every identity of the batch, a class."""

    def value(self, vectors: Vectors, labels: Labels) -> Scalar:
        """Of the batch, or an image of it."""
        loss = self.loss
        value = instance(vectors, labels, loss.scale, loss.average_identities, loss.average_units)
        return value / len(labels) if loss.per_image else value


@settings.LOSSES.implements(settings.PairMargin)
class PairMarginTerm(OutputTerm[settings.PairMargin]):
    """All pairs of a batch with margins that certainty may shift."""

    def value(self, name: str, output: BranchOutput, labels: Labels) -> Scalar:
        """The mean over the images."""
        loss, vectors = self.loss, getattr(output, self.loss.reads)
        return pair_margin(
            vectors,
            labels,
            self._shifts(name, output, vectors),
            margin=loss.margin,
            scale=loss.scale,
            distance=loss.distance,
            mining=loss.mining,
            normalise=loss.normalise,
            partner_learns=loss.partner_learns,
        )

    def _shifts(self, name: str, output: BranchOutput, vectors: Vectors) -> Float[Tensor, "batch"]:
        loss = self.loss
        match loss.shift:
            case "certainty":
                return certainty_of(output, name, loss.kind)
            case "linear":
                norms = (loss.length_low, loss.length_high)
                return linear_shifts(vectors, norms, (loss.shift_low, loss.shift_high))
            case "none":
                return vectors.new_zeros(len(vectors))


def pair_margin(
    vectors: Float[Tensor, "batch dim"],
    labels: Int[Tensor, "batch"],
    shifts: Float[Tensor, "batch"],
    *,
    margin: float,
    scale: float,
    distance: Literal["euclidean", "angle", "chord", "cosine"] = "euclidean",
    mining: Literal["all", "hardest", "hardest_smooth"] = "all",
    normalise: bool = True,
    partner_learns: bool = True,
) -> Float[Tensor, ""]:
    """Mean over images of how far their pairs are from being told apart.

    With d the distance and u = shifts, a pair of one identity (an image with itself included) costs
    d - (u_i + u_j) + margin, a pair of two -d - (u_i + u_j); all others cost -10.

    Args:
        vectors: one per image.
        labels: identities.
        shifts: u of each image; zeros for none.
        margin: of pairs of one identity.
        scale: sharpness of the soft maximum.
        distance: ``euclidean``; ``angle`` between vectors; ``chord``: margin and shifts are added
            to the angle, then 2 sin(angle / 2); ``cosine``: minus the cosine.
        mining: ``all``: softplus(LSE(scale p) + LSE(scale n)) / scale over the costs p and n of an
            image's pairs; ``hardest``: max(0, max p + max n); ``hardest_smooth``: the softplus of
            that with sharpness scale.
        normalise: divide vectors by their length first; only ``euclidean`` goes without.
        partner_learns: whether u_j has a gradient.

    Source: NAMA, norm-aware margin assignment (Huang et al. 2022).
    """
    vectors = F.normalize(vectors, dim=1) if normalise else vectors
    partners = shifts if partner_learns else shifts.detach()
    together = shifts.unsqueeze(1) + partners.unsqueeze(0)
    distances = _distances(vectors, distance)
    close, far = distances - together + margin, -distances - together
    if distance == "chord":
        close, far = 2.0 * torch.sin(close / 2.0), 2.0 * torch.sin(far / 2.0)
    same = labels.unsqueeze(0) == labels.unsqueeze(1)
    positive = torch.where(same, close, EXCLUDED)
    negative = torch.where(same, EXCLUDED, far)
    if mining == "all":
        soft = torch.logsumexp(scale * positive, 1) + torch.logsumexp(scale * negative, 1)
        return F.softplus(soft).mean() / scale
    gap = positive.amax(dim=1) + negative.amax(dim=1)
    return (F.relu(gap) if mining == "hardest" else F.softplus(gap, beta=scale)).mean()


def linear_shifts(
    vectors: Float[Tensor, "batch dim"],
    lengths: tuple[float, float],
    shifts: tuple[float, float],
) -> Float[Tensor, "batch"]:
    """The shift of each vector, linear in its length between two lengths and flat outside."""
    (low, high), (start, end) = lengths, shifts
    share = (vectors.norm(dim=1).clamp(low, high) - low) / (high - low)
    return start + (end - start) * share


def circle(
    vectors: Float[Tensor, "batch dim"],
    labels: Int[Tensor, "batch"],
    margin: float = 0.25,
    scale: float = 32.0,
    pairs: Literal["batch", "anchor"] = "batch",
    similarity: Literal["cosine", "one_minus_sine"] = "cosine",
) -> Float[Tensor, ""]:
    """softplus(LSE of positive pairs + LSE of negative pairs), weighted by their own distance.

    A pair of one identity with similarity s enters as -scale [1 + margin - s]+ (s - 1 + margin), a
    pair of two as scale [s + margin]+ (s - margin); the factors in brackets have no gradient.
    ``pairs``: every pair of the batch once, or the mean over images of the loss of their own pairs.
    Images without both kinds of pairs (for ``batch``: batches) give 0.

    Source: Sun et al. 2020, eq. 6 (arXiv 2002.10857).
    """
    vectors = F.normalize(vectors, dim=1)
    values = vectors @ vectors.T
    if similarity == "one_minus_sine":
        values = 1.0 - (1.0 - values.square()).clamp(1e-6, 1.0).sqrt()
    same = labels.unsqueeze(0) == labels.unsqueeze(1)
    counted = (
        torch.ones_like(same).triu(1)
        if pairs == "batch"
        else ~torch.eye(len(labels), dtype=torch.bool, device=labels.device)
    )
    positive = -scale * F.relu(1.0 + margin - values.detach()) * (values - 1.0 + margin)
    negative = scale * F.relu(values.detach() + margin) * (values - margin)
    if pairs == "batch":
        return _log_sums(positive, negative, counted & same, counted & ~same, (0, 1))
    return _log_sums(positive, negative, counted & same, counted & ~same, (1,))


def instance(
    vectors: Float[Tensor, "batch dim"],
    labels: Int[Tensor, "batch"],
    scale: float = 32.0,
    average_identities: bool = False,
    average_units: bool = False,
) -> Float[Tensor, ""]:
    """Cross-entropy of scale * cosine similarities, every row of the batch a class of its own.

    With ``average_identities`` the vectors of each identity are averaged first, with
    ``average_units`` divided by their lengths before that, and identities are the classes.

    Source: Zheng et al. 2020, sec. 3.2 (arXiv 1711.05535).
    """
    if average_identities:
        _, inverse = labels.unique(return_inverse=True)
        vectors = F.normalize(vectors, dim=1) if average_units else vectors
        members = F.one_hot(inverse).to(vectors.dtype).T
        vectors = members @ vectors / members.sum(dim=1, keepdim=True)
    vectors = F.normalize(vectors, dim=1)
    return F.cross_entropy(
        scale * vectors @ vectors.T, torch.arange(len(vectors), device=vectors.device)
    )


def _log_sums(
    positive: Float[Tensor, "batch batch"],
    negative: Float[Tensor, "batch batch"],
    same: Bool[Tensor, "batch batch"],
    different: Bool[Tensor, "batch batch"],
    over: tuple[int, ...],
) -> Float[Tensor, ""]:
    """Mean of softplus(LSE + LSE) over what has pairs of both kinds; 0 where nothing has."""
    usable = same.flatten(-len(over)).any(-1) & different.flatten(-len(over)).any(-1)
    # A finite floor instead of -inf: the gradient of an empty sum would not be a number.
    sums = torch.logsumexp(positive.masked_fill(~same, -1e9), over) + torch.logsumexp(
        negative.masked_fill(~different, -1e9), over
    )
    losses = F.softplus(sums) * usable
    return losses.sum() / usable.sum().clamp(min=1)


def _distances(
    vectors: Float[Tensor, "batch dim"], kind: Literal["euclidean", "angle", "chord", "cosine"]
) -> Float[Tensor, "batch batch"]:
    if kind == "cosine":
        return -(vectors @ vectors.T)
    # Not through a matrix product: equal vectors are then exactly 0 apart, with gradient 0.
    chords = torch.cdist(vectors, vectors, compute_mode="donot_use_mm_for_euclid_dist")
    return (
        chords if kind == "euclidean" else 2.0 * torch.asin(chords.clamp(max=LONGEST_CHORD) / 2.0)
    )
