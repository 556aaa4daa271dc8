"""In what surroundings a run was trained; and the one description of a machine."""

import os
import platform
import re
import shlex
import subprocess
from collections.abc import Mapping, Sequence
from functools import lru_cache
from importlib.metadata import distributions
from pathlib import Path
from typing import Any

from workbench.paths import PACKAGE
from workbench.recipe.text import value_text
from workbench.runs.devices import gpus
from workbench.runs.files import write_json
from workbench.runs.folder import RunFolder
from workbench.system import cores


def machine() -> dict[str, Any]:
    """What a figure was measured on, never whose it is: no name, no user, no path.

    ``processor`` (model), ``cores`` (usable ones), ``memory_gigabytes``, ``accelerator`` (model,
    None without one) and ``system``.
    """
    return {
        "processor": _processor(),
        "cores": cores(),
        "memory_gigabytes": _memory_gigabytes(),
        "accelerator": _accelerator(),
        "system": _system(),
    }


def environment(
    run: RunFolder,
    *,
    devices: Sequence[str],
    threads: int,
    precision: str,
    seed: int,
    digests: Mapping[str, str],
) -> dict[str, Any]:
    """What ``environment.json`` holds.

    ``digests`` names the file list of every part of the split; ``command`` starts the same run
    again from a shell.
    """
    return {
        "machine": machine(),
        "driver": _driver(),
        "python": platform.python_version(),
        "packages": _packages(),
        "code": _code(),
        "command": shell_command(run),
        "devices": list(devices),
        "threads": threads,
        "precision": precision,
        "seed": seed,
        "digests": dict(digests),
    }


def write_environment(run: RunFolder, values: dict[str, Any]) -> None:
    """Write what `environment` returned into the run's folder."""
    write_json(run.environment_file, values)


def shell_command(run: RunFolder) -> str:
    """What to type to start the same run again."""
    arguments = ["workbench", "train", run.preset()]
    for path, value in run.overrides().items():
        arguments += ["--set", f"{path}={value_text(value)}"]
    return shlex.join(arguments)


def _processor() -> str:
    for line in _lines(Path("/proc/cpuinfo")):
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def _memory_gigabytes() -> float:
    size = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return round(size / 2**30, 1)


def _accelerator() -> str | None:
    described = [f"{gpu.name}, {gpu.memory}" if gpu.memory else gpu.name for gpu in gpus()]
    return "; ".join(described) or None


def _driver() -> str | None:
    return next((gpu.driver for gpu in gpus() if gpu.driver), None)


def _system() -> str:
    named = re.compile(r'PRETTY_NAME="?([^"]*)"?')
    names = [match[1] for line in _lines(Path("/etc/os-release")) if (match := named.match(line))]
    kernel = ".".join(platform.release().split(".")[:2])
    return ", ".join([*names[:1], f"{platform.system()} {kernel}", platform.machine()])


@lru_cache(maxsize=1)
def _packages() -> dict[str, str]:
    """Every installed package with its version, by name."""
    versions = {package.metadata["Name"]: package.version for package in distributions()}
    return dict(sorted(versions.items(), key=lambda item: item[0].lower()))


def _code() -> dict[str, Any]:
    """The commit of the source tree and whether it was clean; both None outside a repository."""
    root = PACKAGE.parent
    commit = _git(root, "rev-parse", "HEAD") if (root / ".git").exists() else None
    changes = _git(root, "status", "--porcelain", "--untracked-files=no") if commit else None
    return {"commit": commit, "clean": None if changes is None else not changes}


def _git(root: Path, *arguments: str) -> str | None:
    try:
        answer = subprocess.run(
            ["git", "-C", str(root), *arguments],
            capture_output=True,
            text=True,
            timeout=20,
            check=True,
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return answer.stdout.strip()


def _lines(path: Path) -> list[str]:
    try:
        return path.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return []
