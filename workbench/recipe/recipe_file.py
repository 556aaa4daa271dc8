"""A recipe file anywhere on disk, read as a preset is: only for the shell and for Python.

It becomes the nearest preset it builds on with overrides, which is all that a run stores: the file
may be changed or deleted afterwards. The page knows presets by name and never comes here.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from workbench.errors import RecipeError
from workbench.recipe.compare import overrides_between
from workbench.recipe.merge import Tree, overlay, validated
from workbench.recipe.overrides import NOTHING, merged
from workbench.recipe.presets import DEFAULT_PRESET, PRESET_NAME, load_preset
from workbench.recipe.schema import Recipe
from workbench.recipe.text import read_yaml
from workbench.recipe.yaml_text import MOST_BYTES, line_of

_SUFFIX = re.compile(r".*\.ya?ml", re.IGNORECASE | re.DOTALL)
MOST_FILES = 20
"""Recipe files that may build on each other."""


@dataclass(frozen=True)
class RecipeFile:
    """What a recipe file says, and ``base``: the nearest preset it builds on, None without one."""

    path: Path
    recipe: Recipe
    base: str | None

    def changed(self, overrides: Mapping[str, Any] = NOTHING) -> Recipe:
        """Its recipe with overrides laid over it. Raises RecipeError as `resolve` does."""
        return validated(*merged(self.recipe, overrides))

    def submission(self, overrides: Mapping[str, Any] = NOTHING) -> tuple[str, dict[str, Any]]:
        """The preset, and the overrides of it that stand for this recipe with ``overrides``.

        A run without a name or a note of its own is named after the file. Raises RecipeError.
        """
        recipe, name = self.changed(overrides), printable(Path(self.path.name))
        stem = printable(Path(self.path.stem))[:80]
        own = {
            "name": recipe.run.name or stem,
            "note": recipe.run.note or f"From the recipe file {name}.",
        }
        recipe = recipe.model_copy(update={"run": recipe.run.model_copy(update=own)})
        preset = self.base or DEFAULT_PRESET
        return preset, _overrides(recipe, load_preset(preset))


def is_recipe_file(word: str) -> bool:
    """Whether a word stands for a file: it ends in .yaml or .yml, or has a / as no preset has.

    >>> [is_recipe_file(word) for word in ("mine.yaml", "./mine", "playground/quick")]
    [True, True, False]
    """
    return bool(_SUFFIX.fullmatch(word)) or ("/" in word and not PRESET_NAME.fullmatch(word))


def read_recipe_file(path: str | Path) -> RecipeFile:
    """Read a recipe file; its ``base`` is a preset, or another file relative to it.

    Raises RecipeError, naming file and line, where it or what it builds on is no recipe.
    """
    start = Path(path)
    layers, base = _chain(start)
    below = None if base is None else load_preset(base).model_dump()
    for layer, text, own in reversed(layers):
        below, problems = overlay(below, own)
        if problems:
            raise _located(problems[0], layer, text)
    try:
        recipe = validated(below or {})
    except RecipeError as error:
        raise _located(error, start, layers[0][1]) from None
    return RecipeFile(start, recipe, base)


def recipe_of(word: str) -> Recipe:
    """The recipe of a preset's name or of a recipe file. Raises RecipeError."""
    return read_recipe_file(word).recipe if is_recipe_file(word) else load_preset(word)


def _overrides(recipe: Recipe, preset: Recipe) -> dict[str, Any]:
    """The overrides that make ``preset`` into ``recipe``.

    A new kind resets its group, so what the preset had alike may differ then: compared again.
    """
    wanted, tree = recipe.model_dump(), preset.model_dump()
    overrides: dict[str, Any] = {}
    while further := overrides_between(wanted, tree):
        if further.keys() <= overrides.keys():
            raise RecipeError(f"{next(iter(further))}: cannot be given as a change of a preset.")
        overrides |= further
        tree, _ = merged(preset, overrides)
    return overrides


def printable(path: Path) -> str:
    """A path as text that can be printed and stored, what is no UTF-8 replaced."""
    text = str(path).encode(errors="replace").decode()
    return "".join(letter if letter.isprintable() else "?" for letter in text)


def _chain(path: Path) -> tuple[list[tuple[Path, str, Tree]], str | None]:
    """The file and the files below it, the nearest first, and the preset below them all."""
    layers: list[tuple[Path, str, Tree]] = []
    seen: list[Path] = []
    while True:
        text, own = _read(path, layers[-1][0] if layers else None)
        seen.append(path.resolve())
        base = own.pop("base", None)
        layers.append((path, text, own))
        if base is not None and not isinstance(base, str):
            raise _located(
                RecipeError("base: not a text. Name a preset or a file.", "base"), path, text
            )
        if not base:
            return layers, None
        if not is_recipe_file(base):
            try:
                load_preset(base)
            except RecipeError as error:
                raise _located(RecipeError(f"base: {error}", "base"), path, text) from None
            return layers, base
        path = path.parent / base
        if path.resolve() in seen:
            chain = " -> ".join(printable(item) for item in (*seen, path.resolve()))
            raise RecipeError(f"base: recipe files build on each other in a circle, {chain}.")
        if len(layers) == MOST_FILES:
            raise RecipeError(f"base: more than {MOST_FILES} recipe files build on each other.")


def _read(path: Path, child: Path | None) -> tuple[str, Tree]:
    where = f"Recipe file {printable(path)}"
    by = "" if child is None else f", the base of {printable(child)},"
    try:
        if not path.is_file():
            reason = "is a folder" if path.is_dir() else "is not a file"
            reason = reason if path.exists() else "does not exist"
            raise RecipeError(
                f"{where}{by} {reason}. Give a YAML file, or a preset from `workbench list`.",
                "preset",
            )
        with open(path, "rb") as file:
            text = file.read(MOST_BYTES + 1).decode()
    except OSError as error:
        raise RecipeError(f"{where}{by} cannot be read: {error.strerror or error}.") from None
    except ValueError as error:  # no UTF-8, or a path that holds a zero byte
        raise RecipeError(f"{where}{by} cannot be read: {error}.") from None
    try:
        return text, read_yaml(text)
    except RecipeError as error:
        raise RecipeError(f"{where}: {error}", error.path) from None


def _located(error: RecipeError, path: Path, text: str) -> RecipeError:
    line = line_of(text, error.path or "")
    where = printable(path) + (f", line {line}" if line else "")
    return RecipeError(f"Recipe file {where}: {error}", error.path)
