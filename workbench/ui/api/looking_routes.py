"""Questions below the heatmaps of the Parts tab: attention of a token, lengths of vectors."""

from typing import Any

from fastapi import APIRouter, Query

from workbench.runs.management import find_run
from workbench.ui.views.parts import attention_view, norms_view
from workbench.ui.views.rankings.ranking_view import Source

router = APIRouter(prefix="/api/runs/{run}")


@router.get("/attention/{weights}/{source}/{index}")
def attention(
    run: str,
    weights: str,
    source: Source,
    index: int,
    top: float = Query(0.5, ge=0, le=1),
    left: float = Query(0.5, ge=0, le=1),
) -> dict[str, Any]:
    """What the token at a place of an image listens to, or how far that is."""
    return attention_view.attention_of(find_run(run), weights, source, index, (top, left))


@router.get("/lengths/{weights}")
def lengths(run: str, weights: str) -> dict[str, Any]:
    """Lengths of the vectors of test images, or how they can be had."""
    return norms_view.lengths_view(find_run(run), weights)


@router.post("/lengths/{weights}")
def measure(run: str, weights: str) -> dict[str, Any]:
    """Start measuring lengths that are not stored."""
    norms_view.measure_lengths(find_run(run), weights)
    return {"weights": weights}
