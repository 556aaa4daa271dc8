"""Heat on a grid of cells brought to another grid without losing any of it. No torch."""

import numpy as np
from jaxtyping import Float


def resampled(
    heat: Float[np.ndarray, "rows columns"], rows: int, columns: int
) -> Float[np.ndarray, "{rows} {columns}"]:
    """The same heat on ``rows`` x ``columns`` cells of the same picture; its sum is kept.

    Each cell's heat is spread evenly over the picture it covers.
    """
    down, across = overlap(heat.shape[0], rows), overlap(heat.shape[1], columns)
    return down @ heat.astype(np.float64) @ across.T


def overlap(before: int, after: int) -> Float[np.ndarray, "{after} {before}"]:
    """Share of each of ``before`` equal pieces of a line that lies in each of ``after`` pieces."""
    edges, new = np.arange(before + 1) / before, np.arange(after + 1) / after
    low = np.maximum(edges[None, :-1], new[:-1, None])
    high = np.minimum(edges[None, 1:], new[1:, None])
    return np.clip(high - low, 0.0, None) * before
