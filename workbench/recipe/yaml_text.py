"""YAML as plain values within limits: the one loader for every YAML text read anywhere.

A text is first walked as a stream of events, which holds no tree and does not recurse, and refused
where it is too long, too deep, or stands for too much: aliases multiply.
"""

import math
from collections.abc import Hashable
from typing import Any, cast

import yaml

from workbench.errors import RecipeError
from workbench.recipe.settings.base import Raw

MOST_BYTES = 1_000_000
MOST_DEPTH = 60
"""Levels of lists and mappings within each other; a recipe has six."""
MOST_VALUES = 100_000
"""Values with every alias written out; a recipe has a few hundred."""
MOST_DIGITS = 100
"""Characters of a number: YAML's ``1:1:1:...`` of base 60 would count for minutes."""
_MERGE = "tag:yaml.org,2002:merge"

# The C parser is about seven times faster; a PyYAML built without it still works.
_SafeLoader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class _Loader(_SafeLoader):
    """The safe loader, but a key given twice is refused instead of the first one being dropped."""

    def construct_mapping(self, node: Raw, deep: bool = False) -> Raw:
        seen: set[tuple[str, str]] = set()
        for key, _ in node.value:
            if not isinstance(key, yaml.ScalarNode) or key.tag == _MERGE:
                continue
            if (key.tag, key.value) in seen:
                line = node.start_mark.line + 1
                raise RecipeError(f"YAML line {line}: '{key.value}' is given twice.")
            seen.add((key.tag, key.value))
        return _SafeLoader.construct_mapping(self, node, deep)


def _number(kind: str) -> Any:  # noqa: ANN401  (a constructor of PyYAML)
    construct = getattr(_SafeLoader, f"construct_yaml_{kind}")

    def constructed(loader: Raw, node: Raw) -> Raw:
        if len(node.value) > MOST_DIGITS:
            raise yaml.constructor.ConstructorError(
                None, None, f"a number of more than {MOST_DIGITS} characters", node.start_mark
            )
        return construct(loader, node)

    return constructed


for _kind in ("int", "float"):
    _Loader.add_constructor(f"tag:yaml.org,2002:{_kind}", _number(_kind))


def load_yaml(content: str | bytes) -> Any:  # noqa: ANN401  (whatever the text holds)
    """The value a YAML text stands for: mappings, lists, texts, numbers, dates.

    Raises RecipeError, naming line and column where there is one, for a text of more than
    ``MOST_BYTES``, ``MOST_DEPTH`` or ``MOST_VALUES``, and for whatever is no YAML.
    """
    if len(content) > MOST_BYTES:
        raise RecipeError(
            f"YAML: {len(content):,} bytes, and at most {MOST_BYTES:,} are read. Shorten the file."
        )
    try:
        _require_small(content)
        return yaml.load(content, Loader=_Loader)
    except RecipeError:
        raise
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        where = f" line {mark.line + 1}, column {mark.column + 1}" if mark else ""
        raise RecipeError(f"YAML{where}: {error.problem}.") from None
    except yaml.YAMLError as error:
        raise RecipeError(f"YAML: {error}".splitlines()[0]) from None
    except Exception as error:  # a tag such as !!bool on something else: whatever PyYAML raises
        reason = f"{type(error).__name__}: {error}".splitlines()[0]
        raise RecipeError(f"YAML: a value does not fit its tag ({reason}).") from None


def line_of(content: str, path: str) -> int | None:
    """The line on which a dotted path, or the last of its names that is there, is given.

    Only for a text that `load_yaml` has read: its limits are not asked again.
    """
    node: Any = cast("Any", yaml).compose(content, Loader=_Loader)
    line: int | None = None
    for name in path.split("."):
        pairs: list[Any] = node.value if hasattr(node, "value") else []
        pair: Any = next((pair for pair in pairs if _key_of(pair) == name), None)
        if pair is None:
            break
        key, node = pair
        line = int(key.start_mark.line) + 1
    return line


def _key_of(pair: Any) -> object:  # noqa: ANN401  (nodes of PyYAML; of a list or text no pair)
    return (
        getattr(cast("tuple[object, object]", pair)[0], "value", None)
        if isinstance(pair, tuple)
        else None
    )


def require_names(tree: Raw, path: str = "") -> None:
    """Refuse mappings, at any level, whose keys are no texts. Raises RecipeError."""
    if isinstance(tree, list):
        for item in cast("list[Any]", tree):
            require_names(item, path)
    elif isinstance(tree, dict):
        for key, value in cast("dict[Hashable, Any]", tree).items():
            if not isinstance(key, str):
                where = f" in {path}" if path else ""
                raise RecipeError(
                    f"YAML: the key {key!r}{where} is no text. Put it in quotation marks."
                )
            require_names(value, f"{path}.{key}" if path else key)


def _require_small(content: str | bytes) -> None:
    """Refuse a text whose tree would be too deep, or too large with its aliases written out."""
    sizes: dict[str | None, int | float] = {}
    names: list[str | None] = [None]
    counts: list[int | float] = [0]
    for event in yaml.parse(content, Loader=_SafeLoader):
        match event:
            case yaml.CollectionStartEvent():
                # The size is known only at the end: until then it has none, as an alias of itself.
                sizes[event.anchor] = math.inf
                names.append(event.anchor)
                counts.append(1)
            case yaml.CollectionEndEvent():
                size = counts.pop()
                sizes[names.pop()] = size
                counts[-1] += size
            case yaml.ScalarEvent():
                sizes[event.anchor] = 1
                counts[-1] += 1
            case yaml.AliasEvent():
                counts[-1] += sizes.get(event.anchor, 1)
            case _:
                continue
        _require_within(counts, event.start_mark)


def _require_within(counts: list[int | float], mark: Raw) -> None:
    if len(counts) > MOST_DEPTH + 1:
        limit = f"more than {MOST_DEPTH} levels of lists and mappings within each other"
    elif counts[-1] > MOST_VALUES:
        limit = f"more than {MOST_VALUES:,} values, those of aliases counted wherever they stand"
    else:
        return
    raise RecipeError(f"YAML line {mark.line + 1}, column {mark.column + 1}: {limit}.")
