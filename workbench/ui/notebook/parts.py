"""Why two images are alike: the similarity of a pair, part by part."""

import time
from typing import Any

import pandas as pd
import plotly.graph_objects as go
from traitlets import Unicode

from workbench.errors import DataError
from workbench.ui.notebook.inside import InsidePanel
from workbench.ui.notebook.run_panel import RunName
from workbench.ui.notebook.still import paragraph, table
from workbench.ui.views.parts.parts_view import pair_of
from workbench.ui.views.rankings.ranking_view import Source, ranking_of

LOOK_SECONDS = 0.2
COLUMNS = ["part", "title", "share", "cosine"]
LOOKED_AT = 10
"""A pair without a chosen hit is with the first of this many that counts."""


class PartsPanel(InsidePanel):
    """Heatmaps of a query and a hit, and what every part adds to their similarity.

    Its value is ``{run, weights, source, query, hit, method}``. Told event: ``rank`` with
    ``{run, weights, source, query}``.

        >>> from workbench.ui.notebook import PartsPanel
        >>> panel = PartsPanel("last", query=0)
        >>> panel.to_dataframe().columns.tolist()
        ['part', 'title', 'share', 'cosine']
    """

    _panel = Unicode("parts").tag(sync=True)
    title = "Parts"

    def __init__(
        self,
        run: RunName = None,
        query: int | None = None,
        hit: int | None = None,
        *,
        method: str = "evidence",
        weights: str = "",
        source: Source = "query",
    ) -> None:
        """Explain ``query`` and the gallery image ``hit``, or the first of its list.

        Raises RunNotFound for an unknown run.
        """
        super().__init__(run, weights=weights, source=source, query=query, hit=hit, method=method)

    def pair(self) -> dict[str, Any]:
        """The pair explained, as the panel gets it; takes seconds where nobody asked before.

        Raises RunError where the weights are not embedded, DataError for an unknown image.
        """
        told = self._asked()
        while told["working"]:
            time.sleep(LOOK_SECONDS)
            told = self._asked()
        return told

    def to_dataframe(self) -> pd.DataFrame:
        """A row for every part, ``share`` being what it adds to the similarity; the whole last."""
        rows = _rows(self.pair())
        return pd.DataFrame(rows, columns=COLUMNS)

    def to_plotly(self) -> go.Figure:
        """What every part adds to the similarity, as bars."""
        frame = self.to_dataframe()
        parts = frame.iloc[:-1] if len(frame) > 1 else frame
        bars = go.Bar(x=parts["share"], y=parts["title"], orientation="h")
        return go.Figure(bars).update_layout(xaxis_title="share of the similarity")

    def to_html(self) -> str:
        """The pair in words and the table of its parts; whoever shows a panel waits for nothing."""
        told = self._asked()
        if told["working"]:
            return paragraph(told["words"])
        return paragraph(told["words"]) + table(pd.DataFrame(_rows(told), columns=COLUMNS))

    def _asked(self) -> dict[str, Any]:
        source, query = self.query()
        hit = self.value.get("hit")
        if hit is None:
            hit = self._first(source, query)
        method = self.value.get("method") or "evidence"
        return pair_of(self.run, self.weights, source, query, hit, method)

    def _first(self, source: Source, query: int) -> int:
        listed = ranking_of(self.run, self.weights, source, query, LOOKED_AT)["items"]
        for item in listed:
            if item["excluded"] is None:
                return item["index"]
        raise DataError(f"The list of {source} image {query} is empty: choose another query.")


def _rows(told: dict[str, Any]) -> list[tuple[Any, ...]]:
    parts = [*told["branches"], told["whole"]]
    return [tuple(one[key] for key in ("name", "title", "share", "cosine")) for one in parts]
