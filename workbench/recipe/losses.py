"""Loss settings: named terms over branches."""

from typing import Annotated, Literal

from pydantic import Field

from workbench.recipe.base import Group, setting

Patterns = Annotated[list[str], Field(min_length=1)]
Weight = Annotated[float, Field(ge=0.0, le=1e6)]


class CrossEntropy(Group):
    """Classification of identities, optionally with smoothed labels."""

    kind: Literal["cross_entropy"] = "cross_entropy"
    branches: Annotated[
        Patterns, setting("Outputs it reads: names or patterns such as part_*.")
    ] = ["*"]
    weight: Annotated[Weight, setting("Factor in the total.", important=True)] = 1.0
    reduce: Annotated[Literal["sum", "mean"], setting("Over the outputs it reads.")] = "mean"
    smoothing: Annotated[
        float, setting("Share of the target spread over the classes.", ge=0.0, lt=1.0)
    ] = 0.0
    smoothing_over: Annotated[
        Literal["all", "others"],
        setting(
            "Spread over all C classes (share / C each) or the C - 1 others (share / (C - 1))."
        ),
    ] = "all"


class BatchHardTriplet(Group):
    """Farthest positive against nearest negative (Hermans et al. 2017, arXiv 1703.07737)."""

    kind: Literal["batch_hard_triplet"] = "batch_hard_triplet"
    branches: Annotated[
        Patterns, setting("Outputs it reads: names or patterns such as whole_*.")
    ] = ["*"]
    weight: Annotated[Weight, setting("Factor in the total.", important=True)] = 1.0
    reduce: Annotated[Literal["sum", "mean"], setting("Over the outputs it reads.")] = "mean"
    reads: Annotated[
        Literal["pooled", "reduced", "embedding"], setting("Which vector of a branch.")
    ] = "reduced"
    margin: Annotated[
        float | None,
        setting("Margin of the hinge; empty: soft, log(1 + exp(.)).", ge=0.0, le=100.0),
    ] = None
    normalise: Annotated[
        bool, setting("Divide vectors by their length first: distances lie in [0, 2].")
    ] = True


Loss = Annotated[CrossEntropy | BatchHardTriplet, Field(discriminator="kind")]
