"""The questions of the Parts tab; images and heat go by index and name, never by path."""

from typing import Any

from fastapi import APIRouter
from fastapi.responses import Response

from workbench.runs.management import find_run
from workbench.ui.views.parts import own_parts_view, parts_view
from workbench.ui.views.parts.parts_answers import Side
from workbench.ui.views.rankings.ranking_view import Source

router = APIRouter(prefix="/api/runs/{run}")
FOR_AN_HOUR = {"Cache-Control": "private, max-age=3600"}
NOT_KEPT = {"Cache-Control": "no-store"}


@router.get("/parts")
def overview(run: str, weights: str = "") -> dict[str, Any]:
    """Which weights there are, and the methods to choose from."""
    return parts_view.overview(find_run(run), weights)


# Before the run's own images, whose addresses have the same shape.
@router.get("/parts/{weights}/upload/{word}/{hit}")
def own_pair(
    run: str, weights: str, word: str, hit: int, method: str = "evidence"
) -> dict[str, Any]:
    """An image that was handed in and a hit explained, or how far that is."""
    return own_parts_view.own_pair(find_run(run), weights, word, hit, method)


@router.get("/parts/{weights}/upload/{word}/{hit}/{part}/{side}.png")
def own_heat(
    run: str,
    weights: str,
    word: str,
    hit: int,
    part: str,
    side: Side,
    method: str = "evidence",
) -> Response:
    """The heat of one part of such a pair; browsers are told not to keep it."""
    found = own_parts_view.own_heat(find_run(run), weights, word, hit, part, side, method)
    return Response(found, media_type="image/png", headers=NOT_KEPT)


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
