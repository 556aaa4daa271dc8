"""One run as it happens, and several over each other."""

from collections.abc import Sequence

import pandas as pd
import plotly.graph_objects as go
from plotly.subplots import make_subplots
from traitlets import Unicode

from workbench.runs.folder import RunFolder
from workbench.runs.management import find_run, list_runs
from workbench.ui.notebook.panel import Panel
from workbench.ui.notebook.run_panel import (
    FIGURES,
    RunName,
    RunPanel,
    curve_pictures,
    curve_table,
    curves_of,
    id_of,
)
from workbench.ui.notebook.still import paragraph, picture, table
from workbench.ui.notebook.svg import INKS, curves_svg
from workbench.ui.views.runs.run_view import called, row

SVG = "image/svg+xml"
COMPARED = 4
"""How many of the newest runs are compared where none are named."""


class CurvesPanel(RunPanel):
    """One run as it happens: state, progress, curves, its story; Stop and Resume.

    Its value is ``{run}``. Told events: ``rank`` and ``reuse``, each with ``{run}``.

        >>> import workbench
        >>> from workbench.ui.notebook import CurvesPanel
        >>> panel = CurvesPanel("last")
        >>> panel.run.status().state
        'finished'
        >>> panel.to_dataframe().columns.tolist()
        ['series', 'step', 'value']
    """

    _panel = Unicode("monitor").tag(sync=True)
    title = "Curves"

    def __init__(self, run: RunName = None) -> None:
        """Show ``run``, or the newest. Raises RunNotFound for an unknown run."""
        words = "Start a run with TrainPanel or workbench.start: it is followed here."
        super().__init__(run, invitation=words)

    def to_dataframe(self) -> pd.DataFrame:
        """All points of all series: ``series``, ``step``, ``value``."""
        return curve_table(self.run)

    def to_plotly(self) -> go.Figure:
        """Loss terms on the left, mAP and Rank-1 on the right."""
        figure = make_subplots(cols=2, subplot_titles=("Loss", "mAP and Rank-1"))
        names = self.to_dataframe()["series"].unique()
        losses = [name for name in names if name == "loss" or name.startswith("losses.")]
        for column, shown in enumerate((losses, FIGURES), start=1):
            for name, steps, values in curves_of(self.run, *shown):
                mode = "lines" if column == 1 else "lines+markers"
                line = go.Scatter(x=steps, y=values, name=name, mode=mode)
                figure.add_trace(line, row=1, col=column)
        return figure.update_xaxes(title_text="step").update_layout(title=called(self.run))

    def to_html(self) -> str:
        """The run in words, its loss and its figures as pictures."""
        told = paragraph(f"{called(self.run)}: {row(self.run)['words']}")
        return told + "".join(
            picture(svg.encode(), SVG, title) for title, svg in curve_pictures(self.run)
        )


class ComparePanel(Panel):
    """Curves and figures of several runs over each other.

    Its value is ``{runs}``, a list of ids.

        >>> from workbench.ui.notebook import ComparePanel
        >>> panel = ComparePanel(["last"])
        >>> panel.to_dataframe()[["state", "mAP"]].shape
        (1, 2)
    """

    _panel = Unicode("compared").tag(sync=True)
    title = "Compare"

    def __init__(self, runs: Sequence[RunFolder | str] | None = None) -> None:
        """Compare ``runs``, or the newest four. Raises RunNotFound for an unknown run."""
        chosen = list_runs()[:COMPARED] if runs is None else runs
        super().__init__({"runs": [id_of(run) for run in chosen]})

    @property
    def runs(self) -> list[RunFolder]:
        """The runs compared. Raises RunNotFound where one has been deleted."""
        return [find_run(run) for run in self.value.get("runs", [])]

    def to_dataframe(self) -> pd.DataFrame:
        """A row of figures for every run: the averaged weights', else the raw ones'."""
        return figure_table(self.runs)

    def to_plotly(self, series: str = "averaged.mAP") -> go.Figure:
        """One series of all runs: ``averaged.mAP``, ``raw.rank1``, ``loss``, ..."""
        figure = go.Figure()
        for run in self.runs:
            for _, steps, values in curves_of(run, series):
                figure.add_trace(go.Scatter(x=steps, y=values, name=called(run)))
        return figure.update_layout(title=series, xaxis_title="step", colorway=INKS)

    def to_html(self) -> str:
        """Every run's mAP over each other, and the table of their figures."""
        shown = "averaged.mAP"
        series = [
            (called(run), steps, values)
            for run in self.runs
            for _, steps, values in curves_of(run, shown)
        ]
        drawn = picture(curves_svg(shown, series).encode(), SVG, shown) if series else ""
        return drawn + table(self.to_dataframe())


def figure_table(runs: Sequence[RunFolder]) -> pd.DataFrame:
    """Runs with their state and figures (fractions; NaN where there are none yet)."""
    about = ["run", "name", "preset", "state", "changed", "computed"]
    columns = [*about, "weights", "mAP", "rank1", "mINP"]
    rows = []
    for told in map(row, runs):
        changed = ", ".join(f"{one['path']} = {one['value']}" for one in told["changed"])
        known = {"run": told["id"], "changed": changed}
        rows.append(told | known | (told["figures"] or {}))
    return pd.DataFrame(rows, columns=columns)
