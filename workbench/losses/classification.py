"""Classification of training identities."""

from typing import Literal

import torch
import torch.nn.functional as F
from jaxtyping import Float, Int
from torch import Tensor


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
