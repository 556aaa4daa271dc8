"""Recipes as YAML and values as text, both ways without loss."""

import json
import shlex
from collections.abc import Mapping
from typing import Any, cast

import yaml

from workbench.errors import RecipeError
from workbench.recipe.merge import overlay, validated
from workbench.recipe.schema import Recipe
from workbench.recipe.settings.base import Raw
from workbench.recipe.yaml_text import load_yaml, require_names

_SafeDumper: Any = getattr(yaml, "CSafeDumper", yaml.SafeDumper)


def read_yaml(text: str) -> dict[str, Any]:
    """A YAML mapping as a plain tree, within the limits of `load_yaml`.

    Raises RecipeError naming line and column.
    """
    tree = load_yaml(text)
    if not isinstance(tree, dict):
        raise RecipeError("YAML: a recipe is a mapping of groups such as data, model, training.")
    require_names(tree)
    return cast(dict[str, Any], tree)


def to_yaml(recipe: Recipe) -> str:
    """The whole recipe, every value written out; ``from_yaml`` gives an equal recipe."""
    return yaml.dump(
        recipe.model_dump(mode="json"), Dumper=_SafeDumper, sort_keys=False, allow_unicode=True
    )


def from_yaml(text: str) -> Recipe:
    """The recipe a YAML text describes; what it leaves out has the schema's default.

    Raises RecipeError for unreadable text or anything the schema refuses.
    """
    return validated(*overlay(None, read_yaml(text)))


def value_text(value: Raw) -> str:
    """A value as text that reads back as the same value: words bare, everything else as JSON."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def train_command(preset: str, overrides: Mapping[str, Any]) -> str:
    """The shell command that trains a preset with overrides.

    >>> train_command("playground/quick", {"run.name": "my run"})
    "workbench train playground/quick --set 'run.name=my run'"
    """
    arguments = ["workbench", "train", preset]
    for path, value in overrides.items():
        arguments += ["--set", f"{path}={value_text(value)}"]
    return shlex.join(arguments)
