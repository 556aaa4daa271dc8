"""The curves of a run as a table for other programs."""

import csv
import io
from pathlib import Path

from workbench.errors import RunError
from workbench.runs.curves import full_series
from workbench.runs.files import write_atomically
from workbench.runs.run_paths import RunPaths
from workbench.runs.series import SeriesTable


def export_csv(run: RunPaths, target: Path) -> Path:
    """Write one row per step and one column per series, empty where a series has no point there.

    Returns ``target``. Raises RunError where the run has no points or the file cannot be written.
    """
    table = series_of(run)
    names = sorted(table.by_name)
    rows: dict[int, dict[str, float]] = {}
    for name in names:
        series = table.by_name[name]
        for step, value in zip(series.steps, series.values, strict=True):
            rows.setdefault(step, {})[name] = value
    try:
        write_atomically(target, _text(names, rows))
    except OSError as error:
        raise RunError(
            f"{target} cannot be written: {error.strerror or error}. Name another file."
        ) from error
    return target


def series_of(run: RunPaths) -> SeriesTable:
    """All series of a run, unthinned. Raises RunError where there is no point yet."""
    table, _ = full_series(run)
    if not table.longest():
        raise RunError(f"Run {run.id} has no points yet: there is nothing to export.")
    return table


def _text(names: list[str], rows: dict[int, dict[str, float]]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["step", *names])
    for step in sorted(rows):
        writer.writerow([step, *(rows[step].get(name, "") for name in names)])
    return text.getvalue()
