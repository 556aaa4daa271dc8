"""Penalties on the norms of vectors."""

import math
from typing import Literal

import torch
from jaxtyping import Float
from torch import Tensor

from workbench.losses.terms import Labels, OutputTerm, Scalar
from workbench.model.outputs import BranchOutput
from workbench.recipe.settings import losses as settings

Form = Literal["exponential", "quadratic", "logarithm", "reciprocal"]


@settings.LOSSES.implements(settings.LengthRegulariser)
class LengthRegulariserTerm(OutputTerm[settings.LengthRegulariser]):
    """A penalty on short vectors whose gradient alone counts."""

    def value(self, name: str, output: BranchOutput, labels: Labels) -> Scalar:
        """0, with the gradient of the mean penalty."""
        loss = self.loss
        norms = getattr(output, loss.reads).norm(dim=1)
        return gradient_only(norm_penalty(norms, loss.form, loss.rate, loss.low, loss.high).mean())


def norm_penalty(
    norms: Float[Tensor, "batch"],
    form: Form = "exponential",
    rate: float = 3.0,
    low: float = 10.0,
    high: float = 110.0,
) -> Float[Tensor, "batch"]:
    """The penalty on each norm: falls with it, and is flat at ``high``.

    With x = (norm - low) / (high - low): ``exponential`` is (exp(-k x) / k + exp(-k) x) /
    (1 - exp(-k)), with k = ``rate`` (about 1 / k at low); ``quadratic`` is (1 - x)^2 / 2.
    ``logarithm`` and ``reciprocal`` take y = max(norm, low) / (high - low), scaled so that the
    slope at low is -1: (-log y + y / y_high) / (1 / y_low - 1 / y_high), and (1 / y +
    y / y_high^2) / (1 / y_low^2 - 1 / y_high^2).

    Source: NAMA, norm-aware margin assignment (Huang et al. 2022).
    """
    x = (norms - low) / (high - low)
    match form:
        case "exponential":
            tail = math.exp(-rate)
            return (torch.exp(-rate * x) / rate + tail * x) / (1.0 - tail)
        case "quadratic":
            return (1.0 - x).square() / 2.0
        case "logarithm":
            y, end, start = _ratios(norms, low, high)
            return (-y.log() + y / end) / (1.0 / start - 1.0 / end)
        case "reciprocal":
            y, end, start = _ratios(norms, low, high)
            return (1.0 / y + y / end**2) / (1.0 / start**2 - 1.0 / end**2)


def gradient_only(value: Float[Tensor, ""]) -> Float[Tensor, ""]:
    """0, with the gradient of ``value``."""
    return value - value.detach()


def _ratios(
    norms: Float[Tensor, "batch"], low: float, high: float
) -> tuple[Float[Tensor, "batch"], float, float]:
    return norms.clamp(min=low) / (high - low), high / (high - low), low / (high - low)
