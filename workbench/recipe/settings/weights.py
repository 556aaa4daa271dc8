"""Weight settings: what a network starts from."""

from typing import Annotated, Literal

from pydantic import Field

from workbench.recipe.settings.base import Group, setting


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
    path: Annotated[
        str,
        setting(
            "File, absolute or in the weights folder. ImageNet files of our own backbones:"
            " checkpoint_regnet_y_1_6gf.pth, checkpoint_regnet_y_1_6gf_prelu.pth, msvit_s.pth,"
            " msvit_l.pth; of ResNet-50 with instance_norm: resnet50_ibn_a-d9d0bb7b.pth.",
            min_length=1,
        ),
    ] = "weights.safetensors"
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
    checkpoint: Annotated[
        Literal["last", "best"],
        setting("The last checkpoint, or the best by mAP, which is chosen on the test queries."),
    ] = "last"


Weights = Annotated[NoWeights | TimmWeights | FileWeights | RunWeights, Field(discriminator="kind")]
