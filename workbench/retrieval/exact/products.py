"""Ways to multiply blocks of vectors, and how far each can be from the values of the pairs.

All numbers of a product are of one precision: ``float64``, ``float32``, or ``bfloat16``, where the
numbers multiplied have eight binary digits and their sums are float32.
"""

import sys
import time
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from types import ModuleType
from typing import Literal

import numpy as np
from jaxtyping import Float, Float32, Float64

Precision = Literal["float64", "float32", "bfloat16"]

UNDERFLOW = 1e-300  # far above anything lost to subnormal numbers, far below any real difference
# The same in float32, for vectors whose squared lengths are at most LARGEST_IN_SINGLE.
UNDERFLOW_IN_SINGLE = 1e-30
LARGEST_IN_SINGLE = 1e30

SHORT = 1.01  # a vector rounded to bfloat16 is at most 1 + 2**-8 times as long
NORM_SLACK = 1 + 1e-6  # for lengths that are computed in float32
TIMED_QUERIES, TIMED_IMAGES, TIMED_WIDTH = 128, 4096, 512
WORTH = 2.0  # bfloat16 leaves more pairs open: it must be so many times faster


@dataclass(frozen=True, eq=False)
class Rows:
    """Vectors as they enter a product, and what rounding them took away.

    Attributes:
        numbers: float32 or float64, in the second case whatever the inputs were.
        lost: Length of the difference to the float32 vector; None where there is none.
    """

    numbers: Float[np.ndarray, "rows dim"]
    lost: Float64[np.ndarray, "rows"] | None = None

    def __len__(self) -> int:
        """Number of vectors."""
        return len(self.numbers)

    def only(self, part: slice) -> "Rows":
        """Some of the vectors."""
        return Rows(self.numbers[part], None if self.lost is None else self.lost[part])


def format_of(precision: Precision) -> type[np.float32] | type[np.float64]:
    """Number format of vectors and scores of a product."""
    return np.float64 if precision == "float64" else np.float32


def shortened(numbers: Float32[np.ndarray, "rows dim"]) -> Rows:
    """Vectors rounded to the eight digits of bfloat16 (ties to even); they stay float32."""
    bits = np.ascontiguousarray(numbers).view(np.uint32)
    short = ((bits + 0x7FFF + ((bits >> 16) & 1)) & np.uint32(0xFFFF0000)).view(np.float32)
    apart = numbers - short
    return Rows(short, np.sqrt(np.einsum("ij,ij->i", apart, apart).astype(np.float64)) * NORM_SLACK)


def multiply(
    left: Rows, right: Rows, precision: Precision, out: Float[np.ndarray, "left right"]
) -> None:
    """All products of two blocks of vectors."""
    torch = loaded_torch() if precision == "bfloat16" else None
    if torch is None:  # short numbers are multiplied in float32 just as well
        np.matmul(left.numbers, right.numbers.T, out=out)
        return
    before = torch.get_float32_matmul_precision()
    torch.set_float32_matmul_precision("medium")
    try:
        one, other, result = (torch.from_numpy(part) for part in (left.numbers, right.numbers, out))
        torch.mm(one, other.T, out=result)
    finally:
        torch.set_float32_matmul_precision(before)


def loaded_torch() -> ModuleType | None:
    """Torch, where the program has loaded it already: loading takes longer than it could save."""
    torch = sys.modules.get("torch")
    # Another thread may be loading it right now.
    return None if getattr(getattr(torch, "__spec__", None), "_initializing", False) else torch


def fastest() -> Precision:
    """The precision to sort pairs with on this machine, timed once torch is there."""
    if loaded_torch() is None:
        return "float32"
    return "bfloat16" if short_product_speed() >= WORTH else "float32"


@cache
def short_product_speed() -> float:
    """How many times faster torch multiplies in bfloat16 than NumPy in float32; needs torch."""
    import_module("torch")
    numbers = np.random.default_rng(0)
    left, right = (
        shortened(numbers.standard_normal((rows, TIMED_WIDTH), dtype=np.float32))
        for rows in (TIMED_QUERIES, TIMED_IMAGES)
    )
    out = np.empty((TIMED_QUERIES, TIMED_IMAGES), dtype=np.float32)
    seconds: dict[Precision, list[float]] = {"float32": [], "bfloat16": []}
    for _ in range(4):
        for precision, times in seconds.items():
            began = time.perf_counter()
            multiply(left, right, precision, out)
            times.append(time.perf_counter() - began)
    return min(seconds["float32"]) / min(seconds["bfloat16"])


def margin(dim: int, unit_roundoff: float = 2.0**-53) -> float:
    """How far a float64 product of two unit vectors can be from the value of the pair.

    Whatever the order of summation, with or without fused multiplication, a sum of ``n`` products
    is within ``n u / (1 - n u)`` of the true one, relative to the lengths (Higham 2002, sec. 3.1);
    that holds for the product and for the value, hence twice. Twelve roundings are added for the
    lengths, the euclidean combination and the comparison itself.
    """
    error = (dim + 12) * unit_roundoff
    return 2 * error / (1 - error)


def margin_in_single(dim: int) -> float:
    """The same of a float32 product of vectors that were rounded to float32.

    The rounding of each vector adds one rounding for each of its numbers. A euclidean score takes
    twice the product, which is at most half the squared sum of the lengths.
    """
    error = (dim + 12) * 2.0**-24
    return error / (1 - error) + margin(dim)


def margin_of_shortening(
    left: Rows,
    right: Rows,
    left_lengths: Float64[np.ndarray, "left"],
    longest: float,
) -> Float64[np.ndarray, "left"]:
    """What rounding to bfloat16 adds to the margin of a float32 product, for each left vector.

    By Cauchy and Schwarz: the lost part of one vector by the length of the other, both ways.

    Args:
        left: Shortened vectors.
        right: Shortened vectors.
        left_lengths: Lengths of ``left`` before.
        longest: The largest length of ``right`` before.
    """
    if left.lost is None or right.lost is None:
        return np.zeros(len(left))
    return left.lost * longest + (left_lengths + left.lost) * right.lost.max()
