"""How much memory this process uses, and how much more it may take."""

from pathlib import Path

import psutil
import torch

_LIMIT = Path("/sys/fs/cgroup/memory.max")
_USED = Path("/sys/fs/cgroup/memory.current")


def resident_bytes() -> int:
    """Resident memory of this process."""
    return psutil.Process().memory_info().rss


def anonymous_bytes() -> int:
    """Resident memory without pages of files, which the system can reclaim at any time."""
    memory = psutil.Process().memory_info()
    return memory.rss - getattr(memory, "shared", 0)


def free_megabytes(device: str) -> float:
    """Memory (10^6 bytes) left on "cpu" or "cuda".

    On "cpu" what the system can give without swapping, at most what a container's limit leaves.
    """
    if device == "cuda":
        cached = torch.cuda.memory_reserved() - torch.cuda.memory_allocated()
        return (torch.cuda.mem_get_info()[0] + cached) / 1e6
    return min(psutil.virtual_memory().available, _left_in_container()) / 1e6


def _left_in_container() -> float:
    """Bytes left below the limit of this process's cgroup; infinite without a limit."""
    try:
        return float(_LIMIT.read_text()) - float(_USED.read_text())
    except (OSError, ValueError):  # no cgroup on this system, or "max"
        return float("inf")
