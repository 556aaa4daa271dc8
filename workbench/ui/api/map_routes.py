"""The questions of the Map tab: words as JSON, points as bytes."""

from typing import Any

from fastapi import APIRouter, Query
from fastapi.responses import Response

from workbench.inspection.maps import MapMethod
from workbench.runs.management import find_run
from workbench.ui.links import Colour
from workbench.ui.views.map import map_frames, map_live, map_tasks, map_view
from workbench.ui.views.map.map_frames import Part
from workbench.ui.views.rankings.stored_rankings import choose

router = APIRouter(prefix="/api/runs/{run}/maps")


@router.get("")
def overview(run: str, weights: str = "") -> dict[str, Any]:
    """Which weights have a map, and what the map of one of them holds."""
    return map_view.overview(find_run(run), weights)


@router.get("/live")
def live(run: str, known: str = "") -> dict[str, Any]:
    """The snapshots of a run, where there is anything new."""
    return map_live.live_news(find_run(run), known)


@router.get("/{weights}/link")
def link(
    run: str,
    weights: str,
    method: MapMethod = "pca",
    colour: Colour = "identity",
    step: int | None = Query(None, ge=0),
    point: int | None = Query(None, ge=0),
) -> dict[str, str]:
    """The address that opens what is seen."""
    return {"link": map_view.link_of(find_run(run), weights, method, colour, step, point)}


@router.get("/{weights}/images")
def images(run: str, weights: str) -> Response:
    """Identity and camera of every point, 32 bits each."""
    return _bytes(map_view.images_of(find_run(run), weights))


@router.get("/{weights}/verdicts")
def verdicts(run: str, weights: str) -> Response:
    """Whether the first hit of every point is right, 8 bits."""
    return _bytes(map_view.verdicts_of(find_run(run), weights))


@router.get("/{weights}/umap")
def umap_state(run: str, weights: str, snapshots: bool = False) -> dict[str, Any]:
    """How far a UMAP is."""
    found = find_run(run)
    return map_tasks.umap_state(found, choose(found, weights), snapshots=snapshots)


@router.post("/{weights}/umap")
def make_umap(run: str, weights: str, snapshots: bool = False) -> dict[str, Any]:
    """Start making a UMAP in a process of its own."""
    map_view.start_umap(find_run(run), weights, snapshots=snapshots)
    return umap_state(run, weights, snapshots)


@router.get("/{weights}/{method}/points")
def points(run: str, weights: str, method: MapMethod) -> Response:
    """Across and up of every point, 32 bits each."""
    return _bytes(map_view.points_of(find_run(run), weights, method))


@router.get("/{weights}/{method}/trust")
def trust(run: str, weights: str, method: MapMethod) -> dict[str, Any]:
    """How far to believe a map."""
    return map_view.trust_of(find_run(run), weights, method)


@router.get("/{weights}/{method}/shares")
def shares(run: str, weights: str, method: MapMethod) -> Response:
    """How far to believe each point, 32 bits each."""
    return _bytes(map_view.shares_of(find_run(run), weights, method))


@router.get("/{weights}/{method}/points/{point}")
def point(
    run: str, weights: str, method: MapMethod, point: int, step: int | None = None
) -> dict[str, Any]:
    """One image with its true neighbours."""
    return map_view.point_of(find_run(run), weights, method, point, step)


@router.get("/{weights}/{method}/frames")
def frames(run: str, weights: str, method: MapMethod) -> dict[str, Any]:
    """The maps over training."""
    return map_view.frames_of(find_run(run), weights, method)


@router.get("/{weights}/{method}/frames/{part}")
def frames_part(run: str, weights: str, method: MapMethod, part: Part) -> Response:
    """Numbers of the maps over training, 32 bits each."""
    return _bytes(map_frames.frames_part(find_run(run), method, part))


def _bytes(content: bytes) -> Response:
    headers = {"Cache-Control": "no-store"}
    return Response(content, media_type="application/octet-stream", headers=headers)
