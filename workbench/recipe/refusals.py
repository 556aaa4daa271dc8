"""Sentences for what is refused: path, value, what is allowed, the cure."""

import difflib
import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple, cast

from pydantic import ValidationError

from workbench.errors import RecipeError
from workbench.recipe.settings.base import Group, ImpossibleSettings, Problem, Raw
from workbench.recipe.shapes import Bounds, Entries, Kinds, Members, Shape, Value, members

_TROUBLE = {
    "greater_than": "too small",
    "greater_than_equal": "too small",
    "less_than": "too large",
    "less_than_equal": "too large",
    "finite_number": "not a finite number",
    "int_from_float": "not a whole number",
    "int_type": "not a whole number",
    "int_parsing": "not a whole number",
    "float_type": "not a number",
    "float_parsing": "not a number",
    "bool_type": "neither true nor false",
    "bool_parsing": "neither true nor false",
    "string_type": "not a text",
    "string_too_short": "empty",
    "string_too_long": "too long",
    "string_pattern_mismatch": "not of the right form",
    "literal_error": "not a choice",
    "list_type": "not a list",
    "too_short": "too few",
    "too_long": "too many",
    "missing": "missing",
}
_NOUNS = {"int": "a whole number", "float": "a number", "text": "a text", "bool": "true or false"}


class Place(NamedTuple):
    """Where a refusal belongs: the dotted path of a setting, and an item of it if it is a list."""

    path: str
    shape: Shape | None
    item: str = ""


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """`` Did you mean x?`` where a known word is close to ``word``, else nothing."""
    names = list(known)
    close = difflib.get_close_matches(word, names, n=1, cutoff=0.6)
    close = close or [name for name in names if name.endswith(f".{word}")][:1]
    return f" Did you mean {close[0]}?" if close else ""


def listed(names: Sequence[str]) -> str:
    """``a, b or c``."""
    return " or ".join([", ".join(names[:-1]), names[-1]]) if len(names) > 1 else "".join(names)


def shown(value: Raw) -> str:
    """A value as a user would write it, cut to one line."""
    text = value if isinstance(value, str) and value else json.dumps(value, default=str)
    return text if len(text) <= 80 else text[:77] + "..."


def allowed(value: Value) -> str:
    """What a setting may hold, in words: ``a whole number from 1 to 256 or auto``."""
    choices = ["null" if word is None else str(word) for word in value.choices]
    if value.type == "list":
        inner = f" whose items are each {allowed(value.item)}" if value.item else ""
        return listed([*choices, f"a JSON list{_entries(value.entries)}{inner}"])
    nouns = [] if value.type == "choice" else [_NOUNS[value.type] + _range(value.bounds)]
    return listed([*nouns, *choices])


def refusals(error: ValidationError, model: type[Group]) -> list[RecipeError]:
    """Everything a validation found, one refusal a path."""
    by_path: dict[str, RecipeError] = {}
    for detail in error.errors(include_url=False):
        for refusal in _refusals_of(detail, model):
            by_path.setdefault(refusal.path, refusal)
    return list(by_path.values())


def refusal(problem: Problem) -> RecipeError:
    """A problem of settings as an error."""
    return RecipeError(str(problem), problem.path)


def together(problems: Sequence[RecipeError]) -> RecipeError:
    """The first of several refusals, carrying the others."""
    first, *others = problems
    return RecipeError(str(first), first.path, tuple(others))


def _refusals_of(detail: Raw, model: type[Group]) -> list[RecipeError]:
    if detail["type"] == "value_error":
        error = detail["ctx"]["error"]
        if isinstance(error, ImpossibleSettings):
            return [refusal(problem) for problem in error.problems]
        return [RecipeError(str(error), _place(detail["loc"], model).path)]
    place = _place(detail["loc"], model)
    trouble = _TROUBLE.get(detail["type"], detail["msg"].rstrip("."))
    cure = ""
    if isinstance(place.shape, Value):
        cure = f" Use {allowed(place.shape)}."
        cure += did_you_mean(str(detail["input"]), _named_choices(place.shape.choices))
    elif isinstance(place.shape, Entries):
        cure = " Keep at least one entry."
    head = f"{place.path}{place.item} = {shown(detail['input'])}"
    if place.item == "[key]":
        head = f"{place.path}"
        cure = " Use small letters, digits and underscores, starting with a letter."
    return [RecipeError(f"{head}: {trouble}.{cure}", place.path)]


def _named_choices(choices: Iterable[Any]) -> list[str]:
    return [str(word) for word in choices if word is not None]


def _place(location: tuple[Any, ...], model: type[Group]) -> Place:
    """The setting a pydantic location means: the tags of unions in it are not part of the path."""
    shape: Shape = Members(model)
    path: list[str] = []
    rest = list(location)
    while rest:
        if isinstance(shape, Kinds) and rest[0] in shape.variants:
            shape = Members(shape.variants[rest.pop(0)])
        elif isinstance(shape, Members) and rest[0] in (known := members(shape.model)):
            path.append(str(rest[0]))
            shape = known[rest.pop(0)].shape
        elif isinstance(shape, Entries):
            path.append(str(rest.pop(0)))
            shape = shape.entry
        else:
            break
    return Place(".".join(path), *_item_of(shape, rest))


def _item_of(shape: Shape, rest: Sequence[Any]) -> tuple[Shape | None, str]:
    if rest and rest[0] == "[key]":
        return None, "[key]"
    if isinstance(shape, Value) and shape.type == "list" and rest and isinstance(rest[0], int):
        inner = "".join(f".{part}" for part in rest[1:])
        return shape.item, f"[{rest[0]}]{inner}"
    return shape, ""


def _range(bounds: Bounds) -> str:
    low, high = _number(bounds.low), _number(bounds.high)
    above = f"above {low}" if bounds.low_excluded else f"from {low}"
    below = f"below {high}" if bounds.high_excluded else f"to {high}"
    parts = [above] * (bounds.low is not None) + [below] * (bounds.high is not None)
    return "".join(f" {part}" for part in parts)


def _entries(lengths: Bounds) -> str:
    low, high = lengths.low, lengths.high
    if high is None:
        return ""
    return f" of {high} entries" if low == high else f" of {low or 0} to {high} entries"


def _number(limit: int | float | None) -> str:
    return "" if limit is None else f"{limit:g}" if abs(limit) < 1e6 else f"{limit:.0f}"


def unknown_field(
    path: str, model: type[Group], kinds: Mapping[str, type[Group]], root: Mapping[str, Any]
) -> RecipeError:
    """The refusal of a field that its group does not have.

    ``kinds`` is the union the group was chosen from: a field of another kind is recognised.
    ``root`` is the whole tree: a field that lives elsewhere is recognised by its name.
    """
    parent, _, name = path.rpartition(".")
    known = [*model.model_fields]
    owners = [kind for kind, other in kinds.items() if name in other.model_fields]
    cure = f" It belongs to kind {listed(owners)}: set {parent}.kind." if owners else ""
    cure = cure or did_you_mean(name, known) or did_you_mean(name, _paths_ending(root, name))
    where = f"{parent} has" if parent else "a recipe has"
    return RecipeError(f"{path}: unknown field; {where} {', '.join(known)}.{cure}", path)


def _paths_ending(tree: Mapping[str, Any], name: str, path: str = "") -> list[str]:
    paths: list[str] = []
    for key, value in tree.items():
        inner = f"{path}.{key}" if path else key
        paths += [inner] if key == name else []
        if isinstance(value, dict):
            paths += _paths_ending(cast(Mapping[str, Any], value), name, inner)
    return paths
