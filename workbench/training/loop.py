"""The training loop: a generator of typed events that touches no disk and prints nothing."""

from collections.abc import Callable, Iterator
from contextlib import closing

from workbench.training.batches import TrainingBatches, updates
from workbench.training.evaluator import Evaluator
from workbench.training.events import Event, Finished, Stopped
from workbench.training.learner import Learner
from workbench.training.progress import TrainingProgress


def train(
    learner: Learner,
    source: TrainingBatches,
    evaluator: Evaluator | None = None,
    stop: Callable[[], bool] = lambda: False,
) -> Iterator[Event]:
    """Train from the learner's present step to the end, saying what happens.

    Yields StepDone, Evaluated, Collapsed and CheckpointReady (to be written before going on), and
    at last Finished or Stopped. ``stop`` is asked between steps.

    Raises RunFailed for a loss that is not finite, and when memory runs out.
    """
    progress = TrainingProgress(learner, source, evaluator, stop)
    with closing(updates(source, learner.step_schedule, learner.step)) as batches:
        while True:
            if progress.evaluation_is_due:
                yield from progress.evaluate()
            yield from progress.warnings()
            if progress.interrupted or (stop() and not progress.is_over):
                yield progress.checkpoint()
                yield Stopped(step=learner.step, metrics=learner.loop_state.metrics)
                return
            if progress.checkpoint_is_due:
                yield progress.checkpoint()
            if progress.is_over:
                yield Finished(step=learner.step, metrics=learner.loop_state.metrics)
                return
            progress.note(learner.update(next(batches)))
            if learner.step_schedule.logs_at(learner.step):
                yield progress.report()
