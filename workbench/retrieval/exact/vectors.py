"""What makes vectors comparable: their lengths, and refusing those that have none.

Lengths enter values of pairs, so they are summed in one order only (``sum_in_order``).
"""

from typing import Any

import numpy as np
from jaxtyping import Float, Float64
from numpy.typing import NDArray

from workbench.errors import DataError
from workbench.retrieval.exact.compiled import kernels, threads

SMALLEST_SQUARE = 1e-280  # below it a squared length has lost digits, and a direction with them
LARGEST_SQUARE = 1e300  # above it a squared distance may overflow
NUMBERS = 2**17  # float64 numbers in work at once: 1 MB


def sum_in_order(terms: Float64[np.ndarray, "rows dim"]) -> Float64[np.ndarray, "rows"]:
    """The sum of each row from its first number to its last; ``terms`` is overwritten.

    NumPy's own sum adds in an order of its choice, a running sum has only one.
    """
    return np.add.accumulate(terms, axis=1, out=terms)[:, -1].copy()


def squared_lengths(
    features: Float[np.ndarray, "images dim"], name: str
) -> Float64[np.ndarray, "images"]:
    """The squared length of each vector, summed in order in float64.

    Raises DataError naming the first vector that is not finite or too long for float64.
    """
    squares = np.empty(len(features))
    fast = kernels()

    def measure(part: slice) -> None:
        rows = plain(features[part])
        if fast:
            fast.squared_lengths(rows, squares[part])
            return
        wide = rows.astype(np.float64)
        with np.errstate(over="ignore", invalid="ignore"):
            wide *= wide
            squares[part] = sum_in_order(wide)

    step = max(1, NUMBERS // features.shape[1])
    parts = [slice(i, min(i + step, len(squares))) for i in range(0, len(squares), step)]
    if len(parts) == 1:
        measure(parts[0])
    else:
        with threads() as run:
            run(measure, parts)
    bad = np.flatnonzero(~(squares <= LARGEST_SQUARE))
    if len(bad):
        _refuse(features[bad[0]], f"{name}[{bad[0]}]")
    return squares


def require_direction(squares: Float64[np.ndarray, "images"], name: str) -> None:
    """Raise DataError naming the first vector without direction, which cosine cannot rank."""
    short = np.flatnonzero(squares < SMALLEST_SQUARE)
    if len(short):
        raise DataError(
            f"{name}[{short[0]}] is a zero vector, which has no direction: cosine cannot rank it,"
            " use distance='euclidean' or embed this image again."
        )


def is_plain(features: NDArray[Any]) -> bool:
    """Whether compiled loops take the array as it is: float32 or float64, in memory, in order."""
    flags = features.flags
    return (
        features.dtype in (np.float32, np.float64)
        and features.dtype.isnative
        and flags.c_contiguous
        and flags.aligned
        and flags.writeable  # each kind of array is compiled for apart; most are writeable
        and type(features) is np.ndarray
    )


def plain(rows: NDArray[Any]) -> NDArray[Any]:
    """The same rows as compiled loops take them, copied only where they are not."""
    if is_plain(rows):
        return rows
    wide = np.float64 if rows.dtype == np.float64 else np.float32
    return np.array(rows, dtype=wide, order="C", subok=False)


def _refuse(row: NDArray[Any], where: str) -> None:
    if np.isfinite(row).all():
        raise DataError(
            f"{where} is too long (its squared length exceeds 1e300): scale the vectors down."
        )
    raise DataError(
        f"{where} holds a value that is not finite (NaN or infinite): embed this image again."
    )
