"""The JSON questions that panels ask, and the files they load: one call each."""

import json
from pathlib import Path
from typing import Annotated, Any

import plotly
from fastapi import APIRouter, FastAPI, Query, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import FileResponse, Response
from fastapi.staticfiles import StaticFiles
from pydantic import BaseModel, Field

from workbench.errors import RunNotFound, WorkbenchError
from workbench.paths import assets_folder
from workbench.runs.curves import curves
from workbench.runs.lifecycle import launch
from workbench.runs.management import delete_run, find_run, rename_run
from workbench.ui.api import (
    calibration_routes,
    data_routes,
    filmstrip_routes,
    lesson_routes,
    looking_routes,
    map_routes,
    parts_routes,
    ranking_routes,
    upload_routes,
)
from workbench.ui.api.answering import Answer, sentence
from workbench.ui.assets import bundle
from workbench.ui.journal import journal
from workbench.ui.launching import fetch_weights, left, refused
from workbench.ui.panels import PANELS
from workbench.ui.views.runs import run_view
from workbench.ui.views.train import recipe_view
from workbench.ui.views.train.translate_view import translated

FOR_EVER = {"Cache-Control": "public, max-age=31536000, immutable"}
NOT_KEPT = {"Cache-Control": "no-store"}
LARGEST_OFFSET = 2**53 - 1
"""The largest whole number that JavaScript counts exactly; no file is as long."""
PLOTLY_SCRIPT = Path(plotly.__file__).parent / "package_data" / "plotly.min.js"

router = APIRouter()
nothing = APIRouter()
"""Comes behind every other."""


Offset = Annotated[int, Query(alias="from", ge=0, le=LARGEST_OFFSET)]


class Wanted(BaseModel):
    """A preset with overrides, and changes to be made to them; on or off its miniature."""

    preset: str = Field(max_length=200)
    overrides: dict[str, Any] = {}
    changes: dict[str, Any] = {}
    miniature: bool | None = None


class Pasted(BaseModel):
    """What was pasted."""

    text: str = Field(max_length=20_000)


class NewName(BaseModel):
    """What a run is to be called."""

    name: str = Field(max_length=200)


@router.get("/api/presets")
def presets() -> dict[str, Any]:
    """All presets as cards."""
    return {"presets": recipe_view.preset_cards()}


@router.post("/api/form")
def form(wanted: Wanted) -> dict[str, Any]:
    """The form of a preset with overrides after some changes."""
    return recipe_view.edited(wanted.preset, wanted.overrides, wanted.changes, wanted.miniature)


@router.post("/api/translate")
def translate(pasted: Pasted) -> dict[str, Any]:
    """What a published system's command stands for."""
    return translated(pasted.text)


@router.get("/api/devices")
def devices() -> dict[str, Any]:
    """All devices and who is busy."""
    return {"devices": recipe_view.devices()}


@router.get("/api/runs")
def runs(brief: bool = False) -> dict[str, Any]:
    """All runs, as rows of a table or as choices."""
    return {"runs": run_view.brief_rows() if brief else run_view.rows()}


@router.post("/api/runs")
def start(wanted: Wanted) -> dict[str, Any]:
    """Start a run."""
    return {"run": launch.start(wanted.preset, wanted.overrides).id}


@router.post("/api/weights")
def weights(wanted: Wanted) -> dict[str, Any]:
    """Fetch the published weights of a recipe, because somebody asked for it."""
    return {"name": fetch_weights(wanted.preset, wanted.overrides)}


@router.get("/api/runs/{run}")
def run_detail(run: str) -> dict[str, Any]:
    """One run as a monitor shows it."""
    return run_view.detail(find_run(run))


@router.post("/api/runs/{run}/stop")
def stop(run: str) -> dict[str, Any]:
    """Ask a run to stop."""
    launch.stop(find_run(run))
    return {"run": run}


@router.post("/api/runs/{run}/resume")
def resume(run: str) -> dict[str, Any]:
    """Let a run go on."""
    launch.resume(left(find_run(run)))
    return {"run": run}


@router.post("/api/runs/{run}/rename")
def rename(run: str, new: NewName) -> dict[str, Any]:
    """Give a run another name."""
    rename_run(find_run(run), new.name)
    return {"run": run}


@router.post("/api/runs/{run}/delete")
def delete(run: str) -> dict[str, Any]:
    """Move a run to the trash folder."""
    delete_run(left(find_run(run)))
    return {"run": run}


