"""What panels about one run share: which run, and its curves as tables and pictures."""

from typing import Any

import pandas as pd

from workbench.runs.curves import full_series
from workbench.runs.folder import RunFolder
from workbench.runs.management import find_run
from workbench.ui.notebook.panel import Panel
from workbench.ui.notebook.svg import Series, curves_svg
from workbench.ui.views.runs.run_view import called

RunName = RunFolder | str | None
"""A run, its id or name (``last`` is the newest), or None for the newest there will be."""

FIGURES = ("averaged.mAP", "raw.mAP", "averaged.rank1", "raw.rank1")


class RunPanel(Panel):
    """A panel that shows one run; without one the newest."""

    def __init__(self, run: RunName = None, **value: Any) -> None:  # noqa: ANN401 - JSON
        """Show ``run`` with further fields of the value. Raises RunNotFound for an unknown run."""
        super().__init__({"run": id_of(run), **value})

    @property
    def run(self) -> RunFolder:
        """The run shown. Raises RunNotFound where there is none, or where it has been deleted."""
        return find_run(self.value.get("run") or "last")

    @run.setter
    def run(self, run: RunName) -> None:
        self.value = {**self.value, "run": id_of(run)}

    def show(self, **changes: Any) -> None:  # noqa: ANN401 - JSON
        """Show something else: ``panel.show(query=12)`` changes these fields of the value."""
        if "run" in changes:
            changes["run"] = id_of(changes["run"])
        self.value = {**self.value, **changes}


def id_of(run: RunName) -> str | None:
    """The id of a run that is there. Raises RunNotFound for another."""
    if run is None:
        return None
    return run.id if isinstance(run, RunFolder) else find_run(run).id


def curve_table(run: RunFolder) -> pd.DataFrame:
    """All points of all series of a run: ``series``, ``step``, ``value``."""
    table, _ = full_series(run)
    rows = [
        {"series": name, "step": step, "value": value}
        for name, series in table.by_name.items()
        for step, value in zip(series.steps, series.values, strict=True)
    ]
    return pd.DataFrame(rows, columns=["series", "step", "value"])


def curves_of(run: RunFolder, *names: str) -> list[Series]:
    """The series of these names that the run has, as name, steps, values."""
    found = full_series(run)[0].by_name
    shown = [(name, found[name]) for name in names if name in found]
    return [(name, [*series.steps], [*series.values]) for name, series in shown]


def curve_pictures(run: RunFolder) -> list[tuple[str, str]]:
    """Loss and figures of a run as SVG images, each with its title."""
    told = {f"Loss of {called(run)}": ["loss"], f"Figures of {called(run)}": [*FIGURES]}
    pictures = [(title, curves_of(run, *names)) for title, names in told.items()]
    return [(title, curves_svg(title, series)) for title, series in pictures if series]
