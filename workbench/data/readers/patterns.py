"""Regular expressions of a recipe that read labels out of file names or paths."""

import re
from collections.abc import Iterable
from pathlib import PurePosixPath

from workbench.errors import RecipeError


class LabelPattern:
    """Searches a label, the first group of a regular expression, in file names.

    An expression with a ``/`` in it is searched in the whole path below the data set's folder.
    """

    def __init__(self, expression: str, setting: str, label: str, example: str) -> None:
        """Compile ``expression``, the value of the recipe's ``setting``.

        Raises RecipeError where it is no regular expression or has no group.
        """
        try:
            self._compiled = re.compile(expression)
        except re.error as error:
            raise RecipeError(
                f"{setting} = {expression}: not a regular expression ({error}). Use one such as"
                f" {example}.",
                path=setting,
            ) from error
        if not self._compiled.groups:
            raise RecipeError(
                f"{setting} = {expression}: has no group, so nothing says which part is the"
                f" {label}. Put it in brackets, as in {example}.",
                path=setting,
            )
        self._whole_path = "/" in expression

    def labels(self, paths: Iterable[str]) -> dict[str, str]:
        """The label of each path that has one, by path."""
        matches = (
            (path, self._compiled.search(path if self._whole_path else PurePosixPath(path).name))
            for path in paths
        )
        return {path: match[1] for path, match in matches if match and match[1]}
