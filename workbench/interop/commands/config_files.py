"""A configuration file that a foreign command names: read safely, flattened to dotted keys."""

from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any, cast

from workbench.errors import RecipeError
from workbench.recipe.refusals import did_you_mean, listed
from workbench.recipe.text import read_yaml

BASE = "_BASE_"
ENDINGS = (".yml", ".yaml")
_LARGEST = 200_000
_DEEPEST = 8


def config_named(
    name: str, folder: str, published: Collection[str]
) -> tuple[str | None, dict[str, Any]]:
    """The published file that a configuration is or builds on, and its own keys.

    A published file is known by its name alone and is not opened. Any other one is read from the
    folder the command starts in, with those it names as its base, whose keys it replaces.

    Raises RecipeError for a file that is neither, cannot be read, or is no mapping.
    """
    file = Path(name)
    if file.name in published:
        return file.name, {}
    return _read(Path(folder).expanduser() / file.expanduser(), published, 0)


def _read(path: Path, published: Collection[str], depth: int) -> tuple[str | None, dict[str, Any]]:
    if depth > _DEEPEST:
        raise RecipeError(f"{path.name}: its {BASE} leads to more than {_DEEPEST} other files.")
    keys = flattened(read_yaml(_text(path, published)))
    base = keys.pop(BASE, None)
    if base is None:
        return None, keys
    file = Path(str(base))
    if file.name in published:
        return file.name, keys
    known, below = _read(path.parent / file.expanduser(), published, depth + 1)
    return known, below | keys


def flattened(tree: Mapping[str, Any], above: str = "") -> dict[str, Any]:
    """Nested keys joined by dots.

    >>> flattened({"SOLVER": {"BASE_LR": 0.1, "STEPS": [1, 2]}})
    {'SOLVER.BASE_LR': 0.1, 'SOLVER.STEPS': [1, 2]}
    """
    found: dict[str, Any] = {}
    for name, value in tree.items():
        path = f"{above}.{name}" if above else str(name)
        if isinstance(value, dict):
            found |= flattened(cast(dict[str, Any], value), path)
        else:
            found[path] = value
    return found


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
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        raise RecipeError(f"{path.name}: cannot be read ({reason}).") from None
