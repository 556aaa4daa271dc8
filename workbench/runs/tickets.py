"""First come, first served, over processes: a ticket is a locked file, so death gives it up.

A ticket's number is the size of a counter file to which every newcomer appends one byte: it cannot
be torn and never goes back. Number, file and lock are made while the counter is locked, so every
smaller ticket was locked before a larger one could be seen.

A ticket names the devices of which its run takes one, and once it has its turn the one it took. A
ticket has its turn at a device when no living ticket with a smaller number holds it or may still
take it. Turns only depend on smaller numbers, so no two tickets wait for each other.
"""

import contextlib
import fcntl
import os
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from workbench.errors import RunError
from workbench.runs import locks
from workbench.runs.device_keys import DeviceKey

SECONDS_BETWEEN_LOOKS = 0.5
"""Where a ticket before may still go to another device, which no lock tells."""


@dataclass(frozen=True, order=True)
class Ticket:
    """A place in the queue, known by its file's name: ``<number>.<device>+<device>.ticket``."""

    number: int
    path: Path

    @property
    def keys(self) -> tuple[DeviceKey, ...]:
        """The devices of which it wants one; of earlier versions, all of them."""
        return tuple(map(DeviceKey.parse, self.path.stem.split(".")[1].split("+")))

    @property
    def run(self) -> str:
        """The id of the run that wants them, or an empty string once the ticket is gone."""
        return self._line(0)

    @property
    def taken(self) -> DeviceKey | None:
        """The device it took when it had its turn; None while it waits."""
        text = self._line(1)
        return DeviceKey.parse(text) if text else None

    def wants(self, key: DeviceKey) -> bool:
        """Whether it holds this device, or may still take it."""
        taken = self.taken
        return any(key.is_same(own) for own in ([taken] if taken else self.keys))

    def shares_device(self, other: "Ticket") -> bool:
        """Whether both hold, or may take, one same device."""
        taken = other.taken
        return any(self.wants(key) for key in ([taken] if taken else other.keys))

    def take(self, key: DeviceKey) -> None:
        """Note that it has its turn at a device; only for its owner."""
        with open(self.path, "a", encoding="utf-8") as file:
            file.write(f"\n{key}")

    def _line(self, number: int) -> str:
        try:
            lines = self.path.read_text(encoding="utf-8").splitlines()
        except OSError:
            return ""
        return lines[number] if number < len(lines) else ""


def take_ticket(folder: Path, keys: Sequence[DeviceKey], run: str) -> tuple[Ticket, int]:
    """Join the queue and return the ticket with the descriptor that holds its lock.

    ``keys`` are the devices of which the run takes one, the preferred one first.
    """
    folder.mkdir(parents=True, exist_ok=True)
    counter = os.open(
        folder / "counter", os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o644
    )
    try:
        fcntl.flock(counter, fcntl.LOCK_EX)
        _clear_dead(folder)
        os.write(counter, b".")
        number = os.fstat(counter).st_size
        wanted = "+".join(map(str, dict.fromkeys(keys)))
        ticket = Ticket(number, folder / f"{number:010d}.{wanted}.ticket")
        descriptor = locks.open_lock(ticket.path)
        # Not refused for a reader who looks at this very instant: readers let go at once.
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        os.write(descriptor, run.encode())
    finally:
        os.close(counter)
    return ticket, descriptor


def wait_for_turn(ticket: Ticket) -> DeviceKey:
    """Sleep until it is the ticket's turn at one of its devices; note and return the device.

    Where only the end of a ticket before can bring the turn, the kernel wakes the sleeper.
    """
    while True:
        earlier = [other for other in tickets(ticket.path.parent) if _is_before(other, ticket)]
        earlier = [other for other in earlier if locks.is_held(other.path)]
        for key in ticket.keys:
            if not any(other.wants(key) for other in earlier):
                ticket.take(key)
                return key
        if any(len(other.keys) > 1 and other.taken is None for other in (ticket, *earlier)):
            time.sleep(SECONDS_BETWEEN_LOOKS)
        else:
            _wait_for_end(earlier[-1].path)


def _wait_for_end(ticket: Path) -> None:
    """Sleep until the owner of a ticket is done or dead."""
    try:
        descriptor = os.open(ticket, os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH)
        ticket.unlink(missing_ok=True)
    finally:
        os.close(descriptor)


def take_device(folder: Path, key: DeviceKey) -> list[int]:
    """Lock a device, waiting where it is held, and return the descriptors.

    The lock that earlier versions take of a device alone is shared: they and we wait for each
    other, and we do not for each other on other machines. A device's lock file is never removed: a
    second file would be a second lock.
    """
    own = locks.open_lock(folder / f"{key}.lock")
    fcntl.flock(own, fcntl.LOCK_EX)
    earlier = locks.open_lock(folder / f"{key.without_host}.lock")
    fcntl.flock(earlier, fcntl.LOCK_SH)
    return [own, earlier]


def tickets(folder: Path) -> list[Ticket]:
    """All tickets by number, also those whose owner is dead."""
    return sorted(_read_names(folder))


def living_tickets(folder: Path) -> list[Ticket]:
    """Tickets whose owner waits or runs, by number."""
    return [ticket for ticket in tickets(folder) if locks.is_held(ticket.path)]


def ticket_of(folder: Path, run: str) -> Ticket:
    """The ticket of a run: its latest, for an earlier one of it is dead.

    Raises RunError where there is none, because somebody removed it.
    """
    own = [ticket for ticket in tickets(folder) if ticket.run == run]
    if not own:
        raise RunError(f"The ticket of run {run} is gone from {folder}: resume the run.")
    return own[-1]


def runs_ahead(folder: Path, run: str) -> tuple[str, ...]:
    """Ids of the runs that ``run`` waits for, the one that has a device of it first."""
    living = living_tickets(folder)
    own = next((ticket for ticket in living if ticket.run == run), None)
    if own is None:
        return ()
    return tuple(ticket.run for ticket in living if _is_before(ticket, own))


def _is_before(other: Ticket, ticket: Ticket) -> bool:
    return other.number < ticket.number and other.shares_device(ticket)


def _read_names(folder: Path) -> Iterator[Ticket]:
    for path in folder.glob("*.ticket"):
        number, _, wanted = path.stem.partition(".")
        if number.isdecimal() and wanted:
            yield Ticket(int(number), path)


def _clear_dead(folder: Path) -> None:
    for ticket in tickets(folder):
        if not locks.is_held(ticket.path):
            with contextlib.suppress(OSError):
                ticket.path.unlink()
