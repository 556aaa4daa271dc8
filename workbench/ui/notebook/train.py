"""Setting up a run, starting it, and following it."""

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

import pandas as pd
import plotly.graph_objects as go
from traitlets import Unicode

from workbench.errors import WorkbenchError
from workbench.recipe.overrides import resolve
from workbench.recipe.presets import DEFAULT_PRESET
from workbench.recipe.schema import Recipe
from workbench.recipe.text import train_command
from workbench.runs.folder import RunFolder
from workbench.runs.lifecycle import launch
from workbench.runs.management import find_run, list_runs
from workbench.ui.notebook.curves import CurvesPanel
from workbench.ui.notebook.run_panel import RunName, RunPanel
from workbench.ui.notebook.still import paragraph
from workbench.ui.views.train.recipe_view import edited, settings_of

LOOK_SECONDS = 0.5
"""How often a cell that waits for a run looks at it."""


def _to_take_up(preset: str, recipe: Recipe) -> RunFolder | None:
    """The newest run of a recipe that its cell goes on with; None where there is none."""
    ends = ("finished", "stopped") if recipe.run.name else ()
    for run in list_runs():
        with suppress(WorkbenchError):  # a damaged run is nobody's
            status = run.status()
            same = run.preset() == preset and run.recipe() == recipe
            if same and (status.alive or status.state in ends):
                return run
    return None


class TrainPanel(RunPanel):
    """Preset, settings and Start, and below them the run that came of it.

    Its value is ``{preset, overrides, run}``. Told events: ``started`` and ``rank``, each with
    ``{run}``. Training is a process of its own: neither the cell nor the kernel has to live on.

        >>> from workbench.ui.notebook import TrainPanel
        >>> panel = TrainPanel("playground/global", {"training.length.count": 4})
        >>> panel.to_dataframe()[["setting", "now"]].values.tolist()
        [['training.length.count', '4']]
        >>> panel.value["preset"]
        'playground/global'
    """

    _panel = Unicode("training").tag(sync=True)
    title = "Train"

    def __init__(
        self,
        preset: str = DEFAULT_PRESET,
        overrides: Mapping[str, Any] | None = None,
        run: RunName = None,
    ) -> None:
        """Open a preset with overrides, and ``run`` or the newest below.

        Raises RecipeError for an unknown preset, RunNotFound for an unknown run. Settings that are
        refused can still be looked at: the panel says beside each what is wrong with it.
        """
        told = edited(preset, overrides or {}, {})
        super().__init__(run, preset=told["preset"], overrides=told["overrides"])
        self.on_event("reuse", lambda told: self.show(**settings_of(find_run(told["run"]))))

    def start(self, *, again: bool = False) -> RunFolder:
        """Start a run of what is set; returns it at once.

        A cell that is run again, in a new kernel for one, takes up the newest run of the same
        recipe and ``run.name`` that is under way, has finished or was stopped; one without a name
        only while it is under way. ``again`` starts another in any case.

        Raises RecipeError where a setting is refused, MissingDataset or WeightsError where the
        machine lacks something.
        """
        preset, overrides = self.value["preset"], self.value["overrides"]
        run = None if again else _to_take_up(preset, resolve(preset, overrides))
        self.run = run = run or launch.start(preset, overrides)
        return run

    async def ended(self) -> RunFolder:
        """The run shown, once it has ended: ``run = await panel.ended()`` in a cell.

        The kernel answers panels meanwhile, which a cell that sleeps would keep it from.
        Interrupting the cell leaves the run alone.
        """
        run = self.run
        while run.status().alive:
            await asyncio.sleep(LOOK_SECONDS)
        return run

    def to_dataframe(self) -> pd.DataFrame:
        """What differs from the preset: ``setting``, ``now``, ``preset``."""
        told = edited(self.value["preset"], self.value["overrides"], {})["differences"]
        rows = [(one["path"], one["value"], one["preset_value"]) for one in told]
        return pd.DataFrame(rows, columns=["setting", "now", "preset"])

    def to_plotly(self) -> go.Figure:
        """The curves of the run shown."""
        return CurvesPanel(self.run).to_plotly()

    def to_html(self) -> str:
        """Which recipe is set up, and the command that trains it."""
        preset, overrides = self.value["preset"], self.value["overrides"]
        resolve(preset, overrides)
        return paragraph(f"{preset} is set up here. In a shell: {train_command(preset, overrides)}")
