"""The process that trains the points of a lesson: ``python -m workbench.lessons.worker``.

It reads one request a line from standard input, a JSON object with ``task``, and writes one reply
a line: ``{"answer": ...}`` or ``{"error": message}``. It exits when its input ends, or after 15
minutes without a request.
"""

import json
import os
import select
import sys
from collections.abc import Callable
from typing import Any, TextIO

import numpy as np
import torch

from workbench.errors import WorkbenchError
from workbench.lessons import plane
from workbench.lessons.losses_lesson import claims
from workbench.lessons.plane_training import Frame, State, initial_state, train_points
from workbench.lessons.settings import LossSetting

IDLE_SECONDS = 900.0
MAX_FRAMES = 120
DIGITS = 7
Request = dict[str, Any]


def frames_of(request: Request) -> list[dict[str, Any]]:
    """The next frames of a training.

    ``request`` holds ``setting``, ``images`` (a flat list, two numbers each), ``state`` (of the
    frame to continue from, None at the start), ``count`` and ``steps``. Each frame has ``points``
    (flat), ``loss``, ``spread`` and ``state``; the last one also ``recall``, its Recall@1.
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
    """The state to continue from. Another loss may need class vectors, or have no use for them."""
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


TASKS: dict[str, Callable[[Request], Any]] = {
    "frames": frames_of,
    "claims": lambda _: [vars(claim) for claim in claims()],
}


def main() -> int:
    """Reply to requests until there are no more."""
    torch.set_num_threads(1)
    # What libraries print must not end up between the replies.
    replies = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    while True:
        ready, _, _ = select.select([sys.stdin], [], [], IDLE_SECONDS)
        line = sys.stdin.readline() if ready else ""
        if not line:
            return 0
        _reply(json.loads(line), replies)


def _reply(request: Request, replies: TextIO) -> None:
    try:
        reply: Any = {"answer": TASKS[request.pop("task")](request)}
    except WorkbenchError as error:
        reply = {"error": str(error)}
    replies.write(json.dumps(reply) + "\n")
    replies.flush()


if __name__ == "__main__":
    sys.exit(main())
