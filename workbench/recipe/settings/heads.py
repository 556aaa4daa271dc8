"""Neck and classifier settings: from a pooled vector to embedding and logits."""

from typing import Annotated, Literal

from workbench.recipe.settings.base import Group, setting


class BatchNorm(Group):
    """A one-dimensional batch normalisation and how it starts."""

    bias: Annotated[
        Literal["trained", "frozen"],
        setting("Whether the offset is trained; frozen keeps its starting value."),
    ] = "frozen"
    weight_std: Annotated[float, setting("Scale starts from N(1, value).", ge=0.0, le=1.0)] = 0.0
    bias_std: Annotated[float, setting("Offset starts from N(0, value).", ge=0.0, le=1.0)] = 0.0


class Neck(Group):
    """From a pooled vector to the embedding.

    pooled -> [linear -> [norm] -> [activation]] = reduced -> [bnneck] = embedding; a classifier
    reads the embedding after dropout.

    BNNeck: Luo et al. 2019 (arXiv 1903.07071).
    """

    input_dropout: Annotated[
        float, setting("Share of the pooled vector dropped before the neck.", ge=0.0, lt=1.0)
    ] = 0.0
    width: Annotated[
        int | None,
        setting(
            "Outputs of the linear layer; empty: no linear layer.", important=True, ge=1, le=8192
        ),
    ] = None
    bias: Annotated[bool, setting("Whether the linear layer has an offset.")] = False
    start: Annotated[
        Literal["fan_out", "fan_in", "backbone"],
        setting(
            "Start of the linear layer: Kaiming normal over its outputs or its inputs, or a copy of"
            " the backbone's own layer and of the norm after it, which becomes bnneck."
        ),
    ] = "fan_out"
    norm: Annotated[
        BatchNorm | None, setting("Batch normalisation after the linear layer; empty: none.")
    ] = None
    activation: Annotated[
        Literal["none", "relu", "leaky_relu"], setting("After the linear layer and its norm.")
    ] = "none"
    bnneck: Annotated[
        BatchNorm | None, setting("Batch normalisation before the classifier; empty: none.")
    ] = BatchNorm()
    dropout: Annotated[
        float, setting("Share of the embedding dropped before the classifier.", ge=0.0, lt=1.0)
    ] = 0.0
    losses_after_dropout: Annotated[
        bool,
        setting(
            "Whether losses that read the embedding read it after this dropout, as the classifier"
            " does.",
            later=True,
        ),
    ] = False


class Classifier(Group):
    """The linear layer from an embedding to the training identities."""

    bias: Annotated[bool, setting("Whether it has an offset.")] = False
    cosine: Annotated[
        bool,
        setting(
            "Whether logits are cosines between embedding and class vectors, from -1 to 1, as"
            " angular losses read them."
        ),
    ] = False
    start: Annotated[
        Literal["normal", "uniform"],
        setting(
            "Start of the weights: normal, with weight_std; uniform: PyTorch's default, evenly"
            " between -1 and 1 divided by the root of the embedding's width.",
            later=True,
        ),
    ] = "normal"
    weight_std: Annotated[
        float,
        setting("Weights start from N(0, value), where start is normal.", gt=0.0, le=1.0),
    ] = 0.001
