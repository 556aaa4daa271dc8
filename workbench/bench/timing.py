"""One turn of a contestant: processor and wall seconds, and memory at its peak."""

import ctypes
import gc
import os
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from workbench.bench.memory_use import resident_bytes

LOOK_EVERY_SECONDS = 0.005


@dataclass(frozen=True)
class Turn:
    """What one turn took, and what it found."""

    cpu_seconds: float
    wall_seconds: float
    megabytes: float
    figures: Mapping[str, float]


def take_turn(
    contestant: Callable[[], Mapping[str, float]], held: Callable[[], int] = resident_bytes
) -> Turn:
    """Let a contestant work once; memory, in bytes ``held``, is counted beyond that before."""
    _give_back()
    with _peak_megabytes(held) as peak:
        wall, cpu = time.perf_counter(), time.process_time()
        figures = contestant()
        cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
    return Turn(cpu, wall, peak[0], figures)


@contextmanager
def _peak_megabytes(held: Callable[[], int]) -> Iterator[list[float]]:
    """The largest memory of this process, beyond that at the start, looked at now and then."""
    began, peak, over = held(), [0.0], threading.Event()

    def look() -> None:
        while not over.wait(LOOK_EVERY_SECONDS):
            peak[0] = max(peak[0], (held() - began) / 1e6)

    thread = threading.Thread(target=look, daemon=True)
    thread.start()
    try:
        yield peak
    finally:
        over.set()
        thread.join()


def _give_back() -> None:
    """Return freed memory to the system, or what is taken again would not be seen."""
    gc.collect()
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None) if os.name == "posix" else None
    if trim is not None:
        trim(0)
