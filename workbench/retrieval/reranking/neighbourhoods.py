"""k-reciprocal neighbourhoods: who counts whom among its nearest, and what two of them share.

Source: Zhong et al. 2017, Re-ranking person re-identification with k-reciprocal encoding (arXiv
1701.08398). A neighbourhood is a sparse vector over all images, its weights exp(-d) of a distance d
that is divided by the largest one of the image; the Jaccard distance of two of them is one minus
shared weight by joint weight. Only entries that are not zero are ever stored.
"""

from collections.abc import Iterator

import numpy as np
from jaxtyping import Bool, Float, Float32, Int64

from workbench.errors import RecipeError
from workbench.retrieval.exact.compiled import kernels, shares, thread_count, threads
from workbench.retrieval.exact.counting import Progress
from workbench.retrieval.exact.nearest import find_nearest
from workbench.retrieval.exact.pairs import Distance
from workbench.retrieval.exact.vector_pairs import pairs_on
from workbench.retrieval.reranking.reranked_pairs import Original, ReRankedPairs
from workbench.retrieval.reranking.sparse import SparseRows, combined, joined

ROWS = 128  # images worked on at once
SMALLEST = 1e-300  # stands for the largest distance where all are zero


class Neighbourhoods:
    """The neighbourhoods of a set of images.

    Args:
        vectors: ``(images, dim)``: everything that takes part, queries and gallery.
        k1: Size of the reciprocal neighbourhood.
        k2: Nearest images whose neighbourhoods are averaged (query expansion).
        distance: How vectors are compared; squared Euclidean, of unit vectors under cosine.
        progress: Called as ``progress(stage, done, total)`` now and then.
        device: Where products are made; None for here.
        squared: Square the original distance once more.

    Raises RecipeError where there are not more images than k1 and k2.
    """

    def __init__(
        self,
        vectors: Float[np.ndarray, "images dim"],
        k1: int,
        k2: int,
        distance: Distance,
        progress: Progress | None = None,
        device: str | None = None,
        squared: bool = False,
    ) -> None:
        for name, value in (("k1", k1), ("k2", k2)):
            if not 1 <= value < len(vectors):
                raise RecipeError(
                    f"{name} = {value}: must be from 1 to {len(vectors) - 1}, one less than query"
                    " and gallery images together; lower it or switch re-ranking off.",
                    f"evaluation.re_ranking.{name}",
                )
        self._vectors = vectors
        self._device = device
        self._original = Original(pairs_on(device, vectors, vectors, distance), squared)
        nearest = find_nearest(self._original.pairs, max(k1 + 1, k2), progress)
        self._farthest = np.maximum(self._original.distances(nearest.lowest), SMALLEST)
        weights = self._weighted(*_expanded_neighbours(nearest.columns, k1))
        self._weights = _averaged(weights, nearest.columns[:, :k2])
        del nearest, weights  # what follows needs the memory
        self._shares = self._weights.transposed()

    def pairs(
        self, rows: Int64[np.ndarray, "rows"], columns: slice, weight: float
    ) -> ReRankedPairs:
        """Re-ranked pairs of images ``rows`` and images ``columns``.

        ``weight`` is the share of the original distance, divided by the row's largest; the rest is
        the Jaccard distance of the neighbourhoods.
        """
        first, last, _ = columns.indices(len(self._vectors))
        parts = [rows[start : start + ROWS] for start in range(0, len(rows), ROWS)]
        with threads() as run:
            shared = run(lambda part: self._shared(part, first, last), parts)
        vectors, original = self._vectors, self._original
        here = pairs_on(self._device, vectors[rows], vectors[columns], original.pairs.distance)
        return ReRankedPairs(
            Original(here, original.squared),
            self._farthest[rows],
            joined(shared),
            weight,
        )

    def distances(
        self, rows: Int64[np.ndarray, "rows"], columns: slice, weight: float
    ) -> Float32[np.ndarray, "rows columns"]:
        """Re-ranked distances of the same pairs, in [0, 1]."""
        return self.pairs(rows, columns, weight).distances()

    def _shared(self, rows: Int64[np.ndarray, "rows"], first: int, last: int) -> SparseRows:
        """Shared by joint weight of images ``rows`` and images ``first`` to ``last``.

        The weights of each image sum to 1.
        """
        shared = combined(self._weights.only(rows), self._shares).between(first, last)
        return SparseRows(shared.starts, shared.columns, shared.values / (2 - shared.values))

    def _weighted(
        self, rows: Int64[np.ndarray, "entries"], columns: Int64[np.ndarray, "entries"]
    ) -> SparseRows:
        """exp(-d) of each entry, divided by the sum of its row; rows ascend."""
        scores = self._original.pairs.scores(rows, columns)
        weights = np.exp(-self._original.shares(scores, self._farthest[rows]))
        sums = np.bincount(rows, weights, minlength=len(self._vectors))
        starts = np.searchsorted(rows, np.arange(len(self._vectors) + 1))
        return SparseRows(starts, columns, weights / sums[rows])


