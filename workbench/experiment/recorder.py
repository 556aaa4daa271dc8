"""The one writer of a run's status and events; a second thread keeps the status fresh."""

import contextlib
import sys
import threading
import time
from collections.abc import Iterable
from types import TracebackType
from typing import Any

from workbench.errors import RunError
from workbench.runs.folder import RunFolder
from workbench.runs.log import EventLog
from workbench.runs.status import write_status
from workbench.training.events import Collapsed, Event, Progress, Warned, record

SECONDS_BETWEEN_WRITES = 1.0
SECONDS_BETWEEN_PROGRESS = 0.5


class Recorder:
    """Writes what a run says. A context manager: inside it the status has a heartbeat.

    With ``writes`` false (a process of another rank than 0) nothing is written, and whoever writes
    other files of the run asks for it. ``gone`` is set when the run's folder has vanished: the run
    must end.
    """

    def __init__(self, run: RunFolder, *, writes: bool = True) -> None:
        self._run, self.writes = run, writes
        self._log = EventLog(run.events_file)
        self._lock = threading.Lock()
        self._over = threading.Event()
        self._heart = threading.Thread(target=self._beat, name="heartbeat", daemon=True)
        self._pending: dict[str, Any] = {}
        self._lost_events = 0
        self._progress: tuple[str, float] = ("", 0.0)
        self.gone: RunError | None = None

    def __enter__(self) -> "Recorder":
        """Start the heartbeat."""
        self._heart.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> None:
        """End the heartbeat; what was noted since its last beat is written."""
        self._over.set()
        self._heart.join()
        if self._pending:
            with self._lock, contextlib.suppress(RunError):
                self._write()

    def say(self, event: Event) -> None:
        """Append an event. A full disk is warned about once it has room again; training goes on.

        Raises RunError where the run's folder is gone.
        """
        if not self.writes:
            return
        if isinstance(event, Collapsed):
            self.note(notice=event.message)
        if not self._log.append(record(event)):
            if self._lost_events == 0:
                sys.stderr.write(f"{self._run.events_file}: an event could not be written.\n")
            self._lost_events += 1
        elif self._lost_events:
            message = f"{self._lost_events} events could not be written: is the disk full?"
            if self._log.append(record(Warned(step=event.step, message=message))):
                self._lost_events = 0

    def warn(self, messages: Iterable[str], *, step: int) -> None:
        """Append a warning for each message."""
        for message in messages:
            self.say(Warned(step=step, message=message))

    def progress(self, stage: str, done: int, total: int, *, step: int = 0) -> None:
        """Say how far a long preparation is, at most twice a second and at its end."""
        self.note(stage=f"{stage} {done} of {total}")
        last_stage, last_time = self._progress
        now = time.monotonic()
        if stage != last_stage or done == total or now - last_time > SECONDS_BETWEEN_PROGRESS:
            self._progress = (stage, now)
            self.say(Progress(step=step, stage=stage, done=done, total=total))

    def note(self, **changes: Any) -> None:  # noqa: ANN401
        """Change fields of the status with the next heartbeat."""
        with self._lock:
            self._pending.update(changes)

    def status(self, **changes: Any) -> None:  # noqa: ANN401
        """Change fields of the status at once. Raises RunError where the run's folder is gone."""
        with self._lock:
            self._pending.update(changes)
            self._write()

    def _write(self) -> None:
        changes, self._pending = self._pending, {}
        if self.writes and not write_status(self._run, **changes):
            self._pending = changes | self._pending

    def _beat(self) -> None:
        while not self._over.wait(SECONDS_BETWEEN_WRITES):
            with self._lock:
                try:
                    self._write()
                except RunError as error:
                    self.gone = error
                    return
