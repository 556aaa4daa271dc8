"""The nearest images of each query, in exact order, without sorting all of them."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Float64, Int64

from workbench.retrieval.pairs import Block, Pairs


@dataclass(frozen=True, eq=False)
class Nearest:
    """The k nearest gallery images of each query, nearest first.

    Attributes:
        columns: Gallery images; equally near ones in gallery order.
        lowest: Score of the farthest image of all, up to rounding.
    """

    columns: Int64[np.ndarray, "queries k"]
    lowest: Float64[np.ndarray, "queries"]


@dataclass(frozen=True, eq=False)
class _Best:
    """The nearest images among those seen so far, at most k for each query of a block."""

    scores: Float64[np.ndarray, "queries k"]
    columns: Int64[np.ndarray, "queries k"]


def find_nearest(pairs: Pairs, k: int) -> Nearest:
    """The ``k`` nearest gallery images of each query, at most as many as there are.

    Scores of a product decide where they differ by more than its margin, else those of the
    definition.
    """
    lowest = np.full(pairs.shape[0], np.inf)
    best: dict[int, _Best] = {}
    for block in pairs.blocks(np.float64):
        rows = block.queries
        lowest[rows] = np.minimum(lowest[rows], block.scores.min(axis=1))
        none = np.empty((len(block.scores), 0))
        known = best.get(rows.start, _Best(none, none.astype(np.int64)))
        best[rows.start] = _merge(pairs, block, known, k)
    parts = [best[start].columns for start in sorted(best)]
    return Nearest(np.concatenate(parts), lowest)


def _merge(pairs: Pairs, block: Block, known: _Best, k: int) -> _Best:
    """The best of what was known and what a block brings, exactly ordered."""
    queries, images = known.scores.shape[0], known.scores.shape[1] + block.scores.shape[1]
    band = 2 * block.margin
    new_row, new_column = np.nonzero(block.scores >= (_floor(block, known, k) - band)[:, None])
    row = np.concatenate([np.repeat(np.arange(queries), known.scores.shape[1]), new_row])
    column = np.concatenate([known.columns.ravel(), new_column + block.gallery.start])
    score = np.concatenate([known.scores.ravel(), block.scores[new_row, new_column]])

    order = np.lexsort((-score, row))
    row, column, score = row[order], column[order], score[order]
    close = (row[1:] == row[:-1]) & (score[:-1] - score[1:] <= band[row[1:]])
    unsure = np.zeros(len(row), dtype=bool)
    unsure[1:] |= close
    unsure[:-1] |= close
    score[unsure] = pairs.scores(row[unsure] + block.queries.start, column[unsure])

    order = np.lexsort((column, -score, row))
    first = np.searchsorted(row, np.arange(queries))
    chosen = order[first[:, None] + np.arange(min(k, images))]
    return _Best(score[chosen], column[chosen])


def _floor(block: Block, known: _Best, k: int) -> Float[np.ndarray, "queries"]:
    """What a score must reach to be among the k best, as far as is known."""
    queries, images = block.scores.shape
    if known.scores.shape[1] == k:
        return known.scores[:, -1]
    if images < k:
        return np.full(queries, -np.inf)
    return np.partition(block.scores, images - k, axis=1)[:, images - k]
