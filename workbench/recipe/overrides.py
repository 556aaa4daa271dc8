"""Preset name + ``{dotted path: value}`` -> recipe: the one thing every surface submits."""

from collections.abc import Mapping
from typing import Any, cast

from workbench.errors import RecipeError
from workbench.recipe.merge import Tree, overlay, read_json, validated
from workbench.recipe.presets import load_preset
from workbench.recipe.schema import Recipe
from workbench.recipe.settings.base import Raw

NOTHING: Mapping[str, Any] = {}


def resolve(preset: str, overrides: Mapping[str, Any] = NOTHING) -> Recipe:
    """The recipe of a preset with some values changed.

    Values are typed or text; text is read by the field's own type, lists and groups as JSON.
    ``null`` (None) removes an entry of a mapping or empties an optional field. Kinds are applied
    first: a new kind resets its group to that kind's defaults.

    Raises RecipeError carrying every refusal, by path.

        >>> resolve("playground/quick", {"training.length.count": "40"}).training.length.count
        40
    """
    return validated(*merged(load_preset(preset), overrides))


def merged(recipe: Recipe, overrides: Mapping[str, Any]) -> tuple[Tree, list[RecipeError]]:
    """The complete tree of a recipe with overrides laid over it, and what could not be applied."""
    change, conflicts = nested(overrides)
    tree, problems = overlay(recipe.model_dump(), change)
    return tree, [*conflicts, *problems]


def nested(overrides: Mapping[str, Any]) -> tuple[Tree, list[RecipeError]]:
    """Dotted paths as a tree; shorter ones first: a group may be given and then refined."""
    tree: Tree = {}
    problems: list[RecipeError] = []
    for path in sorted(overrides, key=lambda path: path.count(".")):
        if not _plant(tree, path.split("."), overrides[path]):
            problems.append(
                RecipeError(
                    f"{path}: a group above it is set to a single value at the same time. Give"
                    " one or the other.",
                    path,
                )
            )
    return tree, problems


def _plant(tree: Tree, path: list[str], value: Raw) -> bool:
    *parents, name = path
    for parent in parents:
        below = _opened(tree.get(parent, {}))
        if below is None:
            return False
        tree[parent] = below
        tree = below
    tree[name] = value
    return True


def _opened(group: Raw) -> Tree | None:
    """A group that is given and refined at once, as a tree of its own; None for a single value."""
    if isinstance(group, str):
        group = read_json(group)
    if group is True:  # an optional group switched on
        return {}
    return dict(cast(Tree, group)) if isinstance(group, dict) else None
