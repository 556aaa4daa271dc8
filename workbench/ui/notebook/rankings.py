"""The ranked list of one query."""

from typing import Any

import pandas as pd
import plotly.graph_objects as go
from traitlets import Unicode

from workbench.errors import WorkbenchError
from workbench.ui.notebook.inside import InsidePanel
from workbench.ui.notebook.run_panel import RunName
from workbench.ui.notebook.still import captioned, paragraph, small
from workbench.ui.views.rankings.ranking_view import Source, picture_of, ranking_of

MATCH, WRONG = "#0a6b66", "#b4480f"
STILLS = 8
"""How many images of a list a picture of it shows."""


class RankingsPanel(InsidePanel):
    """Ranked lists of a run: choose a query, or any image of a list, and see what is found.

    Its value is ``{run, weights, source, query, k, rerank}``. Told event: ``parts`` with
    ``{run, weights, source, query, hit}``.

        >>> from workbench.ui.notebook import RankingsPanel
        >>> panel = RankingsPanel("last", query=0, k=3)
        >>> len(panel.to_dataframe()) >= 3
        True
        >>> panel.to_dataframe().columns.tolist()[:4]
        ['rank', 'index', 'identity', 'camera']
    """

    _panel = Unicode("rankings").tag(sync=True)
    title = "Rankings"

    def __init__(
        self,
        run: RunName = None,
        query: int | None = None,
        *,
        k: int = 10,
        weights: str = "",
        source: Source = "query",
        rerank: str = "",
    ) -> None:
        """Show the list of ``query``, an index of the query images (or of ``source``).

        ``weights`` is ``averaged``, ``raw`` or of a checkpoint; ``rerank`` is empty for what the
        recipe says. Raises RunNotFound for an unknown run.
        """
        super().__init__(run, weights=weights, source=source, query=query, k=k, rerank=rerank)

    def ranking(self) -> dict[str, Any]:
        """The list as the panel gets it.

        Raises RunError where the weights are not embedded, DataError for an unknown query.
        """
        source, index = self.query()
        k, rerank = self.value.get("k") or 10, self.value.get("rerank") or ""
        return ranking_of(self.run, self.weights, source, index, k, rerank)

    def to_dataframe(self) -> pd.DataFrame:
        """A row for every image of the list; ``excluded`` says why one does not count."""
        columns = ["rank", "index", "identity", "camera", "distance", "verdict", "excluded"]
        return pd.DataFrame(self.ranking()["items"], columns=columns)

    def to_plotly(self) -> go.Figure:
        """Distance by rank, matches and wrong ones apart."""
        frame = self.to_dataframe()
        counted = frame[frame["excluded"].isna()]
        figure = go.Figure()
        for verdict, rows in counted.groupby("verdict"):
            ink = MATCH if verdict == "match" else WRONG
            figure.add_trace(
                go.Bar(x=rows["rank"], y=rows["distance"], name=str(verdict), marker_color=ink)
            )
        return figure.update_layout(xaxis_title="rank", yaxis_title="distance")

    def to_html(self) -> str:
        """The query and the first images of its list."""
        told, run = self.ranking(), self.run
        asked = told["query"]
        images = [
            _picture(run, self.weights, asked["source"], asked["index"], "query"),
            *(
                _picture(run, self.weights, "gallery", item["index"], _place_of(item))
                for item in told["items"][:STILLS]
            ),
        ]
        return paragraph(f"{asked['name']} {told['words']}") + "".join(images)


def _place_of(item: dict[str, Any]) -> str:
    return f"{item['rank']} {item['verdict']}" if item["rank"] else str(item["excluded"])


def _picture(run: Any, weights: str, source: Source, index: int, words: str) -> str:  # noqa: ANN401
    try:
        return small(picture_of(run, weights, source, index), words)
    except (WorkbenchError, OSError):
        return captioned("", f"{words} (no image)")
