"""All panels as tabs, with one leading to another as on the page."""

from typing import Any

import ipywidgets

from workbench.ui.notebook.curves import ComparePanel
from workbench.ui.notebook.map import MapPanel
from workbench.ui.notebook.panel import Panel
from workbench.ui.notebook.parts import PartsPanel
from workbench.ui.notebook.rankings import RankingsPanel
from workbench.ui.notebook.run_panel import RunName
from workbench.ui.notebook.runs import RunsPanel
from workbench.ui.notebook.showing import show
from workbench.ui.notebook.train import TrainPanel


class Lab(ipywidgets.Tab):
    """The tabs ``train runs rankings parts map compare``, each a panel by its own name."""

    def __init__(self, run: RunName = None) -> None:
        """Open all panels on ``run``, or on the newest. Raises RunNotFound for an unknown run."""
        self.train = TrainPanel(run=run)
        self.runs = RunsPanel()
        self.rankings = RankingsPanel(run)
        self.parts = PartsPanel(run)
        self.map = MapPanel(run)
        self.compare = ComparePanel()
        panels = self.panels
        super().__init__(children=panels, titles=[panel.title for panel in panels])
        self.add_class("wb-lab")
        for panel in (self.train, self.runs, self.parts, self.map):
            panel.on_event("rank", self._rank)
        self.runs.on_event("show", self._follow)
        self.rankings.on_event("parts", self._explain)
        self.map.on_event("aim", lambda told: self.rankings.show(**told))

    @property
    def panels(self) -> tuple[Panel, ...]:
        """The panels in the order of their tabs."""
        return (self.train, self.runs, self.rankings, self.parts, self.map, self.compare)

    def bring(self, panel: Panel) -> None:
        """Bring the tab of a panel to the front."""
        self.selected_index = self.panels.index(panel)

    def _rank(self, told: dict[str, Any]) -> None:
        usual = {"weights": "", "source": "query", "query": None}
        self.rankings.show(**usual | told)
        self.bring(self.rankings)

    def _follow(self, told: dict[str, Any]) -> None:
        self.train.show(**told)
        self.bring(self.train)

    def _explain(self, told: dict[str, Any]) -> None:
        self.parts.show(**told)
        self.bring(self.parts)

    def _ipython_display_(self) -> None:
        """A picture, and the tabs that take its place; IPython asks for it (its own name)."""
        show(self, self.compare.still(), self.train.picture)


def lab(run: RunName = None) -> Lab:
    """The whole workbench in a notebook: all panels as tabs.

    Raises RunNotFound for an unknown run.

        >>> import workbench
        >>> tabs = workbench.lab()
        >>> [panel.title for panel in tabs.panels]
        ['Train', 'Runs', 'Rankings', 'Parts', 'Map', 'Compare']
    """
    return Lab(run)
