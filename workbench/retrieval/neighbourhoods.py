"""k-reciprocal neighbourhoods: who counts whom among its nearest, and what two of them share.

Source: Zhong et al. 2017, Re-ranking person re-identification with k-reciprocal encoding (arXiv
1701.08398). A neighbourhood is a sparse vector over all images, its weights exp(-d) of a distance d
that is divided by the largest one of the image; the Jaccard distance of two of them is one minus
shared weight by joint weight. Only entries that are not zero are ever stored.
"""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float, Float32, Float64, Int64

from workbench.errors import RecipeError
from workbench.retrieval.nearest import find_nearest
from workbench.retrieval.pairs import Distance, FeaturePairs

ROWS = 128  # images worked on at once
SMALLEST = 1e-300  # stands for the largest distance where all are zero


@dataclass(frozen=True, eq=False)
class SparseRows:
    """Rows that are mostly zero: ``columns`` and ``values`` of row i from ``starts[i]`` on."""

    starts: Int64[np.ndarray, "bounds"]
    columns: Int64[np.ndarray, "entries"]
    values: Float64[np.ndarray, "entries"]

    def take(
        self, rows: Int64[np.ndarray, "chosen"]
    ) -> tuple[
        Int64[np.ndarray, "taken"], Int64[np.ndarray, "taken"], Float64[np.ndarray, "taken"]
    ]:
        """Entries of the chosen rows: place among the chosen, column, value."""
        first = self.starts[rows]
        sizes = self.starts[rows + 1] - first
        place = np.repeat(np.arange(len(rows)), sizes)
        within = np.arange(len(place)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
        entries = np.repeat(first, sizes) + within
        return place, self.columns[entries], self.values[entries]

    def transposed(self) -> "SparseRows":
        """The same entries by column; there are as many columns as rows."""
        rows = np.repeat(np.arange(len(self.starts) - 1), np.diff(self.starts))
        return sparse_rows(self.columns, rows, self.values, len(self.starts) - 1)


def sparse_rows(
    rows: Int64[np.ndarray, "entries"],
    columns: Int64[np.ndarray, "entries"],
    values: Float64[np.ndarray, "entries"],
    number: int,
) -> SparseRows:
    """Entries in any order as ``number`` rows."""
    order = np.argsort(rows, kind="stable")
    starts = np.searchsorted(rows[order], np.arange(number + 1))
    return SparseRows(starts, columns[order], values[order])


class Neighbourhoods:
    """The neighbourhoods of a set of images.

    Args:
        vectors: ``(images, dim)``: everything that takes part, queries and gallery.
        k1: Size of the reciprocal neighbourhood.
        k2: Nearest images whose neighbourhoods are averaged (query expansion).
        distance: How vectors are compared; squared Euclidean, of unit vectors under cosine.

    Raises RecipeError where there are not more images than k1 and k2.
    """

    def __init__(
        self, vectors: Float[np.ndarray, "images dim"], k1: int, k2: int, distance: Distance
    ) -> None:
        for name, value in (("k1", k1), ("k2", k2)):
            if not 1 <= value < len(vectors):
                raise RecipeError(
                    f"{name} = {value}: must be from 1 to {len(vectors) - 1}, one less than query"
                    " and gallery images together; lower it or switch re-ranking off.",
                    f"evaluation.re_ranking.{name}",
                )
        self._vectors = vectors
        self._pairs = FeaturePairs(vectors, vectors, distance)
        nearest = find_nearest(self._pairs, max(k1 + 1, k2))
        self._farthest = np.maximum(self._distance(nearest.lowest), SMALLEST)
        rows, columns = _expanded_neighbours(nearest.columns, k1)
        self._weights = _averaged(self._weighted(rows, columns), nearest.columns[:, :k2])
        self._shares = self._weights.transposed()

    def distances(
        self, rows: Int64[np.ndarray, "rows"], columns: slice, weight: float
    ) -> Float32[np.ndarray, "rows columns"]:
        """Re-ranked distances between images ``rows`` and images ``columns``, in [0, 1].

        ``weight`` is the share of the original distance, divided by the row's largest; the rest is
        the Jaccard distance of the neighbourhoods.
        """
        pairs = FeaturePairs(self._vectors[rows], self._vectors[columns], self._pairs.distance)
        distances = np.empty(pairs.shape, dtype=np.float32)
        for block in pairs.blocks(np.float64):
            own = self._distance(block.scores) / self._farthest[rows[block.queries], None]
            distances[block.queries, block.gallery] = weight * own
        for start in range(0, len(rows), ROWS):
            part = slice(start, start + ROWS)
            distances[part] += (1 - weight) * self._jaccard(rows[part])[:, columns]
        return distances

    def _distance(self, scores: Float64[np.ndarray, "*shape"]) -> Float64[np.ndarray, "*shape"]:
        nearest = 1.0 if self._pairs.distance == "cosine" else 0.0
        return np.maximum(nearest - scores, 0.0)

    def _weighted(
        self, rows: Int64[np.ndarray, "entries"], columns: Int64[np.ndarray, "entries"]
    ) -> SparseRows:
        """exp(-d) of each entry, divided by the sum of its row."""
        own = self._distance(self._pairs.scores(rows, columns)) / self._farthest[rows]
        weights = np.exp(-own)
        sums = np.bincount(rows, weights, minlength=len(self._vectors))
        return sparse_rows(rows, columns, weights / sums[rows], len(self._vectors))

    def _jaccard(self, rows: Int64[np.ndarray, "rows"]) -> Float64[np.ndarray, "rows images"]:
        """One minus shared by joint weight, against all images; each image's weights sum to 1."""
        images = len(self._vectors)
        row, neighbour, own = self._weights.take(rows)
        entry, image, other = self._shares.take(neighbour)
        shared = np.bincount(
            row[entry] * images + image,
            np.minimum(own[entry], other),
            minlength=len(rows) * images,
        ).reshape(len(rows), images)
        return 1 - shared / (2 - shared)


def _expanded_neighbours(
    nearest: Int64[np.ndarray, "images k"], k1: int
) -> tuple[Int64[np.ndarray, "entries"], Int64[np.ndarray, "entries"]]:
    """Each image with its k1-reciprocal neighbours and those of them that agree with it.

    A neighbour's own reciprocal neighbours, with half of k1, are added where more than two thirds
    of them are already in.
    """
    half = int(np.around(k1 / 2)) + 1
    reciprocal = _reciprocal(nearest[:, : k1 + 1])
    half_reciprocal = _reciprocal(nearest[:, :half])
    sizes = half_reciprocal.sum(axis=1)
    rows: list[np.ndarray] = []
    columns: list[np.ndarray] = []
    for start in range(0, len(nearest), ROWS):
        own = nearest[start : start + ROWS, : k1 + 1]
        row, place = np.nonzero(reciprocal[start : start + ROWS])
        inside = np.zeros((len(own), len(nearest)), dtype=bool)
        neighbour = own[row, place]
        inside[row, neighbour] = True
        theirs, counts = nearest[neighbour, :half], half_reciprocal[neighbour]
        agreed = (inside[row[:, None], theirs] & counts).sum(axis=1)
        added = counts & (agreed > 2.0 / 3 * sizes[neighbour])[:, None]
        inside[np.broadcast_to(row[:, None], added.shape)[added], theirs[added]] = True
        row, column = np.nonzero(inside)
        rows.append(row + start)
        columns.append(column)
    return np.concatenate(rows), np.concatenate(columns)


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
    rows: list[np.ndarray] = []
    columns: list[np.ndarray] = []
    values: list[np.ndarray] = []
    for start in range(0, images, ROWS):
        own = nearest[start : start + ROWS]
        mean = np.zeros((len(own), images))
        for place in range(k2):
            row, column, value = weights.take(own[:, place])
            mean[row, column] += value
        mean /= k2
        row, column = np.nonzero(mean)
        rows.append(row + start)
        columns.append(column)
        values.append(mean[row, column])
    entries = np.concatenate(rows), np.concatenate(columns), np.concatenate(values)
    return sparse_rows(*entries, images)
