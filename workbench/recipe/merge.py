"""Laying a tree of changes over a complete tree, kinds first.

Trees are plain mappings as YAML gives them. The result is complete (every default filled in), so
that it can be shown even where a value in it will be refused.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any, cast

from pydantic import ValidationError

from workbench.errors import RecipeError
from workbench.recipe.refusals import (
    allowed,
    did_you_mean,
    listed,
    refusals,
    shown,
    together,
    unknown_field,
)
from workbench.recipe.schema import Recipe
from workbench.recipe.settings.base import Group, Raw
from workbench.recipe.shapes import Entries, Kinds, Members, Shape, Value, defaults, members

Tree = dict[str, Any]
EMPTY = ("", "null")


def overlay(base: Tree | None, change: Mapping[str, Any]) -> tuple[Tree, list[RecipeError]]:
    """``change`` over ``base`` (over the schema's defaults without one), and what was refused."""
    merging = _Merging(base)
    return merging.group(Recipe, base, change), merging.problems


def validated(tree: Tree, problems: Sequence[RecipeError] = ()) -> Recipe:
    """The recipe of a complete tree.

    Raises RecipeError with ``problems`` and everything the schema refuses, one a path.
    """
    try:
        recipe = Recipe.model_validate(tree)
    except ValidationError as error:
        seen = {problem.path for problem in problems}
        further = [item for item in refusals(error, Recipe) if item.path not in seen]
        raise together([*problems, *further]) from None
    if problems:
        raise together(problems)
    return recipe


class _Merging:
    """One pass over a tree of changes; what cannot be applied is collected in ``problems``."""

    def __init__(self, root: Tree | None) -> None:
        self.problems: list[RecipeError] = []
        self.root = root or {}

    def group(
        self,
        model: type[Group],
        base: Tree | None,
        change: Mapping[str, Any],
        path: str = "",
        kinds: Mapping[str, type[Group]] | None = None,
    ) -> Tree:
        """``change`` over ``base``, or over the group's defaults where there is no base.

        Without a base a mapping of entries starts empty, so that a preset that names its branches
        does not inherit the default one.
        """
        known = members(model)
        result = defaults(model) if base is None else dict(base)
        for name, value in change.items():
            inner = f"{path}.{name}" if path else str(name)
            if name not in known:
                self.problems.append(unknown_field(inner, model, kinds or {}, self.root))
            else:
                old = None if base is None else base[name]
                placed = self._place(known[name].shape, old, value, inner)
                if placed is not None or not isinstance(known[name].shape, Kinds):
                    result[name] = placed  # a refused kind leaves the default where it was
        return result

    def _place(self, shape: Shape, old: Raw, change: Raw, path: str) -> Raw:
        match shape:
            case Value():
                return self._value(shape, change, path)
            case Members(model, optional):
                return self._members(model, optional, old, change, path)
            case Kinds():
                return self._kinds(shape, old, change, path)
            case Entries():
                return self._entries(shape, old, change, path)

    def _members(
        self,
        model: type[Group],
        optional: bool,
        old: Tree | None,
        change: Raw,
        path: str,
    ) -> Tree | None:
        if optional and (change is None or change is False or change in (*EMPTY, "false")):
            return None
        if optional and (change is True or change == "true"):
            change = {}
        tree = self._mapping(change, path)
        return old if tree is None else self.group(model, old, tree, path)

    def _kinds(self, shape: Kinds, old: Tree | None, change: Raw, path: str) -> Tree | None:
        tree = self._mapping(change, path)
        if tree is None:
            return old
        kind = tree.get("kind", None if old is None else old["kind"])
        known = list(shape.variants)
        if kind is None:
            self._refuse(path, f"{path}: no kind given. Set {path}.kind = {listed(known)}.")
            return old
        if not isinstance(kind, str) or kind not in shape.variants:
            where, hint = f"{path}.kind", did_you_mean(str(kind), known)
            self._refuse(
                where, f"{where} = {shown(kind)}: unknown kind. Use {listed(known)}.{hint}"
            )
            return old
        # A new kind starts from its own defaults: values of the old kind would mean something else.
        same_kind = old if old is not None and old["kind"] == kind else None
        return self.group(shape.variants[kind], same_kind, tree, path, shape.variants)

    def _entries(self, shape: Entries, old: Tree | None, change: Raw, path: str) -> Tree:
        tree = self._mapping(change, path) or {}
        result = dict(old or {})
        for name, value in tree.items():
            inner = f"{path}.{name}"
            if value is not None and value not in EMPTY:
                entry = self._place(shape.entry, result.get(name), value, inner)
                result |= {} if entry is None else {name: entry}
            elif name in result:
                del result[name]
            else:
                hint = f" Entries are {', '.join(result)}." if result else ""
                hint += did_you_mean(str(name), result)
                self._refuse(inner, f"{inner} = null: there is no such entry to remove.{hint}")
        return result

    def _mapping(self, change: Raw, path: str) -> Mapping[str, Any] | None:
        """``change`` as a mapping (text is read as JSON), or None with a refusal."""
        tree = read_json(change) if isinstance(change, str) else change
        if isinstance(tree, Mapping):
            return cast(Mapping[str, Any], tree)
        self._refuse(
            path,
            f"{path} = {shown(change)}: this is a group of settings. Set one of its fields, e.g."
            f" {path}.<field>, or give a JSON object.",
        )
        return None

    def _value(self, shape: Value, change: Raw, path: str) -> Raw:
        value = read_text(shape, change) if isinstance(change, str) else change
        if isinstance(value, bool) and shape.type in ("int", "float"):
            self._refuse(path, f"{path} = {shown(value)}: not a number. Use {allowed(shape)}.")
        return value

    def _refuse(self, path: str, message: str) -> None:
        self.problems.append(RecipeError(message, path))


def read_text(shape: Value, text: str) -> Raw:
    """A text as a value of the setting's own type; unreadable text is returned as it is.

    ``null`` or nothing empties an optional setting. A list is JSON, or its items with commas.
    """
    if None in shape.choices and text in EMPTY:
        return None
    if text in shape.choices:
        return text
    try:
        return _read(shape, text)
    except (ValueError, RecursionError):
        return text


def _read(shape: Value, text: str) -> Raw:
    match shape.type:
        case "int":
            return int(text)
        case "float":
            return float(text)
        case "bool":
            return {"true": True, "false": False}.get(text.strip().lower(), text)
        case "list":
            return _read_list(shape, text)
        case "choice":
            return next((word for word in shape.choices if str(word) == text), text)
        case "text":
            return text


def _read_list(shape: Value, text: str) -> Raw:
    if text.lstrip().startswith("[") or shape.item is None:
        return json.loads(text)
    item = shape.item
    return [read_text(item, part.strip()) for part in text.split(",") if part.strip()]


def read_json(text: str) -> Raw:
    """A text as JSON, or None where it is none."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None
