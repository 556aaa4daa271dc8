"""Which devices this machine has and what `auto` means on it, found without torch."""

import os
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, Literal, cast

from workbench.errors import RecipeError
from workbench.system import cores

DEVICES = "run.devices"
MOST_AUTOMATIC_THREADS = 2
MOST_THREADS_BY_RULE = 4


def installed_devices() -> list[str]:
    """The processor, then every GPU this process may use: ``["cpu", "cuda:0", ...]``."""
    return ["cpu", *(f"cuda:{index}" for index in range(_usable_gpus()))]


def resolve_devices(wanted: Sequence[str]) -> tuple[str, ...]:
    """Devices by name: `auto` is the first GPU, or the processor where there is none.

    Raises RecipeError for a device this machine does not have, and for more than one.
    """
    installed = installed_devices()
    best = installed[1] if len(installed) > 1 else installed[0]
    chosen = tuple(dict.fromkeys(best if name == "auto" else name for name in wanted))
    for name in chosen:
        if name not in installed:
            raise RecipeError(
                f"run.devices = {list(wanted)}: this machine has no {name}."
                f" Use auto or {', '.join(installed)}.",
                path="run.devices",
            )
    if len(chosen) > 1:
        raise RecipeError(
            f"run.devices = {list(wanted)}: a run trains on one device, several are not supported"
            f" yet. Choose one of {', '.join(chosen)}, or auto.",
            path="run.devices",
        )
    return chosen


def fitted_devices(overrides: Mapping[str, Any]) -> tuple[dict[str, Any], str]:
    """Overrides from elsewhere with a device of this machine, and a note where that changes them.

    Devices in a published command, or in the settings of a run of another machine, are a wish: the
    first that is here is used, and ``auto``, the best one, where none is.
    """
    wanted = overrides.get(DEVICES)
    if not isinstance(wanted, list) or wanted in ([], ["auto"]):
        return dict(overrides), ""
    names = [str(name) for name in cast(list[object], wanted)]
    here = [name for name in names if name in installed_devices()]
    if names == here[:1]:
        return dict(overrides), ""
    fitted = {path: value for path, value in overrides.items() if path != DEVICES}
    told = f"{DEVICES} = {', '.join(names)}"
    if here:
        note = f"{told}: a run trains on one device; {here[0]} is used."
        return fitted | {DEVICES: here[:1]}, note
    return fitted, f"{told}: not on this machine; the best device is used."


def resolve_threads(wanted: Literal["auto", "cores"] | int) -> int:
    """Threads on the processor: as set; "cores": one a core, at most four; "auto": at most two.

    None of these depends on what else the machine is doing.
    """
    if wanted == "cores":
        return min(cores(), MOST_THREADS_BY_RULE)
    return min(cores(), MOST_AUTOMATIC_THREADS) if wanted == "auto" else wanted


@dataclass(frozen=True)
class GPU:
    """A GPU as its driver describes it."""

    name: str
    memory: str = ""
    driver: str = ""


@lru_cache(maxsize=1)
def gpus() -> tuple[GPU, ...]:
    """The machine's NVIDIA GPUs; the driver is asked once per process."""
    program = shutil.which("nvidia-smi")
    if program is None:
        return tuple(GPU(name) for name in _names_in(Path("/proc/driver/nvidia/gpus")))
    asked = "--query-gpu=name,memory.total,driver_version"
    try:
        answer = subprocess.run(
            [program, asked, "--format=csv,noheader"],
            capture_output=True,
            text=True,
            timeout=20,
            check=True,
        )
    except (OSError, subprocess.SubprocessError):
        return ()
    rows = [line.split(", ") for line in answer.stdout.splitlines()]
    return tuple(GPU(*(part.strip() for part in row)) for row in rows if len(row) == 3)


def _usable_gpus() -> int:
    # A build of torch without CUDA says so in its version.
    try:
        if version("torch").endswith("+cpu"):
            return 0
    except PackageNotFoundError:
        return 0
    allowed = os.environ.get("CUDA_VISIBLE_DEVICES")
    if allowed is None:
        return len(gpus())
    listed = [part for part in allowed.split(",") if part.strip() not in ("", "-1")]
    return min(len(listed), len(gpus())) if listed else 0


def _names_in(folder: Path) -> list[str]:
    if not folder.is_dir():
        return []
    names: list[str] = []
    for gpu in sorted(folder.iterdir()):
        lines = (gpu / "information").read_text().splitlines()
        names += [line.partition(":")[2].strip() for line in lines if line.startswith("Model:")]
    return names
