"""The batches of every update, from any step on."""

from collections.abc import Generator, Iterator
from typing import Protocol, runtime_checkable

from jaxtyping import Float, Int
from torch import Tensor

from workbench.training.step_schedule import StepSchedule


@runtime_checkable
class TrainingBatch(Protocol):
    """Images as the network reads them, and the class of each (counted from 0)."""

    @property
    def images(self) -> Float[Tensor, "batch 3 height width"]:
        """Normalised images."""
        ...

    @property
    def labels(self) -> Int[Tensor, " batch"]:
        """Class indices."""
        ...


@runtime_checkable
class TrainingBatches(Protocol):
    """A source of batches whose content depends on epoch and position alone."""

    @property
    def steps_per_epoch(self) -> int:
        """Batches in an epoch."""
        ...

    def epoch(self, epoch: int, start: int = 0) -> Iterator[TrainingBatch]:
        """The batches of ``epoch`` (from 0), leaving out the first ``start``."""
        ...


def updates(
    source: TrainingBatches, step_schedule: StepSchedule, step: int
) -> Generator[list[TrainingBatch]]:
    """The batches of update ``step``, of the next one, and so on without end.

    An update takes ``training.accumulation`` batches; the last of an epoch takes what is left.
    """
    epoch, done = divmod(step, step_schedule.steps_per_epoch)
    size = step_schedule.settings.accumulation
    while True:
        taken: list[TrainingBatch] = []
        for batch in source.epoch(epoch, done * size):
            taken.append(batch)
            if len(taken) == size:
                yield taken
                taken = []
        if taken:
            yield taken
        epoch, done = epoch + 1, 0
