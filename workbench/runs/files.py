"""Files that are either as they were or complete, never half written."""

import errno
import json
import os
import threading
from pathlib import Path
from typing import Any, cast

LITTLE_ROOM_BYTES = 1_000_000
"""A disk with less is full: not even a small checkpoint would fit."""


def write_atomically(path: Path, content: str | bytes, *, durable: bool = True) -> None:
    """Replace ``path`` by ``content``: written beside it, then renamed over it.

    ``durable`` waits for the disk, so that the file also outlives a loss of power. Raises OSError
    where the folder is missing, full or read-only; the old file is then untouched.
    """
    data = content.encode() if isinstance(content, str) else content
    aside = path.with_name(f".{path.name}.{os.getpid()}.{threading.get_ident()}.new")
    try:
        with open(aside, "wb") as file:
            file.write(data)
            if durable:
                file.flush()
                os.fsync(file.fileno())
        os.replace(aside, path)
    except OSError:
        aside.unlink(missing_ok=True)
        raise
    if durable:
        sync_folder(path.parent)


def write_json(path: Path, value: dict[str, Any], *, durable: bool = True) -> None:
    """Replace ``path`` by ``value`` as JSON. Raises OSError as `write_atomically` does."""
    write_atomically(path, json_text(value), durable=durable)


def json_text(value: dict[str, Any]) -> str:
    """``value`` as the text of a JSON file. Raises ValueError for numbers that are not finite."""
    return json.dumps(value, indent=1, allow_nan=False) + "\n"


def write_remedy(error: OSError) -> str:
    """What to do where a file could not be written, as the beginning of a sentence."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
        return "Make room on its disk"
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return "Make it writable"
    return "Choose another folder"


def read_json(path: Path) -> dict[str, Any] | None:
    """The JSON object in ``path``, or None where it is missing, unreadable or something else."""
    try:
        value = json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError):
        return None
    return cast("dict[str, Any]", value) if isinstance(value, dict) else None


def read_start(path: Path, most: int) -> bytes:
    """The first ``most`` bytes of a file. Raises OSError where it cannot be read."""
    with open(path, "rb") as file:
        return file.read(most)


def sync_folder(folder: Path) -> None:
    """Wait until the names in ``folder`` are on disk."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def sync_files(folder: Path) -> None:
    """Wait until the content of every file in ``folder`` is on disk."""
    for path in folder.rglob("*"):
        if path.is_file():
            descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
            try:
                os.fsync(descriptor)
            finally:
                os.close(descriptor)
