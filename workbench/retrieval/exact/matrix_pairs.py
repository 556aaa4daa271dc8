"""Pairs whose distances are given, not computed."""

from collections.abc import Callable, Iterator

import numpy as np
from jaxtyping import Float, Float64, Int64

from workbench.errors import DataError
from workbench.retrieval.exact.blocks import Block, hand_out
from workbench.retrieval.exact.product_blocks import QUERY_BLOCK
from workbench.retrieval.exact.products import Precision


class MatrixPairs:
    """All pairs of a given matrix of distances, taken as they stand; smaller is nearer.

    ``distances`` is ``(queries, images)``. Raises DataError where one is not finite.
    """

    def __init__(self, distances: Float[np.ndarray, "queries images"]) -> None:
        self._distances = distances
        for row, line in enumerate(distances):
            if not np.isfinite(line).all():
                raise DataError(
                    f"distances[{row}] holds a value that is not finite (NaN or infinite):"
                    " compute them again."
                )

    @property
    def shape(self) -> tuple[int, int]:
        """Number of queries and of gallery images."""
        return self._distances.shape[0], self._distances.shape[1]

    def scores(
        self, queries: Int64[np.ndarray, "pairs"], gallery: Int64[np.ndarray, "pairs"]
    ) -> Float64[np.ndarray, "pairs"]:
        """The negated distances of the pairs ``(queries[i], gallery[i])``."""
        return -self._distances[queries, gallery].astype(np.float64)

    def quick_scores(
        self, queries: Int64[np.ndarray, "pairs"], gallery: Int64[np.ndarray, "pairs"]
    ) -> None:
        """Nothing is quicker than looking a distance up."""

    def blocks(self, precision: Precision | None = None) -> Iterator[Block]:
        """Every pair once, in blocks of queries; always in float64."""
        for start in range(0, self.shape[0], QUERY_BLOCK):
            rows = slice(start, min(start + QUERY_BLOCK, self.shape[0]))
            scores = -self._distances[rows].astype(np.float64)
            yield Block(rows, slice(0, self.shape[1]), scores, np.zeros(len(scores)))

    def each_block(self, use: Callable[[Block], None], precision: Precision | None = None) -> None:
        """Give every block to ``use``, side by side; never two of the same query at a time."""
        hand_out(self.blocks(precision), use)
