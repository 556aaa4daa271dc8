"""Training settings: length, optimizer, schedule, averaging, precision, intervals."""

from typing import Annotated, Literal

from pydantic import Field

from workbench.recipe.settings.base import Group, Name, setting
from workbench.recipe.settings.extension import Extension
from workbench.recipe.settings.schedules import Constant as Constant
from workbench.recipe.settings.schedules import Cosine as Cosine
from workbench.recipe.settings.schedules import Milestones as Milestones
from workbench.recipe.settings.schedules import Schedule as Schedule
from workbench.recipe.settings.schedules import Unit as Unit
from workbench.recipe.settings.schedules import Warmup as Warmup

LearningRate = Annotated[float, Field(gt=0.0, le=100.0)]


class Steps(Group):
    """Counted in optimizer steps."""

    kind: Literal["steps"] = "steps"
    count: Annotated[int, setting("Optimizer steps.", important=True, ge=1, le=10_000_000)] = 400


class Epochs(Group):
    """Counted in epochs; the sampler defines an epoch."""

    kind: Literal["epochs"] = "epochs"
    count: Annotated[int, setting("Epochs.", important=True, ge=1, le=100_000)] = 60


class Never(Group):
    """Not at all before the end."""

    kind: Literal["never"] = "never"


Length = Annotated[Steps | Epochs, Field(discriminator="kind")]
Interval = Annotated[Steps | Epochs | Never, Field(discriminator="kind")]


class SGD(Group):
    """Stochastic gradient descent with momentum."""

    kind: Literal["sgd"] = "sgd"
    learning_rate: Annotated[
        LearningRate, setting("Peak learning rate.", important=True, log=True)
    ] = 0.05
    momentum: Annotated[float, setting("Momentum.", ge=0.0, lt=1.0)] = 0.9
    nesterov: Annotated[bool, setting("Nesterov's form of momentum.")] = True
    weight_decay: Annotated[float, setting("L2 penalty.", ge=0.0, le=1.0)] = 5e-4


class Adam(Group):
    """Adam; its weight decay is an L2 penalty."""

    kind: Literal["adam"] = "adam"
    learning_rate: Annotated[
        LearningRate, setting("Peak learning rate.", important=True, log=True)
    ] = 3.5e-4
    beta1: Annotated[float, setting("Decay of the first moment.", ge=0.0, lt=1.0)] = 0.9
    beta2: Annotated[float, setting("Decay of the second moment.", ge=0.0, lt=1.0)] = 0.999
    weight_decay: Annotated[float, setting("L2 penalty.", ge=0.0, le=1.0)] = 5e-4


class AdamW(Group):
    """Adam with decoupled weight decay (Loshchilov and Hutter 2019, arXiv 1711.05101)."""

    kind: Literal["adamw"] = "adamw"
    learning_rate: Annotated[
        LearningRate, setting("Peak learning rate.", important=True, log=True)
    ] = 1e-3
    beta1: Annotated[float, setting("Decay of the first moment.", ge=0.0, lt=1.0)] = 0.9
    beta2: Annotated[float, setting("Decay of the second moment.", ge=0.0, lt=1.0)] = 0.999
    weight_decay: Annotated[float, setting("Decoupled decay.", ge=0.0, le=1.0)] = 0.05


Optimizer = Annotated[SGD | Adam | AdamW, Field(discriminator="kind")]


class ParameterGroup(Group):
    """Parameters whose name matches, treated differently. The first match in order counts."""

    pattern: Annotated[
        str, setting("Shell pattern over parameter names, e.g. trunk.* or *.bias.", min_length=1)
    ] = "*"
    learning_rate_multiplier: Annotated[
        float, setting("Times the learning rate.", ge=0.0, le=1000.0)
    ] = 1.0
    weight_decay: Annotated[
        float | None, setting("In place of the optimizer's; empty: the same.", ge=0.0, le=1.0)
    ] = None
    frozen: Annotated[bool, setting("Not trained at all.")] = False
    frozen_steps: Annotated[int, setting("Updates before it is trained.", ge=0, le=10_000_000)] = 0
    frozen_statistics: Annotated[
        bool, setting("While frozen, its batch norms use and keep their statistics.", later=True)
    ] = False


class NoAverage(Group):
    """Only the raw weights."""

    kind: Literal["none"] = "none"


