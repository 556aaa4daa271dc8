"""The questions of the Data tab; data sets go by key and images by index, never by path."""

from typing import Any

from fastapi import APIRouter, Query
from fastapi.responses import Response
from pydantic import BaseModel, Field

from workbench.ui.pictures import thumbnail
from workbench.ui.views.data import data_advice, data_samples, data_view

router = APIRouter(prefix="/api/data")
FOR_A_WHILE = {"Cache-Control": "private, max-age=600"}


class Chosen(BaseModel):
    """A data set by its key."""

    dataset: str = Field(max_length=300)


class Settings(BaseModel):
    """Settings of a playground, and changes to be made to them."""

    overrides: dict[str, Any] = {}
    changes: dict[str, Any] = {}


@router.get("")
def sets() -> dict[str, Any]:
    """Every data set in a line."""
    return data_view.sets()


@router.get("/set")
def overview(dataset: str) -> dict[str, Any]:
    """One data set, its folder read anew."""
    return data_view.overview(dataset)


@router.get("/tasks")
def tasks(dataset: str) -> dict[str, Any]:
    """How the check and the drawing of a data set stand."""
    return data_view.tasks_of(dataset)


@router.post("/check")
def check(chosen: Chosen) -> dict[str, Any]:
    """Start checking a data set."""
    data_view.check_again(chosen.dataset)
    return data_view.tasks_of(chosen.dataset)


@router.post("/stop")
def stop(chosen: Chosen) -> dict[str, Any]:
    """Stop the check or the drawing of a data set."""
    data_view.stop(chosen.dataset)
    return {"dataset": chosen.dataset}


@router.post("/playground/form")
def playground_form(settings: Settings) -> dict[str, Any]:
    """The controls of a playground's settings after some changes."""
    return data_advice.playground_form(settings.overrides, settings.changes)


@router.post("/playground")
def draw(settings: Settings) -> dict[str, Any]:
    """Start drawing a playground."""
    return {"dataset": data_view.draw(data_advice.playground_of(settings.overrides))}


@router.post("/miniature")
def draw_miniature(chosen: Chosen) -> dict[str, Any]:
    """Start drawing a miniature."""
    data_view.draw_miniature(chosen.dataset)
    return data_view.tasks_of(chosen.dataset)


@router.get("/samples")
def samples(
    dataset: str,
    part: str = "",
    identity: int | None = None,
    camera: int | None = None,
    start: int = Query(0, alias="from", ge=0),
    count: int = Query(60, ge=1),
) -> dict[str, Any]:
    """A page of images by identity and camera."""
    return data_samples.samples_of(
        dataset, part, identity=identity, camera=camera, start=start, count=count
    )


@router.get("/facts/{part}/{index}")
def facts(dataset: str, part: str, index: int) -> dict[str, Any]:
    """One image in words."""
    return data_samples.facts_of(dataset, part, index)


@router.get("/images/{part}/{index}.jpg")
def image(dataset: str, part: str, index: int, height: int = 128) -> Response:
    """A small picture of one image."""
    file = data_samples.picture_of(dataset, part, index)
    return Response(thumbnail(file, height), media_type="image/jpeg", headers=FOR_A_WHILE)
