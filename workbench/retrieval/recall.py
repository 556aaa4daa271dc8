"""Figures of metric learning: Recall@K, MAP@R and R-precision.

Source: Musgrave et al. 2020, A metric learning reality check (arXiv 2003.08505), section 3.2.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import fsum
from typing import get_args

import numpy as np
from jaxtyping import Float64

from workbench.errors import RecipeError, ShapeError
from workbench.retrieval.exact.counting import Progress, count
from workbench.retrieval.exact.pairs import Distance
from workbench.retrieval.exact.vector_pairs import given_pairs
from workbench.retrieval.features import Features, Numbers, read_numbers
from workbench.retrieval.metrics import allow, relevance_of
from workbench.retrieval.query_metrics import QueryFigures, Ties
from workbench.retrieval.relevance import Labels


@dataclass(frozen=True, eq=False)
class RecallReport:
    """Figures over all queries that have a right answer, as fractions.

    Attributes:
        recall: Recall@K: share of queries with a right answer among the first K.
        map_at_r: MAP@R: precision at each right answer among the first R, their sum divided by R,
            the number of right answers there are.
        r_precision: Share of right answers among the first R.
        num_queries: Queries given.
        num_valid: Queries that have a right answer; the others are skipped.
    """

    recall: Mapping[int, float]
    map_at_r: float
    r_precision: float
    num_queries: int
    num_valid: int

    def metrics(self) -> dict[str, float]:
        """The figures by name: recall1 (and the other K asked for), map_at_r, r_precision."""
        recall = {f"recall{k}": value for k, value in self.recall.items()}
        return {**recall, "map_at_r": self.map_at_r, "r_precision": self.r_precision}


def recall_at(
    features: Features,
    ids: Numbers,
    *,
    gallery: Features | None = None,
    gallery_ids: Numbers | None = None,
    ks: Sequence[int] = (1, 10, 100, 1000),
    distance: Distance = "cosine",
    ties: Ties = "mean",
    progress: Progress | None = None,
) -> RecallReport:
    """Recall@K, MAP@R and R-precision of every image against all others, or against a gallery.

    Exact in the same sense as ``evaluate``. Without a gallery an image is left out of its own
    answers by its index, so that a copy of it still counts.

    Args:
        features: Vectors ``(images, dim)``: NumPy arrays or torch tensors of any floating type.
        ids: Classes ``(images,)``, whole numbers; -1 counts for nobody.
        gallery: Vectors ``(others, dim)`` to rank instead of the images themselves.
        gallery_ids: Classes ``(others,)``.
        ks: K of the recall; a K beyond the gallery gives the value of the last rank.
        distance: ``cosine`` or ``euclidean``.
        ties: ``mean``: expected value over all orders of a tie; ``index``: gallery order;
            ``worst``: wrong answers first.
        progress: Called as ``progress(stage, done, total)`` now and then.

    Raises:
        ShapeError: Widths or lengths do not fit together, or one of gallery and ids is missing.
        DataError: A row is not finite, or is zero under cosine.
        EmptySplit: No query has a right answer.
        RecipeError: A setting is not one of the allowed values.
    """
    allow("distance", distance, get_args(Distance))
    allow("ties", ties, get_args(Ties))
    if not ks or any(k < 1 for k in ks):
        raise RecipeError(f"ks = {list(ks)}: give at least one K, each 1 or more.", "")
    if (gallery is None) != (gallery_ids is None):
        raise ShapeError("gallery and gallery_ids belong together: give both or neither.")
    others = features if gallery is None else gallery
    pairs = given_pairs(features, others, distance, ("features", "gallery"))
    classes = read_numbers(ids, "ids", pairs.shape[0])
    other_classes = classes
    if gallery_ids is not None:
        other_classes = read_numbers(gallery_ids, "gallery_ids", pairs.shape[1])
    labels = Labels(classes, other_classes, np.zeros_like(classes), np.zeros_like(other_classes))
    relevance = relevance_of(labels, False, gallery is None)
    figures = QueryFigures(count(pairs, relevance, progress), "step", ties)

    def mean(values: Float64[np.ndarray, "queries"]) -> float:
        return fsum(values[figures.valid].tolist()) / len(figures.valid)

    return RecallReport(
        recall={k: mean(figures.within(k)) for k in ks},
        map_at_r=mean(figures.average_precision_at_r()),
        r_precision=mean(figures.precision_at_r()),
        num_queries=len(classes),
        num_valid=len(figures.valid),
    )
