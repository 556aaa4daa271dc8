"""Principal components of many wide vectors, in memory that does not grow with their number.

The covariance of 12,288 numbers takes 1.2 GB and minutes. Two components need neither: a block
Krylov space of its products with a few directions holds them, and a product is one pass over the
rows, block by block, from a mapped file as well.
"""

from collections.abc import Iterator, Sequence

import numpy as np
from jaxtyping import Float, Float32, Float64

ROWS = 2**22
"""Numbers of a block of rows: 16 MB as float32."""
DIRECTIONS = 8
MOST_PASSES = 8
TOLERANCE = 1e-6
"""Residual of both components, as a share of the largest variance."""
SEED = 0

Matrix = Float64[np.ndarray, "rows columns"]


class Rows:
    """Vectors of several arrays as one matrix, read in blocks: centred, of length one if wanted."""

    def __init__(self, parts: Sequence[Float[np.ndarray, "_ dim"]], unit: bool) -> None:
        """Measure lengths and the mean, which takes one pass.

        Raises ValueError where a value is not finite.
        """
        self.parts = parts
        self.count, self.dim = sum(len(part) for part in parts), parts[0].shape[1]
        self.scale = np.ones((self.count, 1), dtype=np.float32)
        total = np.zeros(self.dim)
        for rows, block in self._blocks():
            if unit:
                squares = np.einsum("ij,ij->i", block, block)
                self.scale[rows, 0] = 1 / np.maximum(np.sqrt(squares), 1e-12)
            total += (block.T @ self.scale[rows])[:, 0]
        if not np.isfinite(total).all():
            raise ValueError("a value is not finite")
        self.mean = total / self.count

    def times(self, directions: Matrix) -> Float64[np.ndarray, "points columns"]:
        """``(rows, directions)``: the centred rows along each direction."""
        narrow, offset = directions.astype(np.float32), self.mean @ directions
        along = [(block @ narrow) * self.scale[rows] - offset for rows, block in self._blocks()]
        return np.concatenate(along)

    def scatter_times(self, directions: Matrix) -> Matrix:
        """The centred rows' scatter matrix times each direction; one pass."""
        narrow, offset = directions.astype(np.float32), self.mean @ directions
        total = np.zeros(directions.shape)
        weights = np.zeros(directions.shape[1])
        for rows, block in self._blocks():
            along = (block @ narrow) * self.scale[rows] - offset
            total += block.T @ (along * self.scale[rows]).astype(np.float32)
            weights += along.sum(0)
        return total - np.outer(self.mean, weights)

    def _blocks(self) -> Iterator[tuple[slice, Float32[np.ndarray, "block dim"]]]:
        step, first = max(1, ROWS // self.dim), 0
        for part in self.parts:
            for start in range(0, len(part), step):
                block = np.ascontiguousarray(part[start : start + step], dtype=np.float32)
                yield slice(first, first + len(block)), block
                first += len(block)


def leading_axes(rows: Rows) -> Float64[np.ndarray, "dim axes"]:
    """The two directions of largest variance, the largest first; equal for equal vectors.

    They are exact to ``TOLERANCE`` where their variances stand out; after ``MOST_PASSES`` the best
    of the space is taken, which loses nothing that can be seen: variances that are not apart by
    then are nearly equal, and so are the pictures along them.
    Source: Musco and Musco 2015, Randomized Block Krylov Methods for Stronger and Faster
    Approximate Singular Value Decomposition.
    """
    start = np.random.default_rng(SEED).standard_normal((rows.dim, DIRECTIONS))
    basis = np.linalg.qr(start)[0]
    images = np.zeros((rows.dim, 0))
    block = basis
    while True:
        product = rows.scatter_times(block)
        images = np.hstack([images, product])
        small = basis.T @ images
        values, turns = np.linalg.eigh((small + small.T) / 2)
        chosen = np.argsort(-values, kind="stable")[:2]
        axes, scale = basis @ turns[:, chosen], max(values[chosen[0]], 1e-300)
        residual = np.linalg.norm(images @ turns[:, chosen] - axes * values[chosen], axis=0)
        full = basis.shape[1] + DIRECTIONS > min(rows.dim, DIRECTIONS * MOST_PASSES)
        if full or (residual <= TOLERANCE * scale).all():
            return axes
        for _ in range(2):  # once leaves rounding behind, twice does not
            product = product - basis @ (basis.T @ product)
        block = np.linalg.qr(product)[0]
        for _ in range(2):
            block = np.linalg.qr(block - basis @ (basis.T @ block))[0]
        basis = np.hstack([basis, block])
