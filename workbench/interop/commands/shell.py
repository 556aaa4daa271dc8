"""A pasted command line, read as the programs it starts. Nothing of it is ever run."""

import re
from dataclasses import dataclass, field

from workbench.errors import RecipeError
from workbench.interop.commands.shell_words import expanded, statements
from workbench.recipe.refusals import shown

_ASSIGNMENT = re.compile(r"([A-Za-z_][A-Za-z0-9_]*)=(.*)", re.DOTALL)
_PYTHON = re.compile(r"(.*/)?python[0-9.]*")
_SHELL = re.compile(r"(.*/)?(ba)?sh")
_REDIRECTION = re.compile(r"[<>]+&?|&>+")
_LONGEST = 20_000
_MOST = 24
_CLOSING = {"for": "done", "if": "fi"}


@dataclass(frozen=True)
class Invocation:
    """One Python program, or shell script, that a command line starts.

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

    @property
    def devices(self) -> dict[str, list[str]]:
        """The setting that ``CUDA_VISIBLE_DEVICES`` stands for; empty where it is not there.

        Raises RecipeError where devices are not named by numbers.
        """
        visible = self.environment.get("CUDA_VISIBLE_DEVICES", "")
        numbers = [part.strip() for part in visible.split(",") if part.strip()]
        if not all(number.isdigit() for number in numbers):
            raise RecipeError(f"CUDA_VISIBLE_DEVICES={visible}: name devices by number, as 0,1.")
        return {"run.devices": [f"cuda:{number}" for number in numbers]} if numbers else {}


def invocations(text: str) -> list[Invocation]:
    """The programs of a command line or of several lines, in order.

    ``cd``, variables set in the text, sums of them, ``for`` over words, ``if`` of two equal words,
    line ends after a backslash and comments are understood; everything but Python programs and
    scripts is passed over. Raises RecipeError for quotes that do not close, variables without a
    value, and text that starts no program.

        >>> [one.program for one in invocations("cd x && GPU=0 python train.py -a")]
        ['train.py']
    """
    if len(text) > _LONGEST:
        raise RecipeError(f"The text has more than {_LONGEST} characters: paste the command alone.")
    reading = _Reading()
    reading.walk(statements(text))
    if not reading.found:
        raise RecipeError(
            f"{shown(text.strip())}: starts no Python program. Paste a command such as"
            " `python train.py --net ...`."
        )
    return reading.found


class _Reading:
    """One pass over statements: what variables hold, where it is, and what has been started."""

    def __init__(self) -> None:
        self.found: list[Invocation] = []
        self._variables: dict[str, str] = {}
        self._folder = ""

    def walk(self, lines: list[list[str]]) -> None:
        place = 0
        while place < len(lines):
            word = lines[place][0]
            end = _end(lines, place) if word in _CLOSING else place
            inside = lines[place + 1 : end]
            if word == "for":
                self._loop(lines[place], inside)
            elif word == "if":
                self._choice(lines[place], inside)
            else:
                self._statement(lines[place])
            place = end + 1

    def _loop(self, head: list[str], body: list[list[str]]) -> None:
        if len(head) < 3 or head[2] != "in":
            raise RecipeError(f"{' '.join(head)}: write `for NAME in a b c`.")
        for word in self._expanded(head[3:]):
            self._variables[head[1]] = word
            self.walk(body)

    def _choice(self, head: list[str], body: list[list[str]]) -> None:
        match self._expanded(head[1:]):
            case ["[" | "[[", left, ("=" | "==" | "!=") as sign, right, "]" | "]]"]:
                holds = (left == right) == (sign != "!=")
            case _:
                raise RecipeError(f"{' '.join(head)}: is decided by a shell. Paste one branch.")
        depth, otherwise = 0, len(body)
        for place, words in enumerate(body):
            depth += (words[0] == "if") - (words[0] == "fi")
            if words == ["else"] and not depth:
                otherwise = place
        self.walk(body[:otherwise] if holds else body[otherwise + 1 :])

    def _statement(self, line: list[str]) -> None:
        before, rest = _assignments(self._expanded(line))
        if not rest:
            self._variables |= before
        elif rest[0] == "cd":
            self._folder = rest[1] if len(rest) > 1 else ""
        elif (started := _started(rest)) is not None:
            if len(self.found) == _MOST:
                raise RecipeError(f"The text starts more than {_MOST} programs: paste a part.")
            self.found.append(Invocation(started[0], tuple(started[1:]), self._folder, before))

    def _expanded(self, words: list[str]) -> list[str]:
        return [expanded(word, self._variables) for word in words]


def _end(lines: list[list[str]], start: int) -> int:
    """Where the block that opens at ``start`` is closed."""
    opening, depth = lines[start][0], 0
    for place in range(start, len(lines)):
        depth += (lines[place][0] == opening) - (lines[place][0] == _CLOSING[opening])
        if not depth:
            return place
    raise RecipeError(f"{' '.join(lines[start])}: its `{_CLOSING[opening]}` is missing.")


def _assignments(words: list[str]) -> tuple[dict[str, str], list[str]]:
    """Leading ``NAME=value`` words, and the words behind them."""
    found: dict[str, str] = {}
    for place, word in enumerate(words):
        match = _ASSIGNMENT.fullmatch(word)
        if match is None:
            return found, words[place:]
        found[match[1]] = match[2]
    return found, []


def _started(words: list[str]) -> list[str] | None:
    """The script that Python or a shell is given and its arguments, redirections left out."""
    place = next((at for at, word in enumerate(words) if _PYTHON.fullmatch(word)), None)
    rest = words[place + 1 :] if place is not None else words
    if place is None and _SHELL.fullmatch(words[0]):
        rest = words[1:]
    elif place is None and not words[0].endswith((".py", ".sh")):
        return None
    while rest and rest[0].startswith("-"):  # the interpreter's own options, such as -u
        launcher = rest[0] == "-m"
        rest = rest[1:]
        if launcher:  # a module that starts the script behind its own options
            script = next((at for at, word in enumerate(rest) if word.endswith(".py")), 0)
            rest = rest[script:]
    end = next((at for at, word in enumerate(rest) if _REDIRECTION.fullmatch(word)), len(rest))
    return rest[:end] or None
