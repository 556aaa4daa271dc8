"""The work of a run: prepare, train, write down what happens, and say how it ended."""

import signal
import sys
import threading
import time
import traceback
from collections.abc import Iterator
from contextlib import contextmanager

from workbench.errors import WorkbenchError
from workbench.experiment.preparation import Prepared, prepare
from workbench.experiment.recorder import Recorder
from workbench.runs import checkpoints
from workbench.runs.folder import RunFolder
from workbench.runs.lifecycle.control import stop_asked
from workbench.runs.locks import adopt_locks
from workbench.runs.process import this_process
from workbench.training.evaluator import Interrupted
from workbench.training.events import (
    CheckpointReady,
    CheckpointWritten,
    Evaluated,
    Event,
    Failed,
    Finished,
    StepDone,
    Stopped,
)
from workbench.training.loop import train
from workbench.training.loop_state import LoopState

FINISHED, FAILED, STOPPED = 0, 1, 130


def train_run(run: RunFolder, *, rank: int = 0) -> int:
    """Train a run from its last checkpoint, or from the start; the exit code says how it ended.

    Only the process of rank 0 writes. Everything a user can cause ends as one sentence in status
    and events; anything else as a bug with its traceback in the run's output.
    """
    adopt_locks(run)
    with Recorder(run, writes=rank == 0) as recorder, _terminated() as terminated:
        work = _Work(run, recorder, terminated)
        try:
            return work.done()
        except Interrupted:
            return work.stopped({})
        except WorkbenchError as error:
            return work.failed(str(error))
        except Exception as error:
            sys.stderr.write(traceback.format_exc())
            return work.failed(f"a bug: {type(error).__name__}: {error} (see {run.log_file.name})")


class _Work:
    """One worker's life after its device is free."""

    def __init__(self, run: RunFolder, recorder: Recorder, terminated: threading.Event) -> None:
        self._run, self._recorder, self._terminated = run, recorder, terminated
        self._step = 0
        self._loop_state: LoopState | None = None
        self._first: tuple[int, float] | None = None

    def done(self) -> int:
        """Prepare and train to the end, or to a stop."""
        me = this_process()
        identity = {"pid": me.pid, "start_time": me.start_time, "boot_id": me.boot_id}
        self._recorder.status(state="starting", host=me.host, **identity)
        with prepare(self._run, self._recorder, self.must_stop) as prepared:
            self._step, self._loop_state = prepared.learner.step, prepared.learner.loop_state
            total = prepared.learner.step_schedule.total
            self._recorder.status(state="running", stage=None, step=self._step, total=total)
            events = train(
                prepared.learner, prepared.loader, prepared.evaluator, stop=self.must_stop
            )
            for event in events:
                self._step = event.step
                if isinstance(event, Finished | Stopped):
                    return self._ended(event, prepared)
                self._write(event, total)
        raise AssertionError("training ended without a last word")

    def must_stop(self) -> bool:
        """Whether somebody asked for a stop. Raises RunError where the run's folder is gone."""
        if self._recorder.gone is not None:
            raise self._recorder.gone
        return self._terminated.is_set() or stop_asked(self._run)

    def stopped(self, metrics: dict) -> int:
        """Say that the run was stopped; it can go on from its last checkpoint."""
        name = checkpoints.last_name(self._run)
        event = Stopped(step=self._step, run=self._run.id, metrics=metrics, checkpoint=name)
        self._end("stopped", event)
        return STOPPED

    def failed(self, error: str) -> int:
        """Say why the run failed, unless nobody is left to read it."""
        sys.stderr.write(f"{error}\n")
        name = checkpoints.last_name(self._run)
        event = Failed(step=self._step, run=self._run.id, error=error, checkpoint=name)
        self._end("failed", event, error=error)
        return FAILED

    def _ended(self, event: Finished | Stopped, prepared: Prepared) -> int:
        if isinstance(event, Stopped):
            return self.stopped(event.metrics)
        self._recorder.status(stage="saving embeddings")
        name = checkpoints.last_name(self._run)
        if name is not None and self._recorder.writes:
            prepared.evaluator.save_embeddings(name)
        last = Finished(step=event.step, run=self._run.id, metrics=event.metrics)
        self._end("finished", last, metrics=event.metrics)
        return FINISHED

    def _end(self, state: str, event: Event, **changes: object) -> None:
        if not self._run.path.is_dir():
            return
        # The event first: whoever sees the state must find the last word in the log.
        self._recorder.say(event)
        self._recorder.status(
            state=state, stage=None, step=event.step, eta=None, ended=time.time(), **changes
        )

    def _write(self, event: Event, total: int) -> None:
        if isinstance(event, CheckpointReady):
            if self._recorder.writes:
                self._recorder.say(self._write_checkpoint(event))
            return
        self._recorder.say(event)
        if isinstance(event, StepDone):
            self._recorder.note(step=event.step, eta=self._eta(total), stage=None)
            if self._loop_state is not None and not self._loop_state.collapsed:
                self._recorder.note(notice=None)  # a collapse that it has recovered from
        if isinstance(event, Evaluated):
            self._recorder.note(metrics=event.metrics, stage=None)

    def _write_checkpoint(self, event: CheckpointReady) -> CheckpointWritten:
        name = checkpoints.write(
            self._run,
            event.step,
            event.state.save,
            {"metrics": event.metrics},
            keep=event.keep,
            best=event.best,
        )
        return CheckpointWritten(step=event.step, name=name)

    def _eta(self, total: int) -> float | None:
        """Seconds to the end at the pace since the first step of this worker."""
        if self._first is None:
            self._first = self._step, time.monotonic()
            return None
        step, began = self._first
        return (time.monotonic() - began) / (self._step - step) * (total - self._step)


@contextmanager
def _terminated() -> Iterator[threading.Event]:
    """Set once the process is told to terminate, which asks for a stop like any other."""
    terminated = threading.Event()
    before = signal.signal(signal.SIGTERM, lambda _number, _frame: terminated.set())
    try:
        yield terminated
    finally:
        signal.signal(signal.SIGTERM, before)
