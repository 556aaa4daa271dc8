"""One thread for what a page's process computes itself, in the order it is asked for.

Networks that are kept in memory are used here only, so that two questions never share one. What
takes longer than a visitor waits belongs into a process of its own.
"""

import threading
from collections.abc import Callable
from concurrent.futures import Future
from queue import SimpleQueue
from typing import Any, TypeVar

Answer = TypeVar("Answer")

_waiting: "SimpleQueue[tuple[Future[Any], Callable[[], Any]]]" = SimpleQueue()
_guard = threading.Lock()
_threads: list[threading.Thread] = []


def in_background(work: Callable[[], Answer]) -> "Future[Answer]":
    """Have ``work`` done when everything asked for before is done; errors are kept with it."""
    answer: Future[Answer] = Future()
    with _guard:
        if not _threads:
            # A daemon: closing the page does not wait for it.
            _threads.append(threading.Thread(target=_serve, name="page work", daemon=True))
            _threads[0].start()
    _waiting.put((answer, work))
    return answer


def _serve() -> None:
    while True:
        answer, work = _waiting.get()
        if not answer.set_running_or_notify_cancel():
            continue
        try:
            answer.set_result(work())
        except BaseException as error:
            answer.set_exception(error)
        # What was computed belongs to who asked for it.
        del answer, work
