"""Model settings: trunk, tails, and one branch per name with regions, pool and neck."""

from typing import Annotated, Literal

from pydantic import Field

from workbench.recipe.base import Group, Name, setting

Strides = Annotated[list[Annotated[int, Field(ge=1, le=2)]], Field(min_length=1, max_length=8)]


class TimmBackbone(Group):
    """A convolutional or token network of the timm package."""

    kind: Literal["timm"] = "timm"
    name: Annotated[
        str,
        setting("Name of the architecture in timm, e.g. resnet50.", important=True, min_length=1),
    ] = "resnet50"
    widths: Annotated[
        list[Annotated[int, Field(ge=4, le=4096)]] | None,
        setting("Channels of the four stages, where timm lets them be chosen (ResNets)."),
    ] = None
    drop_path: Annotated[
        float, setting("Share of residual paths dropped while training.", ge=0.0, lt=1.0)
    ] = 0.0
    split: Annotated[
        str | None,
        setting("Last module of the shared trunk, e.g. layer3.0; what follows is copied per tail."),
    ] = None
    tail_strides: Annotated[
        Strides, setting("Stride of the last stage, one entry per tail: 1 keeps the map larger.")
    ] = [1]


class CompactResNet(Group):
    """A small residual network that learns on two processor cores in minutes."""

    kind: Literal["compact_resnet"] = "compact_resnet"
    width: Annotated[
        int,
        setting(
            "Channels of the first stage; each stage doubles them.", important=True, ge=4, le=256
        ),
    ] = 32
    depths: Annotated[
        list[Annotated[int, Field(ge=1, le=12)]],
        setting("Residual blocks of the four stages.", min_length=4, max_length=4),
    ] = [1, 1, 1, 1]
    split: Annotated[
        str | None,
        setting("Last module of the shared trunk, e.g. stage3; what follows is copied per tail."),
    ] = None
    tail_strides: Annotated[
        Strides, setting("Stride of the last stage, one entry per tail: 1 keeps the map larger.")
    ] = [1]


Backbone = Annotated[TimmBackbone | CompactResNet, Field(discriminator="kind")]


class Whole(Group):
    """The whole feature map."""

    kind: Literal["whole"] = "whole"


class RowStripes(Group):
    """Equal horizontal stripes, one part each (PCB: Sun et al. 2018, arXiv 1711.09349)."""

    kind: Literal["row_stripes"] = "row_stripes"
    count: Annotated[
        int, setting("Stripes; must divide the rows of the map.", important=True, ge=2, le=32)
    ] = 4


class InterleavedRows(Group):
    """Part i holds rows i, i + count, i + 2 count, ... of the map."""

    kind: Literal["interleaved_rows"] = "interleaved_rows"
    count: Annotated[
        int, setting("Parts; at most the rows of the map.", important=True, ge=2, le=32)
    ] = 2


class ChannelGroups(Group):
    """Consecutive groups of channels, each weighted by a learned spatial mask."""

    kind: Literal["channel_groups"] = "channel_groups"
    count: Annotated[
        int, setting("Groups of channels, one part each.", important=True, ge=2, le=32)
    ] = 2
    start_stripes: Annotated[
        int,
        setting(
            "Stripes on which a mask starts as one (0: everywhere); the rows are cut into"
            " count + start_stripes - 1 stripes.",
            ge=0,
            le=32,
        ),
    ] = 1


Regions = Annotated[
    Whole | RowStripes | InterleavedRows | ChannelGroups, Field(discriminator="kind")
]


class AveragePool(Group):
    """Mean over the region."""

    kind: Literal["average"] = "average"


class MaxPool(Group):
    """Largest value over the region."""

    kind: Literal["max"] = "max"


class AverageMaxPool(Group):
    """Mean plus largest value."""

    kind: Literal["average_max"] = "average_max"


class GeneralisedMean(Group):
    """(mean of x^p)^(1/p) of non-negative values.

    Source: Radenovic et al. 2018 (arXiv 1711.02512).
    """

    kind: Literal["generalised_mean"] = "generalised_mean"
    power: Annotated[
        float, setting("p; 1 is the mean, large values approach the maximum.", ge=1.0, le=20.0)
    ] = 3.0
    learned: Annotated[bool, setting("Train p with the network.")] = False


Pool = Annotated[
    AveragePool | MaxPool | AverageMaxPool | GeneralisedMean, Field(discriminator="kind")
]


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

    width: Annotated[
        int | None,
        setting(
            "Outputs of the linear layer; empty: no linear layer.", important=True, ge=1, le=8192
        ),
    ] = None
    bias: Annotated[bool, setting("Whether the linear layer has an offset.")] = False
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


class Classifier(Group):
    """The linear layer from an embedding to the training identities."""

    bias: Annotated[bool, setting("Whether it has an offset.")] = False
    weight_std: Annotated[float, setting("Weights start from N(0, value).", gt=0.0, le=1.0)] = 0.001


class Branch(Group):
    """One named way from a tail's feature map to embeddings, one per part of its regions."""

    tail: Annotated[int, setting("Which tail it reads, counted from 0.", ge=0, le=7)] = 0
    regions: Annotated[Regions, setting("How the map is divided into parts.")] = Whole()
    pool: Annotated[Pool, setting("How a part becomes a vector.")] = AveragePool()
    neck: Annotated[Neck, setting("From pooled vector to embedding.")] = Neck()
    classifier: Annotated[
        Classifier | None, setting("From embedding to identities; empty: none.")
    ] = Classifier()


class NoWeights(Group):
    """Start from random weights."""

    kind: Literal["none"] = "none"


class TimmWeights(Group):
    """Weights that timm names, from the weights folder (fetched on request only)."""

    kind: Literal["timm"] = "timm"
    name: Annotated[
        str, setting("Name with tag, e.g. resnet50.a1_in1k; empty: timm's default.")
    ] = ""


class FileWeights(Group):
    """A .safetensors or .pth file."""

    kind: Literal["file"] = "file"
    path: Annotated[str, setting("File, absolute or in the weights folder.", min_length=1)] = (
        "weights.safetensors"
    )
    strict: Annotated[bool, setting("Refuse the file when anything is missing or unexpected.")] = (
        False
    )


class RunWeights(Group):
    """The weights of a run; the classifier is left out when the identities differ."""

    kind: Literal["run"] = "run"
    run: Annotated[str, setting("Run id, name or last.", min_length=1)] = "last"
    which: Annotated[
        Literal["averaged", "raw"], setting("Averaged weights (where the run has them) or raw.")
    ] = "averaged"


Weights = Annotated[NoWeights | TimmWeights | FileWeights | RunWeights, Field(discriminator="kind")]


class Model(Group):
    """A network composed of named branches."""

    backbone: Annotated[Backbone, setting("The feature extractor.", important=True)] = (
        TimmBackbone()
    )
    weights: Annotated[Weights, setting("What the network starts from.", important=True)] = (
        NoWeights()
    )
    branches: Annotated[dict[Name, Branch], setting("Named branches, in order.", min_length=1)] = {
        "whole": Branch()
    }
