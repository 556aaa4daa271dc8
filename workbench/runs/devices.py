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
    return ["cpu", *(f"cuda:{index}" for index in range(len(_usable_gpus())))]


def candidate_devices(wanted: Sequence[str]) -> tuple[str, ...]:
    """The devices of which a run takes one: every GPU where `auto` is wanted and there are some.

    Raises RecipeError as `resolve_devices` does.
    """
    if set(wanted) == {"auto"} and len(installed := installed_devices()) > 1:
        return tuple(installed[1:])
    return resolve_devices(wanted)


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
    asked_for = f"{DEVICES} = {', '.join(names)}"
    if here:
        note = f"{asked_for}: a run trains on one device; {here[0]} is used."
        return fitted | {DEVICES: here[:1]}, note
    return fitted, f"{asked_for}: not on this machine; the best device is used."


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
    uuid: str = ""


@lru_cache(maxsize=1)
def gpus() -> tuple[GPU, ...]:
    """The machine's NVIDIA GPUs; the driver is asked once per process."""
    program = shutil.which("nvidia-smi")
    if program is None:
        return _gpus_in(Path("/proc/driver/nvidia/gpus"))
    query = "--query-gpu=name,memory.total,driver_version,uuid"
    try:
        answer = subprocess.run(
            [program, query, "--format=csv,noheader"],
            capture_output=True,
            text=True,
            timeout=20,
            check=True,
        )
    except (OSError, subprocess.SubprocessError):
        return ()
    rows = [line.split(", ") for line in answer.stdout.splitlines()]
    return tuple(GPU(*(part.strip() for part in row)) for row in rows if len(row) == 4)


def gpu_identity(device: str) -> str:
    """The UUID of a GPU that this process may use, by its name here; empty where it is not known.

    >>> gpu_identity("cpu")
    ''
    """
    kind, _, index = device.partition(":")
    usable = _usable_gpus()
    if kind != "cuda" or not index.isdecimal() or int(index) >= len(usable):
        return ""
    return usable[int(index)]


def _usable_gpus() -> list[str]:
    """UUIDs of the GPUs this process may use, in the order of their names here; some unknown."""
    # A build of torch without CUDA says so in its version.
    try:
        if version("torch").endswith("+cpu"):
            return []
    except PackageNotFoundError:
        return []
    known = [gpu.uuid for gpu in gpus()]
    allowed = os.environ.get("CUDA_VISIBLE_DEVICES")
    if allowed is None:
        return known
    listed = [part.strip() for part in allowed.split(",") if part.strip() not in ("", "-1")]
    return [_uuid_of(part, known) for part in listed[: len(known)]]


def _uuid_of(entry: str, known: Sequence[str]) -> str:
    """The UUID that an entry of CUDA_VISIBLE_DEVICES means: a number, or the start of a UUID."""
    if entry.isdecimal():
        return known[int(entry)] if int(entry) < len(known) else ""
    return next((uuid for uuid in known if uuid.startswith(entry)), entry)


def _gpus_in(folder: Path) -> tuple[GPU, ...]:
    """The GPUs that the driver lists in its own folder."""
    listed = sorted(folder.iterdir()) if folder.is_dir() else []
    return tuple(_described((gpu / "information").read_text()) for gpu in listed)


def _described(information: str) -> GPU:
    lines = [line.partition(":") for line in information.splitlines()]
    values = {name.strip(): value.strip() for name, _, value in lines}
    return GPU(values.get("Model", ""), uuid=values.get("GPU UUID", ""))
