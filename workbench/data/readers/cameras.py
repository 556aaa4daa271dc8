"""Camera numbers from the names of files, where a pattern says how."""

import re
from collections.abc import Sequence
from pathlib import PurePosixPath

from workbench.data.samples import UNKNOWN_CAMERA
from workbench.data.wording import counted
from workbench.errors import RecipeError

_PATH = "data.dataset.camera_pattern"


class CameraNames:
    """Numbers for what the first group of a pattern finds in the names of files.

    Whole numbers from 1 are kept; other names, such as ``left`` or ``0``, are numbered from 1 in
    sorted order, which ``notes`` says. A name without a match has an unknown camera.
    """

    def __init__(self, pattern: str | None, paths: Sequence[str]) -> None:
        """Find the cameras of all ``paths``.

        Raises RecipeError where the pattern is no regular expression or has no group.
        """
        self.notes: list[str] = []
        self._names: dict[str, str] = {}
        self._numbers: dict[str, int] = {}
        if pattern is None:
            self.notes.append(
                f"Cameras are unknown, because {_PATH} is empty: images from a query's own camera"
                " count as matches."
            )
            return
        expression = _compiled(pattern)
        for path in paths:
            if found := expression.search(PurePosixPath(path).name):
                self._names[path] = found[1] or ""
        self._number_names(pattern, len(set(paths)))

    def number(self, path: str) -> int:
        """Camera number of a file, from 1; 0 where it is unknown."""
        return self._numbers.get(self._names.get(path, ""), UNKNOWN_CAMERA)

    def _number_names(self, pattern: str, files: int) -> None:
        names = sorted(set(self._names.values()) - {""})
        own = {name: int(name) for name in names if name.isdecimal()}
        if len(own) == len(names) and 0 not in own.values():
            self._numbers = own
        else:
            self._numbers = {name: number for number, name in enumerate(names, start=1)}
            self.notes.append(
                "Cameras are numbered in the order of their names: "
                + ", ".join(f"{name} = {number}" for name, number in self._numbers.items())
                + "."
            )
        unknown = files - sum(name != "" for name in self._names.values())
        if unknown:
            self.notes.append(
                f"Camera unknown for {unknown:,} of {counted(files, 'image')}: {_PATH} = {pattern}"
                " finds nothing in the name, so no image is left out for its camera there."
            )


def _compiled(pattern: str) -> re.Pattern[str]:
    try:
        expression = re.compile(pattern)
    except re.error as error:
        raise RecipeError(
            f"{_PATH} = {pattern}: not a regular expression ({error}). Use one such as _c(\\d+).",
            path=_PATH,
        ) from error
    if not expression.groups:
        raise RecipeError(
            f"{_PATH} = {pattern}: has no group, so nothing says which part is the camera. Put it"
            " in brackets, as in _c(\\d+).",
            path=_PATH,
        )
    return expression
