"""What panels about the inside of a run share: its weights, and which query is looked at."""

from workbench.errors import RunNotFound
from workbench.runs.folder import RunFolder
from workbench.runs.management import find_run, list_runs
from workbench.ui.notebook.run_panel import RunPanel
from workbench.ui.views.rankings.ranking_view import Source, queries_of
from workbench.ui.views.runs.run_view import can_rank, is_embedded

NOTHING_TO_RANK = (
    "No run has anything to rank yet: wait until one has finished, or stop one after a checkpoint."
)


class InsidePanel(RunPanel):
    """A panel that shows what a run learned; without a run, the newest that can be looked into."""

    @property
    def run(self) -> RunFolder:
        """The run shown. Raises RunNotFound where there is none, or where it has been deleted."""
        if self.value.get("run"):
            return find_run(self.value["run"])
        usable = [run for run in list_runs() if can_rank(run, run.status())]
        for run in [*filter(is_embedded, usable), *usable]:
            return run
        raise RunNotFound(NOTHING_TO_RANK)

    @run.setter
    def run(self, run: RunFolder | str | None) -> None:
        self.show(run=run)

    @property
    def weights(self) -> str:
        """The weights asked for, empty for the best that are embedded."""
        return self.value.get("weights") or ""

    def query(self) -> tuple[Source, int]:
        """The image that is the query: the one chosen, else the worst one of the run."""
        chosen = self.value.get("query")
        if chosen is not None:
            return ("gallery" if self.value.get("source") == "gallery" else "query"), chosen
        worst = queries_of(self.run, self.weights, order="worst", count=1)["queries"]
        return "query", worst[0]["index"] if worst else 0
