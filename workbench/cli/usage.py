"""Arguments that make no sense are refused like everything else: one sentence, exit code 2."""

import argparse
from typing import Any, NoReturn

from workbench.errors import WorkbenchError


class UsageError(WorkbenchError):
    """The command line itself cannot be understood."""


class Parser(argparse.ArgumentParser):
    """A parser that raises UsageError and never guesses from abbreviations."""

    def __init__(self, **options: Any) -> None:  # noqa: ANN401
        options["allow_abbrev"] = False
        super().__init__(**options)

    def error(self, message: str) -> NoReturn:
        """Refuse the arguments, naming the command whose help explains them."""
        raise UsageError(f"{message[:1].upper()}{message[1:]}. See {self.prog} --help.")
