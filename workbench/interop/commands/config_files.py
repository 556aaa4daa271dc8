"""A configuration file that a foreign command names: read safely, flattened to dotted keys."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any, cast

from workbench.errors import RecipeError
from workbench.interop.shell.budget import DEPTH
from workbench.recipe.refusals import did_you_mean, listed
from workbench.recipe.text import read_yaml

BASE = "_BASE_"
ENDINGS = (".yml", ".yaml")
_LARGEST = 200_000


@dataclass(frozen=True)
class Config:
    """What a configuration says.

    Attributes:
        published: The published file that it is or builds on, by its name; None for none.
        keys: What is said in the files that are there, by dotted name.
        missing: The published file's name where it is not there; empty where it is, or none is.
    """

    published: str | None
    keys: dict[str, Any] = field(default_factory=dict[str, Any])
    missing: str = ""


def config_named(
    name: str,
    folder: str,
    published: Collection[str],
    ignored_defaults: Mapping[str, Any] = MappingProxyType({}),
) -> Config:
    """What a configuration says that a command names.

    It is read from the folder the command starts in, with those it names as its base, whose keys it
    replaces. A published file need not be there: it is known by its name. It is read where it is,
    for it may have been edited; keys that are still as in ``ignored_defaults`` are left out.

    Raises RecipeError for a file that is neither, cannot be read, or is no mapping.
    """
    name = name.replace("\\", "/")
    config = _read(_expanded(folder) / _expanded(name), published, 0)
    if config.published is None:
        return config
    keys = {key: value for key, value in config.keys.items() if ignored_defaults.get(key) != value}
    return replace(config, keys=keys)


def config_is_there(name: str, folder: str) -> bool:
    """Whether a configuration that a command names is there, in the folder it starts in."""
    return _is_there(_expanded(folder) / _expanded(name))


def _read(path: Path, published: Collection[str], depth: int) -> Config:
    if depth > DEPTH:
        raise RecipeError(f"{path.name}: its {BASE} leads to more than {DEPTH} other files.")
    published_name = path.name if path.name in published else None
    if published_name and not _is_there(path):
        return Config(published_name, missing=published_name)
    keys = flattened(read_yaml(_text(path, published)))
    base = keys.pop(BASE, None)
    if base is None:
        return Config(published_name, keys)
    inherited = _read(path.parent / _expanded(str(base)), published, depth + 1)
    return Config(published_name or inherited.published, inherited.keys | keys, inherited.missing)


def _expanded(path: str) -> Path:
    try:
        return Path(path).expanduser()
    except (RuntimeError, ValueError):  # the home of somebody who is not known here
        return Path(path)


def _is_there(path: Path) -> bool:
    try:
        return path.exists()
    except OSError:
        return False


def flattened(tree: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    """Nested keys joined by dots.

    >>> flattened({"SOLVER": {"BASE_LR": 0.1, "STEPS": [1, 2]}})
    {'SOLVER.BASE_LR': 0.1, 'SOLVER.STEPS': [1, 2]}
    """
    keys: dict[str, Any] = {}
    for name, value in tree.items():
        path = f"{prefix}.{name}" if prefix else str(name)
        if isinstance(value, dict):
            keys |= flattened(cast(dict[str, Any], value), path)
        else:
            keys[path] = value
    return keys


def _text(path: Path, published: Collection[str]) -> str:
    known = f"{did_you_mean(path.name, published)} Published ones are {listed(sorted(published))}."
    if path.suffix not in ENDINGS:
        raise RecipeError(f"{path.name}: is no {listed(ENDINGS)} file.{known}")
    try:
        # A device or a pipe would be read for ever.
        if not path.is_file() or path.stat().st_size > _LARGEST:
            raise RecipeError(
                f"{path.name}: is no configuration that is published, nor a file of at most"
                f" {_LARGEST // 1000} kB here.{known}"
            )
        return path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = (error.strerror or error) if isinstance(error, OSError) else "it is not UTF-8 text"
        raise RecipeError(f"{path.name}: cannot be read ({reason}).") from None
