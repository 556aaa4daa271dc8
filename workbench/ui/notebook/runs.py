"""All runs as a table."""

from typing import Any

import pandas as pd
import plotly.graph_objects as go
from traitlets import Unicode

from workbench.runs.management import list_runs
from workbench.ui.notebook.curves import figure_table
from workbench.ui.notebook.panel import Panel, Value
from workbench.ui.notebook.still import paragraph, table


class RunsPanel(Panel):
    """All runs of the runs folder: sorted, filtered, renamed, stopped, resumed, deleted.

    Its value is ``{run}``, the id of the run that was clicked last. Told events: ``show`` and
    ``rank``, each with ``{run}``.

        >>> from workbench.ui.notebook import RunsPanel
        >>> panel = RunsPanel()
        >>> panel.to_dataframe()["state"].tolist()
        ['finished']
    """

    _panel = Unicode("runs").tag(sync=True)
    title = "Runs"

    def __init__(self) -> None:
        """Show whatever is in the runs folder."""
        super().__init__({"run": None})
        self.on_event("show", self._chosen)

    def to_dataframe(self) -> pd.DataFrame:
        """A row for every run, the newest first, with state, changes and figures."""
        return figure_table(list_runs())

    def to_plotly(self) -> go.Figure:
        """The mAP of every run that has figures, as bars."""
        frame = self.to_dataframe().dropna(subset=["mAP"])
        names = frame["name"].where(frame["name"] != "", frame["run"])
        return go.Figure(go.Bar(x=names, y=frame["mAP"])).update_layout(title="mAP")

    def to_html(self) -> str:
        """The table of all runs."""
        frame = self.to_dataframe().drop(columns=["run", "mINP"])
        return table(frame) if len(frame) else paragraph("There is no run yet.")

    def _chosen(self, told: dict[str, Any]) -> None:
        chosen: Value = {"run": told.get("run")}
        self.value = chosen
