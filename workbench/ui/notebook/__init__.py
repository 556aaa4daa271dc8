"""The panels of the page as notebook widgets, over the same runs folder.

Every panel is also plain Python: ``panel.value``, ``panel.on_change``, ``panel.to_dataframe`` and
``panel.to_plotly``. Nothing is imported before it is used.

    >>> from workbench.ui import notebook
    >>> sorted(notebook.__all__)[:3]
    ['ComparePanel', 'CurvesPanel', 'Lab']
"""

from typing import TYPE_CHECKING

from workbench.lazy import first_used

if TYPE_CHECKING:
    from workbench.ui.notebook.curves import ComparePanel as ComparePanel
    from workbench.ui.notebook.curves import CurvesPanel as CurvesPanel
    from workbench.ui.notebook.lesson import LessonPanel as LessonPanel
    from workbench.ui.notebook.map import MapPanel as MapPanel
    from workbench.ui.notebook.panel import Panel as Panel
    from workbench.ui.notebook.paper import PublishedTraining as PublishedTraining
    from workbench.ui.notebook.paper import published as published
    from workbench.ui.notebook.parts import PartsPanel as PartsPanel
    from workbench.ui.notebook.rankings import RankingsPanel as RankingsPanel
    from workbench.ui.notebook.runs import RunsPanel as RunsPanel
    from workbench.ui.notebook.tabs import Lab as Lab
    from workbench.ui.notebook.tabs import lab as lab
    from workbench.ui.notebook.train import TrainPanel as TrainPanel

_HOMES = {
    "ComparePanel": "workbench.ui.notebook.curves",
    "CurvesPanel": "workbench.ui.notebook.curves",
    "Lab": "workbench.ui.notebook.tabs",
    "LessonPanel": "workbench.ui.notebook.lesson",
    "MapPanel": "workbench.ui.notebook.map",
    "Panel": "workbench.ui.notebook.panel",
    "PartsPanel": "workbench.ui.notebook.parts",
    "PublishedTraining": "workbench.ui.notebook.paper",
    "RankingsPanel": "workbench.ui.notebook.rankings",
    "RunsPanel": "workbench.ui.notebook.runs",
    "TrainPanel": "workbench.ui.notebook.train",
    "lab": "workbench.ui.notebook.tabs",
    "published": "workbench.ui.notebook.paper",
}

__all__ = [
    "ComparePanel",
    "CurvesPanel",
    "Lab",
    "LessonPanel",
    "MapPanel",
    "Panel",
    "PartsPanel",
    "PublishedTraining",
    "RankingsPanel",
    "RunsPanel",
    "TrainPanel",
    "lab",
    "published",
]

__getattr__, __dir__ = first_used(__name__, _HOMES)
