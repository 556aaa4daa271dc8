"""The claims of the lesson on losses, trained anew from seeds for which they were found to hold."""

from workbench.lessons import plane
from workbench.lessons.claims import Claim, claim, percent
from workbench.lessons.plane_training import Frame, train_points
from workbench.lessons.settings import LossSetting

NAME = "losses"
STEPS = 240
STEPS_AFTERWARDS = 60
OVERLAPPING = LossSetting(loss="triplet_hard", margin=0.5, rate=0.3, likeness=0.6, seed=1)
SEMIHARD = OVERLAPPING.model_copy(update={"loss": "triplet_semihard"})
APART = OVERLAPPING.model_copy(update={"likeness": 0.2})
LESS_OVERLAPPING = OVERLAPPING.model_copy(update={"likeness": 0.3})
"""Hardest triplets alone still collapse these."""

LARGEST_COLLAPSED = 0.2
LARGEST_FROM_MARGIN = 0.05
SMALLEST_REMEDIED = 2.0
SMALLEST_RECALL = 0.9


def claims() -> list[Claim]:
    """What the lesson claims of points in the plane; some seconds of training."""
    collapsed, remedied, separable = (
        _trained(setting) for setting in (OVERLAPPING, SEMIHARD, APART)
    )
    return [
        _collapse(collapsed),
        _stuck(collapsed),
        _remedied(remedied),
        _separable(separable),
        _warm_start(),
    ]


def _trained(setting: LossSetting) -> Frame:
    return train_points(setting, frames=1, steps=STEPS)[-1]


def _relative_spread(frame: Frame, setting: LossSetting) -> float:
    """Spread in parts of the untrained network's."""
    return plane.spread(frame.points) / plane.spread(plane.untrained(setting))


def _collapse(frame: Frame) -> Claim:
    spread = _relative_spread(frame, OVERLAPPING)
    bound = f"{percent(spread)} ≤ {percent(LARGEST_COLLAPSED)}"
    margin = LARGEST_COLLAPSED - spread
    return claim(NAME, "collapse", margin, bound, steps=str(STEPS), share=percent(spread))


def _stuck(frame: Frame) -> Claim:
    gap = abs(frame.loss - OVERLAPPING.margin)
    bound = f"|{frame.loss:.3f} - {OVERLAPPING.margin}| ≤ {LARGEST_FROM_MARGIN}"
    facts = {"loss": f"{frame.loss:.3f}", "margin": str(OVERLAPPING.margin)}
    return claim(NAME, "stuck", LARGEST_FROM_MARGIN - gap, bound, **facts)


def _remedied(frame: Frame) -> Claim:
    spread = _relative_spread(frame, SEMIHARD)
    bound = f"{percent(spread)} ≥ {percent(SMALLEST_REMEDIED)}"
    return claim(NAME, "cured", spread - SMALLEST_REMEDIED, bound, share=percent(spread))


def _warm_start() -> Claim:
    alone = _relative_spread(_trained(LESS_OVERLAPPING), LESS_OVERLAPPING)
    first = _trained(LESS_OVERLAPPING.model_copy(update={"loss": "triplet_semihard"}))
    after = train_points(LESS_OVERLAPPING, state=first.state, frames=1, steps=STEPS_AFTERWARDS)[-1]
    recall = plane.recall_at_1(after.points)
    margin = min(LARGEST_COLLAPSED - alone, recall - SMALLEST_RECALL)
    bound = (
        f"{percent(alone)} ≤ {percent(LARGEST_COLLAPSED)},"
        f" {percent(recall)} ≥ {percent(SMALLEST_RECALL)}"
    )
    facts = {"alone": percent(alone), "recall": percent(recall)}
    return claim(NAME, "warm", margin, bound, **facts)


def _separable(frame: Frame) -> Claim:
    recall = plane.recall_at_1(frame.points)
    bound = f"{percent(recall)} ≥ {percent(SMALLEST_RECALL)}"
    return claim(NAME, "easy", recall - SMALLEST_RECALL, bound, recall=percent(recall))
