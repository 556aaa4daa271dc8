"""One step of a recipe's training and nothing around it, on a batch that stays in memory."""

import time
from collections.abc import Callable

import torch
from jaxtyping import Float, Int
from torch import Tensor

from workbench.losses.objective import Objective
from workbench.model.network import PartNetwork
from workbench.recipe.schema import Recipe
from workbench.recipe.settings.samplers import IdentityBatches
from workbench.training.optimizers import freeze, make_optimizer, optimizer_groups
from workbench.training.timing_trial import autocast

Images = Float[Tensor, "batch 3 height width"]
Labels = Int[Tensor, "batch"]


class BareStep:
    """Forward, all losses, backward, clipping and the optimizer. Nothing is drawn or averaged.

    Args:
        recipe: what is trained, and how.
        network: of the recipe; it is moved to the device.
        objective: its losses, likewise.
        device: "cpu" or "cuda".
        precision: "fp32", "bf16" or "fp16".
    """

    def __init__(
        self,
        recipe: Recipe,
        network: PartNetwork,
        objective: Objective,
        device: str,
        precision: str,
    ) -> None:
        training = recipe.training
        self._device, self._precision, self._clip = device, precision, training.gradient_clip
        self._order = torch.channels_last if training.channels_last else torch.contiguous_format
        network.to(device).to(memory_format=self._order)  # pyright: ignore[reportCallIssue]
        self._network, self._objective = network.train(), objective.to(device)
        named_parameters = [
            *network.named_parameters(),
            *((f"losses.{name}", parameter) for name, parameter in objective.named_parameters()),
        ]
        freeze(named_parameters, training.parameter_groups)
        self._optimizer = make_optimizer(
            training.optimizer, optimizer_groups(named_parameters, training)
        )
        self._trained = [parameter for _, parameter in named_parameters if parameter.requires_grad]
        # Small gradients of fp16 would vanish, and every step would be left out.
        self._scaler = torch.amp.GradScaler(device, enabled=precision == "fp16")

    def __call__(self, images: Images, labels: Labels) -> Float[Tensor, ""]:
        """Take the step and return the loss; on a GPU the work may still be under way."""
        images = images.contiguous(memory_format=self._order)
        with autocast(self._device, self._precision):
            outputs = self._network(images)
        loss = self._objective(outputs, labels).total
        self._scaler.scale(loss).backward()
        if self._clip is not None:
            self._scaler.unscale_(self._optimizer)
            torch.nn.utils.clip_grad_norm_(self._trained, self._clip)
        self._scaler.step(self._optimizer)
        self._scaler.update()
        self._optimizer.zero_grad()
        return loss.detach()

    def batch(self, recipe: Recipe, count: int, classes: int) -> tuple[Images, Labels]:
        """``count`` images of noise, as many of each identity as the recipe's batches have."""
        per_identity = images_per_identity(recipe)
        per_identity = per_identity if count % per_identity == 0 else 2
        size = (recipe.data.height, recipe.data.width)
        images = torch.randn(count, 3, *size, device=self._device)
        images = images.contiguous(memory_format=self._order)
        return images, torch.arange(count, device=self._device) // per_identity % classes


def images_per_identity(recipe: Recipe) -> int:
    """Images of an identity in a batch; 1 where they come by chance."""
    sampler = recipe.data.sampler
    return sampler.images if isinstance(sampler, IdentityBatches) else 1


def step_seconds(step: Callable[[], object], device: str) -> float:
    """Seconds that one step takes on the wall."""
    start = time.perf_counter()
    step()
    if device == "cuda":
        torch.cuda.synchronize()
    return time.perf_counter() - start
