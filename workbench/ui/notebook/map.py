"""The embedding of a run as a plane."""

import numpy as np
import pandas as pd
import plotly.graph_objects as go
from traitlets import Unicode

from workbench.data.samples import DISTRACTOR
from workbench.inspection.maps import MapMethod
from workbench.ui.links import Colour
from workbench.ui.notebook.inside import InsidePanel
from workbench.ui.notebook.run_panel import RunName
from workbench.ui.notebook.still import paragraph, picture
from workbench.ui.notebook.svg import points_svg
from workbench.ui.views.map import map_view
from workbench.ui.views.map.map_images import DISTRACTOR_LABEL

STILL_POINTS = 400
"""The most points of a picture of a map; every so-manyth is drawn where there are more."""
HOVER = "%{customdata[0]} %{customdata[1]}<extra>%{fullData.name}</extra>"


class MapPanel(InsidePanel):
    """Every image as a point: near points are images that the network finds alike.

    Its value is ``{run, weights, method, colour, step, point}``. Told events: ``aim`` and ``rank``
    with ``{run, weights, source, query}``.

        >>> from workbench.ui.notebook import MapPanel
        >>> panel = MapPanel("last")
        >>> panel.to_dataframe().columns.tolist()
        ['point', 'source', 'index', 'identity', 'camera', 'across', 'up']
    """

    _panel = Unicode("map").tag(sync=True)
    title = "Map"

    def __init__(
        self,
        run: RunName = None,
        *,
        method: MapMethod = "pca",
        colour: Colour = "identity",
        weights: str = "",
        step: int | None = None,
        point: int | None = None,
    ) -> None:
        """Show the map of ``method``, coloured by ``colour``, with ``point`` singled out.

        ``step`` shows the map of a snapshot during training. Raises RunNotFound for an unknown run.
        """
        super().__init__(run, weights=weights, method=method, colour=colour, step=step, point=point)

    def to_dataframe(self) -> pd.DataFrame:
        """A row for every image: queries first, then the gallery.

        Raises RunError where the weights are not embedded or the UMAP is not made yet.
        """
        run, method = self.run, self.value.get("method") or "pca"
        labels = np.frombuffer(map_view.images_of(run, self.weights), "<i4").reshape(-1, 2)
        points = np.frombuffer(map_view.points_of(run, self.weights, method), "<f4").reshape(-1, 2)
        queries = map_view.overview(run, self.weights)["queries"]
        numbers = np.arange(len(labels))
        of_query = numbers < queries
        return pd.DataFrame(
            {
                "point": numbers,
                "source": np.where(of_query, "query", "gallery"),
                "index": np.where(of_query, numbers, numbers - queries),
                "identity": np.where(labels[:, 0] == DISTRACTOR_LABEL, DISTRACTOR, labels[:, 0]),
                "camera": labels[:, 1],
                "across": points[:, 0],
                "up": points[:, 1],
            }
        )

    def to_plotly(self) -> go.Figure:
        """The points coloured by camera or by identity, whatever the panel is coloured by."""
        frame = self.to_dataframe()
        by = "camera" if self.value.get("colour") == "camera" else "identity"
        figure = go.Figure()
        for name, rows in frame.groupby(by):
            figure.add_trace(
                go.Scattergl(
                    x=rows["across"],
                    y=rows["up"],
                    mode="markers",
                    name=f"{by} {name}",
                    customdata=rows[["source", "index"]],
                    hovertemplate=HOVER,
                )
            )
        return figure.update_yaxes(scaleanchor="x")

    def to_html(self) -> str:
        """The map as a picture."""
        frame = self.to_dataframe()
        shown = frame.iloc[:: max(1, -(-len(frame) // STILL_POINTS))]
        across, up = shown["across"].to_numpy(), shown["up"].to_numpy()
        title = f"{len(frame)} images by identity"
        drawn = points_svg(title, across, up, shown["identity"].tolist())
        words = map_view.overview(self.run, self.weights)["words"]
        return paragraph(words) + picture(drawn.encode(), "image/svg+xml", title)
