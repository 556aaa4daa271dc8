"""Scores of pairs that come and go in blocks, and what gives them."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import numpy as np
from jaxtyping import Float, Float64, Int64

from workbench.retrieval.exact.compiled import shares, thread_count, threads
from workbench.retrieval.exact.products import Precision


@dataclass(frozen=True, eq=False)
class Block:
    """Scores of some queries against some gallery images, known up to a margin.

    ``scores`` is ``(queries of the block, gallery images of the block)``, float32 or float64,
    larger is nearer, and may be overwritten by whoever receives it. ``margin``, one per query,
    bounds the difference to the pair's true score.
    """

    queries: slice
    gallery: slice
    scores: Float[np.ndarray, "queries gallery"]
    margin: Float64[np.ndarray, "queries"]

    def only(self, part: slice) -> "Block":
        """The same of some of its queries, counted from its first."""
        first = self.queries.start
        queries = slice(first + part.start, first + part.stop)
        return Block(queries, self.gallery, self.scores[part], self.margin[part])


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

    def each_block(self, use: Callable[[Block], None], precision: Precision | None = None) -> None:
        """Give every block to ``use``, side by side; never two of the same query at a time.

        What ``use`` raises ends it and is raised here.
        """
        ...


def hand_out(blocks: Iterable[Block], use: Callable[[Block], None]) -> None:
    """Give blocks that come one by one to ``use``, each query's part of them in one thread."""
    with threads() as run:
        for block in blocks:

            def work(part: slice, block: Block = block) -> None:
                use(block.only(part))

            run(work, shares(len(block.margin), thread_count()))
