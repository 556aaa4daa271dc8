"""One step of training on a throwaway copy, to learn how long it takes here.

Nothing of the run is touched: weights, statistics and random numbers are the copy's own.
"""

import copy
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import torch
from torch import nn

from workbench.training.memory import is_out_of_memory

DTYPES = {"fp32": None, "bf16": torch.bfloat16, "fp16": torch.float16}


class _TooLong(Exception):
    """A trial passed its deadline."""


@dataclass(frozen=True)
class Trial:
    """What is timed: the network, its losses, and the shape of a batch.

    ``classes`` is the number of training identities; ``device`` is "cpu" or "cuda".
    """

    network: nn.Module
    objective: nn.Module
    classes: int
    images: int
    height: int
    width: int
    device: str
    channels_last: bool

    def seconds(self, precision: str, threads: int, limit: float) -> float | None:
        """Seconds of one warm step, or None where a step takes longer than ``limit`` seconds.

        The first step prepares kernels and is not counted, but has the same limit.
        """
        before = torch.get_num_threads()
        torch.set_num_threads(threads)
        devices = [torch.cuda.current_device()] if self.device == "cuda" else []
        try:
            with torch.random.fork_rng(devices=devices):
                torch.manual_seed(0)
                return self._timed(precision, limit)
        except _TooLong:
            return None
        except Exception as error:
            if is_out_of_memory(error):
                return None
            raise
        finally:
            torch.set_num_threads(before)

    def _timed(self, precision: str, limit: float) -> float:
        network = copy.deepcopy(self.network).to(self.device).train()
        objective = copy.deepcopy(self.objective).to(self.device).train()
        images = torch.randn(self.images, 3, self.height, self.width, device=self.device)
        if self.channels_last:
            images = images.contiguous(memory_format=torch.channels_last)
        labels = (torch.arange(self.images, device=self.device) // 2) % self.classes
        elapsed = 0.0
        for _ in range(2):
            began = time.perf_counter()
            with _deadline(network, began + limit), autocast(self.device, precision):
                outputs = network(images)
            # A backward pass takes about two forward ones, and cannot be interrupted.
            if 3 * (time.perf_counter() - began) > limit:
                raise _TooLong
            objective(outputs, labels).total.backward()
            if self.device == "cuda":
                torch.cuda.synchronize()
            elapsed = time.perf_counter() - began
            if elapsed > limit:
                raise _TooLong
        return elapsed


def autocast(device: str, precision: str) -> torch.autocast:
    """The context in which ``device`` computes a forward pass at ``precision``."""
    dtype = DTYPES[precision]
    return torch.autocast(torch.device(device).type, dtype=dtype, enabled=dtype is not None)


@contextmanager
def _deadline(network: nn.Module, end: float) -> Iterator[None]:
    def look(*_: object) -> None:
        if time.perf_counter() > end:
            raise _TooLong

    hooks = [module.register_forward_pre_hook(look) for module in network.modules()]
    try:
        yield
    finally:
        for hook in hooks:
            hook.remove()
