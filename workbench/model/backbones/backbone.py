"""Trunk and tails: one network, cut after its shared part, with what follows copied per tail."""

import copy
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor, nn

from workbench.errors import RecipeError
from workbench.model.feature_layout import to_map
from workbench.model.surgery import SPLIT, Trace, cut, keep_size, looking_at, ramp, tracing
from workbench.recipe.settings import backbones as settings
from workbench.recipe.settings.regions import MapSize

Image = Float[Tensor, "1 3 height width"]
STRIDES = "model.backbone.tail_strides"
ACTIVATIONS = ("modules.activation", "layers.activations")
DOES_NOT_RUN = (RuntimeError, AssertionError, ValueError)


@dataclass(frozen=True)
class Backbone:
    """The parts of a backbone and the maps its tails give for the images of a recipe."""

    trunk: nn.Module
    tails: list[nn.Module]
    sizes: list[MapSize]
    left_out: tuple[str, ...]
    """Children of the network that come after its feature map: pooling and classifier."""
    neck: Mapping[str, tuple[str, nn.Module]]
    """Those of them that a neck may copy, by the name of the neck's layer."""


def assemble(network: Any, backbone: settings.Backbone, image_size: tuple[int, int]) -> Backbone:  # noqa: ANN401
    """Cut a network into trunk and tails and give every tail its stride.

    Args:
        network: a module with ``forward_features`` and ``num_features``; changed in place.
        backbone: split point and strides of the tails.
        image_size: height and width in pixels; the sizes of the maps hold for these.

    Raises:
        RecipeError: where the network cannot read such images, cannot be cut there, or has no
            stride that could be set.
    """
    image = ramp(*image_size)
    features, trace = _look(network, image)
    if not backbone.ends_with_activation:
        _leave_out_activation(network, backbone, trace)
        features, trace = _look(network, image)
    layout = to_map(network, features, image_size)
    own_neck: Mapping[str, str] = getattr(network, "own_neck", {})
    neck = {layer: (child, getattr(network, child)) for layer, child in own_neck.items()}
    left_out = _leave_out_head(network, trace)
    halving = _to_be_changed(network, backbone, trace)
    trunk, tails, shared = _cut(network, backbone, trace, image, features)
    _set_strides(trunk, tails, backbone, halving)
    if not isinstance(layout, nn.Identity):
        for tail in tails:
            tail.add_module("to_map", copy.deepcopy(layout))
    if backbone.split is None and halving:
        shared = _restrided(network, backbone, image)
    sizes = _sizes(tails, backbone, shared)
    _check_strides(backbone, sizes, trace.last_halving()[1] if halving else None)
    return Backbone(trunk, tails, sizes, left_out, neck)


def _look(network: Any, image: Image) -> tuple[Tensor, Trace]:  # noqa: ANN401
    try:
        with looking_at(network), tracing(network) as trace:
            return network.forward_features(image), trace
    except DOES_NOT_RUN as error:
        height, width = image.shape[2:]
        raise RecipeError(
            f"data.height and data.width = {height} and {width}: the backbone cannot read such"
            f" images ({error}). Choose larger ones, multiples of 32.",
            "data.height",
        ) from error


def _leave_out_head(network: nn.Module, trace: Trace) -> tuple[str, ...]:
    """Take out the children registered after the last one that ran: they would never train."""
    children = [name for name, _ in network.named_children()]
    last = max(children.index(child) for child in trace.children(""))
    for child in children[last + 1 :]:
        setattr(network, child, nn.Identity())
    return (*children[last + 1 :], *getattr(network, "file_only", ()))


def _leave_out_activation(network: nn.Module, backbone: settings.Backbone, trace: Trace) -> None:
    """Take out the activation that the map would pass last."""
    last = trace.order[-1]
    if not type(network.get_submodule(last)).__module__.endswith(ACTIVATIONS):
        path = "model.backbone.last_activation"
        name = getattr(backbone, "name", backbone.kind)
        raise RecipeError(
            f"{path} = false: {name} does not end with an activation. Set it to true.", path
        )
    parent, _, child = last.rpartition(".")
    setattr(network.get_submodule(parent), child, nn.Identity())


