"""A loss of the package pytorch-metric-learning, by name."""

from typing import Annotated, Literal

from workbench.recipe.settings.base import setting
from workbench.recipe.settings.losses.package_names import LossName as LossName
from workbench.recipe.settings.losses.package_names import MinerName as MinerName
from workbench.recipe.settings.losses.term import LOSSES, PER_IMAGE_HELP, VectorTerm


@LOSSES.settings("workbench.losses.metric_learning")
class MetricLearning(VectorTerm):
    """A loss of the package pytorch-metric-learning, by name; its own weights are trained."""

    has_weights = True
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
