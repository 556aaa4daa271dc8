"""Figures of a ranking: cumulative match, mean average precision, mean inverse negative penalty.

Exact: the same to the last bit on every machine, for any number of threads and any order of the
gallery (``workbench.retrieval.exact.pairs`` says how).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import fsum
from typing import Literal, get_args

import numpy as np
from jaxtyping import Float64

from workbench.errors import EmptySplit, RecipeError, ShapeError
from workbench.retrieval.exact.blocks import Pairs
from workbench.retrieval.exact.counting import Progress, count
from workbench.retrieval.exact.matrix_pairs import MatrixPairs
from workbench.retrieval.exact.pairs import Distance
from workbench.retrieval.exact.vector_pairs import given_pairs
from workbench.retrieval.features import (
    Cameras,
    Features,
    Numbers,
    read_cameras,
    read_features,
    read_numbers,
)
from workbench.retrieval.query_metrics import AveragePrecision, QueryFigures, Ties
from workbench.retrieval.relevance import Labels, Relevance, find_relevance

Denominator = Literal["valid", "all"]


@dataclass(frozen=True, eq=False)
class RetrievalReport:
    """Figures of one evaluation, as fractions, and how many images and queries they stand on.

    Attributes:
        rank: Cumulative match: share of queries with a right answer among the first k.
        mAP: Mean average precision.
        mINP: Mean inverse negative penalty: right answers / rank of the last of them.
        average_precision: Of each query; NaN where it has no right answer to be found.
        inverse_negative_penalty: The same of each query.
        num_queries: Queries given.
        num_valid: Queries that have a right answer; the others are skipped.
        num_junk: Gallery images of identity -1, which were left out.
        num_same_camera: Pairs left out because identity and camera are the same.
        tie_span: mAP if every tie were broken against the model, and for it.
    """

    rank: Mapping[int, float]
    mAP: float  # noqa: N815  the name everybody uses
    mINP: float  # noqa: N815
    average_precision: Float64[np.ndarray, "queries"]
    inverse_negative_penalty: Float64[np.ndarray, "queries"]
    num_queries: int
    num_valid: int
    num_junk: int
    num_same_camera: int
    tie_span: tuple[float, float]

    @property
    def num_skipped(self) -> int:
        """Queries without a right answer in the gallery."""
        return self.num_queries - self.num_valid

    def metrics(self) -> dict[str, float]:
        """The figures by name: mAP, rank1 (and the other ranks asked for), mINP."""
        ranks = {f"rank{k}": value for k, value in self.rank.items()}
        return {"mAP": self.mAP, **ranks, "mINP": self.mINP}


@dataclass(frozen=True)
class Rules:
    """How figures are counted. Raises RecipeError for a value that is not allowed."""

    average_precision: AveragePrecision = "step"
    denominator: Denominator = "valid"
    ranks: Sequence[int] = (1, 5, 10)
    ties: Ties = "mean"

    def __post_init__(self) -> None:
        """Refuse what a caller from Python may have misspelt."""
        allow("average_precision", self.average_precision, get_args(AveragePrecision))
        allow("denominator", self.denominator, get_args(Denominator))
        allow("ties", self.ties, get_args(Ties))
        if not self.ranks or any(k < 1 for k in self.ranks):
            raise RecipeError(
                f"ranks = {list(self.ranks)}: give at least one k, each 1 or more.",
                "evaluation.ranks",
            )


def evaluate(
    query: Features,
    gallery: Features,
    query_ids: Numbers,
    gallery_ids: Numbers,
    query_cameras: Cameras,
    gallery_cameras: Cameras,
    *,
    distance: Distance = "cosine",
    average_precision: AveragePrecision = "step",
    denominator: Denominator = "valid",
    drop_same_camera: bool = True,
    ranks: Sequence[int] = (1, 5, 10),
    ties: Ties = "mean",
    leave_one_out: bool = False,
    progress: Progress | None = None,
) -> RetrievalReport:
    """Rank the gallery for every query and say how good the rankings are.

    Gallery images of identity -1 are junk and left out; identity 0 counts as any other, so without
    a query of it its images are distractors. Camera -1 is unknown and never the same as another.
    Two gallery images tie exactly when the float64 values of their pairs are equal.

    Args:
        query: Vectors ``(queries, dim)``: NumPy arrays, memory maps, or torch tensors of any device
            and floating type. Those on a device are compared there, with the same figures.
        gallery: Vectors ``(images, dim)``.
        query_ids: Identities ``(queries,)``, whole numbers.
        gallery_ids: Identities ``(images,)``.
        query_cameras: Cameras ``(queries,)``, whole numbers; -1 or None where one is unknown, None
            where all are.
        gallery_cameras: Cameras ``(images,)``, likewise.
        distance: ``cosine`` or ``euclidean``.
        average_precision: ``step``: precision at each right answer; ``trapezoid``: mean of the
            precision there and just before it. The two differ.
        denominator: Divide by ``valid`` queries (with a right answer) or by ``all``; it divides
            cumulative match, mAP and mINP alike.
        drop_same_camera: Leave out images of the query's identity from its own camera.
        ranks: k of the cumulative match; a k beyond the gallery gives the value of the last rank.
        ties: ``mean``: expected value over all orders of a tie; ``index``: gallery order;
            ``worst``: wrong answers first.
        leave_one_out: Query and gallery are the same images in the same order; an image is not
            its own answer.
        progress: Called as ``progress(stage, done, total)`` now and then.

    Raises:
        ShapeError: Widths or lengths do not fit together.
        DataError: A row is not finite, or is zero under cosine.
        EmptySplit: No query has a right answer.
        RecipeError: A setting is not one of the allowed values.
    """
    rules = Rules(average_precision, denominator, ranks, ties)
    allow("distance", distance, get_args(Distance))
    pairs = given_pairs(query, gallery, distance)
    labels = read_labels(query_ids, gallery_ids, query_cameras, gallery_cameras, pairs.shape)
    relevance = relevance_of(labels, drop_same_camera, leave_one_out)
    return report(pairs, relevance, rules, progress)


def evaluate_distances(
    distances: Features,
    query_ids: Numbers,
    gallery_ids: Numbers,
    query_cameras: Cameras,
    gallery_cameras: Cameras,
    *,
    average_precision: AveragePrecision = "step",
    denominator: Denominator = "valid",
    drop_same_camera: bool = True,
    ranks: Sequence[int] = (1, 5, 10),
    ties: Ties = "mean",
    leave_one_out: bool = False,
) -> RetrievalReport:
    """Figures of a given matrix of distances ``(queries, images)``, smaller is nearer.

    For distances that are not those of two vectors, such as re-ranked ones. They are taken as they
    stand: equal numbers tie. All else as ``evaluate``.
    """
    rules = Rules(average_precision, denominator, ranks, ties)
    matrix = read_features(distances, "distances")
    labels = read_labels(query_ids, gallery_ids, query_cameras, gallery_cameras, matrix.shape)
    return report(MatrixPairs(matrix), relevance_of(labels, drop_same_camera, leave_one_out), rules)


def read_labels(
    query_ids: Numbers,
    gallery_ids: Numbers,
    query_cameras: Cameras,
    gallery_cameras: Cameras,
    shape: tuple[int, ...],
) -> Labels:
    """Identities and cameras of ``shape = (queries, images)``.

    Raises ShapeError or DataError, naming the argument, where they do not fit.
    """
    queries, images = shape
    return Labels(
        read_numbers(query_ids, "query_ids", queries),
        read_numbers(gallery_ids, "gallery_ids", images),
        read_cameras(query_cameras, "query_cameras", queries),
        read_cameras(gallery_cameras, "gallery_cameras", images),
    )


def relevance_of(labels: Labels, drop_same_camera: bool, leave_one_out: bool) -> Relevance:
    """Right answers of every query.

    Raises ShapeError where ``leave_one_out`` is asked for different images, EmptySplit where no
    query has a right answer.
    """
    itself = None
    if leave_one_out:
        if not np.array_equal(labels.query_ids, labels.gallery_ids):
            raise ShapeError(
                "leave_one_out needs the same images as query and gallery, in the same order:"
                " their identities differ."
            )
        itself = np.arange(len(labels.query_ids))
    relevance = find_relevance(labels, drop_same_camera=drop_same_camera, itself=itself)
    if not relevance.matches.size:
        cameras = (
            ", seen by different cameras; drop_same_camera=False counts images of one camera too."
        )
        raise EmptySplit(
            f"None of the {relevance.queries} queries has a match in the gallery: identities must"
            " appear in both" + (cameras if drop_same_camera else ".")
        )
    return relevance


def report(
    pairs: Pairs, relevance: Relevance, rules: Rules, progress: Progress | None = None
) -> RetrievalReport:
    """Figures of pairs whose meaning is known.

    Raises ShapeError where pairs and labels are not of the same images.
    """
    if pairs.shape != (relevance.queries, len(relevance.junk)):
        raise ShapeError(
            f"distances have shape {pairs.shape}, labels are of {relevance.queries} queries and"
            f" {len(relevance.junk)} gallery images: both must be of the same images."
        )
    figures = QueryFigures(count(pairs, relevance, progress), rules.average_precision, rules.ties)
    valid = figures.valid
    divisor = len(valid) if rules.denominator == "valid" else relevance.queries

    def mean(values: Float64[np.ndarray, "queries"]) -> float:
        return fsum(values[valid].tolist()) / divisor

    average_precision = figures.average_precision()
    penalty = figures.inverse_negative_penalty()
    span = mean(average_precision), mean(average_precision)
    if figures.any_tie:
        worst, best = (mean(figures.average_precision_in(order)) for order in ("worst", "best"))
        span = worst, best
    return RetrievalReport(
        rank={k: mean(figures.within(k)) for k in rules.ranks},
        mAP=mean(average_precision),
        mINP=mean(penalty),
        average_precision=average_precision,
        inverse_negative_penalty=penalty,
        num_queries=relevance.queries,
        num_valid=len(valid),
        num_junk=int(relevance.junk.sum()),
        num_same_camera=relevance.same_camera,
        tie_span=span,
    )


def allow(name: str, value: object, allowed: tuple[str, ...]) -> None:
    """Raise RecipeError unless ``value`` is one of the allowed names."""
    if value not in allowed:
        raise RecipeError(
            f"{name} = {value!r}: allowed are {', '.join(allowed)}.", f"evaluation.{name}"
        )
