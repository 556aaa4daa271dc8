"""The settings of a recipe, one flat list that every editor is generated from."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from workbench.recipe.schema import Recipe
from workbench.recipe.settings.base import Group, Raw
from workbench.recipe.shapes import (
    Bounds,
    Entries,
    Kinds,
    Member,
    Members,
    Value,
    ValueType,
    members,
    summary,
)

Condition = tuple[str, str | bool]


@dataclass(frozen=True)
class FieldSpec:
    """One setting as an editor needs it.

    ``choices`` are words allowed beside a value of the type (None: may be empty); for the type
    ``choice`` they are all there is. ``default`` is the value in the recipe that was walked. An
    optional group is a ``bool``: true switches it on with its defaults. ``shown_when`` is the path
    of the kind or switch that makes the field exist, and its value. ``low`` and ``high`` may
    themselves be excluded: only the schema decides.
    """

    path: str
    type: ValueType
    default: Any
    choices: tuple[Any, ...]
    low: int | float | None
    high: int | float | None
    help: str
    important: bool
    log_scale: bool
    shown_when: Condition | None


def fields(recipe: Recipe) -> list[FieldSpec]:
    """Every setting this recipe has, in the order of the schema.

    A group chosen by kind shows its ``kind`` first, then the fields of the chosen kind; mappings
    are shown entry by entry.

        >>> next(f for f in fields(Recipe()) if f.path == "data.height").low
        16
    """
    return fields_of(recipe.model_dump())


def fields_of(tree: Mapping[str, Any]) -> list[FieldSpec]:
    """The settings of a complete tree, also of one that would be refused."""
    return list(_group(Recipe, tree, "", None))


@cache
def mappings(model: type[Group] = Recipe, path: str = "") -> tuple[str, ...]:
    """Paths of the mappings of named entries: branches, losses, parameter groups."""
    paths: tuple[str, ...] = ()
    for name, member in members(model).items():
        inner = f"{path}.{name}" if path else name
        match member.shape:
            case Entries():
                paths += (inner,)
            case Members(below):
                paths += mappings(below, inner)
            case _:
                pass
    return paths


def _group(
    model: type[Group],
    tree: Mapping[str, Any],
    path: str,
    condition: Condition | None,
    without: str = "",
) -> Iterator[FieldSpec]:
    for name, member in members(model).items():
        if name != without:
            inner = f"{path}.{name}" if path else name
            yield from _member(member, tree[name], inner, condition)


def _member(
    member: Member,
    value: Raw,
    path: str,
    condition: Condition | None,
) -> Iterator[FieldSpec]:
    match member.shape:
        case Value() as shape:
            yield _spec(path, shape, member, value, condition)
        case Members(model, optional):
            if optional:
                yield _spec(path, Value("bool"), member, value is not None, condition)
                condition = (path, True)
            if value is not None:
                yield from _group(model, value, path, condition)
        case Kinds() as shape:
            yield from _kinds(shape, member, value, path, condition)
        case Entries(entry):
            for name, item in value.items():
                inner = Member(entry, member.help, False, False)
                yield from _member(inner, item, f"{path}.{name}", condition)


def _kinds(
    shape: Kinds,
    member: Member,
    value: Raw,
    path: str,
    condition: Condition | None,
) -> Iterator[FieldSpec]:
    chosen = value["kind"]
    kinds = tuple(shape.variants)
    stories = " ".join(f"{kind}: {summary(model)}" for kind, model in shape.variants.items())
    about = Member(Value("choice", kinds), f"{member.help} {stories}", member.important, False)
    kind = Value("choice", kinds, Bounds())
    yield _spec(f"{path}.kind", kind, about, chosen, condition)
    inner: Condition = (f"{path}.kind", chosen)
    yield from _group(shape.variants[chosen], value, path, inner, without="kind")


def _spec(
    path: str,
    shape: Value,
    member: Member,
    value: Raw,
    condition: Condition | None,
) -> FieldSpec:
    return FieldSpec(
        path=path,
        type=shape.type,
        default=value,
        choices=shape.choices,
        low=shape.bounds.low,
        high=shape.bounds.high,
        help=member.help,
        important=member.important,
        log_scale=member.log,
        shown_when=condition,
    )
