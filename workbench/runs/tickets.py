"""First come, first served, over processes: a ticket is a locked file, so death gives it up.

A ticket's number is the size of a counter file to which every newcomer appends one byte: it cannot
be torn and never goes back. Number, file and lock are made while the counter is locked, so every
smaller ticket was locked before a larger one could be seen. A ticket names the devices its run
wants, all at once: runs that share no device do not wait for each other, and runs that share one
are served by number, so no two can wait for each other.
"""

import contextlib
import fcntl
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from workbench.errors import RunError
from workbench.runs import locks


@dataclass(frozen=True, order=True)
class Ticket:
    """A place in the queue, known by its file's name: ``<number>.<device>+<device>.ticket``."""

    number: int
    path: Path

    @property
    def devices(self) -> tuple[str, ...]:
        """The devices wanted."""
        return tuple(part.replace("-", ":") for part in self.path.stem.split(".")[1].split("+"))

    @property
    def run(self) -> str:
        """The id of the run that wants them, or an empty string once the ticket is gone."""
        try:
            return self.path.read_text()
        except OSError:
            return ""

    def shares_device(self, other: "Ticket") -> bool:
        """Whether both want one same device."""
        return not set(self.devices).isdisjoint(other.devices)


def take_ticket(folder: Path, devices: Sequence[str], run: str) -> tuple[Ticket, int]:
    """Join the queue and return the ticket with the descriptor that holds its lock."""
    folder.mkdir(parents=True, exist_ok=True)
    counter = os.open(
        folder / "counter", os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o644
    )
    try:
        fcntl.flock(counter, fcntl.LOCK_EX)
        _clear_dead(folder)
        os.write(counter, b".")
        number = os.fstat(counter).st_size
        wanted = "+".join(device.replace(":", "-") for device in sorted(set(devices)))
        ticket = Ticket(number, folder / f"{number:010d}.{wanted}.ticket")
        descriptor = locks.open_lock(ticket.path)
        # Not refused for a reader who looks at this very instant: readers let go at once.
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        os.write(descriptor, run.encode())
    finally:
        os.close(counter)
    return ticket, descriptor


def wait_for_turn(ticket: Ticket) -> None:
    """Sleep until no living ticket before this one wants one of its devices.

    The kernel wakes the sleeper when the owner of the nearest earlier ticket is done or dead.
    """
    while earlier := [other for other in tickets(ticket.path.parent) if _is_before(other, ticket)]:
        nearest = earlier[-1].path
        try:
            descriptor = os.open(nearest, os.O_RDONLY | os.O_CLOEXEC)
        except FileNotFoundError:
            continue
        try:
            fcntl.flock(descriptor, fcntl.LOCK_SH)
            nearest.unlink(missing_ok=True)
        finally:
            os.close(descriptor)


def take_devices(folder: Path, devices: Sequence[str]) -> list[int]:
    """Lock the devices, waiting where they are held, and return the descriptors.

    A device's lock file is never removed: a second file would be a second lock.
    """
    descriptors: list[int] = []
    for device in sorted(set(devices)):
        descriptor = locks.open_lock(folder / f"{device.replace(':', '-')}.lock")
        descriptors.append(descriptor)
        fcntl.flock(descriptor, fcntl.LOCK_EX)
    return descriptors


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
