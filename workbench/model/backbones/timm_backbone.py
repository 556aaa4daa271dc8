"""Backbones of the timm package, always without its pretrained weights and without the network.

Only this module and the download of weights import timm: it brings torchvision, which costs more
time at the start than PyTorch itself.
"""

import difflib
from typing import Any

import timm
from torch import nn

from workbench.errors import RecipeError
from workbench.model.backbones.instance_norm import normalise_by_instance
from workbench.model.backbones.non_local import add_non_local
from workbench.recipe.settings import backbones as settings


@settings.BACKBONES.implements(settings.TimmBackbone)
def make_timm(backbone: settings.TimmBackbone, image_size: tuple[int, int]) -> nn.Module:
    """The network a recipe asks for, without classifier, with random weights.

    Args:
        backbone: its settings.
        image_size: height and width of the images in pixels, for networks of one fixed size.

    Raises:
        RecipeError: for a name timm does not know and for settings this network does not have.
    """
    _known(backbone.name)
    options = _options(backbone, image_size)
    try:
        network = timm.create_model(backbone.name, pretrained=False, num_classes=0, **options)
    except TypeError as error:
        chosen = [name for name, value in _chosen(backbone).items() if value]
        if not chosen:
            raise
        raise RecipeError(
            f"model.backbone.{chosen[0]}: {backbone.name} does not let it be chosen ({error})."
            " Leave it as it is by default, or choose a ResNet.",
            f"model.backbone.{chosen[0]}",
        ) from error
    if backbone.instance_norm:
        normalise_by_instance(network, backbone.name)
    if backbone.non_local is not None:
        add_non_local(network, backbone.non_local, backbone.name)
    if backbone.first_pool == "ceil":
        _pool_without_padding(network, backbone.name)
    return network


def _pool_without_padding(network: nn.Module, name: str) -> None:
    """Let the max-pool of a ResNet's stem begin at the edge, and round its size up."""
    pool, path = getattr(network, "maxpool", None), "model.backbone.first_pool"
    if not isinstance(pool, nn.MaxPool2d):
        raise RecipeError(
            f"{path} = ceil: {name} has no max-pool behind its first convolution. Leave it padded,"
            " or choose a ResNet.",
            path,
        )
    pool.padding, pool.ceil_mode = 0, True


def _known(name: str) -> None:
    path = "model.backbone.name"
    if not timm.is_model(name):
        close = difflib.get_close_matches(name.split(".")[0], timm.list_models(), n=3)
        hint = f"Did you mean {' or '.join(close)}?" if close else "See timm.list_models()."
        raise RecipeError(f"{path} = {name}: timm has no such network. {hint}", path)
    try:
        timm.get_pretrained_cfg(name)
    except RuntimeError as error:
        architecture = name.split(".")[0]
        tags = ", ".join(timm.list_pretrained(f"{architecture}.*")) or architecture
        raise RecipeError(
            f"{path} = {name}: timm has no such weights of {architecture}. Use {architecture} or"
            f" one of {tags}.",
            path,
        ) from error


def _chosen(backbone: settings.TimmBackbone) -> dict[str, Any]:
    return {"widths": backbone.widths, "drop_path": backbone.drop_path}


def _options(backbone: settings.TimmBackbone, image_size: tuple[int, int]) -> dict[str, Any]:
    options: dict[str, Any] = {}
    if backbone.widths is not None:
        options["channels"] = tuple(backbone.widths)
    if backbone.drop_path:
        options["drop_path_rate"] = backbone.drop_path
    published = timm.get_pretrained_cfg(backbone.name)
    if published is not None and published.fixed_input_size:
        options["img_size"] = image_size
    return options
