"""Whether a value read from disk is of the type that the code says. Standard library only."""

from collections.abc import Callable
from functools import cache
from types import NoneType, UnionType
from typing import Any, Literal, Union, cast, get_args, get_origin

_LARGEST_WHOLE = 2**53
_LARGEST = 1e300
Check = Callable[[object], bool]


def fits(value: object, hint: Any) -> bool:  # noqa: ANN401  (a type annotation)
    """Whether a JSON value may stand where the annotation ``hint`` is.

    Knows ``int float str bool None Any``, unions, literals, ``list[x]``, ``tuple[x, ...]`` (a JSON
    list) and ``dict[str, x]``. Whole numbers are below 2**53, others finite or null (which stands
    for one that is not), texts can be written as UTF-8.
    """
    return check_of(hint)(value)


@cache
def check_of(hint: Any) -> Check:  # noqa: ANN401  (a type annotation)
    """``fits`` for one annotation, which is taken apart once: for values by the thousand."""
    origin, inner = get_origin(hint), get_args(hint)
    if origin is not None:
        return _check_of_generic(origin, inner)
    plain: dict[Any, Check] = {int: _is_whole, float: _is_float, str: _is_text, Any: _is_anything}
    return plain.get(hint) or (lambda value: isinstance(value, hint))


def _check_of_generic(origin: Any, inner: tuple[Any, ...]) -> Check:  # noqa: ANN401
    if origin in (Union, UnionType):
        checks = [_is_none if each is NoneType else check_of(each) for each in inner]
        return lambda value: any(check(value) for check in checks)
    if origin is Literal:
        return lambda value: isinstance(value, str) and value in inner
    if origin in (list, tuple):
        item = check_of(inner[0])
        return lambda value: isinstance(value, list) and all(map(item, cast("list[object]", value)))
    key, entry = map(check_of, inner)

    def check(value: object) -> bool:
        if not isinstance(value, dict):
            return False
        entries = cast("dict[object, object]", value)
        return all(map(key, entries)) and all(map(entry, entries.values()))

    return check


def _is_anything(_: object) -> bool:
    return True


def _is_none(value: object) -> bool:
    return value is None


def _is_whole(value: object) -> bool:
    return (
        isinstance(value, int)
        and not isinstance(value, bool)
        and -_LARGEST_WHOLE < value < _LARGEST_WHOLE
    )


def _is_float(value: object) -> bool:
    if value is None:
        return True
    if type(value) is not float and (not isinstance(value, int | float) or isinstance(value, bool)):
        return False
    return -_LARGEST < value < _LARGEST


def _is_text(value: object) -> bool:
    return isinstance(value, str) and (
        value.isascii() or not any("\ud800" <= letter <= "\udfff" for letter in value)
    )
