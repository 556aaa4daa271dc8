"""Questions whose answers take a second: asked again and again until there is an answer.

Requests never compute. They are told at once whether there is an answer; the work is done in the
page's background thread. What was asked last is done first, and what nobody asks for any more is
not done at all: whoever clicks through ten images waits for the tenth only.
"""

import threading
import time
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from typing import Any, TypeVar, cast

from workbench.ui.background import in_background

FORGOTTEN_AFTER = 5.0
"""Seconds after which a question that is not repeated counts as withdrawn."""

Answer = TypeVar("Answer")


@dataclass
class _Question:
    work: Callable[[], Any]
    asked: float = 0.0
    listeners: int = 0
    begun: bool = False
    done: threading.Event = field(default_factory=threading.Event)
    answer: Any = None
    error: Exception | None = None

    @property
    def wanted(self) -> bool:
        return self.listeners > 0 or time.monotonic() - self.asked < FORGOTTEN_AFTER

    def find_answer(self) -> None:
        try:
            self.answer = self.work()
        except Exception as error:
            self.error = error
        self.done.set()


class Questions:
    """What is being asked just now."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._asked: dict[Hashable, _Question] = {}

    def ask(
        self, key: Hashable, work: Callable[[], Answer], patience: float = 0.0
    ) -> Answer | None:
        """What ``work`` returns; None as long as it is not done. Raises what ``work`` raises.

        Args:
            key: the same for the same question, whose work is then done once.
            work: never returns None.
            patience: seconds to wait here for the answer.

        An answer is given once: who wants it again keeps it.
        """
        with self._guard:
            if key not in self._asked:
                self._asked[key] = _Question(work)
                in_background(self._answer_latest)
            question = self._asked[key]
            question.asked = time.monotonic()
            question.listeners += 1
        done = question.done.wait(patience)
        with self._guard:
            question.listeners -= 1
            if done and self._asked.get(key) is question:
                del self._asked[key]
        if question.error is not None:
            raise question.error
        return cast("Answer | None", question.answer)

    def _answer_latest(self) -> None:
        """The background thread takes as many turns as there were questions."""
        with self._guard:
            for key in [key for key, one in self._asked.items() if not one.wanted]:
                del self._asked[key]
            waiting = [one for one in self._asked.values() if not one.begun]
            if not waiting:
                return
            latest = max(waiting, key=lambda one: one.asked)
            latest.begun = True
        latest.find_answer()
