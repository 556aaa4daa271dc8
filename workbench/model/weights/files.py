"""Weights on disk: which files there are, and whether a recipe's are among them (no torch)."""

from dataclasses import dataclass
from pathlib import Path

from workbench.errors import WeightsError
from workbench.paths import confined, weights_folder
from workbench.recipe.settings.model import Backbone, FileWeights, Model, TimmBackbone, TimmWeights

SUFFIXES = (".safetensors", ".pth", ".pt", ".bin", ".ckpt", ".tar")
_OTHER_TRUNK = (
    "train a trunk whose weights are published, which is another network: model.backbone.kind ="
    " timm with name = regnety_016 and split = s3, model.weights.kind = timm with name ="
    " regnety_016.tv2_in1k, data.transforms.normalise = imagenet, and no neck with start = backbone"
)
_PLAIN_TRUNK = "set model.backbone.instance_norm = false with model.weights.kind = timm"
AUTHORS_FILES = {
    "checkpoint_regnet_y_1_6gf.pth": _OTHER_TRUNK,
    "checkpoint_regnet_y_1_6gf_prelu.pth": _OTHER_TRUNK,
    "msvit_s.pth": _OTHER_TRUNK,
    "msvit_l.pth": _OTHER_TRUNK,
    "resnet50_ibn_a-d9d0bb7b.pth": _PLAIN_TRUNK,
}
"""ImageNet files that only their authors hand out, and how to go on without them."""


@dataclass(frozen=True)
class WeightFile:
    """One file in the weights folder."""

    name: str
    path: Path
    megabytes: float


def available() -> list[WeightFile]:
    """The files in the weights folder that weights can be read from, by name."""
    folder = weights_folder()
    entries = sorted(folder.iterdir()) if folder.is_dir() else []
    return [
        WeightFile(path.name, path, path.stat().st_size / 1e6)
        for path in entries
        if path.suffix in SUFFIXES and path.is_file() and not path.name.startswith(".")
    ]


def require(model: Model) -> Path | None:
    """The file that the model settings ask for, None where they ask for none.

    Weights of a run are not looked for here: who resolves the run finds them.

    Raises:
        WeightsError: where the file is missing; says which, where to put it, how to get it, and how
            to go without.
    """
    match model.weights:
        case TimmWeights() as weights:
            return find_named(timm_name(model.backbone, weights))
        case FileWeights(path=path):
            return find_file(path)
    return None


def timm_name(backbone: Backbone, weights: TimmWeights) -> str:
    """The name under which the weights folder keeps the published weights of a backbone.

    The backbone's own name stands for timm's default weights of it.

    Raises:
        WeightsError: where the backbone is not timm's, or the weights are of another one.
    """
    if not isinstance(backbone, TimmBackbone):
        raise WeightsError(
            f"model.weights.kind = timm: nobody publishes weights of {backbone.kind}. Set"
            " model.weights.kind = none, or choose model.backbone.kind = timm."
        )
    architecture = backbone.name.split(".")[0]
    if weights.name and weights.name.split(".")[0] != architecture:
        raise WeightsError(
            f"model.weights.name = {weights.name}: these are not weights of {backbone.name}. Leave"
            f" the name empty, or use one that begins with '{architecture}.'."
        )
    return weights.name or backbone.name


def find_named(name: str) -> Path:
    """The file of published weights, ``<name>.safetensors`` or ``<name>.pth``.

    Raises:
        WeightsError: where there is none.
    """
    folder = weights_folder()
    for suffix in SUFFIXES:
        path = confined(folder, name + suffix)
        if path.is_file():
            return path
    raise WeightsError(
        f"model.weights: {name}.safetensors is not in {folder}. Run `workbench weights fetch"
        f" {name}`, put the file there yourself, or set model.weights.kind = none to start from"
        " random weights."
    )


def find_file(text: str) -> Path:
    """The file a recipe names, absolute or in the weights folder.

    Raises:
        WeightsError: where there is none.
    """
    named = Path(text).expanduser()
    path = named if named.is_absolute() else confined(weights_folder(), text)
    if not path.is_file():
        raise WeightsError(_missing(text, path))
    return path


def _missing(text: str, path: Path) -> str:
    sentence = f"model.weights.path = {text}: there is no file {path}."
    if without := AUTHORS_FILES.get(path.name):
        return (
            f"{sentence} Its authors alone hand it out: get it from them and run `workbench weights"
            f" add FILE`, or {without}, or set model.weights.kind = none to start from random"
            " weights."
        )
    return (
        f"{sentence} Run `workbench weights add FILE` to keep a copy in the weights folder, correct"
        " the path, or set model.weights.kind = none to start from random weights."
    )
