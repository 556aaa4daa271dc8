"""Which class a network with several classifiers names."""

from collections.abc import Mapping

import torch
from jaxtyping import Float, Int
from torch import Tensor

from workbench.model.outputs import BranchOutput


@torch.no_grad()
def top1_error(
    outputs: Mapping[str, BranchOutput], labels: Int[Tensor, "batch"]
) -> Float[Tensor, ""]:
    """Share of images whose class is not the one with the largest sum of log-probabilities.

    The sum is over all classifiers; NaN where there is none.
    """
    logits = [output.logits for output in outputs.values() if output.logits is not None]
    if not logits:
        return torch.full((), float("nan"), device=labels.device)
    votes = torch.stack([item.float().log_softmax(1) for item in logits]).sum(0).argmax(1)
    return (votes != labels).float().mean()