@router.get("/api/runs/{run}/curves")
def run_curves(
    run: str,
    start: Offset = 0,
    points: int = Query(1500, ge=1, le=20_000),
    smoothing: float = Query(0.9, ge=0, lt=1),
    state: str = "null",
) -> Answer:
    """Series from a byte of the event log on."""
    answer = curves(find_run(run), start, points, smoothing, _object(state))
    return Answer(answer, headers=NOT_KEPT)


@router.get("/api/runs/{run}/curves.csv")
def run_csv(run: str) -> FileResponse:
    """All points of all series."""
    return FileResponse(run_view.curves_file(find_run(run)), media_type="text/csv")


@router.get("/api/runs/{run}/log")
def run_log(run: str, start: Offset = 0) -> dict[str, Any]:
    """The output of a run from a byte on."""
    return run_view.log_tail(find_run(run), start)


@router.get("/api/runs/{run}/journal")
def run_journal(run: str, start: Offset = 0) -> dict[str, Any]:
    """What happened to a run, in words, from a byte of its events on."""
    return journal(find_run(run), start)


@router.get("/api/runs/{run}/recipe")
def run_recipe(run: str) -> dict[str, Any]:
    """The frozen recipe of a run."""
    return {"yaml": run_view.recipe_yaml(find_run(run))}


@nothing.api_route("/api/{path:path}", methods=["GET", "HEAD", "POST"], include_in_schema=False)
def nowhere(path: str) -> Answer:
    """What is at no address, or is asked for with another method."""
    reason = f"There is nothing at '/api/{path}' with this method: open the page at '/'."
    return Answer({"error": sentence(reason), "refused": {}}, status_code=404)


@router.get("/panel/plotly.js")
def plotly_script() -> FileResponse:
    """The script of the installed plotly, the same version that Python draws with."""
    return FileResponse(PLOTLY_SCRIPT, media_type="text/javascript", headers=FOR_EVER)


@router.get("/panel/workbench.js")
def script() -> Response:
    """All scripts of the panels."""
    return Response(bundle("js", "gradio"), media_type="text/javascript", headers=FOR_EVER)


@router.get("/panel/workbench.css")
def style() -> Response:
    """All styles of the panels."""
    return Response(bundle("css", "page"), media_type="text/css", headers=FOR_EVER)


def add_routes(app: FastAPI) -> None:
    """Add all routes to an application, and tell what users can cause in their own sentences."""
    app.include_router(router, default_response_class=Answer)
    app.include_router(calibration_routes.router, default_response_class=Answer)
    app.include_router(data_routes.router, default_response_class=Answer)
    # Before the rankings, whose addresses have the same shape.
    app.include_router(upload_routes.router, default_response_class=Answer)
    app.include_router(map_routes.router, default_response_class=Answer)
    app.include_router(ranking_routes.router, default_response_class=Answer)
    app.include_router(filmstrip_routes.router, default_response_class=Answer)
    app.include_router(parts_routes.router, default_response_class=Answer)
    app.include_router(looking_routes.router, default_response_class=Answer)
    app.include_router(lesson_routes.router, default_response_class=Answer)
    for panel in PANELS.values():
        if panel.router is not None:
            prefix = f"/api/{panel.name}"
            app.include_router(panel.router, prefix=prefix, default_response_class=Answer)
    app.include_router(nothing, default_response_class=Answer)
    app.mount("/panel", StaticFiles(directory=assets_folder()))
    app.add_exception_handler(WorkbenchError, _refuse)
    app.add_exception_handler(RequestValidationError, _refuse_request)


def _object(text: str) -> dict[str, Any] | None:
    """What a client gives back; None where it is damaged, and the curves start again."""
    try:
        value = json.loads(text)
    except ValueError:
        return None
    return value if isinstance(value, dict) else None


def _refuse(_: Request, error: Exception) -> Answer:
    status = 404 if isinstance(error, RunNotFound) else 409
    refusals = refused(error) if isinstance(error, WorkbenchError) else {}
    reasons = {path: sentence(reason) for path, reason in refusals.items()}
    return Answer({"error": sentence(str(error)), "refused": reasons}, status_code=status)


def _refuse_request(_: Request, error: Exception) -> Answer:
    """The first fault of a request by its name; the value itself is not repeated."""
    first = error.errors()[0] if isinstance(error, RequestValidationError) else {}
    where = ".".join(str(part) for part in first.get("loc", ())[1:]) or "body"
    reason = f"{where}: {first.get('msg', 'cannot be read')}. Correct it and send it again."
    return Answer({"error": sentence(reason), "refused": {}}, status_code=422)
