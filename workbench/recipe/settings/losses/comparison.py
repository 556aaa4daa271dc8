"""Losses that compare the vectors of a batch with each other."""

from typing import Annotated, Literal

from workbench.recipe.settings.base import setting
from workbench.recipe.settings.losses.term import (
    LOSSES,
    PER_IMAGE_HELP,
    READS_HELP,
    Reads,
    Scale,
    VectorTerm,
)


@LOSSES.settings("workbench.losses.triplet")
class BatchHardTriplet(VectorTerm):
    """Farthest positive against nearest negative (Hermans et al. 2017, arXiv 1703.07737).

    Or all of them, the farther a positive and the nearer a negative the more (weighted regularised
    triplet, Ye et al. 2021, arXiv 2001.04193).
    """

    compares_images = True
    kind: Literal["batch_hard_triplet"] = "batch_hard_triplet"
    reads: Annotated[Reads, setting(READS_HELP)] = "reduced"
    margin: Annotated[
        float | None,
        setting("Margin of the hinge; empty: soft, log(1 + exp(.)).", ge=0.0, le=100.0),
    ] = None
    mining: Annotated[
        Literal["hardest", "weighted"],
        setting(
            "hardest: one positive and one negative of each image; weighted: mean distances of all"
            " its positives and of all its negatives, with weights that go as exp(distance) and"
            " exp(-distance)."
        ),
    ] = "hardest"
    normalise: Annotated[
        bool, setting("Divide vectors by their length first: distances lie in [0, 2].")
    ] = True


@LOSSES.settings("workbench.losses.pair_losses")
class Circle(VectorTerm):
    """Pairs weighted by how far they are from their optimum (Sun et al. 2020, arXiv 2002.10857)."""

    kind: Literal["circle"] = "circle"
    margin: Annotated[float, setting("Relaxation of both optima.", ge=0.0, le=1.0)] = 0.25
    scale: Annotated[Scale, setting("Factor inside the exponentials.")] = 32.0
    pairs: Annotated[
        Literal["batch", "anchor"],
        setting("All pairs of the batch at once, or those of each image, then their mean."),
    ] = "batch"
    similarity: Annotated[
        Literal["cosine", "one_minus_sine"], setting("Of two vectors divided by their lengths.")
    ] = "cosine"
    per_image: Annotated[bool, setting(PER_IMAGE_HELP)] = False


@LOSSES.settings("workbench.losses.pair_losses")
class Instance(VectorTerm):
    """Every image, or every identity of the batch, a class of its own (Zheng et al. 2020).

    Cross-entropy of scale * cosine similarities within the batch.
    Source: arXiv 1711.05535.
    """

    kind: Literal["instance"] = "instance"
    scale: Annotated[Scale, setting("Factor of the cosines.")] = 32.0
    average_identities: Annotated[
        bool, setting("Average the vectors of an identity first; else every image counts alone.")
    ] = False
    average_units: Annotated[
        bool,
        setting(
            "Divide vectors by their lengths before they are averaged, so that each weighs the"
            " same.",
            later=True,
        ),
    ] = False
    per_image: Annotated[bool, setting(PER_IMAGE_HELP)] = False
