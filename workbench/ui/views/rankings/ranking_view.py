"""Ranked lists as faces show them: plain JSON objects with the words."""

import math
from collections import Counter
from typing import Any, Literal

import numpy as np

from workbench.data.images.image_file import ImageFile
from workbench.data.samples import JUNK, UNKNOWN_CAMERA, Sample
from workbench.errors import DataError, EmptySplit, RunError
from workbench.paths import confined
from workbench.retrieval.ranked_list import RankedImage, Ranking
from workbench.retrieval.rankings import Order, Rankings
from workbench.runs.folder import RunFolder
from workbench.ui.links import LARGEST_K, Link, write_link
from workbench.ui.views.rankings.embedding_tasks import embed, embedding_in_words
from workbench.ui.views.rankings.re_ranking import OFF, protocol_of, re_ranking
from workbench.ui.views.rankings.stored_rankings import Weights, choose, opened, weights_of
from workbench.ui.words import percent

Source = Literal["query", "gallery"]
MOST_QUERIES = 200


def overview(run: RunFolder, wanted: str = "", rerank: str = "") -> dict[str, Any]:
    """Which weights there are, which are meant, and the figures of those, or why there are none.

    Re-ranking is told of as ``re_ranking`` says; the figures are those before it.
    """
    weights = weights_of(run)
    choices = [{"key": one.key, "label": one.label, "ready": one.ready} for one in weights]
    answer: dict[str, Any] = {"weights": choices, "chosen": "", "ready": False, "working": False}
    try:
        chosen = choose(run, wanted)
        answer |= {"chosen": chosen.key, "can_embed": not run.status().alive}
        working = None if chosen.ready else embedding_in_words(run, chosen)
        if working is not None:
            return answer | {"working": True, "words": working}
        with opened(run, chosen, protocol_of(run, OFF)) as rankings:
            words = _report_in_words(rankings, chosen)
        told = re_ranking(run, chosen, rerank)
        return answer | {"ready": True, "words": words, "re_ranking": told}
    except RunError as error:
        return answer | {"words": str(error)}


def embed_weights(run: RunFolder, wanted: str) -> None:
    """Start embedding the weights meant. Raises RunError where that cannot be done now."""
    embed(run, choose(run, wanted))


def queries_of(
    run: RunFolder,
    wanted: str,
    *,
    order: Order = "worst",
    seed: int = 0,
    identity: int | None = None,
    start: int = 0,
    count: int = 60,
    rerank: str = "",
) -> dict[str, Any]:
    """A page of queries in some order, with the average precision of each."""
    with opened(run, choose(run, wanted), protocol_of(run, rerank)) as rankings:
        images = rankings.embeddings.query_images
        numbers = [
            number
            for number in rankings.order(order, seed).tolist()
            if identity is None or images[number].identity == identity
        ]
        values = _average_precisions(rankings)
        page = numbers[start : start + min(count, MOST_QUERIES)]
        return {
            "total": len(numbers),
            "queries": [
                {
                    "index": number,
                    "identity": images[number].identity,
                    "camera": _camera(images[number]),
                    "average_precision": values[number],
                }
                for number in page
            ],
        }


def ranking_of(
    run: RunFolder, wanted: str, source: Source, index: int, k: int = 10, rerank: str = ""
) -> dict[str, Any]:
    """The ranked list of one image: its figures, its curve, the first ``k`` images that count.

    Images that do not count stand in their places with the reason. ``rerank`` is meant as
    ``protocol_of`` reads it. Raises DataError where there is no such image, RunError where the
    weights are not embedded, RecipeError where re-ranking cannot be done as asked.
    """
    weights = choose(run, wanted)
    k = min(max(k, 1), LARGEST_K)
    with opened(run, weights, protocol_of(run, rerank)) as rankings:
        number = number_of(rankings, source, index)
        image, ranking = rankings.image_of(number), rankings.ranking(number)
        items, hits = rankings.list(number, k), np.flatnonzero(ranking.hits())
        return {
            "run": run.id,
            "weights": weights.key,
            "query": {"source": source, "index": index, **shown_image(image), "name": _who(image)},
            "average_precision": rankings.average_precision(number),
            "first_match": int(hits[0]) + 1 if hits.size else None,
            "matches": int(hits.size),
            "items": [ranked_item(item, rankings) for item in items],
            "precision_recall": _precision_recall(rankings, number) if hits.size else None,
            "words": _list_in_words(ranking, items, k),
            "link": write_link(
                Link(
                    tab="rankings",
                    run=run.id,
                    weights=weights.key,
                    source=source,
                    query=index,
                    k=k,
                    rerank=rerank,
                )
            ),
        }


