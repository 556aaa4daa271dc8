"""One progress bar for a long preparation, where there is a terminal to draw it on."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn

from workbench.cli.output import Output

Report = Callable[[str, int, int], None]


@contextmanager
def bar(output: Output) -> Iterator[Report]:
    """A function ``(stage, done, total)`` that draws, or says each stage once where piped."""
    if not output.terminal:
        yield _lines(output)
        return
    tasks: dict[str, TaskID] = {}
    with Progress(TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn()) as progress:

        def report(stage: str, done: int, total: int) -> None:
            if stage not in tasks:
                tasks[stage] = progress.add_task(stage, total=total)
            progress.update(tasks[stage], completed=done, total=total)

        yield report


def _lines(output: Output) -> Report:
    printed_stages: set[str] = set()

    def report(stage: str, _done: int, total: int) -> None:
        if stage not in printed_stages:
            printed_stages.add(stage)
            output.say(f"{stage}: {total}")

    return report
