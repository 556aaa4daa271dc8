"""The key of a device: who shares it over all machines and jobs that use one runs folder.

``cuda-0@host@GPU-uuid`` for a GPU, ``cpu@host`` for a processor, ``cpu@host@job`` inside a job of
SLURM, which has cores of its own. Runs of earlier versions name the device alone, ``cuda-0``.
"""

import os
import re
from typing import NamedTuple

from workbench.runs.devices import gpu_identity
from workbench.runs.process import host_name

SLURM_JOB = "SLURM_JOB_ID"
_NOT_PLAIN = re.compile(r"[^A-Za-z0-9_-]")


class DeviceKey(NamedTuple):
    """A device that a run may hold alone.

    Attributes:
        device: its name on its machine, such as ``cuda:0``.
        host: name of its machine; empty in keys of earlier versions.
        part: what tells it apart there, where something does: the UUID of a GPU, the SLURM job of
            a processor.
    """

    device: str
    host: str = ""
    part: str = ""

    @classmethod
    def parse(cls, text: str) -> "DeviceKey":
        """The key of its text."""
        device, _, rest = text.partition("@")
        host, _, part = rest.partition("@")
        return cls(device.replace("-", ":"), host, part)

    def __str__(self) -> str:
        """Safe in a file's name, without ``.`` and ``+``."""
        parts = [self.device.replace(":", "-"), self.host, self.part]
        return "@".join(parts).rstrip("@")

    @property
    def without_host(self) -> "DeviceKey":
        """The key that earlier versions use."""
        return DeviceKey(self.device)

    def is_same(self, other: "DeviceKey") -> bool:
        """Whether both are one device, as far as the keys tell.

        A key of an earlier version may be that of any machine. A GPU is known by its UUID alone:
        its name changes with the GPUs that a process may use.
        """
        if not (self.host and other.host):
            return self.device == other.device
        if self.host != other.host or self.kind != other.kind:
            return False
        if self.kind == "cpu" or (self.part and other.part):
            return self.part == other.part
        return self.device == other.device

    @property
    def kind(self) -> str:
        """``cpu`` or ``cuda``."""
        return self.device.partition(":")[0]


def key_of(device: str) -> DeviceKey:
    """The key of a device of this machine, as this process may use it."""
    part = os.environ.get(SLURM_JOB, "") if device == "cpu" else gpu_identity(device)
    return DeviceKey(device, _plain(host_name()), _plain(part))


def _plain(text: str) -> str:
    return _NOT_PLAIN.sub("_", text)
