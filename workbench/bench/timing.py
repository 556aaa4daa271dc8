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

POLL_SECONDS = 0.005


@dataclass(frozen=True)
class Timing:
    """What one turn took, and what it found."""

    cpu_seconds: float
    wall_seconds: float
    megabytes: float
    metrics: Mapping[str, float]


def time_once(
    contestant: Callable[[], Mapping[str, float]], memory_bytes: Callable[[], int] = resident_bytes
) -> Timing:
    """Run a contestant once; its peak of ``memory_bytes`` is counted above the level before."""
    _release_freed_memory()
    with _peak_megabytes(memory_bytes) as peak:
        wall, cpu = time.perf_counter(), time.process_time()
        metrics = contestant()
        cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
    return Timing(cpu, wall, peak[0], metrics)


@contextmanager
def _peak_megabytes(memory_bytes: Callable[[], int]) -> Iterator[list[float]]:
    """The largest memory of this process, beyond that at the start, looked at now and then."""
    at_start, peak, stopped = memory_bytes(), [0.0], threading.Event()

    def poll() -> None:
        while not stopped.wait(POLL_SECONDS):
            peak[0] = max(peak[0], (memory_bytes() - at_start) / 1e6)

    thread = threading.Thread(target=poll, daemon=True)
    thread.start()
    try:
        yield peak
    finally:
        stopped.set()
        thread.join()


def _release_freed_memory() -> None:
    """Return freed memory to the system, or what is taken again would not be seen."""
    gc.collect()
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None) if os.name == "posix" else None
    if trim is not None:
        trim(0)
