"""The questions about rankings as they form; images go by index, never by path."""

from typing import Any

from fastapi import APIRouter, Query
from fastapi.responses import Response

from workbench.runs.management import find_run
from workbench.ui.api.answering import Answer
from workbench.ui.pictures import thumbnail
from workbench.ui.views.rankings import filmstrip_view
from workbench.ui.views.rankings.ranking_view import Source

router = APIRouter(prefix="/api/runs/{run}")
NOT_KEPT = {"Cache-Control": "no-store"}
FOR_AN_HOUR = {"Cache-Control": "private, max-age=3600"}


@router.get("/filmstrip")
def film(run: str, known: str = "") -> Answer:
    """The lists of the pinned queries at every evaluation, where there is anything new."""
    return Answer(filmstrip_view.film(find_run(run), known), headers=NOT_KEPT)


@router.get("/filmstrip/{source}/{index}.jpg")
def picture(run: str, source: Source, index: int, height: int = 96) -> Response:
    """A small picture of one image, also while the run trains."""
    file = filmstrip_view.film_picture(find_run(run), source, index)
    return Response(thumbnail(file, height), media_type="image/jpeg", headers=FOR_AN_HOUR)


@router.get("/formation/{weights}/{source}/{index}")
def formation(
    run: str, weights: str, source: Source, index: int, k: int = Query(10, ge=1, le=20)
) -> dict[str, Any]:
    """How the list of one image formed over the snapshots."""
    return filmstrip_view.formed(find_run(run), weights, source, index, k)
