"""Words of shell statements: how a text is cut, what variables and sums in a word become."""

import re
import shlex
from collections.abc import Mapping

from workbench.errors import RecipeError
from workbench.interop.shell.budget import DIGITS, Budget
from workbench.interop.shell.pasted import typed_lines
from workbench.recipe.refusals import shown

Variables = Mapping[str, str]
_VARIABLE = re.compile(r"\$(?:\{(\w+)\}|(\w+))")
_SUM = re.compile(r"\$\(\(([^()]*)\)\)")
_NAME = re.compile(r"\$?\{?([A-Za-z_]\w*)\}?")
_WINDOWS_PATH = re.compile(r"\\[\w.\\]")
_STREAM = re.compile(r"(?<!\S)\d(?=[<>])")
"""The number of a redirected stream, as in ``2>&1``."""
_ENDS = frozenset({"&&", "||", ";", "&", "|", ";;"})
_OPENING = frozenset({"do", "then", "{", "}"})
"""Words before a statement that say nothing by themselves."""


def statements(text: str) -> list[list[str]]:
    """Words of each statement. Quotes are taken off; what they held is one word.

    Raises RecipeError for a quote that is not closed.
    """
    split_statements: list[list[str]] = []
    for line in typed_lines(text):
        # Blanks in a sum do not part words.
        code = _SUM.sub(lambda match: match[0].replace(" ", ""), _STREAM.sub("", line))
        lexer = shlex.shlex(code, posix=True, punctuation_chars=";&|<>")
        lexer.whitespace_split = True
        if _WINDOWS_PATH.search(code):  # a backslash parts folders there, and escapes nothing
            lexer.escape = ""
        try:
            tokens = list(lexer)
        except ValueError:
            raise RecipeError(f"{shown(line.strip())}: a quote is opened and not closed.") from None
        split_statements += _parted(tokens)
    return split_statements


def expanded(word: str, variables: Variables, budget: Budget) -> str:
    """A word with the values of its variables and sums.

    Raises RecipeError for a variable without a value that stands alone or at the front (inside a
    longer word it is nothing, as in a shell), for what only a shell can compute, and for more
    characters than the budget has left.
    """

    def value(match: "re.Match[str]") -> str:
        name = match[1] or match[2]
        if name in variables:
            return budget.value(variables[name])
        if match.start() == 0:
            raise RecipeError(
                f"${name}: has no value in this text. Write the value itself, or put"
                f" `{name}=value` on a line before."
            )
        return ""

    text = _SUM.sub(lambda match: str(_sum(match[1], variables)), word)
    if "$(" in text:
        raise RecipeError(f"{shown(word)}: is computed by a shell. Write the value itself.")
    return _VARIABLE.sub(value, text)


def _parted(tokens: list[str]) -> list[list[str]]:
    parts: list[list[str]] = [[]]
    for token in tokens:
        if token in _ENDS:
            parts.append([])
        elif parts[-1] or token not in _OPENING:
            parts[-1].append(token)
    return [statement for statement in parts if statement]


def _sum(text: str, variables: Variables) -> int:
    """Whole numbers and variables, multiplied and divided from left to right, as a shell does."""
    first, *rest = re.split(r"([*/])", text.replace(" ", ""))
    try:
        total = _number(first, variables)
        for sign, word in zip(rest[::2], rest[1::2], strict=True):
            number = _number(word, variables)
            total = total * number if sign == "*" else total // number
            _checked(str(total))
    except (ValueError, ZeroDivisionError):
        raise RecipeError(
            f"$(({shown(text)})): cannot be computed. Write the value itself."
        ) from None
    return total


def _number(word: str, variables: Variables) -> int:
    name = _NAME.fullmatch(word)
    return int(_checked(variables.get(name[1], "") if name else word))


def _checked(text: str) -> str:
    """The digits of a number. Raises ValueError for anything else, or for too many."""
    if not (text.isascii() and text.isdigit() and len(text) <= DIGITS):
        raise ValueError
    return text
