"""The training loop: a generator of typed events that touches no disk and prints nothing."""

from collections.abc import Callable, Iterator
from contextlib import closing

from workbench.training.batches import TrainingBatches, updates
from workbench.training.evaluator import Evaluator
from workbench.training.events import Event, Finished, Stopped
from workbench.training.learner import Learner
from workbench.training.progress import Course


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
    course = Course(learner, source, evaluator, stop)
    with closing(updates(source, learner.timetable, learner.step)) as batches:
        while True:
            if course.evaluation_is_due:
                yield from course.evaluate()
            yield from course.warnings()
            if course.interrupted or (stop() and not course.is_over):
                yield course.checkpoint()
                yield Stopped(step=learner.step, metrics=learner.standing.metrics)
                return
            if course.checkpoint_is_due:
                yield course.checkpoint()
            if course.is_over:
                yield Finished(step=learner.step, metrics=learner.standing.metrics)
                return
            course.note(learner.update(next(batches)))
            if learner.timetable.logs_at(learner.step):
                yield course.report()
