"""What learns: network, losses, optimizer and averaged weights, one update at a time."""

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor, nn

from workbench.recipe.settings.training import Training
from workbench.training.accelerator import accelerator_for
from workbench.training.averaging import UniformWeights, averaged_weights
from workbench.training.batches import TrainingBatch
from workbench.training.collapse import CollapseWatch
from workbench.training.loop_state import LoopState
from workbench.training.measured import Measured
from workbench.training.memory import memory_errors
from workbench.training.optimizers import (
    StillNorms,
    Unfreeze,
    freeze,
    make_optimizer,
    optimizer_groups,
    set_rate,
)
from workbench.training.state import (
    TrainingState,
    load_weights,
    moments_of,
    restore_moments,
)
from workbench.training.step_schedule import StepSchedule

WHAT_TO_LOWER = (
    "the batch (data.sampler), the image size (data.height, data.width), or the network; bf16"
    " (training.precision) and training.accumulation help, too"
)


class Learner:
    """The moving parts of one training.

    Args:
        network: maps images to named outputs; it is moved to the device.
        objective: maps outputs and labels to a report with ``total``, ``terms`` (unweighted) and
            ``active_triplets`` and ``top1_error``; it may have parameters of its own, and
            ``margins``, the value of each triplet loss where all vectors are equal.
        settings: the recipe's training group.
        step_schedule: when things are due.
        device: "cpu" or "cuda".
        precision: "fp32", "bf16" or "fp16", already decided.
        setup: plain facts stored with every checkpoint.

    Raises RecipeError for parameter groups that match nothing or freeze everything.
    """

    def __init__(
        self,
        network: nn.Module,
        objective: nn.Module,
        settings: Training,
        step_schedule: StepSchedule,
        *,
        device: str = "cpu",
        precision: str = "fp32",
        setup: dict[str, str | int] | None = None,
    ) -> None:
        self.settings, self.step_schedule = settings, step_schedule
        self.accelerator = accelerator_for(device, precision)
        self.device = self.accelerator.device
        self._memory_order = (
            torch.channels_last if settings.channels_last else torch.contiguous_format
        )
        self.network = network.to(self.device).to(memory_format=self._memory_order)  # pyright: ignore[reportCallIssue]
        self.objective = objective.to(self.device)
        named = [
            *self.network.named_parameters(),
            *((f"losses.{name}", item) for name, item in self.objective.named_parameters()),
        ]
        freeze(named, settings.parameter_groups)
        self.optimizer = make_optimizer(settings.optimizer, optimizer_groups(named, settings))
        self._unfreeze = Unfreeze(named, settings.parameter_groups)
        self._still_norms = StillNorms(self.network, settings.parameter_groups)
        self._trained = [item for group in self.optimizer.param_groups for item in group["params"]]
        # The average follows tensors by identity: it is made after they are in place.
        self.average = averaged_weights(settings.averaging, self.network)
        self._forward, self._stepper = self.accelerator.prepare(self.network, self.optimizer)
        self._terms: tuple[str, ...] = ()
        self._nan = torch.tensor(float("nan"), device=self.device)
        self.loop_state = LoopState()
        self.watch = CollapseWatch(getattr(objective, "margins", {}))
        self.setup: dict[str, str | int] = {**(setup or {}), "precision": precision}
        self.network.train()

    @property
    def step(self) -> int:
        """Completed updates."""
        return self.loop_state.step

    def update(self, batches: list[TrainingBatch]) -> Measured:
        """One optimizer step over the mean gradient of ``batches``.

        Raises RunFailed when memory runs out.
        """
        step = self.step
        rate = self.settings.optimizer.learning_rate * self.step_schedule.rate_factor(step)
        set_rate(self.optimizer, rate)
        self._unfreeze(step)
        self._still_norms(step)
        # Dropout and its kind depend on seed and step alone, so a resume cannot change them.
        torch.manual_seed(_seed_of(self.settings.seed, step))
        with memory_errors(batches[0].images, WHAT_TO_LOWER):
            reports = [self._gradient(batch, len(batches)) for batch in batches]
            norm = self._clip()
            self._stepper.step()
            self._stepper.zero_grad()
            self.loop_state.step += 1
            if self.average is not None and self.step_schedule.averages_at(self.step):
                self.average.update()
        values = torch.stack(reports).mean(0) if len(reports) > 1 else reports[0]
        images = sum(len(batch.labels) for batch in batches)
        return Measured(self.step, rate, images, self._terms, torch.cat([values, norm.view(1)]))

    def state(self) -> TrainingState:
        """The present state. Tensors are not copied: write it before the next update."""
        average, scaler = self.average, self.accelerator.scaler
        self.loop_state.averaged_updates = average.updates if average else 0
        self.loop_state.averaged_ready = average.ready if average else False
        started = average is not None and average.updates > 0
        return TrainingState(
            loop_state=self.loop_state,
            raw=self.network.state_dict(),
            averaged=average.network.state_dict() if average is not None and started else None,
            objective=self.objective.state_dict(),
            moments=moments_of(self.optimizer),
            scaler=scaler.state_dict() if scaler is not None else {},
            setup=self.setup,
        )

    def restore(self, state: TrainingState) -> None:
        """Go back to ``state``. Raises WeightsError where it belongs to another recipe."""
        origin = f"The checkpoint of step {state.step}"
        load_weights(self.network, state.raw, origin)
        load_weights(self.objective, state.objective, origin)
        restore_moments(self.optimizer, state.moments)
        self.loop_state = state.loop_state
        if self.average is not None and state.averaged is not None:
            load_weights(self.average.network, state.averaged, origin)
            self.average.updates = state.loop_state.averaged_updates
            if isinstance(self.average, UniformWeights):
                self.average.refreshed = state.loop_state.averaged_ready
        if self.accelerator.scaler is not None and state.scaler:
            self.accelerator.scaler.load_state_dict(state.scaler)

    def place(self, batch: TrainingBatch) -> tuple[Tensor, Tensor]:
        """A batch's images and labels on the device, images in the network's memory order."""
        images = batch.images.to(self.device, non_blocking=True, memory_format=self._memory_order)
        return images, batch.labels.to(self.device, non_blocking=True)

    def _gradient(self, batch: TrainingBatch, count: int) -> Float[Tensor, " numbers"]:
        """Add a batch's share of the gradient; its total, triplets, errors and terms."""
        images, labels = self.place(batch)
        report = self.objective(self._forward(images), labels)
        share = self.step_schedule.loss_factor(self.step) / count
        self.accelerator.backward(report.total if share == 1.0 else report.total * share)
        self._terms = tuple(report.terms)
        active = self._nan if report.active_triplets is None else report.active_triplets
        error = self._nan if report.top1_error is None else report.top1_error
        numbers = [report.total, active, error, *report.terms.values()]
        return torch.stack(numbers).detach().float()

    def _clip(self) -> Tensor:
        """Norm of the whole gradient before clipping."""
        self.accelerator.unscale_gradients()
        gradients = [item.grad for item in self._trained if item.grad is not None]
        norm = torch.nn.utils.get_total_norm(gradients)
        if self.settings.gradient_clip is not None:
            torch.nn.utils.clip_grads_with_norm_(self._trained, self.settings.gradient_clip, norm)
        return norm.float()


def _seed_of(seed: int, step: int) -> int:
    return int(np.random.SeedSequence([seed, step]).generate_state(1, np.uint64)[0])
