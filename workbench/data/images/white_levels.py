"""Which values are white in the deep images of a data set, by looking at all of them once."""

import threading
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

from workbench.data.images.decoder import Limits, open_within
from workbench.data.images.depth import (
    INTEGER_WHITES,
    Depth,
    Levels,
    largest_value,
    white_of,
)

_SUFFIXES = frozenset({".png", ".tif", ".tiff"})
_PNG, _PNG_DEPTH = b"\x89PNG\r\n\x1a\n", 24
_TIFF = (b"II", b"MM")
_THREADS = 2


def levels_of(files: Iterable[Path]) -> Levels:
    """The smallest usual white that holds every value of the deep ones among some image files.

    Of ordinary files only a few bytes are read, of JPEG none. Files that cannot be read are passed
    over here: whoever decodes them says so.
    """
    deep = [file for file in files if file.suffix.lower() in _SUFFIXES and _may_be_deep(file)]
    highest = _Highest()
    with ThreadPoolExecutor(_THREADS, thread_name_prefix="depth") as pool:
        list(pool.map(highest.look_at, deep))
    return highest.levels


class _Highest:
    """The largest values of the files looked at so far."""

    def __init__(self) -> None:
        self._integer, self._real, self._guard = -1, -1.0, threading.Lock()

    @property
    def levels(self) -> Levels:
        """What is white for all of them."""
        usual = Levels()
        return Levels(
            None if self._integer < 0 else int(white_of(self._integer, usual)),
            None if self._real < 0 else float(white_of(self._real, usual)),
        )

    def look_at(self, file: Path) -> None:
        """Take a file's largest value into account, where it is deep and can be read."""
        # No integer can change the answer any more, and PNG holds nothing else.
        if self._integer > INTEGER_WHITES[-2] and file.suffix.lower() == ".png":
            return
        largest = _largest(file)
        with self._guard:
            if isinstance(largest, float):
                self._real = max(self._real, largest)
            elif largest is not None:
                self._integer = max(self._integer, largest)


def _may_be_deep(file: Path) -> bool:
    try:
        with file.open("rb", buffering=0) as opened:
            start = opened.read(_PNG_DEPTH + 1)
    except OSError:
        return False
    if start.startswith(_PNG):
        return start[_PNG_DEPTH:] == b"\x10"
    return start.startswith(_TIFF)


def _largest(file: Path) -> int | float | None:
    """The largest value of a deep image; None where it is not deep, or nothing can be said."""
    try:
        with ExitStack() as held:
            image = open_within(held, file, Limits())
            depth = Depth.of(image)
            return largest_value(image, depth) if depth.deep else None
    except Exception:
        return None
