"""Pairs whose angles are shortened by what a network says of a gallery image's certainty.

The score of a pair is weighted certainty minus the angle between the two vectors, in float64,
rounded to float32 once: how an arc cosine ends in its last bits is a machine's own affair.

Source: NAMA, norm-aware margin assignment (Huang et al. 2022), its evaluation with ``NORM_K``.
"""

from collections.abc import Callable, Iterator

import numpy as np
from jaxtyping import Float64, Int64

from workbench.retrieval.exact.blocks import Block
from workbench.retrieval.exact.pairs import FeaturePairs
from workbench.retrieval.exact.products import Precision

SINGLE = 2.0**-19  # half a step of float32 at the largest angle and certainty of a few, and more


class CertainPairs:
    """Pairs of vectors under an angle, some gallery images nearer than their angle says.

    Args:
        pairs: The same pairs under cosine.
        nearer: By how much of an angle, in radians, each gallery image is nearer.
    """

    def __init__(self, pairs: FeaturePairs, nearer: Float64[np.ndarray, "images"]) -> None:
        self._pairs = pairs
        self._nearer = nearer
        self._rounding = SINGLE * (1 + float(np.abs(nearer).max()))

    @property
    def shape(self) -> tuple[int, int]:
        """Number of queries and of gallery images."""
        return self._pairs.shape

    def scores(
        self, queries: Int64[np.ndarray, "pairs"], gallery: Int64[np.ndarray, "pairs"]
    ) -> Float64[np.ndarray, "pairs"]:
        """The exact scores of the pairs ``(queries[i], gallery[i])``."""
        cosines = self._pairs.scores(queries, gallery)
        scores = self._nearer[gallery] - np.arccos(cosines.clip(-1.0, 1.0))
        return scores.astype(np.float32).astype(np.float64)

    def quick_scores(
        self, queries: Int64[np.ndarray, "pairs"], gallery: Int64[np.ndarray, "pairs"]
    ) -> None:
        """Nothing is quicker: angles of near vectors need all digits of their cosine."""

    def blocks(self, precision: Precision | None = None) -> Iterator[Block]:
        """Every pair once, in blocks whose size bounds the memory in use; always in float64."""
        yield from map(self._angles, self._pairs.blocks("float64"))

    def each_block(self, use: Callable[[Block], None], precision: Precision | None = None) -> None:
        """Give every block to ``use``, side by side; never two of the same query at a time."""
        self._pairs.each_block(lambda block: use(self._angles(block)), "float64")

    def _angles(self, block: Block) -> Block:
        scores = self._nearer[block.gallery] - np.arccos(block.scores.clip(-1.0, 1.0))
        # Of all intervals of cosines, one that ends at 1 spans the largest angle.
        angle = np.arccos(1.0 - block.margin.clip(0.0, 2.0))
        return Block(block.queries, block.gallery, scores, angle + self._rounding)
