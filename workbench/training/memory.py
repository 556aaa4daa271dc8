"""Running out of memory, said in one sentence."""

import resource
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import torch
from jaxtyping import Shaped
from torch import Tensor

from workbench.errors import RunFailed


def is_out_of_memory(error: BaseException) -> bool:
    """Whether an error says that memory, of the processor or of a device, is used up."""
    if isinstance(error, MemoryError | torch.OutOfMemoryError):
        return True
    # The allocator of the processor raises a plain RuntimeError.
    return isinstance(error, RuntimeError) and "can't allocate memory" in str(error)


@contextmanager
def memory_errors(images: Shaped[Tensor, "batch 3 height width"], lower: str) -> Iterator[None]:
    """Turn running out of memory into RunFailed: batch, image size, peak, what to ``lower``."""
    try:
        yield
    except Exception as error:
        if not is_out_of_memory(error):
            raise
        count, _, height, width = images.shape
        raise RunFailed(
            f"Out of memory on {images.device.type}: {count} images of {height} x {width} pixels at"
            f" once, {peak_megabytes(images.device):,.0f} MB in use at most. Lower {lower}."
        ) from error


def peak_megabytes(device: torch.device) -> float:
    """Largest memory use so far in MB (10^6 bytes): of the device, or of the process on a CPU."""
    if device.type == "cuda":
        return torch.cuda.max_memory_allocated(device) / 1e6
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1e6
