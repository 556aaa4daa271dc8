"""Recipes as YAML and values as text, both ways without loss."""

import json
import shlex
from collections.abc import Mapping
from typing import Any, cast

import yaml

from workbench.errors import RecipeError
from workbench.recipe.base import Raw
from workbench.recipe.merge import overlay, validated
from workbench.recipe.schema import Recipe

# The C parser is about seven times faster; a PyYAML built without it still works.
_SafeLoader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_SafeDumper: Any = getattr(yaml, "CSafeDumper", yaml.SafeDumper)


class _Loader(_SafeLoader):
    """The safe loader, but a key given twice is refused instead of the first one being dropped."""

    def construct_mapping(self, node: Raw, deep: bool = False) -> Raw:
        keys = [key.value for key, _ in node.value if key.tag != "tag:yaml.org,2002:merge"]
        for key in {key for key in keys if keys.count(key) > 1}:
            raise RecipeError(f"YAML line {node.start_mark.line + 1}: '{key}' is given twice.")
        return _SafeLoader.construct_mapping(self, node, deep)


def read_yaml(text: str) -> dict[str, Any]:
    """A YAML mapping as a plain tree. Raises RecipeError naming line and column."""
    try:
        tree: Any = yaml.load(text, Loader=_Loader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        where = f" line {mark.line + 1}, column {mark.column + 1}" if mark else ""
        raise RecipeError(f"YAML{where}: {error.problem}.") from None
    except yaml.YAMLError as error:
        raise RecipeError(f"YAML: {error}".splitlines()[0]) from None
    if not isinstance(tree, dict):
        raise RecipeError("YAML: a recipe is a mapping of groups such as data, model, training.")
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
    words = ["workbench", "train", preset]
    for path, value in overrides.items():
        words += ["--set", f"{path}={value_text(value)}"]
    return shlex.join(words)
