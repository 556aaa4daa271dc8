"""How much memory a process holds, and how much more it may take."""

from collections.abc import Iterable
from pathlib import Path

import torch

PAGE = 4096
_PROCESS = Path("/proc/self/statm")
_MACHINE = Path("/proc/meminfo")
_LIMIT = Path("/sys/fs/cgroup/memory.max")
_USED = Path("/sys/fs/cgroup/memory.current")


def resident_bytes() -> int:
    """Memory that this process holds; 0 where the system does not tell."""
    words = _text(_PROCESS).split()
    return int(words[1]) * PAGE if len(words) > 1 else 0


def own_bytes() -> int:
    """The same without what is read from files, which the system can take back at any time."""
    words = _text(_PROCESS).split()
    return (int(words[1]) - int(words[2])) * PAGE if len(words) > 2 else 0


def free_megabytes(device: str) -> float:
    """Memory (10^6 bytes) that is left on "cpu" or "cuda"; infinite where nothing tells.

    On a processor what the system can give without swapping, and a container's own limit.
    """
    if device == "cuda":
        held = torch.cuda.memory_reserved() - torch.cuda.memory_allocated()
        return (torch.cuda.mem_get_info()[0] + held) / 1e6
    return min(_left(_text(_MACHINE).splitlines(), _text(_LIMIT), _text(_USED))) / 1e6


def _left(machine: Iterable[str], limit: str, used: str) -> list[float]:
    """Bytes that are left by each account there is."""
    found = [float("inf")]
    found += [1024.0 * int(line.split()[1]) for line in machine if line.startswith("MemAvailable:")]
    if limit.strip().isdigit() and used.strip().isdigit():
        found.append(float(limit) - float(used))
    return found


def _text(path: Path) -> str:
    try:
        return path.read_text()
    except OSError:  # no such file on this system
        return ""
