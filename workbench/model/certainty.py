"""The length of a vector as a sign of how certain it is: a learned shift of the margins of losses.

Source: NAMA, norm-aware margin assignment (Huang et al. 2022). A network that was just made shifts
nothing.
"""

import torch
import torch.nn.functional as F
from jaxtyping import Float
from numpy.polynomial.legendre import leg2poly
from torch import Tensor, nn

from workbench.errors import ShapeError
from workbench.recipe.settings import certainty as settings

INPUT_SCALE, INPUT_LIMIT, INPUT_GRADIENT = 0.1, 0.4, 0.1
OUTERMOST_HINGE, LEAK, WEIGHT_STD = 0.8, 0.1, 1e-4
SHIFT_LIMIT, MOMENTUM = 0.5, 0.01


class Certainty(nn.Module):
    """One number per vector: a function of its length, normalised over the batch.

    With ``rebalance`` the mean over the batch (of values cut to [-0.5, 0.5]) is taken away, so that
    margins keep their expected size; its running mean takes its place in evaluation.
    """

    mean: Tensor

    def __init__(self, certainty: settings.Certainty) -> None:
        super().__init__()
        self.reads = certainty.reads
        self.logarithm = certainty.logarithm
        self.rebalance = certainty.rebalance
        self.norm = nn.BatchNorm1d(1, affine=False)
        self.function = _function(certainty.function)
        self.register_buffer("mean", torch.zeros(()))

    def forward(self, vectors: Float[Tensor, "batch dim"]) -> Float[Tensor, "batch"]:
        """The shift of each vector. Raises ShapeError for a single vector in training."""
        if self.training and vectors.shape[0] == 1:
            raise ShapeError(
                "The lengths of a batch of one image cannot be normalised in training: use a"
                " larger batch, or data.sampler.drop_last = true."
            )
        lengths = vectors.norm(dim=1)
        lengths = lengths.clamp(min=1e-12).log() if self.logarithm else lengths
        shifts = self.function(self.norm(lengths.unsqueeze(1)).squeeze(1))
        if not self.rebalance:
            return shifts
        if not self.training:
            return shifts - self.mean
        mean = shifts.clamp(-SHIFT_LIMIT, SHIFT_LIMIT).mean()
        with torch.no_grad():
            self.mean += MOMENTUM * (mean - self.mean)
        return shifts - mean


class Hinges(nn.Module):
    """``sum of weight_h * leaky_relu(z + offset_h) / sqrt(H)`` with learned weights.

    z is a tenth of the input, cut to [-0.4, 0.4]; only a tenth of its gradient goes on.
    """

    offsets: Tensor

    def __init__(self, count: int) -> None:
        super().__init__()
        offsets = torch.linspace(-OUTERMOST_HINGE, OUTERMOST_HINGE, count)
        self.register_buffer("offsets", offsets, persistent=False)
        self.weight = nn.Parameter(torch.empty(count))
        nn.init.normal_(self.weight, std=WEIGHT_STD / count**0.5)

    def forward(self, values: Float[Tensor, "batch"]) -> Float[Tensor, "batch"]:
        """The function at each value."""
        z = (INPUT_SCALE * values).clamp(-INPUT_LIMIT, INPUT_LIMIT)
        z = INPUT_GRADIENT * z + (1 - INPUT_GRADIENT) * z.detach()
        hinges = F.leaky_relu(z.unsqueeze(1) + self.offsets, LEAK)
        return hinges @ self.weight / len(self.weight) ** 0.5


class Polynomial(nn.Module):
    """A sum of fixed polynomials without constant term, with learned weights that start at 0.

    ``coefficients`` holds one polynomial a row, one power from 1 on a column.
    """

    coefficients: Tensor

    def __init__(self, coefficients: Float[Tensor, "terms powers"]) -> None:
        super().__init__()
        self.register_buffer("coefficients", coefficients, persistent=False)
        self.weight = nn.Parameter(torch.zeros(len(coefficients)))

    def forward(self, values: Float[Tensor, "batch"]) -> Float[Tensor, "batch"]:
        """The function at each value."""
        highest = self.coefficients.shape[1]
        powers = torch.stack([values**power for power in range(1, highest + 1)], dim=1)
        return powers @ (self.weight @ self.coefficients)


def _function(
    function: settings.Hinges | settings.Powers | settings.Legendre,
) -> nn.Module:
    if isinstance(function, settings.Hinges):
        return Hinges(function.count)
    step = 1 if function.even else 2
    degrees = [1 + step * term for term in range(function.terms)]
    if isinstance(function, settings.Powers):
        rows = [
            [float(power == degree) for power in range(1, degrees[-1] + 1)] for degree in degrees
        ]
    else:
        rows = [_legendre(degree, degrees[-1]) for degree in degrees]
    return Polynomial(torch.tensor(rows))


def _legendre(degree: int, highest: int) -> list[float]:
    """Coefficients of a Legendre polynomial for powers 1 to ``highest``."""
    powers = leg2poly([0.0] * degree + [1.0])[1:].tolist()
    return [*powers, *([0.0] * (highest - degree))]
