"""The rankings a protocol consists of, cut out of the embeddings of a split."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import fsum

import numpy as np
from jaxtyping import Float32, Int64
from numpy.typing import NDArray

from workbench.data.samples import Sample, members
from workbench.errors import EmptySplit
from workbench.retrieval.embeddings.store import Embeddings
from workbench.retrieval.exact.vectors import require_direction, squared_lengths
from workbench.retrieval.metrics import RetrievalReport


@dataclass(frozen=True, eq=False)
class Part:
    """One ranking of several.

    Attributes:
        name: Of a direction, or ``draw_1``, ``draw_2``, ...
        queries: Which rows of the whole ``query`` ask.
        gallery: Which rows of the whole ``gallery`` answer.
        embeddings: Those rows alone, in their order.
    """

    name: str
    queries: Int64[np.ndarray, "asking"]
    gallery: Int64[np.ndarray, "answering"]
    embeddings: Embeddings


def directions(embeddings: Embeddings) -> list[Part]:
    """The pairings of a split, each a ranking of its own; none where it has no pairings.

    Raises EmptySplit where one of them has no query or no gallery image.
    """
    found: list[Part] = []
    for pairing in embeddings.pairings:
        rows = members(embeddings.query_images, pairing.query)
        columns = members(embeddings.gallery_images, pairing.gallery)
        if not rows or not columns:
            raise EmptySplit(
                f"{embeddings.root} has {len(rows)} {pairing.query} queries and {len(columns)}"
                f" {pairing.gallery} gallery images for {pairing.name}: add some of both."
            )
        found.append(_part(pairing.name, embeddings, rows, columns))
    return found


def draws(embeddings: Embeddings, count: int, seed: int) -> list[Part]:
    """One image of each identity drawn as gallery, all others asking for it, ``count`` times.

    A draw depends on the seed and its number alone. Junk and distractors take no part. Source of
    the protocol: Liu et al. 2016, Deep Relative Distance Learning (VehicleID).
    """
    places = _places_by_identity(embeddings.gallery_images)
    found: list[Part] = []
    for number in range(count):
        chances = np.random.default_rng([seed, number]).random(len(places))
        pairs = zip(places, chances.tolist(), strict=True)
        gallery = [own[int(chance * len(own))] for own, chance in pairs]
        drawn = set(gallery)
        asking = [place for own in places for place in own if place not in drawn]
        found.append(_part(f"draw_{number + 1}", embeddings, sorted(asking), gallery))
    return found


def pooled_queries(embeddings: Embeddings) -> Embeddings:
    """The same with each query replaced by the mean of all images of its identity and camera.

    The images are those of ``multi_query``, each divided by its length first; a query without any
    stays as it is. Source: the multiple-query protocol of Zheng et al. 2015, Scalable Person
    Re-identification: A Benchmark (ICCV), as github.com/layumi/Person_reID_baseline_pytorch counts
    it.
    """
    if embeddings.multi_query is None:
        return embeddings
    rows: dict[tuple[int, int], list[int]] = {}
    for row, image in enumerate(embeddings.multi_query_images):
        rows.setdefault((image.identity, image.camera), []).append(row)
    pooled = np.array(embeddings.query)
    for place, image in enumerate(embeddings.query_images):
        if found := rows.get((image.identity, image.camera)):
            pooled[place] = _mean_direction(np.asarray(embeddings.multi_query[found]))
    return replace(embeddings, query=pooled, multi_query=None, multi_query_images=())


def joined(parts: Sequence[tuple[Part, RetrievalReport]], queries: int) -> RetrievalReport:
    """One report of several rankings that share no query: every ranking weighs the same.

    Figures of queries that take part in none are NaN.
    """
    reports = [report for _, report in parts]
    precision, penalty = np.full(queries, np.nan), np.full(queries, np.nan)
    for part, report in parts:
        precision[part.queries] = report.average_precision
        penalty[part.queries] = report.inverse_negative_penalty
    worst, best = zip(*(report.tie_span for report in reports), strict=True)
    return RetrievalReport(
        rank={k: mean([report.rank[k] for report in reports]) for k in reports[0].rank},
        mAP=mean([report.mAP for report in reports]),
        mINP=mean([report.mINP for report in reports]),
        average_precision=precision,
        inverse_negative_penalty=penalty,
        num_queries=sum(report.num_queries for report in reports),
        num_valid=sum(report.num_valid for report in reports),
        num_junk=sum(report.num_junk for report in reports),
        num_same_camera=sum(report.num_same_camera for report in reports),
        tie_span=(mean(worst), mean(best)),
    )


def mean(values: Sequence[float]) -> float:
    """The mean, its sum rounded once."""
    return fsum(values) / len(values)


def _part(name: str, whole: Embeddings, rows: Sequence[int], columns: Sequence[int]) -> Part:
    queries, gallery = np.array(rows, dtype=np.int64), np.array(columns, dtype=np.int64)
    cut = replace(
        whole,
        query=_taken(whole.query, queries),
        gallery=_taken(whole.gallery, gallery),
        query_images=tuple(whole.query_images[row] for row in rows),
        gallery_images=tuple(whole.gallery_images[column] for column in columns),
        leave_one_out=False,
        belongs_to={},
        pairings=(),
        gallery_draws=False,
        multi_query=None,
        multi_query_images=(),
        certainty=None if whole.certainty is None else _taken(whole.certainty, gallery),
    )
    return Part(name, queries, gallery, cut)


def _taken(array: NDArray[np.float32], rows: Int64[np.ndarray, "rows"]) -> NDArray[np.float32]:
    """Some rows; those that stand together are not copied."""
    first, last = int(rows[0]), int(rows[-1])
    together = np.array_equal(rows, np.arange(first, last + 1))
    return array[first : last + 1] if together else array[rows]


def _places_by_identity(images: Sequence[Sample]) -> list[list[int]]:
    places: dict[int, list[int]] = {}
    for place, image in enumerate(images):
        if image.is_person:
            places.setdefault(image.identity, []).append(place)
    return [places[identity] for identity in sorted(places)]


def _mean_direction(vectors: Float32[np.ndarray, "images dim"]) -> Float32[np.ndarray, "dim"]:
    squares = squared_lengths(vectors, "multi_query")
    require_direction(squares, "multi_query")
    # NumPy sums the first axis in order.
    return (vectors / np.sqrt(squares)[:, None]).mean(axis=0).astype(np.float32)
