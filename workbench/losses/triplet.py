"""Triplets within a batch: of the farthest positive and nearest negative, or of weighted means."""

from collections.abc import Mapping
from typing import NamedTuple

import torch
import torch.nn.functional as F
from jaxtyping import Bool, Float, Int
from torch import Tensor

from workbench.losses.terms import Labels, Scalar, TermValues, Vectors, VectorTerm
from workbench.model.outputs import BranchOutput
from workbench.recipe.settings import losses as settings

SMALLEST_SQUARE = 1e-12
ADDED_TO_SUMS = 1e-6


class TripletLoss(NamedTuple):
    """The loss of a batch and the share of its triplets that the margin still separates badly."""

    loss: Float[Tensor, ""]
    active: Float[Tensor, ""]


@settings.LOSSES.implements(settings.BatchHardTriplet)
class BatchHardTripletTerm(VectorTerm[settings.BatchHardTriplet]):
    """Triplets of a batch, and how many of them are active."""

    def value(self, vectors: Vectors, labels: Labels) -> Scalar:
        """The mean over the anchors."""
        return self._triplets(vectors, labels).loss

    def values(self, outputs: Mapping[str, BranchOutput], labels: Labels) -> TermValues:
        """One of each output, or one for all where they are joined, with its active share."""
        triplets = [self._triplets(vectors, labels) for vectors in self.vectors(outputs)]
        return TermValues(
            [triplet.loss for triplet in triplets], [triplet.active for triplet in triplets]
        )

    @property
    def collapsed_value(self) -> float | None:
        """The margin; None for a soft one."""
        return self.loss.margin or None

    def _triplets(self, vectors: Vectors, labels: Labels) -> TripletLoss:
        triplet = weighted_triplet if self.loss.mining == "weighted" else batch_hard_triplet
        return triplet(vectors, labels, self.loss.margin, self.loss.normalise)


def batch_hard_triplet(
    vectors: Float[Tensor, "batch dim"],
    labels: Int[Tensor, "batch"],
    margin: float | None = None,
    normalise: bool = True,
) -> TripletLoss:
    """Mean over anchors of the hinge between farthest positive and nearest negative.

    The hinge is max(0, d_positive - d_negative + margin), or softplus(d_positive - d_negative)
    without a margin. An anchor without another image of its identity, or without one of another
    identity, is left out; where none remains the loss is 0 and its gradient is 0.

    Args:
        vectors: one per image; half precision is computed in float32.
        labels: identities.
        margin: of the hinge; None for the soft one.
        normalise: divide vectors by their length first, so that the Euclidean distances lie in
            [0, 2].

    Returns:
        The loss, and the share of anchors with d_positive - d_negative + margin > 0 (soft: margin
        0), 0 where no anchor remains.

    Source: Hermans et al. 2017, sec. 2 (arXiv 1703.07737).
    """
    vectors = vectors.to(torch.promote_types(vectors.dtype, torch.float32))
    if normalise:
        vectors = F.normalize(vectors, dim=1)
    usable, farthest, nearest = _hardest(vectors.detach(), labels)
    # The two distances are computed again for the chosen pairs: exact, and cheap to differentiate.
    gap = _distance(vectors, vectors.index_select(0, farthest)) - _distance(
        vectors, vectors.index_select(0, nearest)
    )
    return _mean(gap, usable, margin)


def weighted_triplet(
    vectors: Float[Tensor, "batch dim"],
    labels: Int[Tensor, "batch"],
    margin: float | None = None,
    normalise: bool = True,
) -> TripletLoss:
    """As ``batch_hard_triplet``, of weighted means over all positives and all negatives.

    With distances d of an anchor, d_positive = sum of w d over the images of its identity, itself
    at distance 0 among them, w = exp(d - largest) / (sum of these + 1e-6); d_negative likewise over
    the others with w = exp(-d) / (sum of these + 1e-6). Where all negatives are farther away than
    about 14, the number added is larger than the sum, so that their mean shrinks: vectors that are
    not normalised are kept from growing without end.

    Source: Ye et al. 2021, sec. 4 (arXiv 2001.04193), whose formula has neither the anchor itself
    nor the number added; both are in the authors' program and its descendants.
    """
    vectors = vectors.to(torch.promote_types(vectors.dtype, torch.float32))
    if normalise:
        vectors = F.normalize(vectors, dim=1)
    same = labels.unsqueeze(0) == labels.unsqueeze(1)
    # Not by a matrix product, whose rounding would part equal vectors; its gradient there is 0.
    distances = torch.cdist(vectors, vectors, compute_mode="donot_use_mm_for_euclid_dist")
    positives = distances.masked_fill(~same, 0.0)
    farthest = positives.amax(dim=1, keepdim=True)
    gap = _weighted(distances, (distances - farthest).exp(), same) - _weighted(
        distances, (-distances).exp(), ~same
    )
    return _mean(gap, _usable(same).to(vectors.dtype), margin)


def _weighted(
    distances: Float[Tensor, "batch batch"],
    weights: Float[Tensor, "batch batch"],
    among: Bool[Tensor, "batch batch"],
) -> Float[Tensor, "batch"]:
    """Mean of each row over the places in ``among``."""
    weights = weights * among
    return (distances * weights).sum(dim=1) / (weights.sum(dim=1) + ADDED_TO_SUMS)


def _mean(
    gap: Float[Tensor, "batch"], usable: Float[Tensor, "batch"], margin: float | None
) -> TripletLoss:
    """Loss and share of active triplets from d_positive - d_negative of each anchor."""
    hinge = F.softplus(gap) if margin is None else F.relu(gap + margin)
    active = (gap.detach() + (margin or 0.0) > 0).to(gap.dtype)
    number = usable.sum().clamp(min=1.0)
    return TripletLoss((hinge * usable).sum() / number, (active * usable).sum() / number)


def _usable(same: Bool[Tensor, "batch batch"]) -> Bool[Tensor, "batch"]:
    """Anchors with another image of their identity and one of another."""
    return (same.sum(dim=1) > 1) & ~same.all(dim=1)


def _hardest(
    vectors: Float[Tensor, "batch dim"], labels: Int[Tensor, "batch"]
) -> tuple[Float[Tensor, "batch"], Int[Tensor, "batch"], Int[Tensor, "batch"]]:
    """For each anchor: 1 if it is usable, else 0; its farthest positive; its nearest negative.

    Indices of an anchor that is not usable mean nothing. Nothing waits for the device.
    """
    same = labels.unsqueeze(0) == labels.unsqueeze(1)
    others = same & ~torch.eye(len(labels), dtype=torch.bool, device=labels.device)
    usable = _usable(same).to(vectors.dtype)
    lengths = vectors.square().sum(dim=1)
    squares = lengths.unsqueeze(0) + lengths.unsqueeze(1) - 2.0 * vectors @ vectors.T
    farthest = squares.masked_fill(~others, -torch.inf).argmax(dim=1)
    nearest = squares.masked_fill(same, torch.inf).argmin(dim=1)
    return usable, farthest, nearest


def _distance(
    left: Float[Tensor, "pairs dim"], right: Float[Tensor, "pairs dim"]
) -> Float[Tensor, "pairs"]:
    """Euclidean, at least 1e-6; the gradient at equal vectors is 0, not infinite."""
    return (left - right).square().sum(dim=1).clamp(min=SMALLEST_SQUARE).sqrt()
