"""The claims of the lesson on losses, trained anew from seeds for which they were found to hold."""

from workbench.lessons import plane
from workbench.lessons.claims import Claim, claim, percent
from workbench.lessons.pull import Frame, pull
from workbench.lessons.settings import LossSetting

NAME = "losses"
STEPS = 240
STEPS_AFTERWARDS = 60
ALIKE = LossSetting(loss="triplet_hard", margin=0.5, rate=0.3, likeness=0.6, seed=1)
SEMIHARD = ALIKE.model_copy(update={"loss": "triplet_semihard"})
APART = ALIKE.model_copy(update={"likeness": 0.2})
LESS_ALIKE = ALIKE.model_copy(update={"likeness": 0.3})
"""Hardest triplets alone still collapse these."""

LARGEST_COLLAPSED = 0.2
LARGEST_FROM_MARGIN = 0.05
SMALLEST_CURED = 2.0
SMALLEST_RECALL = 0.9


def claims() -> list[Claim]:
    """What the lesson claims of points in the plane; some seconds of training."""
    collapsed, cured, easy = (_trained(setting) for setting in (ALIKE, SEMIHARD, APART))
    return [_collapse(collapsed), _stuck(collapsed), _cured(cured), _easy(easy), _warm()]


def _trained(setting: LossSetting) -> Frame:
    return pull(setting, frames=1, steps=STEPS)[-1]


def _share(frame: Frame, setting: LossSetting) -> float:
    """Spread in parts of the untrained network's."""
    return plane.spread(frame.points) / plane.spread(plane.untrained(setting))


def _collapse(frame: Frame) -> Claim:
    share = _share(frame, ALIKE)
    bound = f"{percent(share)} ≤ {percent(LARGEST_COLLAPSED)}"
    margin = LARGEST_COLLAPSED - share
    return claim(NAME, "collapse", margin, bound, steps=str(STEPS), share=percent(share))


def _stuck(frame: Frame) -> Claim:
    gap = abs(frame.loss - ALIKE.margin)
    bound = f"|{frame.loss:.3f} - {ALIKE.margin}| ≤ {LARGEST_FROM_MARGIN}"
    said = {"loss": f"{frame.loss:.3f}", "margin": str(ALIKE.margin)}
    return claim(NAME, "stuck", LARGEST_FROM_MARGIN - gap, bound, **said)


def _cured(frame: Frame) -> Claim:
    share = _share(frame, SEMIHARD)
    bound = f"{percent(share)} ≥ {percent(SMALLEST_CURED)}"
    return claim(NAME, "cured", share - SMALLEST_CURED, bound, share=percent(share))


def _warm() -> Claim:
    alone = _share(_trained(LESS_ALIKE), LESS_ALIKE)
    first = _trained(LESS_ALIKE.model_copy(update={"loss": "triplet_semihard"}))
    after = pull(LESS_ALIKE, state=first.state, frames=1, steps=STEPS_AFTERWARDS)[-1]
    recall = plane.neighbours_right(after.points)
    margin = min(LARGEST_COLLAPSED - alone, recall - SMALLEST_RECALL)
    bound = (
        f"{percent(alone)} ≤ {percent(LARGEST_COLLAPSED)},"
        f" {percent(recall)} ≥ {percent(SMALLEST_RECALL)}"
    )
    said = {"alone": percent(alone), "recall": percent(recall)}
    return claim(NAME, "warm", margin, bound, **said)


def _easy(frame: Frame) -> Claim:
    recall = plane.neighbours_right(frame.points)
    bound = f"{percent(recall)} ≥ {percent(SMALLEST_RECALL)}"
    return claim(NAME, "easy", recall - SMALLEST_RECALL, bound, recall=percent(recall))
