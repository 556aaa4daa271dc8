"""Triplets of an anchor, its farthest positive and its nearest negative within a batch."""

from typing import NamedTuple

import torch
import torch.nn.functional as F
from jaxtyping import Float, Int
from torch import Tensor

SMALLEST_SQUARE = 1e-12


class TripletLoss(NamedTuple):
    """The loss of a batch and the share of its triplets that the margin still separates badly."""

    loss: Float[Tensor, ""]
    active: Float[Tensor, ""]


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
    hinge = F.softplus(gap) if margin is None else F.relu(gap + margin)
    active = (gap.detach() + (margin or 0.0) > 0).to(vectors.dtype)
    number = usable.sum().clamp(min=1.0)
    return TripletLoss((hinge * usable).sum() / number, (active * usable).sum() / number)


def _hardest(
    vectors: Float[Tensor, "batch dim"], labels: Int[Tensor, "batch"]
) -> tuple[Float[Tensor, "batch"], Int[Tensor, "batch"], Int[Tensor, "batch"]]:
    """For each anchor: 1 if it is usable, else 0; its farthest positive; its nearest negative.

    Indices of an anchor that is not usable mean nothing. Nothing waits for the device.
    """
    same = labels.unsqueeze(0) == labels.unsqueeze(1)
    others = same & ~torch.eye(len(labels), dtype=torch.bool, device=labels.device)
    usable = (others.any(dim=1) & ~same.all(dim=1)).to(vectors.dtype)
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
