"""The process that trains the points of a lesson: ``python -m workbench.lessons.worker``.

It reads one question a line from its input, a JSON object with ``task``, and writes one answer a
line: the answer, or ``{"error": sentence}``. It ends when its input does, or is silent for long.
"""

import json
import os
import select
import sys
from collections.abc import Callable
from typing import Any, TextIO

import torch

from workbench.errors import WorkbenchError
from workbench.lessons.losses_lesson import claims
from workbench.lessons.plane_frames import frames_of

IDLE_SECONDS = 900.0
Request = dict[str, Any]

TASKS: dict[str, Callable[[Request], Any]] = {
    "frames": frames_of,
    "claims": lambda _: [vars(claim) for claim in claims()],
}


def main() -> int:
    """Answer until nobody asks any more."""
    torch.set_num_threads(1)
    # What a library prints must not stand between the answers.
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    while True:
        ready, _, _ = select.select([sys.stdin], [], [], IDLE_SECONDS)
        line = sys.stdin.readline() if ready else ""
        if not line:
            return 0
        _answer(json.loads(line), answers)


def _answer(request: Request, answers: TextIO) -> None:
    try:
        reply: Any = {"answer": TASKS[request.pop("task")](request)}
    except WorkbenchError as error:
        reply = {"error": str(error)}
    answers.write(json.dumps(reply) + "\n")
    answers.flush()


if __name__ == "__main__":
    sys.exit(main())
