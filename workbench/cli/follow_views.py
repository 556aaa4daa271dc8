"""How a run is shown while it is followed: JSON lines, a progress bar, or plain lines."""

import time
from abc import ABC, abstractmethod
from typing import Any

from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TaskID,
    TextColumn,
    TimeRemainingColumn,
)

from workbench.cli.output import Output, metrics_line
from workbench.data.wording import shown
from workbench.runs.status import Status

Record = dict[str, Any]
SECONDS_BETWEEN_LINES = 5.0


class View(ABC):
    """Shows events and, between them, the status."""

    @abstractmethod
    def show(self, record: Record) -> None:
        """Show one event."""

    @abstractmethod
    def wait(self, status: Status) -> None:
        """Show what a run does that has no new event."""

    @abstractmethod
    def close(self) -> None:
        """Leave the terminal as it was."""


def view_of(output: Output) -> View:
    """The view that fits where the output goes."""
    if output.json_lines:
        return JsonView(output)
    return BarView(output) if output.terminal else PlainView(output)


def sentence(record: Record) -> str | None:
    """What people are told about an event; None for those a bar or a number shows."""
    step = record.get("step", 0)
    match record.get("kind"):
        case "started":
            return (
                f"started on {', '.join(record.get('devices') or ['?'])}: {record.get('total')}"
                f" steps, {record.get('precision')}, {record.get('threads')} thread(s)"
            )
        case "evaluated":
            return f"step {step}: {_metrics(record.get('metrics') or {})}"
        case "resumed" | "threads":
            return f"step {step}: {record.get('message')}"
        case "warning":
            return f"step {step}: warning: {record.get('message')}"
        case _:
            return None


class JsonView(View):
    """Every event as it stands in the event log."""

    def __init__(self, output: Output) -> None:
        self.output = output

    def close(self) -> None:
        """Nothing to clean up."""

    def show(self, record: Record) -> None:
        """Print the event."""
        self.output.record(**record)

    def wait(self, status: Status) -> None:
        """A program asks for the status when it wants it."""


class PlainView(View):
    """Lines for a file or a pipe: few, each complete."""

    def __init__(self, output: Output) -> None:
        self.output = output
        self._next_line = 0.0
        self._printed: set[str] = set()

    def close(self) -> None:
        """Nothing to clean up."""

    def show(self, record: Record) -> None:
        """Print what matters, and a step every few seconds."""
        if (text := sentence(record)) is not None:
            self.output.say(text)
        elif record.get("kind") == "progress":
            self._say_once(f"{record.get('stage')}: {record.get('total')}")
        elif record.get("kind") == "step" and time.monotonic() > self._next_line:
            self._next_line = time.monotonic() + SECONDS_BETWEEN_LINES
            self.output.say(f"step {record['step']}: {_step(record)}")

    def wait(self, status: Status) -> None:
        """Print once what a run waits for; what counts has events of its own."""
        message = waiting_message(status)
        if message and not any(letter.isdigit() for letter in status.stage or ""):
            self._say_once(message)

    def _say_once(self, message: str) -> None:
        if message not in self._printed:
            self._printed.add(message)
            self.output.say(message)


class BarView(View):
    """A progress bar for the steps, one for what comes before, sentences above them."""

    def __init__(self, output: Output) -> None:
        self.output = output
        self._bar = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeRemainingColumn(),
            TextColumn("{task.fields[numbers]}"),
        )
        self._tasks: dict[str, TaskID] = {}
        self._bar.start()

    def close(self) -> None:
        """Stop drawing, the cursor back."""
        self._bar.stop()

    def show(self, record: Record) -> None:
        """Move a bar, or print a sentence above it."""
        if (text := sentence(record)) is not None:
            self._bar.console.print(shown(text), markup=False, highlight=False)
        match record.get("kind"):
            case "started":
                self._move("training", record["step"], record.get("total"))
            case "progress":
                done, stage = record.get("done", 0), record.get("stage", "")
                self._move(stage, done, record.get("total"))
            case "step":
                self._move("training", record["step"], None, _step(record))
            case _:
                pass

    def wait(self, status: Status) -> None:
        """Show what a run waits for as a bar without an end."""
        if message := waiting_message(status):
            self._move("", 0, None, message)
        elif "" in self._tasks:
            self._bar.remove_task(self._tasks.pop(""))

    def _move(self, stage: str, done: int, total: int | None, numbers: str = "") -> None:
        if stage not in self._tasks:
            self._tasks[stage] = self._bar.add_task(stage, total=total, numbers=numbers)
        task = self._tasks[stage]
        if total is not None:
            self._bar.update(task, total=total)
        self._bar.update(task, completed=done, numbers=numbers)


def waiting_message(status: Status) -> str:
    """What a run does before its first step, in words; empty where there is nothing to say."""
    if status.state == "queued" and status.waiting_for:
        return f"queued: waiting for {', '.join(status.waiting_for)}"
    if status.state in ("queued", "starting"):
        return f"{status.state}: {status.stage or 'loading'}"
    return ""


def _step(record: Record) -> str:
    loss, speed = record.get("loss"), record.get("images_per_second")
    parts = [f"loss {loss:.3f}"] if loss is not None else []
    parts += [f"{speed:.0f} images/s"] if speed is not None else []
    return "  ".join(parts)


def _metrics(metrics: Record) -> str:
    named = [(name, values) for name, values in metrics.items() if values is not None]
    return ";  ".join(f"{name}: {metrics_line(values)}" for name, values in named)
