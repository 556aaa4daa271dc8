"""One side of all pairs: the vectors of the queries or of the gallery."""

from typing import Any, Literal

import numpy as np
from jaxtyping import Float, Float64, Int64
from numpy.typing import NDArray

from workbench.retrieval.exact.compiled import kernels
from workbench.retrieval.exact.products import Precision, Rows, format_of, shortened
from workbench.retrieval.exact.vectors import NUMBERS, is_plain, plain

Distance = Literal["cosine", "euclidean"]

ALMOST_ONE = 1e-6  # vectors with lengths so near 1 enter float32 products as they are


class Side:
    """The vectors of queries or gallery, as they enter products and values."""

    def __init__(
        self,
        vectors: Float[np.ndarray, "images dim"],
        squares: Float64[np.ndarray, "images"],
        distance: Distance,
    ) -> None:
        self.vectors = vectors
        self.squares = squares
        self.lengths = np.sqrt(squares)
        self._unit = distance == "cosine"
        apart = float(np.abs(self.lengths - 1).max()) if self._unit else 0.0
        self._as_it_is = not self._unit or apart <= ALMOST_ONE
        self.stretch = apart if self._as_it_is else 0.0
        """How far lengths in float32 products are from 1 under cosine, at most."""

    def rows(self, part: slice, precision: Precision) -> Rows:
        """Vectors for a product, under cosine of length 1, rounded to its precision."""
        numbers = self._numbers(part, format_of(precision))
        return shortened(numbers) if precision == "bfloat16" else Rows(numbers)

    def is_ready(self, precision: Precision) -> bool:
        """Whether vectors enter a product of this precision without being copied."""
        right = self.vectors.dtype == np.float32 and type(self.vectors) is np.ndarray
        return precision == "float32" and self._as_it_is and right

    def longest(self, part: slice) -> float:
        """The largest of ``reach``."""
        return float(self.reach(part).max())

    def reach(self, part: slice) -> Float64[np.ndarray, "rows"]:
        """Lengths of the vectors as they enter a product, before they are rounded to it."""
        return np.ones(len(self.lengths[part])) if self._unit else self.lengths[part]

    def _numbers(
        self, part: slice, dtype: type[np.float32] | type[np.float64]
    ) -> Float[np.ndarray, "rows dim"]:
        vectors = self.vectors[part]
        if not self._unit or (self._as_it_is and dtype == np.float32):
            in_memory = vectors if type(vectors) is np.ndarray else np.array(vectors)
            return in_memory.astype(dtype, copy=False)
        shares, fast = 1 / self.lengths[part], kernels()
        rows = np.empty(vectors.shape, dtype=dtype)
        step = max(1, NUMBERS // vectors.shape[1])
        for start in range(0, len(vectors), step):
            piece = slice(start, start + step)
            if fast:
                fast.scaled_rows(plain(vectors[piece]), shares[piece], rows[piece])
            else:
                rows[piece] = vectors[piece].astype(np.float64) * shares[piece, None]
        return rows

    def chosen(
        self, images: Int64[np.ndarray, "pairs"]
    ) -> tuple[NDArray[Any], Float64[np.ndarray, "rows"], Int64[np.ndarray, "pairs"]]:
        """Vectors for compiled loops, their lengths, and where those of ``images`` stand."""
        if is_plain(self.vectors):
            return self.vectors, self.lengths, images
        once, place = np.unique(images, return_inverse=True)
        return plain(self.vectors[once]), self.lengths[once], place
