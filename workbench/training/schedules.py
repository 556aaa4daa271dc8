"""Learning rates over time as pure functions: a factor of the peak rate, from 0 to 1.

A *position* counts completed units (optimizer steps, or epochs): the very first update has position
0, so ``warmup.start_factor`` is the factor of that first update. Where authors count their first
epoch as 1 (``counted_from``), every position is one larger, and the first update is a unit further.
"""

import math

from workbench.recipe.settings.schedules import (
    SCHEDULES,
    Constant,
    Cosine,
    Milestones,
    Schedule,
    Warmup,
)

Units = int | float
"""Optimizer steps or epochs, whichever the schedule counts in."""


def factor(
    schedule: Schedule, position: Units, total: Units, warmup_position: Units | None = None
) -> float:
    """Share of the peak learning rate at ``position`` of ``total`` units, in [0, 1].

    ``warmup_position`` is the position in the unit of the warm-up, where that is another one.
    Defined for every position from 0 on, also beyond ``total``. Constant and cosine schedules are
    continuous; milestones jump at their milestones only.

    Source of the cosine: Loshchilov and Hutter 2017 (arXiv 1608.03983), one period, no restart.
    """
    first = schedule.counted_from
    warmed = position if warmup_position is None else warmup_position
    rise = warmup_factor(schedule.warmup, warmed + first)
    return rise * SCHEDULES.implementation(schedule)(schedule, position + first, total)


def warmup_factor(warmup: Warmup, position: Units) -> float:
    """Linear rise from ``start_factor`` at position 0 to 1 at ``count`` and ever after."""
    if position >= warmup.count:
        return 1.0
    return warmup.start_factor + (1.0 - warmup.start_factor) * position / warmup.count


def whole_units(units: float) -> int:
    """Units cut to a whole number; a share such as 0.6 is not exact in binary, so 60 stays 60."""
    return math.floor(units + 1e-9)


@SCHEDULES.implements(Constant)
def _constant(schedule: Constant, position: Units, total: Units) -> float:
    return 1.0


@SCHEDULES.implements(Milestones)
def _milestones(schedule: Milestones, position: Units, total: Units) -> float:
    return schedule.factor ** sum(position >= milestone for milestone in schedule.at)


@SCHEDULES.implements(Cosine)
def _cosine(schedule: Cosine, position: Units, total: Units) -> float:
    horizon = float(schedule.horizon or total)
    start = schedule.delay
    if start is None:
        start = schedule.warmup.count if schedule.warmup.unit in ("same", schedule.unit) else 0
    length = horizon - start
    held = min(position, whole_units(schedule.hold_from * horizon))
    # A warm-up that reaches the horizon leaves no room to fall: the factor stays at 1.
    progress = min(max((held - start) / length, 0.0), 1.0) if length > 0 else 0.0
    return schedule.floor + (1.0 - schedule.floor) * 0.5 * (1.0 + math.cos(math.pi * progress))
