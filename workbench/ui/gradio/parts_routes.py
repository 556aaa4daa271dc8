"""The questions of the Parts tab; images and heat go by index and name, never by path."""

from typing import Any

from fastapi import APIRouter
from fastapi.responses import Response

from workbench.runs.registry import find_run
from workbench.ui import parts_view
from workbench.ui.parts_view import Side
from workbench.ui.ranking_view import Source

router = APIRouter(prefix="/api/runs/{run}")
FOR_AN_HOUR = {"Cache-Control": "private, max-age=3600"}


@router.get("/parts")
def overview(run: str, weights: str = "") -> dict[str, Any]:
    """Which weights there are, and the methods to choose from."""
    return parts_view.overview(find_run(run), weights)


@router.get("/parts/{weights}/{source}/{query}/{hit}")
def pair(
    run: str, weights: str, source: Source, query: int, hit: int, method: str = "evidence"
) -> dict[str, Any]:
    """A pair explained, or how far that is."""
    return parts_view.pair_of(find_run(run), weights, source, query, hit, method)


@router.get("/parts/{weights}/{source}/{query}/{hit}/{part}/{side}.png")
def heat(
    run: str,
    weights: str,
    source: Source,
    query: int,
    hit: int,
    part: str,
    side: Side,
    method: str = "evidence",
) -> Response:
    """The heat of one part, to lay over an image."""
    found = parts_view.heat_of(find_run(run), weights, source, query, hit, part, side, method)
    return Response(found, media_type="image/png", headers=FOR_AN_HOUR)


@router.get("/masks/{weights}/{part}.png")
def mask(run: str, weights: str, part: str) -> Response:
    """The learned mask of one part, to lay over an image."""
    found = parts_view.mask_of(find_run(run), weights, part)
    return Response(found, media_type="image/png", headers=FOR_AN_HOUR)
