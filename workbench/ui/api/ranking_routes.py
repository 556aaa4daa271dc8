"""The questions of the Rankings tab; images go by index, never by path."""

from typing import Any

from fastapi import APIRouter, Query
from fastapi.responses import Response

from workbench.data.wording import whole_number
from workbench.retrieval.rankings import Order
from workbench.runs.management import find_run
from workbench.ui.pictures import thumbnail
from workbench.ui.views.rankings import ranking_view
from workbench.ui.views.rankings.own_query_view import limits
from workbench.ui.views.rankings.ranking_view import Source

router = APIRouter(prefix="/api/runs/{run}")
LONGEST_NUMBER = 18
"""Digits of an identity: all such numbers fit in 64 bits."""
FOR_AN_HOUR = {"Cache-Control": "private, max-age=3600"}


@router.get("/rankings")
def overview(run: str, weights: str = "", rerank: str = "") -> dict[str, Any]:
    """Which weights can be ranked with, the figures of one of them, and what may be handed in."""
    answer = ranking_view.overview(find_run(run), weights, rerank)
    return answer | {"uploads": limits()}


@router.post("/rankings/{weights}")
def embed(run: str, weights: str) -> dict[str, Any]:
    """Start embedding weights that were not embedded yet."""
    ranking_view.embed_weights(find_run(run), weights)
    return {"weights": weights}


@router.get("/rankings/{weights}/queries")
def queries(
    run: str,
    weights: str,
    order: Order = "worst",
    seed: int = Query(0, ge=0),
    identity: str = "",
    start: int = Query(0, alias="from", ge=0),
    count: int = Query(60, ge=1),
    rerank: str = "",
) -> dict[str, Any]:
    """A page of queries."""
    return ranking_view.queries_of(
        find_run(run),
        weights,
        order=order,
        seed=seed,
        identity=whole_number(identity, LONGEST_NUMBER),
        start=start,
        count=count,
        rerank=rerank,
    )


@router.get("/rankings/{weights}/{source}/{index}")
def ranking(
    run: str, weights: str, source: Source, index: int, k: int = 10, rerank: str = ""
) -> dict[str, Any]:
    """The ranked list of one image."""
    return ranking_view.ranking_of(find_run(run), weights, source, index, k, rerank)


@router.get("/images/{weights}/{source}/{index}.jpg")
def image(run: str, weights: str, source: Source, index: int, height: int = 192) -> Response:
    """A small picture of one image."""
    file = ranking_view.picture_of(find_run(run), weights, source, index)
    return Response(thumbnail(file, height), media_type="image/jpeg", headers=FOR_AN_HOUR)