def _to_be_changed(network: nn.Module, backbone: settings.Backbone, trace: Trace) -> list[str]:
    """What halves the map for the last time, if any tail wants another stride than it has."""
    names, _ = trace.last_halving()
    pixels = [stage["reduction"] for stage in getattr(network, "feature_info", [])[-2:]]
    native = pixels[1] // pixels[0] if len(pixels) == 2 else 1 + bool(names)
    others = {stride for stride in backbone.tail_strides if stride != native}
    if others and (others != {1} or not names):
        raise _refused(backbone, f"the last stage of this backbone has stride {native}")
    return names if others else []


def _cut(
    network: nn.Module,
    backbone: settings.Backbone,
    trace: Trace,
    image: Image,
    features: Tensor,
) -> tuple[nn.Module, list[nn.Module], Tensor]:
    """Trunk, tails and what the tails read, before any stride is changed.

    An uncut network has one empty tail.
    """
    if backbone.split is None:
        return network, [nn.Sequential()], features
    trunk, tail = cut(network, backbone.split, trace)
    shared = features
    try:
        with looking_at(trunk, tail):
            shared = trunk(image)
            rejoined = tail(shared)
        same = rejoined.shape == features.shape and (
            rejoined.is_meta or torch.allclose(rejoined, features, rtol=1e-4, atol=1e-5)
        )
    except DOES_NOT_RUN:
        same = False
    if not same:
        raise RecipeError(
            f"{SPLIT} = {backbone.split}: this backbone does more than run its modules one after"
            " another, so it cannot be cut there. Choose an earlier or later module, or none.",
            SPLIT,
        )
    return trunk, [copy.deepcopy(tail) for _ in backbone.tail_strides], shared


def _set_strides(
    trunk: nn.Module, tails: list[nn.Module], backbone: settings.Backbone, halving: list[str]
) -> None:
    stages = [trunk] if backbone.split is None else tails
    for stage, stride in zip(stages, backbone.tail_strides, strict=True):
        if stride == 1 and halving:
            try:
                keep_size(stage, halving)
            except AttributeError as error:
                raise _refused(backbone, f"the last stage begins before {SPLIT}") from error


def _restrided(network: Any, backbone: settings.Backbone, image: Image) -> Tensor:  # noqa: ANN401
    """Features of a network that was not cut and whose last stride was changed."""
    try:
        with looking_at(network):
            return network.forward_features(image)
    except DOES_NOT_RUN as error:
        raise _refused(backbone, f"its last stage does not run at stride 1 ({error})") from error


def _sizes(tails: list[nn.Module], backbone: settings.Backbone, shared: Tensor) -> list[MapSize]:
    try:
        with looking_at(*tails):
            return [MapSize(*tail(shared).shape[1:]) for tail in tails]
    except DOES_NOT_RUN as error:
        raise _refused(backbone, f"its last stage does not run at stride 1 ({error})") from error


def _check_strides(backbone: settings.Backbone, sizes: list[MapSize], rows: int | None) -> None:
    """Refuse where a stage whose stride was set to 1 does not give the ``rows`` it reads."""
    for size, stride in zip(sizes, backbone.tail_strides, strict=True):
        if stride == 1 and rows is not None and size.rows != rows:
            raise _refused(backbone, "the last stage of this backbone cannot keep its map")


def _refused(backbone: settings.Backbone, reason: str) -> RecipeError:
    strides = backbone.tail_strides
    others = [[stride] * len(strides) for stride in (1, 2) if strides != [stride] * len(strides)]
    return RecipeError(
        f"{STRIDES} = {strides}: {reason}. Use {' or '.join(map(str, others))}, or another"
        " backbone.",
        STRIDES,
    )
