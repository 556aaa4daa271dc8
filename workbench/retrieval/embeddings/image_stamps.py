"""Whether image files are still those that were embedded: size and checksum of each."""

import zlib
from collections.abc import Iterable, Sequence
from pathlib import Path

Stamp = list[int] | None
"""Size in bytes and CRC-32 of a file, None where there was none."""


def stamp_files(files: Iterable[Path]) -> list[Stamp]:
    """The stamp of every file."""
    return [_stamp(file) for file in files]


def first_changed(files: Iterable[Path], stamps: Sequence[Stamp], since: float) -> Path | None:
    """The first file that is another than when it was stamped, None where none is.

    Only files written after ``since`` (Unix seconds) are read again. A file that is gone has not
    changed.
    """
    for file, stamp in zip(files, stamps, strict=True):
        try:
            status = file.stat()
        except OSError:
            continue
        if stamp is None or (status.st_size == stamp[0] and status.st_mtime <= since):
            continue
        if status.st_size != stamp[0] or _stamp(file) != stamp:
            return file
    return None


def _stamp(file: Path) -> Stamp:
    try:
        content = file.read_bytes()
    except OSError:
        return None
    return [len(content), zlib.crc32(content)]
