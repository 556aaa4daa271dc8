"""``runs``: list, export, rename and delete them."""

from argparse import Namespace
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from workbench.cli.output import Output, percent
from workbench.errors import reason_of
from workbench.recipe.text import value_text
from workbench.runs.folder import RunFolder
from workbench.runs.management import delete_run, find_run, list_runs, rename_run
from workbench.runs.run_paths import writable
from workbench.runs.status import Status

Description = TypeVar("Description")


def list_all(options: Namespace, output: Output) -> int:
    """Print all runs, the newest first."""
    output.print_folders("runs")
    runs = list_runs()
    if output.json_lines:
        for run in runs:
            output.record("run", **_readable(run, record_of, _unreadable_record))
    elif runs:
        columns = [
            "run",
            "name",
            "state",
            "preset",
            "step",
            "mAP",
            "duration",
            "computed",
            "changed",
        ]
        output.table(columns, [_readable(run, _row, _unreadable_row) for run in runs])
    else:
        output.say("No runs yet. Start one: workbench train playground/quick")
    return 0


def rename(options: Namespace, output: Output) -> int:
    """Give a run another name."""
    run = find_run(options.run)
    rename_run(run, options.name)
    return _report(run, f"{run.id} is now called '{options.name}'.", output)


def delete(options: Namespace, output: Output) -> int:
    """Move a run to the trash folder."""
    run = find_run(options.run)
    trash = delete_run(run)
    if output.json_lines:
        output.record("run", run=run.id, state="deleted", path=str(trash))
    else:
        output.say(f"Moved {run.id} to {trash}. Remove that folder to free the space.")
    return 0


def export(options: Namespace, output: Output) -> int:
    """Write a run's curves as CSV, or as event files for TensorBoard."""
    run = find_run(options.run)
    if options.to == "csv":
        from workbench.runs.export import export_csv as write

        default = writable(run.path, run.path) / "curves.csv"
    else:
        from workbench.runs.tensorboard_export import export_tensorboard as write

        default = writable(run.path, run.path) / "tensorboard"
    written = write(run, Path(options.out) if options.out else default)
    if output.json_lines:
        output.record("export", run=run.id, to=options.to, path=str(written))
    else:
        output.say(str(written))
    return 0


def record_of(run: RunFolder) -> dict[str, Any]:
    """What a program wants to know about a run: its id, labels, origin, status.

    ``problem`` says why labels or overrides cannot be read; empty where they can.
    """
    labels, status = run.labels(), run.status()
    about = {"run": run.id, "name": labels.name, "note": labels.note, "tags": list(labels.tags)}
    origin = {"preset": run.preset(), "overrides": run.overrides(), "path": str(run.path)}
    origin["problem"] = run.problem()
    return about | origin | status.record()


def duration(status: Status) -> str:
    """How long a run has been at work: ``75 s``, ``12 min``, ``3.2 h``; ``-`` before it started."""
    seconds = status.duration
    if seconds is None:
        return "-"
    if seconds < 120:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 7200 else f"{seconds / 3600:.1f} h"


def _report(run: RunFolder, message: str, output: Output) -> int:
    if output.json_lines:
        output.record("run", **record_of(run))
    else:
        output.say(message)
    return 0


def _row(run: RunFolder) -> list[str]:
    status = run.status()
    problem = run.problem()
    changes = [f"unreadable: {problem}"] if problem else []
    changes += [f"{path}={value_text(value)}" for path, value in run.overrides().items()]
    steps = f"{status.step}/{status.total}" if status.total else str(status.step)
    return [
        run.id,
        run.labels().name or "-",
        status.state,
        run.preset() or "-",
        steps,
        _best(status),
        duration(status),
        status.computed or "-",
        " ".join(changes) or "-",
    ]


def _readable(
    run: RunFolder,
    describe: Callable[[RunFolder], Description],
    describe_unreadable: Callable[[RunFolder, str], Description],
) -> Description:
    """What there is to say about a run; where its files cannot be read, why, so others are seen."""
    try:
        return describe(run)
    except Exception as error:  # a run's folder may hold anything
        return describe_unreadable(run, reason_of(error))


def _unreadable_record(run: RunFolder, reason: str) -> dict[str, Any]:
    return {"run": run.id, "state": "unreadable", "path": str(run.path), "problem": reason}


def _unreadable_row(run: RunFolder, reason: str) -> list[str]:
    return [run.id, "-", "unreadable", "-", "-", "-", "-", "-", reason]


def _best(status: Status) -> str:
    """MAP of the averaged weights where there are any, else of the raw ones."""
    metrics = status.metrics or {}
    preferred = metrics.get("averaged") or metrics.get("raw") or {}
    return percent(preferred.get("mAP"))
