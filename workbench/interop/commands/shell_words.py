"""Words of shell statements: how a text is cut, what variables and sums in a word become."""

import ast
import operator
import re
import shlex
from collections.abc import Callable, Mapping

from workbench.errors import RecipeError
from workbench.recipe.refusals import shown

Variables = Mapping[str, str]
_VARIABLE = re.compile(r"\$(?:\{(\w+)\}|(\w+))")
_SUM = re.compile(r"\$\(\(((?:[^()]|\([^()]*\))*)\)\)")
_ENDS = frozenset({"&&", "||", ";", "&", "|", ";;"})
_OPENING = frozenset({"do", "then", "{", "}"})
"""Words before a statement that say nothing by themselves."""
_LONGEST_SUM = 200
_OPERATORS: dict[type[ast.operator], Callable[[int, int], int]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: lambda a, b: int(a / b),  # a shell cuts towards zero
    ast.Mod: operator.mod,
}


def statements(text: str) -> list[list[str]]:
    """Words of each statement. Quotes are taken off; what they held is one word.

    Raises RecipeError for a quote that is not closed.
    """
    found: list[list[str]] = []
    for line in text.replace("\\\r\n", " ").replace("\\\n", " ").splitlines():
        # Blanks in a sum do not part words.
        whole = _SUM.sub(lambda match: match[0].replace(" ", ""), line)
        lexer = shlex.shlex(whole, posix=True, punctuation_chars=";&|<>")
        lexer.whitespace_split = True
        try:
            words = list(lexer)
        except ValueError:
            raise RecipeError(f"{shown(line.strip())}: a quote is opened and not closed.") from None
        found += _parted(words)
    return found


def expanded(word: str, variables: Variables) -> str:
    """A word with the values of its variables and sums.

    Raises RecipeError for a variable without a value that stands alone or at the front (inside a
    longer word it is nothing, as in a shell), and for what only a shell can compute.
    """

    def value(match: "re.Match[str]") -> str:
        name = match[1] or match[2]
        if name in variables:
            return variables[name]
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


def _parted(words: list[str]) -> list[list[str]]:
    found: list[list[str]] = [[]]
    for word in words:
        if word in _ENDS:
            found.append([])
        elif word == "else":
            found += [[word], []]
        elif found[-1] or word not in _OPENING:
            found[-1].append(word)
    return [statement for statement in found if statement]


def _sum(text: str, variables: Variables) -> int:
    """Whole numbers and variables, added, multiplied, divided."""
    if len(text) > _LONGEST_SUM:
        raise RecipeError(f"{shown(text)}: is too long a sum. Write the value itself.")
    names = re.sub(r"\$?\{?([A-Za-z_]\w*)\}?", lambda m: variables.get(m[1], m[1]), text)
    try:
        return _value(ast.parse(names.strip(), mode="eval").body)
    except (SyntaxError, ValueError, KeyError, ZeroDivisionError, OverflowError):
        raise RecipeError(f"$(({text})): cannot be computed. Write the value itself.") from None


def _value(node: ast.expr) -> int:
    match node:
        case ast.Constant(value=int(number)):
            return number
        case ast.UnaryOp(op=ast.USub(), operand=inner):
            return -_value(inner)
        case ast.BinOp(left=left, op=sign, right=right):
            return _OPERATORS[type(sign)](_value(left), _value(right))
        case _:
            raise ValueError
