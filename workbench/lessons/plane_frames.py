"""Questions about a training in the plane, and their answers, as plain values."""

from typing import Any

import numpy as np

from workbench.lessons import plane
from workbench.lessons.plane_training import Frame, State, initial_state, train_points
from workbench.lessons.settings import LossSetting

MAX_FRAMES = 120
DIGITS = 7


def frames_of(request: dict[str, Any]) -> list[dict[str, Any]]:
    """The next frames of a training.

    ``request`` holds ``setting``, ``images`` (a flat list, two numbers each), ``state`` (of the
    frame to go on from, or None to begin), ``count`` and ``steps``. Of every frame: ``points`` (flat),
    ``loss``, ``spread``, ``state``; of the last one ``recall``, Recall@1.
    """
    setting = LossSetting.model_validate(request["setting"])
    images = np.array(request["images"], dtype=np.float64).reshape(-1, 2)
    state = _state(setting, request["state"])
    count, steps = min(request["count"], MAX_FRAMES), min(request["steps"], MAX_FRAMES)
    frames = train_points(setting, images, state, frames=count, steps=steps)
    records = [_record(frame) for frame in frames]
    records[-1]["recall"] = plane.recall_at_1(frames[-1].points)
    return records


def _state(setting: LossSetting, previous: dict[str, Any] | None) -> State:
    """What to go on from. Another loss may need class vectors, or have no place for them."""
    initial = initial_state(setting)
    if previous is None:
        return initial
    class_vectors = initial.class_vectors
    if class_vectors is not None and previous["own"] is not None:
        class_vectors = np.array(previous["own"], dtype=np.float64).reshape(-1, 2)
    return State(np.array(previous["weights"], dtype=np.float64), class_vectors)


def _record(frame: Frame) -> dict[str, Any]:
    class_vectors = (
        None if frame.state.class_vectors is None else _numbers(frame.state.class_vectors)
    )
    return {
        "points": _numbers(frame.points),
        "loss": frame.loss,
        "spread": plane.spread(frame.points),
        "state": {"weights": _numbers(frame.state.weights), "own": class_vectors},
    }


def _numbers(values: np.ndarray) -> list[float]:
    return [float(f"{value:.{DIGITS}g}") for value in values.ravel().tolist()]
