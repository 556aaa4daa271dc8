"""Scores of pairs that come and go in blocks, and what gives them."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import numpy as np
from jaxtyping import Float, Float64, Int64

from workbench.retrieval.products import Precision


@dataclass(frozen=True, eq=False)
class Block:
    """Scores of some queries against some gallery images, known up to a margin.

    ``scores`` is ``(queries of the block, gallery images of the block)``, float32 or float64,
    larger is nearer, and may be overwritten by whoever receives it. ``margin``, one per query,
    bounds the difference to the pair's true score. A ``mirrored`` block also stands for the pairs
    the other way round, of images with themselves, with the margin of their queries.
    """

    queries: slice
    gallery: slice
    scores: Float[np.ndarray, "queries gallery"]
    margin: Float64[np.ndarray, "queries"]
    mirrored: Float64[np.ndarray, "gallery"] | None = None


@runtime_checkable
class Pairs(Protocol):
    """Scores of all pairs of a query and a gallery image, larger is nearer."""

    @property
    def shape(self) -> tuple[int, int]:
        """Number of queries and of gallery images."""
        ...

    def scores(
        self, queries: Int64[np.ndarray, "pairs"], gallery: Int64[np.ndarray, "pairs"]
    ) -> Float64[np.ndarray, "pairs"]:
        """The exact scores of the pairs ``(queries[i], gallery[i])``."""
        ...

    def quick_scores(
        self, queries: Int64[np.ndarray, "pairs"], gallery: Int64[np.ndarray, "pairs"]
    ) -> tuple[Float64[np.ndarray, "pairs"], Float64[np.ndarray, "queries"]] | None:
        """Scores of the same pairs up to a margin for each query, None where exact is as quick."""
        ...

    def blocks(self, precision: Precision | None = None) -> Iterator[Block]:
        """Every pair once, in blocks whose size bounds the memory in use."""
        ...
