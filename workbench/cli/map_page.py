"""A map of embeddings as one page that opens without a network. Loads plotly."""

from pathlib import Path
from typing import Any

import numpy as np
import plotly.graph_objects as go
from jaxtyping import Float32, Float64

from workbench.errors import PlaceError
from workbench.retrieval.embeddings.embedding_file import EmbeddingFile

_VERDICTS = {1: "right", 0: "wrong", -1: "not asked"}
_SYMBOLS = {"query": "star", "gallery": "circle", "both": "circle"}


def write_page(
    file: Path,
    embeddings: EmbeddingFile,
    points: Float32[np.ndarray, "points 2"],
    true_neighbours: Float64[np.ndarray, "points"],
    title: str,
) -> None:
    """Write the page; a menu colours points by identity, camera, split, correctness or trust.

    Raises PlaceError where it cannot be written.
    """
    colours = _colours(embeddings, true_neighbours)
    first = next(iter(colours.values()))
    figure = go.Figure(
        go.Scattergl(
            x=points[:, 0],
            y=points[:, 1],
            mode="markers",
            text=_hover_texts(embeddings, true_neighbours),
            hovertemplate="%{text}<extra></extra>",
            marker={
                "size": 6,
                "symbol": [_SYMBOLS[split] for split in embeddings.split],
                "colorscale": "Viridis",
                "showscale": True,
                "color": first,
            },
        )
    )
    buttons = [
        {"label": name, "method": "restyle", "args": [{"marker.color": [values]}]}
        for name, values in colours.items()
    ]
    figure.update_layout(
        title=title,
        updatemenus=[{"buttons": buttons, "x": 0, "xanchor": "left", "y": 1.08}],
        xaxis={"visible": False},
        yaxis={"visible": False, "scaleanchor": "x"},
        template="plotly_white",
    )
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(figure.to_html(include_plotlyjs=True, full_html=True), encoding="utf-8")
    except OSError as error:
        raise PlaceError(
            f"{file} cannot be written ({error.strerror or error}): choose another place."
        ) from error


def _colours(
    embeddings: EmbeddingFile, true_neighbours: Float64[np.ndarray, "points"]
) -> dict[str, list[float]]:
    # Identities by their place among all: numbers may leave large gaps.
    ranks = np.unique(embeddings.identity, return_inverse=True)[1]
    by_name: dict[str, Any] = {
        "identity": ranks,
        "camera": embeddings.camera,
        "split": embeddings.split == "query",
        "right first": embeddings.right,
        "true neighbours": true_neighbours,
    }
    return {name: np.asarray(values, dtype=float).tolist() for name, values in by_name.items()}


def _hover_texts(
    embeddings: EmbeddingFile, true_neighbours: Float64[np.ndarray, "points"]
) -> list[str]:
    columns = zip(
        embeddings.path.tolist(),
        embeddings.identity.tolist(),
        embeddings.camera.tolist(),
        embeddings.split.tolist(),
        embeddings.right.tolist(),
        true_neighbours.tolist(),
        strict=True,
    )
    return [
        f"{path}<br>identity {identity}, camera {camera}, {split}<br>first hit:"
        f" {_VERDICTS[right]}<br>true neighbours {_percent(share)}"
        for path, identity, camera, split, right, share in columns
    ]


def _percent(fraction: float) -> str:
    return "not measured" if np.isnan(fraction) else f"{100 * fraction:.0f} %"
