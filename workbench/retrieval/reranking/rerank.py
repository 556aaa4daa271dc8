"""k-reciprocal re-ranking (Zhong et al. 2017, arXiv 1701.08398)."""

from typing import get_args

import numpy as np
from jaxtyping import Float32

from workbench.errors import RecipeError
from workbench.retrieval.exact.counting import Progress
from workbench.retrieval.exact.pairs import Distance, FeaturePairs
from workbench.retrieval.exact.vector_pairs import device_of
from workbench.retrieval.features import Features, read_features
from workbench.retrieval.metrics import allow
from workbench.retrieval.reranking.neighbourhoods import Neighbourhoods


def rerank(
    query: Features,
    gallery: Features,
    *,
    k1: int = 20,
    k2: int = 6,
    weight: float = 0.3,
    squared: bool = False,
    distance: Distance = "cosine",
    progress: Progress | None = None,
) -> Float32[np.ndarray, "queries images"]:
    """Distances that take into account which images share their neighbours.

    Labels are not used. ``evaluate_distances`` gives the figures of the result. Toolboxes differ
    in what they call the original distance; here, as in the paper, it is the squared Euclidean
    distance (of unit vectors under cosine) divided by the largest one of the query.

    Args:
        query: Vectors ``(queries, dim)``: NumPy arrays or torch tensors of any floating type.
        gallery: Vectors ``(images, dim)``.
        k1: Size of the reciprocal neighbourhood.
        k2: Nearest images whose neighbourhoods are averaged.
        weight: Share of the original distance in the result, from 0 to 1.
        squared: Square the original distance once more, as the layumi baseline does.
        distance: ``cosine`` or ``euclidean``.
        progress: Called as ``progress(stage, done, total)`` now and then.

    Returns:
        Distances ``(queries, images)`` in [0, 1].

    Raises:
        ShapeError: Widths differ.
        DataError: A row is not finite, or is zero under cosine.
        RecipeError: A setting is not allowed, or there are not more images than k1.
    """
    allow("distance", distance, get_args(Distance))
    if not 0 <= weight <= 1:
        raise RecipeError(
            f"weight = {weight}: must be from 0 to 1.", "evaluation.re_ranking.weight"
        )
    vectors = read_features(query, "query"), read_features(gallery, "gallery")
    FeaturePairs(*vectors, distance)  # refuses what does not fit, by the caller's names
    queries, device = len(vectors[0]), device_of(query, gallery)
    everything = np.concatenate(vectors)
    neighbourhoods = Neighbourhoods(everything, k1, k2, distance, progress, device, squared)
    return neighbourhoods.distances(np.arange(queries), slice(queries, None), weight)
