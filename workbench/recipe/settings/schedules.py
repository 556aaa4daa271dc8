"""Schedule settings: the learning rate over time."""

from typing import Annotated, Any, Literal

from pydantic import Field

from workbench.recipe.settings.base import Group, OneOf, setting
from workbench.registry import Registry


class Warmup(Group):
    """Linear rise of the learning rate at the start."""

    count: Annotated[int, setting("Length in units; 0 switches it off.", ge=0, le=10_000_000)] = 0
    unit: Annotated[
        Literal["same", "step", "epoch"], setting("What is counted; same: the schedule's unit.")
    ] = "same"
    start_factor: Annotated[
        float, setting("Factor of the very first update (position 0).", ge=0.0, le=1.0)
    ] = 0.01


Unit = Literal["step", "epoch"]
UNIT_HELP = "Whether the rate changes at every step or at every epoch; counts are in this unit."


class ScheduleSettings(Group):
    """What every schedule has in common."""

    kind: Any
    unit: Annotated[Unit, setting(UNIT_HELP)] = "step"
    warmup: Annotated[Warmup, setting("Rise at the start.")] = Warmup()
    counted_from: Annotated[
        int,
        setting("Number of the first unit: 1 where authors call their first epoch 1.", ge=0, le=1),
    ] = 0


SCHEDULES: Registry[ScheduleSettings] = Registry("schedule")
"""Their implementations are functions: share of the peak rate at a position of so many units."""


@SCHEDULES.settings("workbench.training.schedules")
class Constant(ScheduleSettings):
    """The same rate after the warm-up."""

    kind: Literal["constant"] = "constant"


@SCHEDULES.settings("workbench.training.schedules")
class Cosine(ScheduleSettings):
    """Half a cosine from 1 down to ``floor`` over ``horizon``, held from some point on if asked."""

    kind: Literal["cosine"] = "cosine"
    floor: Annotated[float, setting("Factor at the end of the cosine.", ge=0.0, le=1.0)] = 0.0
    delay: Annotated[
        int | None,
        setting(
            "Unit in which the fall begins; empty: at the end of a warm-up in the same unit.",
            ge=0,
            le=10_000_000,
        ),
    ] = None
    horizon: Annotated[
        int | None,
        setting(
            "Where the cosine would end, in units; empty: the end of training.", ge=1, le=10_000_000
        ),
    ] = None
    hold_from: Annotated[
        float,
        setting(
            "Share of the horizon, cut to whole units, from which the rate is held.",
            gt=0.0,
            le=1.0,
        ),
    ] = 1.0


@SCHEDULES.settings("workbench.training.schedules")
class Milestones(ScheduleSettings):
    """The rate is multiplied by ``factor`` at each milestone."""

    kind: Literal["milestones"] = "milestones"
    unit: Annotated[Unit, setting(UNIT_HELP)] = "epoch"
    at: Annotated[
        list[Annotated[int, Field(ge=1, le=10_000_000)]],
        setting("Milestones in units.", min_length=1),
    ] = [40]
    factor: Annotated[float, setting("Factor at each milestone.", gt=0.0, le=1.0)] = 0.1


Schedule = Annotated[ScheduleSettings, OneOf(SCHEDULES)]
