"""What a caller hands in, checked and read as NumPy arrays without importing torch.

Tensors are recognised by what they can do (``detach``, ``cpu``, ``numpy``), so this module works
where torch is not loaded. Nothing is copied that is already right: a memory-mapped array stays one.
"""

from collections.abc import Sequence
from typing import Any, Protocol, cast, runtime_checkable

import numpy as np
from jaxtyping import Int64
from numpy.typing import NDArray

from workbench.data.samples import UNKNOWN_CAMERA
from workbench.errors import DataError, EmptySplit, ShapeError


@runtime_checkable
class TensorLike(Protocol):
    """A torch tensor, as far as reading its values goes."""

    def detach(self) -> Any:  # noqa: ANN401
        """The same values, outside automatic differentiation."""
        ...

    def cpu(self) -> Any:  # noqa: ANN401
        """The same values in main memory."""
        ...


Features = NDArray[Any] | TensorLike
Numbers = NDArray[Any] | TensorLike | Sequence[int]
Cameras = Numbers | Sequence[int | None] | None


def read_features(value: Features, name: str) -> NDArray[Any]:
    """Vectors as an array ``(images, dim)`` of float16, float32 or float64; bfloat16 as float32.

    Raises ShapeError or DataError, naming the argument, for anything that is not a matrix of
    floating-point numbers, and EmptySplit for one without rows.
    """
    array = _as_array(value)
    if array.ndim != 2:
        raise ShapeError(
            f"{name} has shape {array.shape}: give one row per image, shape (images, dim)."
        )
    if array.dtype not in (np.float16, np.float32, np.float64):
        raise DataError(
            f"{name} holds {array.dtype} values: give float16, bfloat16, float32 or float64."
        )
    if not array.shape[0]:
        raise EmptySplit(f"{name} holds no image: there is nothing to rank.")
    if not array.shape[1]:
        raise ShapeError(f"{name} has vectors of width 0: give at least one number per image.")
    return array


def read_numbers(value: Numbers, name: str, length: int) -> Int64[np.ndarray, "images"]:
    """Identities or cameras as int64, one per image.

    Raises ShapeError where there are not ``length`` of them, DataError where they are not whole
    numbers that fit into 64 bits.
    """
    array = _as_array(value)
    if array.shape != (length,):
        raise ShapeError(
            f"{name} has shape {array.shape}, its vectors are {length}: give one number per vector."
        )
    if array.dtype.kind in "uO":  # Python's own numbers may be of any size
        large = np.flatnonzero([_is_too_large(number) for number in array.tolist()])
        if len(large):
            where = f"{name}[{large[0]}] = {array[large[0]]}"
            raise DataError(f"{where} does not fit into 64 bits: renumber them.")
    if array.dtype.kind not in "iu":
        raise DataError(f"{name} holds {array.dtype} values: give whole numbers.")
    return array.astype(np.int64, copy=False)


def read_cameras(value: Cameras, name: str, length: int) -> Int64[np.ndarray, "images"]:
    """Cameras as int64, one per image; None, for all or for one, becomes the unknown camera.

    Raises as ``read_numbers`` does.
    """
    if value is None:
        return np.full(length, UNKNOWN_CAMERA, dtype=np.int64)
    if isinstance(value, list | tuple):
        return read_numbers(
            [UNKNOWN_CAMERA if camera is None else camera for camera in value], name, length
        )
    return read_numbers(cast(Numbers, value), name, length)


def _is_too_large(number: object) -> bool:
    return isinstance(number, int) and not -(2**63) <= number < 2**63


def _as_array(value: Features | Numbers) -> NDArray[Any]:
    if isinstance(value, TensorLike) and not isinstance(value, np.ndarray):
        tensor = value.detach().cpu()
        if str(tensor.dtype) == "torch.bfloat16":  # NumPy has no such type
            tensor = tensor.float()
        return tensor.numpy()
    return np.asarray(value)
