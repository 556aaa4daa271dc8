"""Looking into a network while it runs once, cutting it in two, changing its last stride."""

from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor, nn

from workbench.errors import RecipeError

SPLIT = "model.backbone.split"
Strided = nn.Conv2d | nn.MaxPool2d | nn.AvgPool2d


@dataclass
class Trace:
    """What ran, and where the map was halved, while a network computed its features."""

    order: list[str] = field(default_factory=list)
    """Names of the modules that ran, in the order of their first call."""
    halving: list[tuple[str, int]] = field(default_factory=list)
    """Convolutions and pools of stride 2 in the order they ran, with the rows of their input."""

    def children(self, name: str) -> list[str]:
        """Children of the module ``name`` ('' is the network) that ran, in order."""
        inside = f"{name}." if name else ""
        below = [ran[len(inside) :] for ran in self.order if ran.startswith(inside)]
        return [child for child in below if "." not in child]

    def last_halving(self) -> tuple[list[str], int]:
        """Modules that halve the map for the last time, side by side, and the rows they read."""
        if not self.halving:
            return [], 0
        rows = self.halving[-1][1]
        return [name for name, read in self.halving if read == rows], rows


class Stages(nn.Sequential):
    """Consecutive modules of a network, under the names they had in it."""

    def forward_features(self, features: Tensor) -> Tensor:
        """One after another."""
        return self(features)


@contextmanager
def looking_at(*modules: nn.Module) -> Iterator[None]:
    """Evaluation mode without gradients, so that a look changes nothing."""
    training = [module.training for module in modules]
    try:
        with torch.no_grad():
            for module in modules:
                module.eval()
            yield
    finally:
        for module, mode in zip(modules, training, strict=True):
            module.train(mode)


@contextmanager
def tracing(network: nn.Module) -> Iterator[Trace]:
    """Notes what runs inside the block."""
    trace = Trace()
    names = {module: name for name, module in network.named_modules() if name}

    def note(module: nn.Module, inputs: tuple[Any, ...]) -> None:
        if names[module] not in trace.order:
            trace.order.append(names[module])
        if isinstance(module, Strided) and module.stride in (2, (2, 2)):
            trace.halving.append((names[module], inputs[0].shape[-2]))

    handles = [module.register_forward_pre_hook(note) for module in names]
    try:
        yield trace
    finally:
        for handle in handles:
            handle.remove()


def ramp(height: int, width: int) -> Float[Tensor, "1 3 {height} {width}"]:
    """An image to look with: values rise from 0 to 1."""
    return torch.linspace(0.0, 1.0, 3 * height * width).view(1, 3, height, width)


def cut(network: nn.Module, split: str, trace: Trace) -> tuple[Stages, Stages]:
    """The modules up to and including ``split``, and those that follow, as two sequences.

    Only what ran in ``trace`` is kept. Whether the two compute what the network computes is for the
    caller to check: a network may do more than run its modules one after another.

    Raises:
        RecipeError: where ``split`` is not a module that ran, or nothing follows it.
    """
    before, after = _cut(network, "", split, trace)
    if not len(after):
        raise RecipeError(
            f"{SPLIT} = {split}: nothing follows this module, so there is nothing to copy per"
            " tail. Choose an earlier one, or leave it empty.",
            SPLIT,
        )
    return before, after


def _cut(module: nn.Module, name: str, split: str, trace: Trace) -> tuple[Stages, Stages]:
    child, _, deeper = split.removeprefix(f"{name}." if name else "").partition(".")
    children = trace.children(name)
    if child not in children:
        where = f" in {name}" if name else ""
        others = ", ".join(f"{name}.{other}" if name else other for other in children) or name
        raise RecipeError(
            f"{SPLIT} = {split}: there is no module '{child}' to split after{where}. Use one of"
            f" {others}.",
            SPLIT,
        )
    at = children.index(child)
    before = OrderedDict((part, module.get_submodule(part)) for part in children[: at + 1])
    after = OrderedDict((part, module.get_submodule(part)) for part in children[at + 1 :])
    if deeper:
        inside = f"{name}.{child}" if name else child
        before[child], rest = _cut(before[child], inside, split, trace)
        if len(rest):
            after[child] = rest
            after.move_to_end(child, last=False)
    return Stages(before), Stages(after)


def keep_size(network: nn.Module, names: list[str]) -> None:
    """Give these convolutions and pools stride 1, in place.

    A pool whose window is its stride only halves the map, so it is taken out.

    Raises:
        AttributeError: where the network has no module of such a name.
    """
    for name in names:
        module = network.get_submodule(name)
        if isinstance(module, nn.Conv2d):
            module.stride = (1, 1)
        elif isinstance(module, nn.MaxPool2d | nn.AvgPool2d):
            if module.kernel_size in (2, (2, 2)):
                parent, _, child = name.rpartition(".")
                setattr(network.get_submodule(parent), child, nn.Identity())
            else:
                module.stride = 1
