"""Which process wrote a status, and signals that reach that very process or nobody."""

import os
import signal
import socket
import subprocess
import time
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path


@dataclass(frozen=True)
class ProcessIdentity:
    """A process, told apart from every later one with the same number.

    ``start_time`` is in clock ticks since boot, ``boot_id`` names the boot; without ``/proc`` it is
    in Unix seconds and ``boot_id`` is empty.
    """

    pid: int
    start_time: int
    boot_id: str
    host: str

    def is_alive(self) -> bool:
        """Whether this process runs here; a zombie counts as dead."""
        return (
            self.host == host_name()
            and self.boot_id == boot_id()
            and _start_time(self.pid) == self.start_time
        )

    def send(self, number: signal.Signals) -> bool:
        """Send a signal and return whether the process was there to receive it.

        The number of a process that has ended may belong to another by now: the handle is opened
        first and the start time compared after, so nobody else can be hit. A system without such
        handles leaves an instant between comparing and sending.
        """
        if not hasattr(os, "pidfd_open"):
            return self._send_by_number(number)
        try:
            handle = os.pidfd_open(self.pid)
        except OSError:
            return False
        try:
            if not self.is_alive():
                return False
            signal.pidfd_send_signal(handle, number)
        except (ProcessLookupError, PermissionError):
            return False
        finally:
            os.close(handle)
        return True

    def _send_by_number(self, number: signal.Signals) -> bool:
        try:
            if self.is_alive():
                os.kill(self.pid, number)
                return True
        except (ProcessLookupError, PermissionError):
            pass
        return False

    def kill_group(self) -> bool:
        """Kill this process and all that it forked, which may hold its locks too.

        Only for the leader of its group, as every detached worker is.
        """
        try:
            if self.is_alive() and os.getpgid(self.pid) == self.pid:
                os.killpg(self.pid, signal.SIGKILL)
                return True
        except ProcessLookupError:
            return False
        return self.send(signal.SIGKILL)


def this_process() -> ProcessIdentity:
    """The identity of the calling process."""
    pid = os.getpid()
    return ProcessIdentity(pid, _start_time(pid) or 0, boot_id(), host_name())


def host_name() -> str:
    """The name by which a status says on which machine its worker runs."""
    return socket.gethostname()


def boot_id() -> str:
    """The kernel's name of the present boot, or an empty string where it gives none."""
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    except OSError:
        return ""


def _start_time(pid: int) -> int | None:
    if not _has_proc():
        return _start_by_ps(pid)
    try:
        text = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return None
    # The second field is the command in brackets and may hold anything, brackets too.
    fields = text.rpartition(")")[2].split()
    state, start = fields[0], int(fields[19])
    return None if state in "ZX" else start


@lru_cache(maxsize=1)
def _has_proc() -> bool:
    try:
        return bool(Path("/proc/self/stat").read_text())
    except OSError:
        return False


def _start_by_ps(pid: int) -> int | None:
    """When a process began, in Unix seconds, as ``ps`` says it; None for one that is gone."""
    try:
        answer = subprocess.run(
            ["ps", "-o", "stat=", "-o", "lstart=", "-p", str(pid)],
            capture_output=True,
            text=True,
            env=os.environ | {"LC_ALL": "C"},
        ).stdout
    except OSError:
        return None
    state, _, start = answer.strip().partition(" ")
    if not start or state[0] == "Z":
        return None
    return int(time.mktime(time.strptime(start.strip(), "%a %b %d %H:%M:%S %Y")))