class ExponentialAverage(Group):
    """average <- decay * average + (1 - decay) * weights."""

    kind: Literal["exponential"] = "exponential"
    decay: Annotated[
        float, setting("Share of the old average that is kept at each update.", ge=0.0, lt=1.0)
    ] = 0.99
    every: Annotated[Unit, setting("When the average is updated.")] = "step"
    ramp: Annotated[
        bool, setting("Use min(decay, (1 + n) / (10 + n)) at update n, so that it starts quickly.")
    ] = True
    start: Annotated[
        float,
        setting(
            "Share of the training, cut to whole epochs, at whose end it begins as a copy; 0: at"
            " once.",
            ge=0.0,
            lt=1.0,
        ),
    ] = 0.0
    refresh: Annotated[
        bool, setting("Recompute BatchNorm statistics over the training images at the end.")
    ] = False


class UniformAverage(Group):
    """Mean of the weights at the end of every epoch from some point on, with BatchNorm refreshed.

    Source: Izmailov et al. 2018 (arXiv 1803.05407). Two published systems call it an EMA.
    """

    kind: Literal["uniform"] = "uniform"
    start: Annotated[
        float,
        setting(
            "Share of the training, cut to whole epochs, from which epochs are averaged.",
            ge=0.0,
            lt=1.0,
        ),
    ] = 0.8
    first_epoch: Annotated[
        int | None,
        setting(
            "In place of that share: the first epoch averaged, counted from 1.", ge=1, le=100_000
        ),
    ] = None


Averaging = Annotated[NoAverage | ExponentialAverage | UniformAverage, Field(discriminator="kind")]


class Checkpoints(Group):
    """What is kept on disk beside the last two and the best."""

    every: Annotated[Interval, setting("How often a checkpoint is written.")] = Epochs(count=1)
    keep_every: Annotated[Interval, setting("Checkpoints at these points are kept for good.")] = (
        Never()
    )


class EarlyStop(Group):
    """End when the metric has not risen for some evaluations."""

    patience: Annotated[int, setting("Evaluations without a rise.", ge=1, le=1000)] = 5
    metric: Annotated[Literal["mAP", "rank1"], setting("Which figure.")] = "mAP"


class LossWarmup(Group):
    """The gradient of the total loss is multiplied by a factor that rises linearly to 1.

    Unlike a lower learning rate it leaves weight decay as it is.
    """

    epochs: Annotated[int, setting("Length in epochs.", ge=1, le=100_000)] = 5
    start_factor: Annotated[
        float, setting("Factor before the first update, which has risen by one step.", ge=0, le=1)
    ] = 0.1


class Training(Group):
    """How the network learns."""

    length: Annotated[Length, setting("How long to train.", important=True)] = Steps()
    extension: Annotated[Extension | None, setting("Added by `resume --until`.")] = None
    optimizer: Annotated[Optimizer, setting("How weights are updated.", important=True)] = AdamW()
    parameter_groups: Annotated[
        dict[Name, ParameterGroup], setting("Parameters treated differently, by name pattern.")
    ] = {}
    no_decay_on_vectors: Annotated[
        bool, setting("No weight decay on biases and normalisation scales.")
    ] = False
    schedule: Annotated[Schedule, setting("Learning rate over time.")] = Cosine()
    loss_warmup: Annotated[
        LossWarmup | None, setting("Smaller gradients at the start; empty: none.")
    ] = None
    averaging: Annotated[Averaging, setting("Averaged copy of the weights.")] = NoAverage()
    divide_by_weights: Annotated[
        bool, setting("Divide the total loss by the sum of the weights of all its parts.")
    ] = False
    gradient_clip: Annotated[
        float | None, setting("Largest norm of the gradient; empty: not clipped.", gt=0.0, le=1e6)
    ] = None
    accumulation: Annotated[
        int, setting("Batches whose gradients are averaged for an update.", ge=1, le=1024)
    ] = 1
    precision: Annotated[
        Literal["auto", "fp32", "bf16", "fp16"],
        setting("Number format; auto measures fp32 and bf16 once at the start."),
    ] = "auto"
    channels_last: Annotated[bool, setting("Memory order of images and convolutions.")] = True
    evaluate: Annotated[
        Interval, setting("How often the network is evaluated; always before and after.")
    ] = Epochs(count=10)
    checkpoints: Annotated[Checkpoints, setting("What is saved when.")] = Checkpoints()
    early_stop: Annotated[EarlyStop | None, setting("End early; empty: never.")] = None
    log_every: Annotated[int, setting("Steps between points of the curves.", ge=1, le=10_000)] = 1
    seed: Annotated[
        int,
        setting("Seed of weights, sampling and augmentation.", important=True, ge=0, le=2**31 - 1),
    ] = 0
