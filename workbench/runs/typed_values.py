"""Whether a value read from disk is of the type that the code says. Standard library only."""

from types import NoneType, UnionType
from typing import Any, Literal, Union, cast, get_args, get_origin

_LARGEST_WHOLE = 2**53
_LARGEST = 1e300


def fits(value: object, hint: Any) -> bool:  # noqa: ANN401  (a type annotation)
    """Whether a JSON value may stand where the annotation ``hint`` is.

    Knows ``int float str bool None Any``, unions, literals, ``list[x]``, ``tuple[x, ...]`` (a JSON
    list) and ``dict[str, x]``. Whole numbers are below 2**53, others finite or null (which stands
    for one that is not), texts can be written as UTF-8.
    """
    origin, inner = get_origin(hint), get_args(hint)
    if origin is not None:
        return _fits_generic(value, origin, inner)
    if hint is int:
        return isinstance(value, int) and _is_number(value) and abs(value) < _LARGEST_WHOLE
    if hint is float:
        return value is None or _is_number(value)
    if hint is str:
        return isinstance(value, str) and _is_unicode(value)
    return hint is Any or isinstance(value, hint)


def _fits_generic(value: object, origin: Any, inner: tuple[Any, ...]) -> bool:  # noqa: ANN401
    if origin in (Union, UnionType):
        return any(value is None if each is NoneType else fits(value, each) for each in inner)
    if origin is Literal:
        return isinstance(value, str) and value in inner
    if origin in (list, tuple):
        items = cast("list[object]", value)
        return isinstance(value, list) and all(fits(item, inner[0]) for item in items)
    entries = cast("dict[object, object]", value)
    return isinstance(value, dict) and all(
        fits(key, inner[0]) and fits(item, inner[1]) for key, item in entries.items()
    )


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < _LARGEST


def _is_unicode(text: str) -> bool:
    return text.isascii() or not any("\ud800" <= letter <= "\udfff" for letter in text)
