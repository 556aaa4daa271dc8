"""What a setting may hold, read off the schema's annotations once.

Everything that has to look at the schema (merging, refusals, field specs) looks at these shapes
instead: a value, a group, a choice between kinds, or a mapping of named entries.
"""

import types
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from workbench.recipe.settings.base import Group, OneOf, Raw

ValueType = Literal["bool", "int", "float", "text", "choice", "list"]
_TYPES: dict[Any, ValueType] = {bool: "bool", int: "int", float: "float", str: "text"}


@dataclass(frozen=True)
class Bounds:
    """Smallest and largest value; an excluded bound is itself not allowed."""

    low: int | float | None = None
    high: int | float | None = None
    low_excluded: bool = False
    high_excluded: bool = False


@dataclass(frozen=True)
class Value:
    """One value, or a list of values.

    ``choices`` are words that are allowed beside a value of the type (None: may be empty); for the
    type ``choice`` they are all there is. ``entries`` bounds how many items a list may have.
    """

    type: ValueType
    choices: tuple[Any, ...] = ()
    bounds: Bounds = Bounds()
    item: "Value | None" = None
    entries: Bounds = Bounds()


@dataclass(frozen=True)
class Members:
    """A group with fixed fields; ``optional``: it may be absent."""

    model: type[Group]
    optional: bool = False


@dataclass(frozen=True, eq=False)
class Kinds:
    """A choice between groups by their ``kind``."""

    variants: Mapping[str, type[Group]]


@dataclass(frozen=True)
class Entries:
    """A mapping of named entries, all of one shape."""

    entry: "Members | Kinds"


Shape = Value | Members | Kinds | Entries


@dataclass(frozen=True, eq=False)
class Member:
    """One field of a group: its shape and what the schema says about it."""

    shape: Shape
    help: str
    important: bool
    log: bool


@cache
def members(model: type[Group]) -> Mapping[str, Member]:
    """All fields of a group in order."""
    return {name: _member(info) for name, info in model.model_fields.items()}


@cache
def _default_group(model: type[Group]) -> Group:
    return model()


def forget_shapes() -> None:
    """Read all shapes anew when they are next asked for: the schema has changed."""
    members.cache_clear()
    _default_group.cache_clear()


def defaults(model: type[Group]) -> dict[str, Any]:
    """A fresh plain tree of a group's default values."""
    return _default_group(model).model_dump()


def kind_of(model: type[Group]) -> str:
    """The word that chooses a group among its union."""
    return str(model.model_fields["kind"].default)


def summary(model: type[Group]) -> str:
    """The first line of a group's description."""
    return (model.__doc__ or "").strip().splitlines()[0]


def _member(info: FieldInfo) -> Member:
    extra: Any = info.json_schema_extra
    flags: Mapping[str, Any] = extra or {}
    return Member(
        shape=_shape(info.annotation, info.metadata),
        help=info.description or "",
        important=bool(flags.get("important")),
        log=bool(flags.get("log")),
    )


def _shape(annotation: Raw, metadata: Iterable[Any]) -> Shape:
    annotation, metadata = _unwrap(annotation, metadata)
    if choice := next((extra for extra in metadata if isinstance(extra, OneOf)), None):
        return Kinds(choice.registry.kinds)
    parts = _alternatives(annotation)
    groups = [part for part in parts if _is_group(part)]
    if len(groups) > 1:
        return Kinds({kind_of(group): group for group in groups})
    if groups:
        return Members(groups[0], optional=type(None) in parts)
    if get_origin(annotation) is dict:
        return Entries(_entry(get_args(annotation)[1]))
    return _value(parts, metadata)


def _entry(annotation: Raw) -> Members | Kinds:
    shape = _shape(annotation, ())
    if isinstance(shape, Members | Kinds):
        return shape
    raise TypeError(f"A mapping of {annotation} is not part of the vocabulary.")


def _value(parts: list[Any], metadata: Iterable[Any]) -> Value:
    kind: ValueType = "choice"
    choices: list[Any] = []
    bounds, item, entries = _bounds(metadata), None, Bounds()
    for part, inner in (_unwrap(part, ()) for part in parts):
        if part is type(None):
            choices.append(None)
        elif get_origin(part) is Literal:
            choices += get_args(part)
        elif get_origin(part) is list:
            kind, item, entries = "list", _item(get_args(part)[0]), _lengths([*metadata, *inner])
        else:
            kind = _TYPES[part]
            bounds = _bounds(inner) if inner else bounds
    return Value(kind, tuple(choices), bounds, item, entries)


def _item(annotation: Raw) -> Value | None:
    shape = _shape(annotation, ())
    return shape if isinstance(shape, Value) else None


def _unwrap(annotation: Raw, metadata: Iterable[Any]) -> tuple[Raw, list[Any]]:
    constraints = list(metadata)
    if get_origin(annotation) is Annotated:
        annotation, *rest = get_args(annotation)
        for extra in rest:
            constraints += extra.metadata if isinstance(extra, FieldInfo) else [extra]
    return annotation, constraints


def _alternatives(annotation: Raw) -> list[Any]:
    is_union = get_origin(annotation) in (Union, types.UnionType)
    return list(get_args(annotation)) if is_union else [annotation]


def _is_group(part: Raw) -> bool:
    return isinstance(part, type) and issubclass(part, BaseModel)


def _lengths(metadata: Iterable[Any]) -> Bounds:
    limits: dict[str, int] = {}
    for item in metadata:
        for name, end in (("min_length", "low"), ("max_length", "high")):
            if (limit := getattr(item, name, None)) is not None:
                limits[end] = limit
    return Bounds(low=limits.get("low"), high=limits.get("high"))


def _bounds(metadata: Iterable[Any]) -> Bounds:
    limits: dict[str, Any] = {}
    for item in metadata:
        for name in ("ge", "gt", "le", "lt"):
            if (limit := getattr(item, name, None)) is not None:
                limits[name] = limit
    return Bounds(
        low=limits.get("ge", limits.get("gt")),
        high=limits.get("le", limits.get("lt")),
        low_excluded="gt" in limits,
        high_excluded="lt" in limits,
    )
