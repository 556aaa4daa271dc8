"""Losses of NAMA, whose margins depend on certainty or on the norm of a vector."""

from collections.abc import Iterator
from typing import Annotated, Literal

from workbench.recipe.settings.base import Problem, setting
from workbench.recipe.settings.losses.term import (
    LOSSES,
    READS_HELP,
    Reads,
    Scale,
    Term,
    crossed,
)


@LOSSES.settings("workbench.losses.pair_losses")
class PairMargin(Term):
    """All pairs of a batch against each other, with a margin that may depend on certainty.

    A pair of one identity costs distance - shift + margin, a pair of two -distance - shift, where
    shift is the sum of both images' shifts. Source: NAMA (Huang et al. 2022).
    """

    kind: Literal["pair_margin"] = "pair_margin"
    reads: Annotated[Reads, setting(READS_HELP)] = "pooled"
    distance: Annotated[
        Literal["euclidean", "angle", "chord", "cosine"],
        setting(
            "angle: between vectors; chord: margins are added to the angle, then 2 sin(angle / 2);"
            " cosine: minus the cosine."
        ),
    ] = "euclidean"
    normalise: Annotated[
        bool, setting("Divide vectors by their length first; only euclidean goes without.")
    ] = True
    mining: Annotated[
        Literal["all", "hardest", "hardest_smooth"],
        setting(
            "Of the costs of each image's pairs. all: softplus(LSE(scale * positive) +"
            " LSE(scale * negative)) / scale; hardest: max(0, largest positive + largest negative);"
            " hardest_smooth: that as a softplus of sharpness scale."
        ),
    ] = "all"
    margin: Annotated[float, setting("Margin.", ge=-2.0, le=10.0)] = 0.2
    scale: Annotated[Scale, setting("Sharpness of the soft maximum.")] = 32.0
    shift: Annotated[
        Literal["none", "certainty", "linear"],
        setting(
            "An image's shift: none, the branch's certainty, or linear in its vector's length from"
            " shift_low at length_low to shift_high at length_high."
        ),
    ] = "none"
    partner_learns: Annotated[
        bool, setting("The second image of a pair learns from its shift, too.")
    ] = True
    length_low: Annotated[float, setting("Length of a linear shift's start.", ge=0.0, le=1e4)] = 10
    length_high: Annotated[float, setting("Length of its end.", gt=0.0, le=1e4)] = 110
    shift_low: Annotated[float, setting("Linear shift at its start.", ge=-2.0, le=2.0)] = 0.0
    shift_high: Annotated[float, setting("Linear shift at its end.", ge=-2.0, le=2.0)] = 0.0

    @property
    def reads_certainty(self) -> bool:
        """Where a pair's shift is the branch's certainty."""
        return self.shift == "certainty"

    def problems(self, path: str) -> Iterator[Problem]:
        """Distances of unit vectors alone, and limits the wrong way round."""
        if not self.normalise and self.distance != "euclidean":
            yield Problem(
                f"{path}.distance",
                "needs vectors of length 1",
                "Set normalise = true, or distance = euclidean.",
                self.distance,
            )
        if self.length_low >= self.length_high:
            yield crossed(f"{path}.length_low", self.length_low, "length_high", self.length_high)


@LOSSES.settings("workbench.losses.norm_penalty")
class LengthRegulariser(Term):
    """Pushes the lengths of vectors up to a target: only its gradient counts, its value is 0.

    With x = (length - low) / (high - low) the cost falls from x = 0 and is flat at x = 1.
    Source: NAMA (Huang et al. 2022), after MagFace (Meng et al. 2021, arXiv 2103.06627).
    """

    kind: Literal["length_regulariser"] = "length_regulariser"
    reads: Annotated[Reads, setting(READS_HELP)] = "pooled"
    form: Annotated[
        Literal["exponential", "quadratic", "logarithm", "reciprocal"],
        setting(
            "exponential: (exp(-k x) / k + exp(-k) x) / (1 - exp(-k)); quadratic: (1 - x)^2 / 2;"
            " logarithm and reciprocal: of the length, flat at high."
        ),
    ] = "exponential"
    rate: Annotated[float, setting("k of the exponential form.", gt=0.0, le=50.0)] = 3.0
    low: Annotated[float, setting("Length that is short.", ge=0.0, le=1e4)] = 10.0
    high: Annotated[float, setting("Length that is aimed at.", gt=0.0, le=1e4)] = 110.0

    def problems(self, path: str) -> Iterator[Problem]:
        """Limits the wrong way round, and a logarithm of zero."""
        if self.low >= self.high:
            yield crossed(f"{path}.low", self.low, "high", self.high)
        if self.low == 0 and self.form in ("logarithm", "reciprocal"):
            yield Problem(
                f"{path}.low", f"the form {self.form} needs a length above 0", "Use 10.", "0"
            )
