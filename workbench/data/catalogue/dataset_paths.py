"""Where a data set may lie: the given folder, or the known spellings under the data sets folder."""

import difflib
import re
from collections.abc import Sequence
from pathlib import Path

from workbench.data.readers.listing import subfolders


def candidates(
    shelf: Path, root: str | None, names: Sequence[str], inner: Sequence[str] = ()
) -> list[Path]:
    """Folders to look into, in order.

    ``root`` where it is given (a relative one from the current folder, else under ``shelf``), else
    each of ``names`` under ``shelf``, as it is spelled there. Folders of the names ``inner`` inside
    them follow.
    """
    if root:
        named = Path(root).expanduser()
        homes = [named] if named.is_absolute() else [named.absolute(), shelf / named]
    else:
        homes = beside(shelf, names)
    return [*homes, *(path for home in homes for path in _spelled(home, inner))]


def beside(folder: Path, names: Sequence[str]) -> list[Path]:
    """Paths of the names in a folder: as spelled there, else as given; the first spelling once."""
    there = _spelled(folder, names)
    spelled = {_plain(path.name) for path in there}
    absent: dict[str, Path] = {}
    for name in names:
        if _plain(name) not in spelled:
            absent.setdefault(_plain(name), folder / name)
    return [*there, *absent.values()]


def same_name(name: str, others: Sequence[str]) -> bool:
    """Whether a name is one of others but for capitals and signs."""
    return _plain(name) in {_plain(other) for other in others}


def near_misses(folder: Path, names: Sequence[str]) -> list[Path]:
    """Folders whose names are almost one of the names."""
    others = {_plain(path.name): path for path in _folders(folder)}
    close = [
        guess for name in names for guess in difflib.get_close_matches(_plain(name), others, 1, 0.8)
    ]
    return [others[guess] for guess in dict.fromkeys(close)]


def _spelled(folder: Path, names: Sequence[str]) -> list[Path]:
    """Folders of these names, whatever their capitals and signs, in the order of the names."""
    there: dict[str, list[Path]] = {}
    for path in _folders(folder):
        there.setdefault(_plain(path.name), []).append(path)
    wanted = dict.fromkeys(_plain(name) for name in names)
    return [path for name in wanted for path in there.get(name, ())]


def _folders(folder: Path) -> list[Path]:
    try:
        return [folder / name for name in subfolders(folder)]
    except OSError:
        return []


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())
