"""Compiled kernels where they can be had, and the threads that run them.

Everything they do exists in NumPy as well and gives the same values; they only make it quick. They
run without Python's lock, on threads of our own: numba's own threads can neither be entered from
two places at once nor survive a fork.
"""

import os
import tempfile
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import cache
from importlib import import_module
from itertools import pairwise
from pathlib import Path
from threading import Lock
from types import ModuleType
from typing import Any

from threadpoolctl import ThreadpoolController

from workbench.system import cores

WORTH_THREADS = 2**28  # multiplications: a few milliseconds

Runner = Callable[[Callable[[Any], Any], Sequence[Any]], list[Any]]
"""Calls a function with each part and gives the results in the order of the parts."""


@cache
def kernels(name: str = "exact.vector_kernels") -> ModuleType | None:
    """A module of compiled loops, or None where numba is missing or cannot keep what it compiles.

    ``WORKBENCH_COMPILED=0`` also goes without.
    """
    if os.environ.get("WORKBENCH_COMPILED") == "0":
        return None
    # Read once, when numba is first imported. Its default is beside the package, which may be
    # read-only, and then numba refuses to compile anything.
    os.environ.setdefault("NUMBA_CACHE_DIR", str(_kept_in()))
    try:
        return import_module(f"workbench.retrieval.{name}")
    except (ImportError, RuntimeError):
        return None


def thread_count() -> int:
    """As many threads as ``OMP_NUM_THREADS`` says, else one for each core at our disposal."""
    wanted = os.environ.get("OMP_NUM_THREADS", "").split(",")[0]
    if wanted.isdecimal() and int(wanted):
        return int(wanted)
    return cores()


@contextmanager
def threads() -> Iterator[Runner]:
    """A runner over threads that live as long as the context, or a plain loop for one of them."""
    number = thread_count()
    if number == 1:
        yield lambda function, parts: [function(part) for part in parts]
        return
    with ThreadPoolExecutor(number, thread_name_prefix="retrieval") as pool:
        yield lambda function, parts: list(pool.map(function, parts))


@dataclass
class _OneBlasThread:
    """How many are in need of it, and what ends it."""

    lock: Lock = field(default_factory=Lock)
    users: int = 0
    limits: ExitStack = field(default_factory=ExitStack)


_one_blas_thread = _OneBlasThread()


@contextmanager
def multiplying(work: int) -> Iterator[Runner]:
    """A runner for matrix products of ``work`` multiplications in all, each in its own thread.

    The threads of a BLAS library wait for work by spinning and take the cores from whoever works
    between two products; so where it is worth it, BLAS keeps to the thread that calls it. That
    setting is the process's: the last one to leave puts it back.
    """
    if thread_count() == 1 or work < WORTH_THREADS:
        yield lambda function, parts: [function(part) for part in parts]
        return
    state = _one_blas_thread
    with state.lock:
        state.users += 1
        if state.users == 1:
            state.limits.enter_context(_libraries().limit(limits=1, user_api="blas"))
    try:
        with threads() as run:
            yield run
    finally:
        with state.lock:
            state.users -= 1
            if not state.users:
                state.limits.close()


@cache
def _libraries() -> ThreadpoolController:
    """NumPy's BLAS is among them: it is loaded with NumPy. To look for them takes milliseconds."""
    return ThreadpoolController()


def shares(length: int, number: int) -> list[slice]:
    """``range(length)`` in at most ``number`` pieces of almost equal size, none of them empty."""
    bounds = [length * part // number for part in range(number + 1)]
    return [slice(*pair) for pair in pairwise(bounds) if pair[0] < pair[1]]


def _kept_in() -> Path:
    """The first folder that can be written: the user's cache, else one for temporary files."""
    cache_folder = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    user = os.getuid() if hasattr(os, "getuid") else "user"
    last = Path(tempfile.gettempdir()) / f"reid-workbench-{user}" / "numba"
    for folder in (Path(cache_folder) / "reid-workbench" / "numba", last):
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError:
            continue
        if os.access(folder, os.W_OK):
            return folder
    return last
