"""Following a run from a shell, and what the shell's signals mean to it."""

import signal
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from types import FrameType
from typing import Any, NoReturn

from workbench.cli.codes import DONE, FAILED, STOPPED
from workbench.cli.follow_views import View, view_of
from workbench.cli.output import Output, metrics_line
from workbench.errors import RunError
from workbench.runs.folder import RunFolder
from workbench.runs.lifecycle.launch import stop
from workbench.runs.log import read_events
from workbench.runs.status import Status

EXIT_CODES = {"finished": DONE, "failed": FAILED, "lost": FAILED, "stopped": STOPPED}
POLL_SECONDS = 0.2


class Signals:
    """What the user has asked for by signals.

    The first Ctrl-C asks for a stop, a second leaves at once; TERM and HUP only detach.
    """

    def __init__(self, run: RunFolder, output: Output) -> None:
        self.run = run
        self.output = output
        self.stop_wanted = False

    def interrupt(self, _number: int, _frame: FrameType | None) -> None:
        """Note a wish to stop; the second one ends this process."""
        if self.stop_wanted:
            self.output.warn(f"Left. Run {self.run.id} still stops by itself.")
            raise SystemExit(STOPPED)
        self.stop_wanted = True

    def detach(self, number: int, _frame: FrameType | None) -> NoReturn:
        """End this process and leave the run alone."""
        raise SystemExit(128 + number)


def follow(run: RunFolder, output: Output, offset: int = 0) -> int:
    """Show a run's events from byte ``offset`` until it ends; the exit code that says how.

    0 finished, 1 failed or lost, 130 stopped, by whomever.
    """
    with _signals(run, output) as signals, closing(view_of(output)) as view:
        last = _follow_to_the_end(run, offset, view, signals)
    _conclude(run, last, output)
    return EXIT_CODES[last["kind"]]


def _follow_to_the_end(run: RunFolder, offset: int, view: View, signals: Signals) -> dict[str, Any]:
    requested = False
    while True:
        if signals.stop_wanted and not requested:
            requested = True
            _ask_to_stop(run, signals.output)
        status = run.status()
        records, offset = read_events(run.events_file, offset)
        for record in records:
            view.show(record)
            if record.get("kind") in EXIT_CODES:
                return record
        if not status.alive:
            # The status was read before the events: the log has no last word and never will.
            last = _missing_last_event(run, status)
            view.show(last)
            return last
        view.wait(status)
        time.sleep(POLL_SECONDS)


def _ask_to_stop(run: RunFolder, output: Output) -> None:
    output.warn(f"Stopping {run.id}: it writes a checkpoint first. Ctrl-C again leaves at once.")
    try:
        stop(run)
    except RunError as error:  # it has ended in the meantime
        output.warn(str(error))


def _missing_last_event(run: RunFolder, status: Status) -> dict[str, Any]:
    """The event a run that ended without one would have written (a full disk, SIGKILL)."""
    lost = f"Run {run.id} is lost: its worker ended without a word. Resume it: workbench resume"
    error = status.error
    if status.state == "lost":
        error = " ".join(filter(None, (status.error, f"{lost} {run.id}")))
    metrics = status.metrics or {}
    return {
        "kind": status.state,
        "time": round(time.time(), 3),
        "step": status.step,
        "run": run.id,
        "metrics": metrics,
    } | ({} if error is None else {"error": error})


def _conclude(run: RunFolder, last: dict[str, Any], output: Output) -> None:
    if output.json_lines:
        return
    if EXIT_CODES[last["kind"]] == FAILED:
        output.warn(str(last.get("error") or f"Run {run.id} failed: see {run.log_file}"))
        return
    output.say(f"{last['kind']}: {run.id}")
    for name, metrics in (last.get("metrics") or {}).items():
        output.say(f"  {name:<9} {metrics_line(metrics)}")
    if last["kind"] == "finished":
        output.say(f"Look at what it ranks: workbench rank {run.id} --query 0")
    else:
        output.say(f"Go on with it: workbench resume {run.id}")


@contextmanager
def _signals(run: RunFolder, output: Output) -> Iterator[Signals]:
    signals = Signals(run, output)
    handlers = {
        signal.SIGINT: signals.interrupt,
        signal.SIGTERM: signals.detach,
        signal.SIGHUP: signals.detach,
    }
    previous = {number: signal.signal(number, handler) for number, handler in handlers.items()}
    try:
        yield signals
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)