def _expanded_neighbours(
    nearest: Int64[np.ndarray, "images k"], k1: int
) -> tuple[Int64[np.ndarray, "entries"], Int64[np.ndarray, "entries"]]:
    """Each image with its k1-reciprocal neighbours and those of them that agree with it.

    A neighbour's own reciprocal neighbours, with half of k1, are added where more than two thirds
    of them are already in.
    """
    half = int(np.around(k1 / 2)) + 1
    mutual = _reciprocal(nearest[:, : k1 + 1])
    half_mutual = _reciprocal(nearest[:, :half])
    fast = kernels("reranking.sparse_kernels")
    if fast is None:
        rows, columns = zip(*_expanded_densely(nearest, mutual, half_mutual), strict=True)
        return np.concatenate(rows), np.concatenate(columns)

    def expand(part: slice) -> tuple[Int64[np.ndarray, "rows"], Int64[np.ndarray, "entries"]]:
        members = np.empty((part.stop - part.start) * (k1 + 1) * (half + 1), dtype=np.int64)
        sizes = fast.neighbourhoods(nearest, mutual, half_mutual, part.start, part.stop, members)
        return sizes, members[: sizes.sum()].copy()

    with threads() as run:
        pieces = run(expand, shares(len(nearest), thread_count()))
    sizes, members = (np.concatenate(part) for part in zip(*pieces, strict=True))
    return np.repeat(np.arange(len(nearest)), sizes), members


def _expanded_densely(
    nearest: Int64[np.ndarray, "images k"],
    mutual: Bool[np.ndarray, "images k1"],
    half_mutual: Bool[np.ndarray, "images half"],
) -> Iterator[tuple[Int64[np.ndarray, "entries"], Int64[np.ndarray, "entries"]]]:
    sizes = half_mutual.sum(axis=1)
    for start in range(0, len(nearest), ROWS):
        own = nearest[start : start + ROWS, : mutual.shape[1]]
        row, place = np.nonzero(mutual[start : start + ROWS])
        inside = np.zeros((len(own), len(nearest)), dtype=bool)
        neighbour = own[row, place]
        inside[row, neighbour] = True
        theirs, counts = nearest[neighbour, : half_mutual.shape[1]], half_mutual[neighbour]
        agreed = (inside[row[:, None], theirs] & counts).sum(axis=1)
        added = counts & (agreed > 2.0 / 3 * sizes[neighbour])[:, None]
        inside[np.broadcast_to(row[:, None], added.shape)[added], theirs[added]] = True
        row, column = np.nonzero(inside)
        yield row + start, column


def _reciprocal(nearest: Int64[np.ndarray, "images k"]) -> Bool[np.ndarray, "images k"]:
    """Which of an image's nearest count the image among their own nearest."""
    mutual = np.zeros(nearest.shape, dtype=bool)
    for start in range(0, len(nearest), ROWS):
        own = nearest[start : start + ROWS]
        images = np.arange(start, start + len(own))
        mutual[start : start + ROWS] = (nearest[own] == images[:, None, None]).any(axis=2)
    return mutual


def _averaged(weights: SparseRows, nearest: Int64[np.ndarray, "images k2"]) -> SparseRows:
    """The mean of the neighbourhoods of each image's nearest, itself usually the first of them."""
    images, k2 = nearest.shape
    if k2 == 1:
        return weights

    def average(part: slice) -> SparseRows:
        own = nearest[part]
        starts = np.arange(0, own.size + 1, k2)
        sums = combined(SparseRows(starts, own.ravel(), np.full(own.size, np.inf)), weights)
        return SparseRows(sums.starts, sums.columns, sums.values / k2)

    with threads() as run:
        return joined(run(average, [slice(i, i + ROWS) for i in range(0, images, ROWS)]))
