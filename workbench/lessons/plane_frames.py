"""Questions about a training in the plane, and their answers, as plain values."""

from typing import Any

import numpy as np

from workbench.lessons import plane
from workbench.lessons.pull import Frame, State, begin, pull
from workbench.lessons.settings import LossSetting

MOST_FRAMES = 120
DIGITS = 7


def frames_of(asked: dict[str, Any]) -> list[dict[str, Any]]:
    """The next frames of a training.

    ``asked`` holds ``setting``, ``images`` (a flat list, two numbers each), ``state`` (of the frame
    to go on from, or None to begin), ``count`` and ``steps``. Of every frame: ``points`` (flat),
    ``loss``, ``spread``, ``state``; of the last one ``recall``, Recall@1.
    """
    setting = LossSetting.model_validate(asked["setting"])
    images = np.array(asked["images"], dtype=np.float64).reshape(-1, 2)
    state = _state(setting, asked["state"])
    count, steps = min(asked["count"], MOST_FRAMES), min(asked["steps"], MOST_FRAMES)
    found = pull(setting, images, state, frames=count, steps=steps)
    told = [_told(frame) for frame in found]
    told[-1]["recall"] = plane.neighbours_right(found[-1].points)
    return told


def _state(setting: LossSetting, told: dict[str, Any] | None) -> State:
    """What to go on from. Another loss may need class vectors, or have no place for them."""
    fresh = begin(setting)
    if told is None:
        return fresh
    own = fresh.own
    if own is not None and told["own"] is not None:
        own = np.array(told["own"], dtype=np.float64).reshape(-1, 2)
    return State(np.array(told["weights"], dtype=np.float64), own)


def _told(frame: Frame) -> dict[str, Any]:
    own = None if frame.state.own is None else _numbers(frame.state.own)
    return {
        "points": _numbers(frame.points),
        "loss": frame.loss,
        "spread": plane.spread(frame.points),
        "state": {"weights": _numbers(frame.state.weights), "own": own},
    }


def _numbers(values: np.ndarray) -> list[float]:
    return [float(f"{value:.{DIGITS}g}") for value in values.ravel().tolist()]
