"""Foreign command-line flags as a table: what each holds, and what becomes of it here."""

import difflib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from workbench.errors import RecipeError
from workbench.recipe.refusals import did_you_mean, listed, shown

LARGEST = 1e9
"""Absolute value of a number in a command."""
Read = Callable[[str], Any]


@dataclass(frozen=True)
class Flag:
    """One flag of a foreign program.

    Attributes:
        name: As it is written, dashes included.
        default: What the program takes without it.
        read: Its value from text; None for a switch, which takes none and is then True.
        unused: Why it has no effect there; it is accepted and reported.
        refused: Why it is not built here; a command that switches it on is refused.
    """

    name: str
    default: Any = None
    read: Read | None = str
    unused: str = ""
    refused: str = ""


@dataclass(frozen=True)
class FlagValues:
    """A command's flags: the value of every one, and the names of those that were written."""

    values: Mapping[str, Any]
    written: frozenset[str]
    notes: tuple[str, ...]

    def __getitem__(self, name: str) -> Any:  # noqa: ANN401
        return self.values[name]


def parse(flags: Sequence[Flag], arguments: Sequence[str]) -> FlagValues:
    """Read arguments as argparse would, unique beginnings of names included.

    Raises RecipeError for an unknown flag (with the nearest known one), one that is not built here,
    a missing value, or a value that cannot be read.
    """
    table = {flag.name: flag for flag in flags}
    values = {flag.name: False if flag.read is None else flag.default for flag in flags}
    written: list[str] = []
    rest = list(arguments)
    while rest:
        word = rest.pop(0)
        name, equals, attached = word.partition("=")
        flag = table[_full_name(name, list(table))]
        written.append(flag.name)
        if flag.read is None:
            if equals:
                raise RecipeError(f"{word}: {flag.name} takes no value.")
            values[flag.name] = True
            continue
        if not equals and not rest:
            raise RecipeError(f"{flag.name}: its value is missing.")
        values[flag.name] = _value(flag, attached if equals else rest.pop(0))
    _refuse([table[name] for name in written], values)
    notes = [f"{name}: {table[name].unused}" for name in written if table[name].unused]
    return FlagValues(values, frozenset(written), tuple(notes))


def bounded(value: Any) -> Any:  # noqa: ANN401
    """A value whose numbers can be computed with. Raises ValueError for others, as inf or 1e300."""
    for number in value if isinstance(value, list | tuple) else (value,):
        if isinstance(number, list | tuple):
            raise ValueError
        if isinstance(number, int | float) and not abs(number) <= LARGEST:
            raise ValueError
    return value


def yes_or_no(text: str) -> bool:
    """``True`` or ``False`` in the spellings that programs take."""
    known = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}
    return known[text.strip().lower()]


def numbers(text: str) -> tuple[int, ...]:
    """Whole numbers between commas: ``8,8``."""
    return tuple(int(part) for part in text.split(","))


def _full_name(name: str, names: list[str]) -> str:
    if name in names:
        return name
    if not name.startswith("-"):
        raise RecipeError(f"{shown(name)}: stands where a flag is expected, such as {names[0]}.")
    matches = [flag for flag in names if flag.startswith(name)] if name.startswith("--") else []
    if len(matches) == 1:
        return matches[0]
    if matches:
        raise RecipeError(f"{name}: is the beginning of {listed(matches)}. Write it out.")
    close = difflib.get_close_matches(name, names, n=1, cutoff=0.0)
    cure = did_you_mean(name, names) or f" The nearest known one is {close[0]}."
    raise RecipeError(f"{name}: is no flag of this program.{cure}")


def _value(flag: Flag, text: str) -> Any:  # noqa: ANN401
    if flag.read is None:
        return True
    try:
        return bounded(flag.read(text))
    except (ValueError, KeyError):
        raise RecipeError(f"{flag.name} {shown(text)}: cannot be read as its value.") from None


def _refuse(written: Sequence[Flag], values: Mapping[str, Any]) -> None:
    for flag in written:
        neutral = False if flag.read is None else flag.default
        if flag.refused and values[flag.name] != neutral:
            raise RecipeError(f"{flag.name}: {flag.refused}")
