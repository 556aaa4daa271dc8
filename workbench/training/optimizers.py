"""Which parameters learn, how fast, and under which decay."""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

import torch
from torch import nn
from torch.nn.modules.batchnorm import _BatchNorm  # pyright: ignore[reportPrivateUsage]

from workbench.errors import RecipeError
from workbench.recipe.settings.training import SGD, Adam, AdamW, Optimizer, ParameterGroup, Training

NamedParameters = Iterable[tuple[str, nn.Parameter]]


@dataclass(frozen=True)
class OptimizerGroup:
    """Parameters with the same learning-rate multiplier, weight decay and start.

    Fused optimizers want the first update of a group to be that of all its parameters: those that
    wait for ``frozen_steps`` updates have a group of their own.
    """

    multiplier: float
    weight_decay: float
    frozen_steps: int
    names: tuple[str, ...]
    parameters: tuple[nn.Parameter, ...]


def freeze(named: NamedParameters, groups: dict[str, ParameterGroup]) -> None:
    """Take the gradient from every parameter whose group is frozen.

    Running statistics of a frozen part go on following its inputs, but for ``StillNorms``.
    """
    for name, parameter in named:
        group = first_match(name, groups)
        if group is not None and group.frozen:
            parameter.requires_grad_(False)


class Unfreeze:
    """Parameters that stay as they are for some updates at the start.

    They are in a group of the optimizer from the beginning, and neither gradient nor moments
    until their time has come.

    Raises RecipeError where nothing else is left to train.
    """

    def __init__(self, named: NamedParameters, groups: dict[str, ParameterGroup]) -> None:
        waiting: dict[int, list[nn.Parameter]] = {}
        learning = [(name, parameter) for name, parameter in named if parameter.requires_grad]
        for name, parameter in learning:
            group = first_match(name, groups)
            if group is not None and group.frozen_steps:
                waiting.setdefault(group.frozen_steps, []).append(parameter)
        if waiting and sum(map(len, waiting.values())) == len(learning):
            raise RecipeError(
                "training.parameter_groups: no parameter is trained in the first"
                f" {min(waiting)} updates. Leave at least one to train.",
                path="training.parameter_groups",
            )
        self._waiting = waiting

    def __call__(self, step: int) -> None:
        """Decide which learn in the update that follows ``step`` completed ones."""
        for steps, parameters in self._waiting.items():
            for parameter in parameters:
                parameter.requires_grad_(step >= steps)
        self._waiting = {steps: group for steps, group in self._waiting.items() if steps > step}


class StillNorms:
    """Batch norms that keep their running statistics while their parameters are frozen.

    Args:
        network: whose batch norms; it is in training mode, and they are put into it again.
        groups: by the names of the norms' scales; those with ``frozen_statistics``.
    """

    def __init__(self, network: nn.Module, groups: dict[str, ParameterGroup]) -> None:
        self._still: list[tuple[float, nn.Module]] = []
        for name, module in network.named_modules():
            group = first_match(f"{name}.weight", groups)
            if isinstance(module, _BatchNorm) and group is not None and group.frozen_statistics:
                until = math.inf if group.frozen else group.frozen_steps
                self._still.append((until, module))

    def __call__(self, step: int) -> None:
        """Put each into the mode of the update that follows ``step`` completed ones."""
        for until, module in self._still:
            module.train(step >= until)
        self._still = [(until, module) for until, module in self._still if until > step]


def optimizer_groups(named: NamedParameters, training: Training) -> list[OptimizerGroup]:
    """Every trainable parameter in exactly one group, by name pattern; the first match counts.

    A group's own ``weight_decay`` wins over ``no_decay_on_vectors``, which takes it from parameters
    of one dimension (biases and normalisation scales).

    Raises RecipeError where a pattern matches no parameter, or nothing is left to train.
    """
    everything = dict(named)
    _refuse_unmatched(list(everything), training.parameter_groups)
    members: dict[tuple[float, float, int], list[tuple[str, nn.Parameter]]] = {}
    for name, parameter in everything.items():
        if parameter.requires_grad:
            key = _treatment(name, parameter, training)
            members.setdefault(key, []).append((name, parameter))
    if not members:
        raise RecipeError(
            "training.parameter_groups: every parameter is frozen. Leave at least one to train.",
            path="training.parameter_groups",
        )
    return [OptimizerGroup(*key, *zip(*pairs, strict=True)) for key, pairs in members.items()]


def first_match(name: str, groups: dict[str, ParameterGroup]) -> ParameterGroup | None:
    """The first group whose pattern matches a parameter's name."""
    return next((group for group in groups.values() if fnmatchcase(name, group.pattern)), None)


def make_optimizer(
    settings: Optimizer, parameter_groups: list[OptimizerGroup]
) -> torch.optim.Optimizer:
    """The optimizer of a recipe over groups of parameters, in torch's fused form.

    Each parameter group carries ``multiplier`` and ``names`` beside torch's own entries.
    """
    groups: list[dict[str, Any]] = [
        {
            "params": list(part.parameters),
            "names": list(part.names),
            "multiplier": part.multiplier,
            "weight_decay": part.weight_decay,
            "lr": settings.learning_rate * part.multiplier,
        }
        for part in parameter_groups
    ]
    match settings:
        case SGD():
            # Nesterov's form of no momentum is plain descent, which torch refuses to be told.
            nesterov = settings.nesterov and settings.momentum > 0
            return torch.optim.SGD(
                groups, momentum=settings.momentum, nesterov=nesterov, fused=True
            )
        case Adam():
            return torch.optim.Adam(groups, betas=(settings.beta1, settings.beta2), fused=True)
        case AdamW():
            return torch.optim.AdamW(groups, betas=(settings.beta1, settings.beta2), fused=True)


def set_rate(optimizer: torch.optim.Optimizer, rate: float) -> None:
    """Give every group ``rate`` times its own multiplier."""
    for group in optimizer.param_groups:
        group["lr"] = rate * group["multiplier"]


def _treatment(name: str, parameter: nn.Parameter, training: Training) -> tuple[float, float, int]:
    group = first_match(name, training.parameter_groups) or ParameterGroup()
    multiplier, waits = group.learning_rate_multiplier, group.frozen_steps
    if group.weight_decay is not None:
        return multiplier, group.weight_decay, waits
    if training.no_decay_on_vectors and parameter.ndim <= 1:
        return multiplier, 0.0, waits
    return multiplier, training.optimizer.weight_decay, waits


def _refuse_unmatched(names: list[str], groups: dict[str, ParameterGroup]) -> None:
    for key, group in groups.items():
        if not any(fnmatchcase(name, group.pattern) for name in names):
            some = ", ".join(names[:4])
            raise RecipeError(
                f"training.parameter_groups.{key}.pattern = '{group.pattern}': matches none of the"
                f" {len(names)} parameters ({some}, ...). Patterns cover whole names: write"
                " *bias for names that end so.",
                path=f"training.parameter_groups.{key}.pattern",
            )
