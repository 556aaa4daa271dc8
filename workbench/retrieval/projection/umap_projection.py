"""UMAP on exact neighbours. Slow to import and to compile: for a process of its own.

Source: McInnes et al. 2018 (arXiv 1802.03426), by the umap-learn package.
"""

import warnings

import numpy as np
import umap

from workbench.retrieval.exact.stacked_vectors import Stacked, shape_of
from workbench.retrieval.projection.projection import Distance, Points, neighbours, pca

NEIGHBOURS = 15
NEAREST = 0.1
"""Least distance of two points on the map, of about 10 across."""


def umap_map(
    vectors: Stacked,
    start: Points | None = None,
    *,
    distance: Distance = "cosine",
    seed: int = 0,
    epochs: int | None = None,
) -> Points:
    """A map that keeps neighbours together; the same numbers for the same seed.

    Args:
        vectors: one row per image; large ones are read in blocks.
        start: where the points are before they are moved, so that maps that share a start can be
            compared; None: the principal components.
        distance: between vectors.
        seed: of the order in which points are moved.
        epochs: rounds; None: as umap-learn chooses by the number of points.

    Raises ShapeError where there are fewer than four points.
    """
    count = shape_of(vectors)[0]
    begin = _spread(pca(vectors, distance) if start is None else start)
    near = neighbours(vectors, min(NEIGHBOURS, count - 1) - 1 or 1, distance)
    own = np.arange(count, dtype=np.int64)[:, None]
    # The package counts a point as its own first neighbour.
    index = np.hstack([own, near.index]).astype(np.int32)
    apart = np.hstack([np.zeros_like(own, dtype=np.float32), near.distance])
    mapper = umap.UMAP(
        n_neighbors=index.shape[1],
        min_dist=NEAREST,
        n_epochs=epochs,
        init=begin,  # pyright: ignore[reportArgumentType]
        random_state=seed,
        n_jobs=1,
        precomputed_knn=(index, apart, None),  # pyright: ignore[reportArgumentType]
    )
    with warnings.catch_warnings():
        # It says that new points cannot be placed later: nobody does.
        warnings.simplefilter("ignore")
        # It has the neighbours: of what is mapped it takes no more than the number of rows.
        return np.asarray(mapper.fit_transform(begin), dtype=np.float32)


def _spread(start: Points) -> Points:
    """Never two points on one spot, nor all on one line: umap divides by the range."""
    generator = np.random.default_rng(0)
    reach = max(float(np.ptp(start, axis=0).max()), 1e-6)
    noise = generator.normal(scale=1e-4 * reach, size=start.shape)
    return (start + noise).astype(np.float32)