def picture_of(run: RunFolder, wanted: str, source: Source, index: int) -> ImageFile:
    """The file of one image. Raises DataError where there is none, PlaceError outside its root."""
    with opened(run, choose(run, wanted)) as rankings:
        image = rankings.image_of(number_of(rankings, source, index))
        stored = rankings.embeddings
        return ImageFile(confined(stored.root, image.path), stored.levels)


def number_of(rankings: Rankings, source: Source, index: int) -> int:
    """The number under which an image is a query. Raises DataError where there is no such image."""
    if source == "gallery":
        return rankings.query_of(index)
    if not 0 <= index < rankings.num_queries:
        raise DataError(
            f"There is no query {index}: they are numbered from 0 to {rankings.num_queries - 1}."
        )
    return index


def ranked_item(item: RankedImage, rankings: Rankings) -> dict[str, Any]:
    """One image of a list with what it is to the query."""
    return {
        "source": "gallery",
        "index": item.index,
        **shown_image(rankings.embeddings.gallery_images[item.index]),
        "rank": item.rank,
        "distance": item.distance,
        "verdict": item.verdict,
        "excluded": item.excluded,
    }


def shown_image(image: Sample) -> dict[str, Any]:
    """What is known of an image, in numbers and in words."""
    return {
        "identity": image.identity,
        "camera": image.camera,
        "identity_words": _identity(image),
        "camera_words": _camera(image),
        "caption": _caption(image),
    }


def _precision_recall(rankings: Rankings, number: int) -> dict[str, Any]:
    """The curve as its area is counted: by steps, or by straight lines from precision 1."""
    recall, precision = rankings.precision_recall(number)
    stepped = rankings.evaluation.average_precision == "step"
    first = float(precision[0]) if stepped else 1.0
    return {
        "recall": [0.0, *recall.tolist()],
        "precision": [first, *precision.tolist()],
        "shape": "vh" if stepped else "linear",
    }


def _who(image: Sample) -> str:
    return f"Identity {_identity(image)}, camera {_camera(image)}."


def _caption(image: Sample) -> str:
    who = f"id {image.identity}" if image.is_person else _identity(image)
    return who if image.camera == UNKNOWN_CAMERA else f"{who} · cam {image.camera}"


def _identity(image: Sample) -> str:
    if image.is_person:
        return str(image.identity)
    return "junk" if image.identity == JUNK else "distractor"


def _camera(image: Sample) -> str:
    return "unknown" if image.camera == UNKNOWN_CAMERA else str(image.camera)


def _average_precisions(rankings: Rankings) -> list[float | None]:
    """Of every query; None where it has no right answer to be found."""
    try:
        values = rankings.report.average_precision.tolist()
    except EmptySplit:
        return [None] * rankings.num_queries
    return [None if math.isnan(value) else value for value in values]


def _list_in_words(ranking: Ranking, items: list[RankedImage], k: int) -> str:
    total = int(ranking.hits().sum())
    among = sum(item.verdict == "match" and item.excluded is None for item in items)
    if not total:
        found = "The gallery holds no image that would be a match, so this query is not counted."
    else:
        found = f"{among} of {total} matches are among the first {k}."
    reasons = Counter(item.excluded for item in items if item.excluded)
    left = ", ".join(f"{count} ({reason})" for reason, count in reasons.items())
    return f"{found} Left out in between: {left}." if left else found


def _report_in_words(rankings: Rankings, weights: Weights) -> str:
    try:
        report = rankings.report
    except EmptySplit as error:
        return str(error)
    ranks = [f"Rank-{k} {percent(value)}" for k, value in report.rank.items()]
    figures = ", ".join([f"mAP {percent(report.mAP)}", *ranks])
    gallery = len(rankings.embeddings.gallery_images)
    counted = f"{report.num_valid} queries against {gallery} gallery images"
    left = [
        f"{report.num_skipped} queries without a match are not counted" * bool(report.num_skipped),
        f"{report.num_junk} junk images are left out" * bool(report.num_junk),
        f"{report.num_same_camera} pairs of the same identity and camera are left out"
        * bool(report.num_same_camera),
        "every image is a query against all others" * rankings.embeddings.leave_one_out,
        "each kind of image is asked for with the other, and both directions weigh the same"
        * bool(rankings.embeddings.pairings),
    ]
    notes = "; ".join(filter(None, left))
    sentence = f"{figures} with {weights.label}: {counted}"
    return f"{sentence}; {notes}." if notes else f"{sentence}."
