"""When things happen: pure functions of the number of completed optimizer steps."""

import math
from dataclasses import dataclass

from workbench.recipe.settings.training import (
    Epochs,
    Interval,
    NoAverage,
    Steps,
    Training,
    UniformAverage,
    Unit,
)
from workbench.training.schedules import factor, whole_units


@dataclass(frozen=True)
class StepSchedule:
    """What is due after how many optimizer steps.

    ``batches_per_epoch`` comes from the sampler. Several batches make one step where gradients are
    accumulated; the last step of an epoch takes the batches that are left.
    """

    settings: Training
    batches_per_epoch: int

    @property
    def steps_per_epoch(self) -> int:
        """Optimizer steps in an epoch."""
        return math.ceil(self.batches_per_epoch / self.settings.accumulation)

    @property
    def total(self) -> int:
        """Optimizer steps of the whole training."""
        length = self.settings.length
        return length.count if isinstance(length, Steps) else length.count * self.steps_per_epoch

    @property
    def planned(self) -> int:
        """Steps in which schedule and averaging are counted: those before an extension."""
        extension = self.settings.extension
        return self.total if extension is None else extension.after

    def rate_factor(self, step: int) -> float:
        """Share of the peak learning rate for the update that follows ``step`` completed ones.

        An extended training holds that of the last update planned, or spreads the schedule anew.
        """
        schedule, extension = self.settings.schedule, self.settings.extension
        steps = self.total
        if extension is not None and extension.hold:
            step, steps = min(step, extension.after - 1), extension.after
        unit, warmup_unit = schedule.unit, schedule.warmup.unit
        total = steps if unit == "step" else steps / self.steps_per_epoch
        warmed = self._position(unit if warmup_unit == "same" else warmup_unit, step)
        return factor(schedule, self._position(unit, step), total, warmed)

    def loss_factor(self, step: int) -> float:
        """What the gradient is multiplied by in the update that follows ``step`` completed ones.

        The first update has already risen by one step, as in the published system this follows.
        """
        warmup = self.settings.loss_warmup
        length = 0 if warmup is None else warmup.epochs * self.steps_per_epoch
        if warmup is None or step >= length:
            return 1.0
        return warmup.start_factor + (1.0 - warmup.start_factor) * (step + 1) / length

    def evaluates_at(self, step: int) -> bool:
        """Whether the network is evaluated here: before, after, and at every interval."""
        return step in (0, self.total) or self._due(self.settings.evaluate, step)

    def saves_at(self, step: int) -> bool:
        """Whether a checkpoint is written here: at its interval and wherever there are figures.

        Figures without weights would be a best point that nobody can open.
        """
        every = self.settings.checkpoints.every
        return step > 0 and (self.evaluates_at(step) or self._due(every, step))

    def keeps_at(self, step: int) -> bool:
        """Whether the checkpoint of this step is kept for good."""
        return self._due(self.settings.checkpoints.keep_every, step)

    def logs_at(self, step: int) -> bool:
        """Whether this step is a point of the curves; the first and the last always are."""
        return step in (1, self.total) or step % self.settings.log_every == 0

    def averages_at(self, step: int) -> bool:
        """Whether the averaged copy takes in the weights of this step.

        The end of training counts as the end of its last epoch, however short that was.
        """
        averaging = self.settings.averaging
        epoch_end = step > 0 and (step % self.steps_per_epoch == 0 or step == self.total)
        if isinstance(averaging, NoAverage):
            return False
        if isinstance(averaging, UniformAverage):
            first = averaging.first_epoch or self._epochs(averaging.start)
            return epoch_end and (step >= first * self.steps_per_epoch or step == self.total)
        due = step > 0 if averaging.every == "step" else epoch_end
        return due and step >= self._epochs(averaging.start) * self.steps_per_epoch

    def _epochs(self, share: float) -> int:
        """A share of the training in whole epochs."""
        return whole_units(share * self.planned / self.steps_per_epoch)

    def _position(self, unit: Unit, step: int) -> int:
        return step if unit == "step" else step // self.steps_per_epoch

    def _due(self, interval: Interval, step: int) -> bool:
        match interval:
            case Steps():
                return step > 0 and step % interval.count == 0
            case Epochs():
                return step > 0 and step % (interval.count * self.steps_per_epoch) == 0
        return False
