"""A pasted command line, read as the programs it starts. Nothing of it is ever run."""

import re
import shlex
from dataclasses import dataclass, field

from workbench.errors import RecipeError
from workbench.recipe.refusals import shown

_ASSIGNMENT = re.compile(r"([A-Za-z_][A-Za-z0-9_]*)=(.*)", re.DOTALL)
_VARIABLE = re.compile(r"\$(?:\{(\w+)\}|(\w+))")
_PYTHON = re.compile(r"(.*/)?python[0-9.]*")
_ENDS = frozenset({"&&", "||", ";", "&", "|", ";;"})
_REDIRECTION = re.compile(r"[<>]+&?|&>+")
_LONGEST = 20_000


@dataclass(frozen=True)
class Invocation:
    """One Python program that a command line starts.

    Attributes:
        script: The program's file as it is named, e.g. ``./tools/train_net.py``.
        arguments: What follows it.
        folder: Where it starts: what ``cd`` said before it, empty where nothing did.
        environment: Variables that stand before it.
    """

    script: str
    arguments: tuple[str, ...]
    folder: str = ""
    environment: dict[str, str] = field(default_factory=dict[str, str])

    @property
    def program(self) -> str:
        """The file's name alone."""
        return self.script.rsplit("/", 1)[-1]


def invocations(text: str) -> list[Invocation]:
    """The Python programs of a command line or of several lines, in order.

    ``cd``, variables set in the text, line ends after a backslash and comments are understood;
    everything but Python programs is passed over. Raises RecipeError for quotes that do not close,
    variables without a value, and text that starts no Python program.

        >>> [one.program for one in invocations("cd x && GPU=0 python train.py -a")]
        ['train.py']
    """
    if len(text) > _LONGEST:
        raise RecipeError(f"The text has more than {_LONGEST} characters: paste the command alone.")
    found: list[Invocation] = []
    variables: dict[str, str] = {}
    folder = ""
    for words in _statements(text):
        before, rest = _assignments([_expanded(word, variables) for word in words])
        if not rest:
            variables |= before
        elif rest[0] == "cd":
            folder = rest[1] if len(rest) > 1 else ""
        elif (started := _python(rest)) is not None:
            found.append(Invocation(started[0], tuple(started[1:]), folder, before))
    if not found:
        raise RecipeError(
            f"{shown(text.strip())}: starts no Python program. Paste a command such as"
            " `python train.py --net ...`."
        )
    return found


def _statements(text: str) -> list[list[str]]:
    """Words of each statement. Quotes are taken off; what they held is one word."""
    statements: list[list[str]] = []
    for line in text.replace("\\\r\n", " ").replace("\\\n", " ").splitlines():
        lexer = shlex.shlex(line, posix=True, punctuation_chars=";&|<>")
        lexer.whitespace_split = True
        try:
            words = list(lexer)
        except ValueError:
            raise RecipeError(f"{shown(line.strip())}: a quote is opened and not closed.") from None
        statements.append([])
        for word in words:
            if word in _ENDS:
                statements.append([])
            else:
                statements[-1].append(word)
    return [words for words in statements if words]


def _expanded(word: str, variables: dict[str, str]) -> str:
    if "$(" in word:
        raise RecipeError(f"{shown(word)}: is computed by a shell. Write the value itself.")

    def value(match: "re.Match[str]") -> str:
        name = match[1] or match[2]
        if name not in variables:
            raise RecipeError(
                f"${name}: has no value in this text. Write the value itself, or put"
                f" `{name}=value` on a line before."
            )
        return variables[name]

    return _VARIABLE.sub(value, word)


def _assignments(words: list[str]) -> tuple[dict[str, str], list[str]]:
    """Leading ``NAME=value`` words, and the words behind them."""
    found: dict[str, str] = {}
    for place, word in enumerate(words):
        match = _ASSIGNMENT.fullmatch(word)
        if match is None:
            return found, words[place:]
        found[match[1]] = match[2]
    return found, []


def _python(words: list[str]) -> list[str] | None:
    """The script that Python is given and its arguments, redirections left out."""
    place = next((at for at, word in enumerate(words) if _PYTHON.fullmatch(word)), None)
    rest = words[place + 1 :] if place is not None else words
    if place is None and not words[0].endswith(".py"):
        return None
    while rest and rest[0].startswith("-"):  # Python's own options: -u, -m module
        rest = rest[1:]
    end = next((at for at, word in enumerate(rest) if _REDIRECTION.fullmatch(word)), len(rest))
    return rest[:end] or None
