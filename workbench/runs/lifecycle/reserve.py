"""Room on the disk for a run's last words, taken while there is some.

Where the disk is full the last state is written into blocks that the run has already, and room for
the last event is freed.
"""

import contextlib
import os
from pathlib import Path

from workbench.runs.files import sync_folder
from workbench.runs.run_paths import RunPaths

STATUS_BYTES = 16_384
EVENT_BYTES = 49_152


def take_reserve(run: RunPaths) -> None:
    """Take 64 KB of the disk, unless the run has them; a disk that is full already has none."""
    for path, size in ((_for_status(run.path), STATUS_BYTES), (_for_event(run.path), EVENT_BYTES)):
        with contextlib.suppress(OSError):
            if not path.exists() or path.stat().st_size != size:
                # Written, not only reserved: not every file system can reserve.
                with open(path, "wb") as file:
                    file.write(os.urandom(size))
                    file.flush()
                    os.fsync(file.fileno())


def write_from_reserve(run: RunPaths, text: str) -> bool:
    """Put ``text`` in place of the status file by the reserve's own blocks; whether it is there."""
    path, data = _for_status(run.path), text.encode()
    try:
        if len(data) > path.stat().st_size:
            return False
        with open(path, "r+b") as file:
            file.write(data)
            file.truncate()
            file.flush()
            os.fsync(file.fileno())
        os.replace(path, run.status_file)
        sync_folder(run.path)
    except OSError:
        return False
    return True


def free_for_event(folder: Path) -> bool:
    """Give up the room kept for the last event of the run in ``folder``; whether there was any."""
    try:
        _for_event(folder).unlink()
    except OSError:
        return False
    return True


def drop_reserve(run: RunPaths) -> None:
    """Give up what is left of the reserve, once the last words are written."""
    for path in (_for_status(run.path), _for_event(run.path)):
        with contextlib.suppress(OSError):
            path.unlink(missing_ok=True)


def _for_status(folder: Path) -> Path:
    return folder / ".reserve.status"


def _for_event(folder: Path) -> Path:
    return folder / ".reserve.events"
