"""The questions of a preset's card: what it costs here, and measuring that."""

from typing import Any

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from workbench.ui.views.train import calibration_tasks

router = APIRouter(prefix="/api/calibration")


class Chosen(BaseModel):
    """A preset by its name."""

    preset: str = Field(max_length=200)


@router.get("")
def state(preset: str = Query(max_length=200)) -> dict[str, Any]:
    """How the measurement of a preset stands."""
    return calibration_tasks.state_of(preset)


@router.post("")
def measure(chosen: Chosen) -> dict[str, Any]:
    """Start measuring a preset."""
    calibration_tasks.measure(chosen.preset)
    return calibration_tasks.state_of(chosen.preset)
