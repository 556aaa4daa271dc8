"""Bookkeeping of one call of the loop: what is due, what was measured, what is best so far."""

import math
import time
from collections.abc import Callable, Iterator

import torch
from torch import Tensor

from workbench.errors import RunFailed
from workbench.training.batches import TrainingBatches
from workbench.training.evaluator import Evaluator, Interrupted
from workbench.training.events import CheckpointReady, Collapsed, Evaluated, Metrics, StepDone
from workbench.training.learner import Learner
from workbench.training.measured import Measured, Numbers, read_all


class TrainingProgress:
    """One call of the loop over a learner."""

    def __init__(
        self,
        learner: Learner,
        source: TrainingBatches,
        evaluator: Evaluator | None,
        stop: Callable[[], bool],
    ) -> None:
        self._learner, self._source = learner, source
        self._evaluator, self._stop = evaluator, stop
        self._unread: list[Measured] = []
        self._warnings: list[Collapsed] = []
        # A learner that was restored at a step has its checkpoint already.
        self._saved_step = learner.step if learner.step > 0 else -1
        self.interrupted = False
        self._restart_clock()

    @property
    def evaluation_is_due(self) -> bool:
        """Whether this step has to be evaluated and was not yet."""
        step, loop_state = self._learner.step, self._learner.loop_state
        due = self._learner.step_schedule.evaluates_at(step) and loop_state.evaluated_step != step
        return due and self._evaluator is not None

    @property
    def checkpoint_is_due(self) -> bool:
        """Whether this step has to be saved and was not yet."""
        learner = self._learner
        return learner.step_schedule.saves_at(learner.step) and self._saved_step != learner.step

    @property
    def is_over(self) -> bool:
        """Whether the last step is done, or the figures have stopped rising."""
        early, learner = self._learner.settings.early_stop, self._learner
        if early is not None and learner.loop_state.evaluations_without_rise >= early.patience:
            return True
        return learner.step >= learner.step_schedule.total

    def note(self, measured: Measured) -> None:
        """Remember an update; its numbers are read later, all at once."""
        self._unread.append(measured)
        self._images += measured.images

    def report(self) -> StepDone:
        """The latest update as an event. Raises RunFailed for a loss that is not finite."""
        latest = self._read()[-1]
        step, seconds = latest.measured.step, time.perf_counter() - self._clock
        event = StepDone(
            step=step,
            epoch=1 + (step - 1) // self._learner.step_schedule.steps_per_epoch,
            loss=latest.loss,
            losses=latest.terms,
            learning_rate=latest.measured.learning_rate,
            images_per_second=self._images / max(seconds, 1e-9),
            gradient_norm=latest.gradient_norm,
            active_triplets=latest.active_triplets,
            top1_error=latest.top1_error,
            device_memory_megabytes=self._device_memory(),
        )
        self._restart_clock()
        return event

    def checkpoint(self) -> CheckpointReady:
        """The present state as an event. Raises RunFailed for a loss that is not finite."""
        self._read()
        learner, loop_state = self._learner, self._learner.loop_state
        here = loop_state.evaluated_step == learner.step
        self._saved_step = learner.step
        self._restart_clock()
        return CheckpointReady(
            step=learner.step,
            state=learner.state(),
            keep=learner.step_schedule.keeps_at(learner.step),
            best=loop_state.best_step == learner.step,
            metrics=loop_state.metrics if here else None,
        )

    def evaluate(self) -> Iterator[Evaluated]:
        """Figures of raw and averaged weights at this step; none where a stop came between."""
        if self._evaluator is None:
            return
        self._read()
        began = time.perf_counter()
        try:
            metrics, validation = self._look(self._evaluator)
        except Interrupted:
            self.interrupted = True
            return
        finally:
            self._learner.network.train()
            self._restart_clock()
        # Late figures (a stop had cut them short) belong into the checkpoint of this step.
        self._saved_step = -1
        yield Evaluated(
            step=self._learner.step,
            metrics=metrics,
            seconds=time.perf_counter() - began,
            validation=validation,
        )

    def _look(self, evaluator: Evaluator) -> tuple[Metrics, dict[str, float] | None]:
        """Evaluate what there is to evaluate, and note whether it is the best."""
        learner, average, step = self._learner, self._learner.average, self._learner.step
        loop_state, early_stop = learner.loop_state, learner.settings.early_stop
        metrics: Metrics = {"raw": evaluator.figures(learner.network, "raw", step)}
        validation = evaluator.validation(learner.network)
        metrics["averaged"] = None
        if average is not None and average.ready:
            metrics["averaged"] = evaluator.figures(average.network, "averaged", step)
        loop_state.judge(metrics, early_stop)
        # Statistics of an average cost a pass over the training images: once, at the end.
        if self.is_over and average is not None and average.wants_refresh:
            with learner.accelerator.autocast():
                average.refresh(self._training_images())
            metrics["averaged"] = evaluator.figures(average.network, "averaged", step)
            loop_state.judge(metrics, None)
        return metrics, validation

    def _training_images(self) -> Iterator[Tensor]:
        """One more pass over the training images, augmented as ever, for BatchNorm statistics."""
        learner = self._learner
        epochs = math.ceil(learner.step / learner.step_schedule.steps_per_epoch)
        for batch in self._source.epoch(epochs):
            if self._stop():
                raise Interrupted
            yield learner.place(batch)[0]

    def _read(self) -> list[Numbers]:
        """Read all unread updates and check their losses."""
        updates = read_all(self._unread)
        self._unread.clear()
        learner = self._learner
        for numbers in updates:
            self._refuse_bad_loss(numbers)
            if collapsed := learner.watch.look_at_step(numbers, learner.loop_state):
                self._warnings.append(collapsed)
        return updates

    def warnings(self) -> Iterator[Collapsed]:
        """What was noticed since the last call."""
        noticed, self._warnings = self._warnings, []
        yield from noticed

    def _refuse_bad_loss(self, numbers: Numbers) -> None:
        if numbers.bad_term is None:
            return
        term, value = numbers.bad_term
        saved = f"of step {self._saved_step}" if self._saved_step > 0 else "none: start anew"
        raise RunFailed(
            f"The loss '{term}' became {value} at step {numbers.measured.step}. The last good"
            f" checkpoint is {saved}. Lower training.optimizer.learning_rate, lengthen"
            " training.schedule.warmup, set training.gradient_clip, or use fp32."
        )

    def _device_memory(self) -> float | None:
        device = self._learner.device
        return torch.cuda.max_memory_allocated(device) / 1e6 if device.type == "cuda" else None

    def _restart_clock(self) -> None:
        self._clock, self._images = time.perf_counter(), 0
