"""Costs of the length of vectors."""

import math
from typing import Literal

import torch
from jaxtyping import Float
from torch import Tensor

Form = Literal["exponential", "quadratic", "logarithm", "reciprocal"]


def length_cost(
    lengths: Float[Tensor, "batch"],
    form: Form = "exponential",
    rate: float = 3.0,
    low: float = 10.0,
    high: float = 110.0,
) -> Float[Tensor, "batch"]:
    """The cost of each length: falls with it, and is flat at ``high``.

    With x = (length - low) / (high - low): ``exponential`` is (exp(-k x) / k + exp(-k) x) /
    (1 - exp(-k)), with k = ``rate`` (about 1 / k at low); ``quadratic`` is (1 - x)^2 / 2.
    ``logarithm`` and ``reciprocal`` take y = max(length, low) / (high - low), scaled so that the
    slope at low is -1: (-log y + y / y_high) / (1 / y_low - 1 / y_high), and (1 / y +
    y / y_high^2) / (1 / y_low^2 - 1 / y_high^2).

    Source: NAMA, norm-aware margin assignment (Huang et al. 2022).
    """
    x = (lengths - low) / (high - low)
    match form:
        case "exponential":
            tail = math.exp(-rate)
            return (torch.exp(-rate * x) / rate + tail * x) / (1.0 - tail)
        case "quadratic":
            return (1.0 - x).square() / 2.0
        case "logarithm":
            y, end, start = _ratios(lengths, low, high)
            return (-y.log() + y / end) / (1.0 / start - 1.0 / end)
        case "reciprocal":
            y, end, start = _ratios(lengths, low, high)
            return (1.0 / y + y / end**2) / (1.0 / start**2 - 1.0 / end**2)


def gradient_only(value: Float[Tensor, ""]) -> Float[Tensor, ""]:
    """0, with the gradient of ``value``."""
    return value - value.detach()


def _ratios(
    lengths: Float[Tensor, "batch"], low: float, high: float
) -> tuple[Float[Tensor, "batch"], float, float]:
    return lengths.clamp(min=low) / (high - low), high / (high - low), low / (high - low)
