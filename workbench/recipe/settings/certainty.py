"""Certainty settings: how sure the length of a vector says a network is, as a shift of margins."""

from typing import Annotated, Literal

from pydantic import Field

from workbench.recipe.settings.base import Group, setting


class Hinges(Group):
    """A sum of fixed hinges with learned weights: a piecewise linear function."""

    kind: Literal["hinges"] = "hinges"
    count: Annotated[int, setting("Hinges, evenly placed.", ge=2, le=1024)] = 32


class Powers(Group):
    """A polynomial in powers 1, 3, 5, ... with learned coefficients."""

    kind: Literal["powers"] = "powers"
    terms: Annotated[int, setting("Coefficients.", ge=1, le=16)] = 5
    even: Annotated[bool, setting("Use the even powers, too.")] = False


class Legendre(Group):
    """A sum of Legendre polynomials of degree 1, 3, 5, ... with learned coefficients."""

    kind: Literal["legendre"] = "legendre"
    terms: Annotated[int, setting("Coefficients.", ge=1, le=16)] = 5
    even: Annotated[
        bool, setting("Use the even degrees, too, without their constant summands.")
    ] = False


class Certainty(Group):
    """A learned function of a vector's length, normalised over the batch.

    Source: NAMA, norm-aware margin assignment (Huang et al. 2022).
    """

    reads: Annotated[
        Literal["pooled", "reduced", "embedding"], setting("The vector whose length counts.")
    ] = "pooled"
    function: Annotated[
        Annotated[Hinges | Powers | Legendre, Field(discriminator="kind")],
        setting("From normalised length to shift."),
    ] = Hinges()
    logarithm: Annotated[bool, setting("Take the logarithm of the length first.")] = False
    rebalance: Annotated[
        bool, setting("Take away the mean shift of the batch, in evaluation its running mean.")
    ] = True
