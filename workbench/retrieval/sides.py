"""One side of all pairs: the vectors of the queries or of the gallery."""

from typing import Any, Literal

import numpy as np
from jaxtyping import Float, Float64, Int64
from numpy.typing import NDArray

from workbench.retrieval.compiled import kernels
from workbench.retrieval.vectors import NUMBERS, is_plain, plain

Distance = Literal["cosine", "euclidean"]
Rough = type[np.float32] | type[np.float64]
"""Number format of a matrix product."""


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

    def rows(self, part: slice, dtype: Rough) -> Float[np.ndarray, "rows dim"]:
        """Vectors for a product, under cosine of length 1, rounded to ``dtype``."""
        vectors = self.vectors[part]
        if not self._unit:
            return vectors.astype(dtype, copy=False)
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
