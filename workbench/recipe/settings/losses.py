"""Loss settings: named terms over branches."""

from typing import Annotated, Any, Literal

from pydantic import Field

from workbench.recipe.settings.base import Group, setting
from workbench.recipe.settings.package_names import LossName as LossName
from workbench.recipe.settings.package_names import MinerName as MinerName

Patterns = Annotated[list[str], Field(min_length=1)]
Weight = Annotated[float, Field(ge=0.0, le=1e6)]
Scale = Annotated[float, Field(gt=0.0, le=1e4)]
Reads = Literal["pooled", "reduced", "embedding"]
READS_HELP = "Which vector of a branch."
PER_IMAGE_HELP = "Divide by the number of images in the batch."


class Term(Group):
    """What every term has in common."""

    kind: Any
    branches: Annotated[
        Patterns, setting("Outputs it reads: names or patterns such as part_*.")
    ] = ["*"]
    weight: Annotated[Weight, setting("Factor in the total.", important=True)] = 1.0
    reduce: Annotated[Literal["sum", "mean"], setting("Over the outputs it reads.")] = "mean"


class Smoothed(Term):
    """What terms of classification have in common."""

    smoothing: Annotated[
        float, setting("Share of the target spread over the classes.", ge=0.0, lt=1.0)
    ] = 0.0
    smoothing_over: Annotated[
        Literal["all", "others"],
        setting(
            "Spread over all C classes (share / C each) or the C - 1 others (share / (C - 1))."
        ),
    ] = "all"


class VectorTerm(Term):
    """What terms over vectors have in common."""

    reads: Annotated[Reads, setting(READS_HELP)] = "embedding"
    join: Annotated[
        bool, setting("Join the vectors of all outputs it reads into one, instead of each alone.")
    ] = False


class CrossEntropy(Smoothed):
    """Classification of identities, optionally with smoothed labels."""

    kind: Literal["cross_entropy"] = "cross_entropy"


class OrderedCrossEntropy(Term):
    """Classification in the order of the outputs: each looks at what the one before found hard.

    The first is plain. Every other weighs an image by (1 - p)^exponent, where p is the probability
    that the output before it gave to the right identity; weights are divided by their mean over the
    batch.
    """

    kind: Literal["ordered_cross_entropy"] = "ordered_cross_entropy"
    exponent: Annotated[
        float, setting("0 is plain cross-entropy; larger looks at fewer images.", ge=0.0, le=20.0)
    ] = 0.1


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


class BatchHardTriplet(VectorTerm):
    """Farthest positive against nearest negative (Hermans et al. 2017, arXiv 1703.07737).

    Or all of them, the farther a positive and the nearer a negative the more (weighted regularised
    triplet, Ye et al. 2021, arXiv 2001.04193).
    """

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


class MetricLearning(VectorTerm):
    """A loss of the package pytorch-metric-learning, by name; its own weights are trained."""

    kind: Literal["metric_learning"] = "metric_learning"
    name: Annotated[
        LossName,
        setting(
            "Class of the package, less those that wrap another loss (CrossBatchMemory,"
            " SelfSupervisedLoss), need a second set of vectors (VICRegLoss), or take no identities"
            " (ManifoldLoss).",
            important=True,
        ),
    ] = "TripletMarginLoss"
    arguments: Annotated[
        list[str],
        setting(
            "Arguments as name=value, e.g. margin=0.3 or distance=CosineSimilarity; a value is a"
            " number, true, false, a list or a word. Classes and vector length are filled in."
        ),
    ] = []
    miner: Annotated[
        MinerName | None, setting("Chooses pairs or triplets of the batch; empty: all of them.")
    ] = None
    miner_arguments: Annotated[
        list[str],
        setting("Arguments of the miner as name=value, e.g. type_of_triplets=semihard."),
    ] = []
    normalise: Annotated[bool, setting("Divide vectors by their length first.")] = True
    per_image: Annotated[bool, setting(PER_IMAGE_HELP)] = False


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


Classification = CrossEntropy | OrderedCrossEntropy | MarginCrossEntropy
"""Terms that read logits."""
Loss = Annotated[
    CrossEntropy
    | OrderedCrossEntropy
    | MarginCrossEntropy
    | BatchHardTriplet
    | Circle
    | Instance
    | MetricLearning
    | PairMargin
    | LengthRegulariser,
    Field(discriminator="kind"),
]
