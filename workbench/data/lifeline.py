"""Processes that end with the one that started them, however that one ends."""

import ctypes
import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from functools import partial

_DEATH_SIGNAL = 1
"""PR_SET_PDEATHSIG of Linux."""
_LOOK_SECONDS = 1.0


def bound_to_this() -> Callable[[int], None]:
    """What a child process calls first, with any number: it then ends with the present process.

    The child is given this process's number and compares: asked by itself only when it has loaded,
    it would take whoever adopted it for its parent. On Linux the kernel then kills it when its
    parent dies; elsewhere, and where the thread that started it may end earlier, a thread looks.
    """
    lasting = threading.current_thread() is threading.main_thread()
    return partial(_bind, os.getpid(), lasting)


def _bind(parent: int, lasting: bool, _: int = 0) -> None:
    if not (lasting and _ask_the_kernel()):
        threading.Thread(target=_look, args=(parent,), daemon=True, name="lifeline").start()
    # After the request: a parent that died before it sends no signal.
    if os.getppid() != parent:
        os._exit(1)


def _ask_the_kernel() -> bool:
    """Whether the kernel kills this process when the thread that started it ends."""
    if sys.platform != "linux":
        return False
    try:
        return ctypes.CDLL(None).prctl(_DEATH_SIGNAL, int(signal.SIGKILL), 0, 0, 0) == 0
    except (OSError, AttributeError):
        return False


def _look(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(_LOOK_SECONDS)
    os._exit(1)
