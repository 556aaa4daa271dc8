"""``train``, ``resume`` and ``stop``."""

from argparse import Namespace
from typing import Any

from workbench.cli.commands.runs import record_of
from workbench.cli.follow import follow
from workbench.cli.output import Output
from workbench.cli.settings import requested_recipe
from workbench.cli.usage import UsageError
from workbench.recipe.text import value_text
from workbench.runs.folder import RunFolder
from workbench.runs.lifecycle.launch import resume, start, stop
from workbench.runs.log import read_events
from workbench.runs.management import find_run


def train(options: Namespace, output: Output) -> int:
    """Start a run and follow it; with ``--detach`` only start it."""
    output.print_folders("runs", "datasets")
    preset, settings = requested_recipe(options)
    if options.miniature:
        _say_miniature(settings, output)
    run = start(preset, settings)
    return _go_on(run, 0, options, output)


def resume_run(options: Namespace, output: Output) -> int:
    """Let a run go on from its last checkpoint, or longer than it was to, and follow it."""
    output.print_folders("runs", "datasets")
    run = find_run(options.run)
    _, offset = read_events(run.events_file)
    if options.follow_schedule and options.until is None:
        raise UsageError("--follow-schedule: belongs to --until, the new length.")
    resume(run, until=options.until, follow_schedule=options.follow_schedule)
    return _go_on(run, offset, options, output)


def follow_run(options: Namespace, output: Output) -> int:
    """Follow a run that was started anywhere, from its first event."""
    output.print_folders("runs")
    return follow(find_run(options.run), output)


def stop_run(options: Namespace, output: Output) -> int:
    """Ask a run to stop and wait until it has."""
    output.print_folders("runs")
    run = find_run(options.run)
    if not output.json_lines:
        output.say(f"Stopping {run.id}: it writes a checkpoint first.")
    stop(run, wait=True)
    if output.json_lines:
        output.record("run", **record_of(run))
    else:
        output.say(f"{run.status().state}: {run.id}")
    return 0


def _say_miniature(settings: dict[str, Any], output: Output) -> None:
    output.say("on its miniature, with these settings instead of the preset's:")
    for path, value in settings.items():
        output.say(f"  {path} = {value_text(value)}")


def _go_on(run: RunFolder, offset: int, options: Namespace, output: Output) -> int:
    if output.json_lines:
        output.record("run", **record_of(run))
    else:
        output.say(f"run: {run.id}")
    return 0 if options.detach else follow(run, output, offset)
