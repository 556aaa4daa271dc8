"""Presets: ``recipes/<folder>/<name>.yaml``, each saying only what differs from its ``base``."""

import re
from copy import deepcopy
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from workbench import paths
from workbench.errors import PlaceError, RecipeError
from workbench.recipe.merge import Tree, overlay, validated
from workbench.recipe.refusals import did_you_mean
from workbench.recipe.schema import Recipe, Reported
from workbench.recipe.text import read_yaml
from workbench.recipe.yaml_text import MOST_BYTES

DEFAULT_PRESET = "playground/quick"
PRESET_NAME = re.compile(r"[a-z0-9][a-z0-9_]*/[a-z0-9][a-z0-9_]*")


@dataclass(frozen=True)
class Preset:
    """What a list of presets shows. ``problem`` says why a preset cannot be used, if so."""

    name: str
    title: str = ""
    dataset: str = ""
    reported: tuple[Reported, ...] = ()
    problem: str = ""

    @property
    def system(self) -> str:
        """The folder of the preset."""
        return self.name.split("/")[0]


def presets() -> list[Preset]:
    """All presets, the default first. One that cannot be read is listed with its problem.

    >>> presets()[0].name
    'playground/quick'
    """
    return [_summary(name) for name in preset_names()]


def preset_names() -> list[str]:
    """Names of all presets, the default and its folder first; reads file names only.

    >>> "playground/quick" in preset_names()
    True
    """
    folder = _folder()
    names = [
        path.relative_to(folder).with_suffix("").as_posix() for path in folder.glob("*/*.yaml")
    ]
    first = DEFAULT_PRESET.split("/")[0]
    return sorted(
        (name for name in names if PRESET_NAME.fullmatch(name)),
        key=lambda name: (name != DEFAULT_PRESET, name.split("/")[0] != first, name),
    )


def load_preset(name: str) -> Recipe:
    """The recipe of a preset, its ``base`` chain followed.

    Raises RecipeError for an unknown name, unreadable YAML, or anything the schema refuses.
    """
    try:
        return validated(*_merged(name, ()))
    except RecipeError as error:
        raise _in_preset(error, name) from None
    except PlaceError:
        raise
    except Exception as error:  # a file of one's own may hold anything
        reason = f"{type(error).__name__}: {error}".splitlines()[0]
        raise RecipeError(f"Preset {name} cannot be read ({reason}).") from error


def preset_tree(name: str) -> Tree:
    """The complete tree of a preset before it is validated, defaults filled in."""
    return _merged(name, ())[0]


def preset_base(name: str) -> str | None:
    """The preset that ``name`` builds on, or None."""
    base = _own_tree(name).get("base")
    return None if base is None else str(base)


def preset_text(name: str) -> str:
    """The preset's file as it is written, with its comments.

    Raises RecipeError where there is none, or it cannot be read.
    """
    return _text(preset_file(name))


def preset_file(name: str) -> Path:
    """The file of a preset. Raises RecipeError, with the closest name, where there is none."""
    path = _folder() / f"{name}.yaml"
    if PRESET_NAME.fullmatch(name) and path.is_file():
        return path
    known = preset_names()
    raise RecipeError(
        f"preset = {name}: no such preset.{did_you_mean(name, known)} `workbench list` shows all"
        f" {len(known)}.",
        "preset",
    )


def _folder() -> Path:
    folder = paths.recipes_folder()
    if not folder.is_dir():
        raise PlaceError(f"There is no folder {folder}: set WORKBENCH_RECIPES to that of presets.")
    return folder


def _summary(name: str) -> Preset:
    try:
        recipe = load_preset(name)
    except RecipeError as error:
        return Preset(name, problem=str(error))
    return Preset(name, recipe.title, recipe.data.dataset.kind, tuple(recipe.reported))


def _own_tree(name: str) -> Tree:
    path = preset_file(name)
    stamp = path.stat()
    return deepcopy(_read(path, stamp.st_mtime_ns, stamp.st_size))


@lru_cache(maxsize=256)
def _read(path: Path, _changed: int, _size: int) -> Tree:
    """A preset's file, read again only when it has changed: a form asks at every edit."""
    return read_yaml(_text(path))


def _text(path: Path) -> str:
    try:
        with open(path, "rb") as file:
            return file.read(MOST_BYTES + 1).decode()
    except (OSError, UnicodeDecodeError) as error:
        raise RecipeError(f"{path} cannot be read: {error}.") from None


def _merged(name: str, children: tuple[str, ...]) -> tuple[Tree, list[RecipeError]]:
    if name in children:
        chain = " -> ".join((*children, name))
        raise RecipeError(f"base: presets build on each other in a circle, {chain}.", "base")
    own = _own_tree(name)
    base = own.pop("base", None)
    below, problems = _merged(str(base), (*children, name)) if base else (None, [])
    tree, refused = overlay(below, own)
    return tree, [*problems, *refused]


def _in_preset(error: RecipeError, name: str) -> RecipeError:
    """The same refusals, each saying which preset they are in."""
    if error.path == "preset":
        return error
    first, *others = (
        RecipeError(f"Preset {name}: {item}", item.path) for item in (error, *error.others)
    )
    return RecipeError(str(first), first.path, tuple(others))
