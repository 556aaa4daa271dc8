"""Re-ranked pairs: their scores come and go in blocks, the whole matrix never exists.

The value of a re-ranked pair is the original distance by the largest one of its query, and the
Jaccard distance of the two neighbourhoods, mixed in float64 and rounded to float32 once.
"""

from collections.abc import Callable, Iterator

import numpy as np
from jaxtyping import Float, Float32, Float64, Int64

from workbench.retrieval.exact.blocks import Block
from workbench.retrieval.exact.compiled import kernels
from workbench.retrieval.exact.pairs import FeaturePairs
from workbench.retrieval.exact.products import Precision
from workbench.retrieval.reranking.sparse import SparseRows

SINGLE = 2.0**-22  # a few roundings to float32 of numbers up to 1
DOUBLE = 2.0**-50
STEEPEST = {"float32": 1e30, "float64": 1e300}  # distances below the inverse are within the margin


class Original:
    """Distances before re-ranking: squared Euclidean; under cosine half of it, of unit vectors.

    ``squared``: what counts is the square of a distance's share of the largest one.
    """

    def __init__(self, pairs: FeaturePairs, squared: bool = False) -> None:
        self.pairs = pairs
        self.squared = squared
        self.nearest = 1.0 if pairs.distance == "cosine" else 0.0

    def distances(self, scores: Float64[np.ndarray, "*shape"]) -> Float64[np.ndarray, "*shape"]:
        """Distances of pairs with these scores; rounding never makes one negative."""
        return np.maximum(self.nearest - scores, 0.0)

    def shares(
        self, scores: Float64[np.ndarray, "*shape"], farthest: Float64[np.ndarray, "*#shape"]
    ) -> Float64[np.ndarray, "*shape"]:
        """Distances of pairs with these scores, divided by the largest ones of their queries."""
        shares = self.distances(scores) / farthest
        return np.square(np.minimum(shares, 1.0)) if self.squared else shares


class ReRankedPairs:
    """Pairs of queries and gallery images whose score is the negated re-ranked distance.

    Args:
        original: The same pairs before re-ranking.
        farthest: The largest original distance of each query.
        shared: For each query, shared by joint weight with the gallery images where it is not 0.
        weight: Share of the original distance, from 0 to 1.
    """

    def __init__(
        self,
        original: Original,
        farthest: Float64[np.ndarray, "queries"],
        shared: SparseRows,
        weight: float,
    ) -> None:
        self._original = original
        self._farthest = farthest
        self._shared = shared
        self._weight = weight

    @property
    def shape(self) -> tuple[int, int]:
        """Number of queries and of gallery images."""
        return self._original.pairs.shape

    def scores(
        self, queries: Int64[np.ndarray, "pairs"], gallery: Int64[np.ndarray, "pairs"]
    ) -> Float64[np.ndarray, "pairs"]:
        """The exact scores of the pairs ``(queries[i], gallery[i])``."""
        scores = self._mixed(self._original.pairs.scores(queries, gallery), queries, gallery)
        return scores.astype(np.float32).astype(np.float64)

    def quick_scores(
        self, queries: Int64[np.ndarray, "pairs"], gallery: Int64[np.ndarray, "pairs"]
    ) -> tuple[Float64[np.ndarray, "pairs"], Float64[np.ndarray, "queries"]] | None:
        """Scores of the same pairs up to a margin for each query."""
        closer = self._original.pairs.quick_scores(queries, gallery)
        if closer is None:
            return None
        with np.errstate(over="ignore"):
            mixed = np.maximum(self._mixed(closer[0], queries, gallery), -1.0)
        return mixed, self._margin(closer[1], slice(None)) + SINGLE

    def blocks(self, precision: Precision | None = None) -> Iterator[Block]:
        """Every pair once, in blocks whose size bounds the memory in use."""
        yield from map(self._mixed_block, self._original.pairs.blocks(precision))

    def each_block(self, use: Callable[[Block], None], precision: Precision | None = None) -> None:
        """Give every block to ``use``, side by side; never two of the same query at a time."""
        self._original.pairs.each_block(lambda block: use(self._mixed_block(block)), precision)

    def distances(self) -> Float32[np.ndarray, "queries images"]:
        """All distances, in [0, 1]."""
        distances = np.empty(self.shape, dtype=np.float32)
        for block in self._original.pairs.blocks("float64"):
            margin = self._margin(block.margin, block.queries)[:, None]
            scores = self._mix_block(block)
            rounded = (scores - margin).astype(np.float32)
            # Where the margin reaches over to the next float32 number, the exact value decides.
            row, column = np.nonzero(rounded != (scores + margin).astype(np.float32))
            exact = self.scores(row + block.queries.start, column + block.gallery.start)
            rounded[row, column] = exact
            distances[block.queries, block.gallery] = -rounded
        return distances

    def _mixed(
        self,
        scores: Float64[np.ndarray, "pairs"],
        queries: Int64[np.ndarray, "pairs"],
        gallery: Int64[np.ndarray, "pairs"],
    ) -> Float64[np.ndarray, "pairs"]:
        own = self._original.shares(scores, self._farthest[queries])
        jaccard = 1 - self._shared.at(queries, gallery)
        return -(self._weight * own + (1 - self._weight) * jaccard)

    def _mixed_block(self, block: Block) -> Block:
        rough = SINGLE + (0.0 if block.scores.dtype == np.float64 else SINGLE)
        scores = self._mix_block(block)
        margin = self._margin(block.margin, block.queries) + rough
        return Block(block.queries, block.gallery, scores, margin)

    def _mix_block(self, block: Block) -> Float[np.ndarray, "queries gallery"]:
        """The scores of a block, changed in place to re-ranked ones."""
        scores, kind = block.scores, block.scores.dtype.type
        steepest = STEEPEST[scores.dtype.name]
        slopes = np.minimum(self._weight / self._farthest[block.queries], steepest)
        nearest, first = self._original.nearest, block.gallery.start
        shared, fast = self._shared, kernels("reranking.sparse_kernels")
        if fast and not self._original.squared:
            starts = shared.starts[block.queries.start : block.queries.stop + 1]
            fast.mix(
                scores, nearest, slopes, self._weight, starts, shared.columns, shared.values, first
            )
            return scores
        np.subtract(scores, kind(nearest), out=scores)
        np.minimum(scores, kind(0), out=scores)
        scores *= slopes[:, None].astype(kind)
        np.maximum(scores, kind(-self._weight), out=scores)
        if self._original.squared and self._weight:
            np.square(scores, out=scores)
            scores *= kind(-1 / self._weight)
        scores -= kind(1 - self._weight)
        here = shared.only(np.arange(block.queries.start, block.queries.stop))
        row, column, share = here.between(first, block.gallery.stop).take(np.arange(len(scores)))
        scores[row, column] += ((1 - self._weight) * share).astype(kind)
        return scores

    def _margin(
        self, margin: Float64[np.ndarray, "queries"], queries: slice
    ) -> Float64[np.ndarray, "queries"]:
        # An original distance is at most the largest one, so no share of it is off by more than 1,
        # and the square of a share by no more than twice as much as the share.
        steepness = self._weight * (2 if self._original.squared else 1)
        return np.minimum(steepness * margin / self._farthest[queries], 1.0) + DOUBLE
