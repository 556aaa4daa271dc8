"""What one output of a network holds."""

from dataclasses import dataclass

from jaxtyping import Float
from torch import Tensor


@dataclass(frozen=True)
class BranchOutput:
    """Vectors of one part of one branch for a batch of images, in float32 (or float64).

    The same in training and in evaluation: ``pooled`` -> linear layer -> ``reduced`` -> batch
    normalisation -> ``embedding`` -> classifier -> ``logits`` (unnormalised log-probabilities of
    the training identities; None where the branch has no classifier). With
    ``neck.losses_after_dropout`` the embedding of a training batch is the one after dropout.
    ``certainty`` is the shift of
    margins that a vector's length stands for; None where the branch has none.
    """

    pooled: Float[Tensor, "batch channels"]
    reduced: Float[Tensor, "batch width"]
    embedding: Float[Tensor, "batch width"]
    logits: Float[Tensor, "batch classes"] | None
    certainty: Float[Tensor, "batch"] | None = None
