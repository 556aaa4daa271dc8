"""Where numbers stay in full precision though the rest runs in half."""

from contextlib import AbstractContextManager, nullcontext

import torch


def full_precision(device: torch.device) -> AbstractContextManager[object]:
    """A block without automatic casting to half precision; the meta device has none to leave."""
    if device.type == "meta":
        return nullcontext()
    return torch.autocast(device.type, enabled=False)
