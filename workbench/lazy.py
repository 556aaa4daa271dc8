"""Packages whose names are imported when they are first used, so that importing them costs nothing.

__getattr__, __dir__ = first_used(__name__, {"evaluate": "workbench.retrieval.metrics"})
"""

import sys
from collections.abc import Callable, Mapping
from importlib import import_module


def first_used(
    package: str, homes: Mapping[str, str]
) -> tuple[Callable[[str], object], Callable[[], list[str]]]:
    """A package's ``__getattr__`` and ``__dir__``.

    Args:
        package: its ``__name__``.
        homes: the module of each name that it offers.

    Returns:
        What looks a name up (AttributeError for any other one), and what lists all names.
    """

    def look_up(name: str) -> object:
        if name not in homes:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        value = getattr(import_module(homes[name]), name)
        setattr(sys.modules[package], name, value)
        return value

    return look_up, lambda: sorted(homes)
