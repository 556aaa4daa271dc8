"""Averaged copies of a network's weights, named by what they are: exponential or uniform."""

import copy
from abc import ABC, abstractmethod
from collections.abc import Iterable

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _BatchNorm
from torch.optim.swa_utils import get_ema_multi_avg_fn

from workbench.recipe.settings.training import Averaging, ExponentialAverage, NoAverage


class AveragedWeights(ABC):
    """A second network whose weights follow those of ``network``.

    ``updates`` counts how often it took in the weights; before the first there is no average.
    ``ready`` says whether it can be evaluated as it is, ``refreshed`` whether its BatchNorm
    statistics were recomputed since the last update.
    """

    def __init__(self, network: nn.Module) -> None:
        self.network = copy.deepcopy(network).eval().requires_grad_(False)
        self.updates = 0
        self.refreshed = False
        self._pairs = _pairs(self.network, network)

    @property
    @abstractmethod
    def ready(self) -> bool:
        """Whether the average exists and its buffers belong to it."""

    @property
    @abstractmethod
    def wants_refresh(self) -> bool:
        """Whether the statistics of the finished average have still to be recomputed."""

    @abstractmethod
    def update(self) -> None:
        """Take in the present weights of the followed network."""

    def refresh(self, batches: Iterable[Float[Tensor, "_ 3 _ _"]]) -> None:
        """Recompute the BatchNorm statistics over ``batches`` of training images."""
        refresh_batchnorm(self.network, batches)
        self.refreshed = True

    @torch.no_grad()
    def _keep(self, share: float) -> None:
        """Keep ``share`` of every float tensor, take the rest from the weights; copy counters."""
        (averaged, weights), (old_counters, counters) = self._pairs
        get_ema_multi_avg_fn(share)(averaged, weights, None)
        for old, new in zip(old_counters, counters, strict=True):
            old.copy_(new)


class ExponentialWeights(AveragedWeights):
    """average <- decay * average + (1 - decay) * weights, float buffers included.

    With ``ramp`` the decay of update n (counted from 0) is min(decay, (1 + n) / (10 + n)), so that
    the untrained start is forgotten quickly. An average that begins late begins as a copy.
    """

    def __init__(self, network: nn.Module, settings: ExponentialAverage) -> None:
        super().__init__(network)
        self._settings = settings

    @property
    def ready(self) -> bool:
        """True from the first update on."""
        return self.updates > 0

    @property
    def wants_refresh(self) -> bool:
        """Only where the recipe asks for it."""
        return self._settings.refresh and self.updates > 0 and not self.refreshed

    def update(self) -> None:
        """Move towards the followed network by 1 - decay."""
        self._keep(self.decay_of(self.updates))
        self.updates += 1
        self.refreshed = False

    def decay_of(self, update: int) -> float:
        """Share of the old average that update number ``update`` (from 0) keeps."""
        if update == 0 and self._settings.start > 0:
            return 0.0
        decay = self._settings.decay
        return min(decay, (1 + update) / (10 + update)) if self._settings.ramp else decay


class UniformWeights(AveragedWeights):
    """The mean of all weights taken in; BatchNorm statistics are refreshed afterwards.

    The mean of weights has no running statistics of its own, so it is not ``ready`` until
    ``refresh`` has recomputed them over training images.

    Source: Izmailov et al. 2018 (arXiv 1803.05407), algorithm 1.
    """

    @property
    def ready(self) -> bool:
        """True once something was averaged and the statistics were refreshed since."""
        return self.updates > 0 and self.refreshed

    @property
    def wants_refresh(self) -> bool:
        """Whether there is an average whose statistics are out of date."""
        return self.updates > 0 and not self.refreshed

    def update(self) -> None:
        """Running mean over updates: mean <- mean + (weights - mean) / n."""
        self.updates += 1
        self._keep(1.0 - 1.0 / self.updates)
        self.refreshed = False


def averaged_weights(settings: Averaging, network: nn.Module) -> AveragedWeights | None:
    """The averaged copy a recipe asks for, or None."""
    if isinstance(settings, NoAverage):
        return None
    if isinstance(settings, ExponentialAverage):
        return ExponentialWeights(network, settings)
    return UniformWeights(network)


@torch.no_grad()
def refresh_batchnorm(network: nn.Module, batches: Iterable[Float[Tensor, "_ 3 _ _"]]) -> None:
    """Replace running means and variances by those of one pass over ``batches``.

    Every image weighs the same: a batch of b images after n others has momentum b / (n + b). The
    network is left in evaluation mode.
    """
    norms = [module for module in network.modules() if isinstance(module, _BatchNorm)]
    momenta = [norm.momentum for norm in norms]
    for norm in norms:
        norm.reset_running_stats()
    network.train()
    seen = 0
    for images in batches:
        seen += len(images)
        for norm in norms:
            norm.momentum = len(images) / seen
        network(images)
    for norm, momentum in zip(norms, momenta, strict=True):
        norm.momentum = momentum
    network.eval()


Pair = tuple[list[Tensor], list[Tensor]]


def _pairs(average: nn.Module, network: nn.Module) -> tuple[Pair, Pair]:
    """Tensors of both networks side by side: the floating ones, then the whole numbers."""
    both = list(zip(_tensors(average), _tensors(network), strict=True))
    floats = [pair for pair in both if pair[0].is_floating_point()]
    whole = [pair for pair in both if not pair[0].is_floating_point()]
    return _columns(floats), _columns(whole)


def _tensors(network: nn.Module) -> list[Tensor]:
    return [*(parameter.detach() for parameter in network.parameters()), *network.buffers()]


def _columns(pairs: list[tuple[Tensor, Tensor]]) -> Pair:
    return [first for first, _ in pairs], [second for _, second in pairs]
