"""Losses that classify training identities."""

from collections.abc import Iterator
from typing import Annotated, Literal

from workbench.recipe.settings.base import Problem, setting
from workbench.recipe.settings.losses.term import LOSSES, Scale, Term


class Smoothed(Term):
    """What terms of classification have in common."""

    classifies = True

    smoothing: Annotated[
        float, setting("Share of the target spread over the classes.", ge=0.0, lt=1.0)
    ] = 0.0
    smoothing_over: Annotated[
        Literal["all", "others"],
        setting(
            "Spread over all C classes (share / C each) or the C - 1 others (share / (C - 1))."
        ),
    ] = "all"


@LOSSES.settings("workbench.losses.classification")
class CrossEntropy(Smoothed):
    """Classification of identities, optionally with smoothed labels."""

    kind: Literal["cross_entropy"] = "cross_entropy"


@LOSSES.settings("workbench.losses.classification")
class OrderedCrossEntropy(Term):
    """Classification in the order of the outputs: each looks at what the one before found hard.

    The first is plain. Every other weighs an image by (1 - p)^exponent, where p is the probability
    that the output before it gave to the right identity; weights are divided by their mean over the
    batch.
    """

    classifies = True
    kind: Literal["ordered_cross_entropy"] = "ordered_cross_entropy"
    exponent: Annotated[
        float, setting("0 is plain cross-entropy; larger looks at fewer images.", ge=0.0, le=20.0)
    ] = 0.1


@LOSSES.settings("workbench.losses.classification")
class MarginCrossEntropy(Smoothed):
    """Classification by the angle between embedding and class weight, with a margin.

    Needs a cosine classifier. Sources: ArcFace (Deng et al. 2019, arXiv 1801.07698), CosFace (Wang
    et al. 2018, arXiv 1801.09414), NormFace (Wang et al. 2017, arXiv 1704.06369), Circle loss (Sun
    et al. 2020, arXiv 2002.10857), NAMA (Huang et al. 2022) for shifts by certainty.
    """

    kind: Literal["margin_cross_entropy"] = "margin_cross_entropy"
    similarity: Annotated[
        Literal["cosine", "cosine_of_angle", "angle", "circle", "projection"],
        setting(
            "What a logit is, before the scale. cosine: cosine - margin for the right class;"
            " cosine_of_angle: cos(angle + margin); angle: -(angle + margin); circle: weighted by"
            " its distance from the optimum; projection: cosine - margin against 1 - sine of the"
            " others."
        ),
    ] = "cosine"
    margin: Annotated[
        float,
        setting("Margin of the right class; negative values make it easier.", ge=-2.0, le=2.0),
    ] = 0.0
    scale: Annotated[Scale, setting("Factor of the logits.")] = 16.0
    certainty: Annotated[
        bool,
        setting(
            "Add the branch's certainty to the logits of all other classes and take it from the"
            " right one (reversed inside cos)."
        ),
    ] = False
    positive: Annotated[bool, setting("Cosines below 0 count as 0.")] = False

    @property
    def needs_cosines(self) -> bool:
        """Its logits are cosines."""
        return True

    @property
    def reads_certainty(self) -> bool:
        """As its settings say."""
        return self.certainty

    def problems(self, path: str) -> Iterator[Problem]:
        """Similarities without a place for certainty."""
        if self.certainty and self.similarity in ("circle", "projection"):
            yield Problem(
                f"{path}.similarity",
                "has no place for certainty",
                "Use angle, cosine or cosine_of_angle, or set certainty = false.",
                self.similarity,
            )
