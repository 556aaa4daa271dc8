"""A pasted command line, read as the programs it starts. Nothing of it is ever run."""

import re
from dataclasses import dataclass, field

from workbench.errors import RecipeError
from workbench.interop.shell.budget import CHARACTERS, PROGRAMS, Budget
from workbench.interop.shell.shell_words import expanded, statements
from workbench.recipe.refusals import shown

_ASSIGNMENT = re.compile(r"([A-Za-z_][A-Za-z0-9_]*)=(.*)", re.DOTALL)
_PYTHON = re.compile(r"(?:.*[/\\])?(?:python[0-9.]*|py)(?:\.exe)?")
_LAUNCHER = re.compile(r"(?:.*/)?(?:torchrun|accelerate)")
_SHELL = re.compile(r"(?:.*/)?(?:ba)?sh")
_REDIRECTION = re.compile(r"[<>]+&?|&>+")
_DEVICE = re.compile(r"[0-9]{1,4}")
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
        name = "CUDA_VISIBLE_DEVICES"
        return devices_of(f"{name}=", self.environment.get(name, ""))


def devices_of(name: str, text: str) -> dict[str, list[str]]:
    """The setting that numbers of GPUs between commas stand for; ``-1`` is the processor.

        >>> devices_of("--gpus ", "0,1")
        {'run.devices': ['cuda:0', 'cuda:1']}

    Raises RecipeError, with ``name`` before the text, where devices are not named by numbers.
    """
    numbers = [part.strip() for part in text.split(",") if part.strip()]
    if numbers == ["-1"]:
        return {"run.devices": ["cpu"]}
    if not all(_DEVICE.fullmatch(number) for number in numbers):
        raise RecipeError(f"{name}{shown(text)}: name devices by number, as 0,1.")
    return {"run.devices": [f"cuda:{int(number)}" for number in numbers]} if numbers else {}


def invocations(text: str) -> list[Invocation]:
    """The programs of a command line or of several lines, in order.

    Prompts, line ends after a backslash, comments, ``cd``, variables set in the text, products of
    them, ``for`` over words and ``if`` of two equal words are understood: what published
    descriptions print. Everything but Python programs and scripts is passed over. Raises
    RecipeError for quotes that do not close, variables without a value, text that starts no
    program, and text that asks for more than the budget.

        >>> [one.program for one in invocations("cd x && GPU=0 python train.py -a")]
        ['train.py']
    """
    if len(text) > CHARACTERS:
        raise RecipeError(
            f"The text has more than {CHARACTERS} characters: paste the command alone."
        )
    walker = _StatementWalker()
    walker.walk(statements(text))
    if not walker.invocations:
        raise RecipeError(
            f"{shown(text.strip())}: starts no Python program. Paste a command such as"
            " `python train.py --net ...`."
        )
    return walker.invocations


class _StatementWalker:
    """One pass over statements: what variables hold, where it is, and what has been started."""

    def __init__(self) -> None:
        self.invocations: list[Invocation] = []
        self._variables: dict[str, str] = {}
        self._folder = ""
        self._budget = Budget()

    def walk(self, lines: list[list[str]]) -> None:
        self._budget.block(1)
        index = 0
        while index < len(lines):
            self._budget.statement(lines[index])
            token = lines[index][0]
            end = _end(lines, index) if token in _CLOSING else index
            inside = lines[index + 1 : end]
            if token == "for":
                self._loop(lines[index], inside)
            elif token == "if":
                self._choice(lines[index], inside)
            else:
                self._statement(lines[index])
            index = end + 1
        self._budget.block(-1)

    def _loop(self, head: list[str], body: list[list[str]]) -> None:
        if len(head) < 3 or head[2] != "in":
            raise RecipeError(f"{shown(' '.join(head))}: write `for NAME in a b c`.")
        for token in self._expanded(head[3:]):
            self._variables[head[1]] = token
            self.walk(body)

    def _choice(self, head: list[str], body: list[list[str]]) -> None:
        match self._expanded(head[1:]):
            case ["[", left, "=", right, "]"]:
                holds = left == right
            case _:
                raise RecipeError(
                    f"{shown(' '.join(head))}: is decided by a shell. Paste one branch."
                )
        if holds:
            self.walk(body)

    def _statement(self, line: list[str]) -> None:
        before, rest = _assignments(self._expanded(line))
        if not rest:
            self._variables |= before
        elif rest[0] == "cd":
            self._folder = rest[1] if len(rest) > 1 else ""
        elif (command := _command(rest)) is not None:
            if len(self.invocations) == PROGRAMS:
                raise RecipeError(f"The text starts more than {PROGRAMS} programs: paste a part.")
            script = command[0].replace("\\", "/")
            self.invocations.append(Invocation(script, tuple(command[1:]), self._folder, before))

    def _expanded(self, tokens: list[str]) -> list[str]:
        return [expanded(token, self._variables, self._budget) for token in tokens]


def _end(lines: list[list[str]], start: int) -> int:
    """Where the block that opens at ``start`` is closed."""
    opening, depth = lines[start][0], 0
    for index in range(start, len(lines)):
        depth += (lines[index][0] == opening) - (lines[index][0] == _CLOSING[opening])
        if not depth:
            return index
    raise RecipeError(f"{shown(' '.join(lines[start]))}: its `{_CLOSING[opening]}` is missing.")


def _assignments(tokens: list[str]) -> tuple[dict[str, str], list[str]]:
    """Leading ``NAME=value`` words, and the words behind them."""
    variables: dict[str, str] = {}
    for index, token in enumerate(tokens):
        match = _ASSIGNMENT.fullmatch(token)
        if match is None:
            return variables, tokens[index:]
        variables[match[1]] = match[2]
    return variables, []


def _command(tokens: list[str]) -> list[str] | None:
    """The script that Python, a launcher or a shell is given and its arguments, less redirections.

    The script is the first word behind the interpreter where that is no option, else the first
    that is called as a script is: options of interpreters and launchers have values of their own.
    """
    if _SHELL.fullmatch(tokens[0]):
        rest = tokens[1:]
    elif tokens[0].endswith((".py", ".sh")):
        rest = tokens
    else:
        index = next(
            (index for index, token in enumerate(tokens) if _is_interpreter(token)), len(tokens)
        )
        launches = index < len(tokens) and _LAUNCHER.fullmatch(tokens[index])
        rest = _script(tokens[index + 1 :], bool(launches))
    end = next(
        (index for index, token in enumerate(rest) if _REDIRECTION.fullmatch(token)), len(rest)
    )
    return rest[:end] or None


def _is_interpreter(token: str) -> bool:
    return bool(_PYTHON.fullmatch(token) or _LAUNCHER.fullmatch(token))


def _script(tokens: list[str], launches: bool) -> list[str]:
    if tokens and not launches and not tokens[0].startswith("-"):
        return tokens
    index = next((at for at, token in enumerate(tokens) if token.endswith(".py")), None)
    if index is not None:
        return tokens[index:]
    if tokens[:1] == ["-m"] and len(tokens) > 1:  # a module of theirs, by its dotted name
        return [tokens[1].replace(".", "/") + ".py", *tokens[2:]]
    return []
