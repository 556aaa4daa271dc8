"""The event log: appended whole, read by byte offset, never a half line."""

import contextlib
import json
import os
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, cast, get_type_hints

from pydantic_core import from_json

from workbench.errors import RunError
from workbench.runs.lifecycle.reserve import free_for_event
from workbench.runs.typed_values import Check, check_of
from workbench.training.events import Event

Record = dict[str, Any]
LAST_KINDS = frozenset({"finished", "stopped", "failed"})
"""Events after which there is none until the run is resumed."""


@dataclass(frozen=True)
class EventLog:
    """An append-only file of JSON objects, one a line, with a single writer."""

    path: Path

    def append(self, record: Record) -> bool:
        """Append one record and return whether it is in the file.

        A failure (a full disk) is tried once more, the last event in the room that is kept for it;
        nothing half written is left behind. Raises RunError where the run's folder is gone.
        """
        line = json.dumps(record, separators=(",", ":"), allow_nan=False).encode() + b"\n"
        if self._write(line):
            return True
        if record.get("kind") in LAST_KINDS:
            free_for_event(self.path.parent)
        return self._write(line)

    def _write(self, line: bytes) -> bool:
        try:
            # Opened each time: a folder that was moved away must end the run, not fill a file
            # nobody can find.
            descriptor = os.open(self.path, _APPEND, 0o644)
        except FileNotFoundError as error:
            raise RunError(
                f"The folder {self.path.parent} is gone: the run ends. Leave a run's folder in"
                " place while it runs."
            ) from error
        except OSError:
            return False
        try:
            size = os.fstat(descriptor).st_size
            with contextlib.suppress(OSError):
                if os.write(descriptor, line) == len(line):
                    return True
            os.ftruncate(descriptor, size)
            return False
        finally:
            os.close(descriptor)


def read_events(path: Path, offset: int = 0) -> tuple[list[Record], int]:
    """The records from byte ``offset`` on, and the offset to go on from.

    Only whole lines are read; a line that is no event (torn by a crash, of values of other types)
    is passed over. A missing file has no records.
    """
    lines, following = read_lines(path, offset)
    return events_of(lines), following


def read_lines(path: Path, offset: int = 0) -> tuple[list[bytes], int]:
    """The whole lines from byte ``offset`` on, unparsed, and the offset behind the last of them."""
    try:
        with open(path, "rb") as file:
            file.seek(offset)
            data = file.read()
    except FileNotFoundError:
        return [], offset
    except OSError as error:
        raise RunError(
            f"The events in {path} cannot be read: {error.strerror or error}. Check who may"
            " read the folder."
        ) from error
    length = data.rfind(b"\n") + 1
    return data[:length].splitlines(), offset + length


def parse(lines: list[bytes]) -> list[Record]:
    """The JSON objects among ``lines``."""
    blocks = (lines[first : first + _BLOCK] for first in range(0, len(lines), _BLOCK))
    values = (value for block in blocks for value in _values(block))
    return [cast("Record", value) for value in values if isinstance(value, dict)]


def events_of(lines: list[bytes]) -> list[Record]:
    """The JSON objects among ``lines`` whose fields are of the types that events have.

    A field may be missing: an earlier version did not have it; but an event of a known kind has a
    step. Of another kind only kind, time and step are looked at.
    """
    return [record for record in parse(lines) if _is_event(record)]


def events_of_kinds(path: Path, *kinds: str) -> list[Record]:
    """The records of ``read_events`` that are of ``kinds``, without parsing most of the others."""
    names = [json.dumps(kind).encode() for kind in kinds]
    lines = [line for line in read_lines(path)[0] if any(name in line for name in names)]
    return [record for record in events_of(lines) if record.get("kind") in kinds]


def end_torn_line(path: Path) -> None:
    """End a last line that a crash cut short, so that the next record starts on its own line."""
    try:
        with open(path, "r+b") as file:
            if file.seek(0, os.SEEK_END) == 0:
                return
            file.seek(-1, os.SEEK_END)
            if file.read(1) != b"\n":
                file.write(b"\n")
    except FileNotFoundError:
        return


_APPEND = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC


_BLOCK = 1024
"""Lines that are parsed in one call: much faster than one call a line."""
_HEAD: dict[str, Check] = {"kind": check_of(str), "time": check_of(float), "step": check_of(int)}


@cache
def _fields() -> dict[str, dict[str, Check]]:
    """What every field of every kind of event must be."""
    kinds = {each.kind: get_type_hints(each) for each in Event.__subclasses__()}
    return {
        kind: _HEAD
        | {name: check_of(hint) for name, hint in hints.items() if name not in ("kind", "step")}
        for kind, hints in kinds.items()
    }


def _is_event(record: Record) -> bool:
    checks = _HEAD
    if isinstance(kind := record.get("kind"), str) and kind in _fields():
        if "step" not in record:
            return False
        checks = _fields()[kind]
    # Items of the record: fields of other versions have no check, and missing ones need none.
    return all(name not in checks or checks[name](value) for name, value in record.items())


def _values(lines: list[bytes]) -> list[object]:
    """What each line says; None for a line that is no JSON. Valid lines parse in one call."""
    try:
        return cast("list[object]", from_json(b"[" + b",".join(lines) + b"]"))
    except ValueError:  # the standard library decides, which also reads texts that are no UTF-8
        return [_parse_line(line) for line in lines]


def _parse_line(line: bytes) -> object:
    try:
        return json.loads(line)
    except (ValueError, RecursionError):
        return None
