"""All figures of a split by the protocol that belongs to it, under fixed names.

Plain names (mAP, rank1, mINP, ...) are those of the one ranking there is; of several directions or
draws they are the mean. Beside them stand, where the protocol has them:

- ``<direction>.mAP`` and so on: each direction, as ``satellite_to_drone``;
- ``draw_1.mAP`` ...: each draw of a gallery, and ``deviation.mAP``: their standard deviation;
- ``multi_query.mAP`` ...: with each query the mean of its multi-query images;
- ``recall_at_1`` ..., ``NMI``, ``NMI_training_count``: figures of metric learning.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import fsum, sqrt

import numpy as np

from workbench.recipe.settings.evaluation import Clustering
from workbench.retrieval.clusters import cluster_agreement
from workbench.retrieval.embeddings.store import Embeddings
from workbench.retrieval.exact.counting import Progress
from workbench.retrieval.metrics import RetrievalReport
from workbench.retrieval.protocol_parts import draws, mean, pooled_queries
from workbench.retrieval.rankings import Rankings

Figures = Mapping[str, float]
MULTI_QUERY, DEVIATION = "multi_query", "deviation"


@dataclass(frozen=True)
class ProtocolReport:
    """Figures as fractions.

    Attributes:
        plain: Figures of the whole by plain names.
        parts: Figures of directions, of draws and their deviation, of multiple queries, by name.
        counts: What they stand on: queries, skipped_queries, gallery_images, junk_images,
            same_camera_pairs; of draws those of one draw.
        notes: Sentences on what a reader must know.
    """

    plain: Figures
    parts: Mapping[str, Figures] = field(default_factory=dict)
    counts: Mapping[str, int] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    def metrics(self, *, every_draw: bool = True) -> dict[str, float]:
        """All figures by name; without ``every_draw`` draws are told by mean and deviation only."""
        figures = dict(self.plain)
        for part, own in self.parts.items():
            if every_draw or not part.startswith("draw_"):
                figures |= {f"{part}.{name}": value for name, value in own.items()}
        return figures


def protocol_report(
    rankings: Rankings, training_classes: int = 0, progress: Progress | None = None
) -> ProtocolReport:
    """The figures of embeddings under the settings of their rankings.

    Args:
        rankings: Embeddings and settings.
        training_classes: Classes of the data set's training images, for
            ``clustering.training_count``; 0 where it has none.
        progress: Called as ``progress(stage, done, total)`` while clusters are made.

    Raises EmptySplit where no query has a right answer.
    """
    embeddings, evaluation = rankings.embeddings, rankings.evaluation
    if embeddings.gallery_draws:
        plain, parts, counts = _of_draws(rankings)
    elif embeddings.pairings:
        plain, parts, counts = _of_directions(rankings)
    else:
        plain, parts, counts = rankings.report.metrics(), {}, _counts(embeddings, rankings.report)
    notes: tuple[str, ...] = ()
    if evaluation.multi_query:
        if embeddings.multi_query is None:
            notes += ("There are no multi-query images: figures are of single queries alone.",)
        else:
            pooled = Rankings(pooled_queries(embeddings), evaluation)
            parts = {**parts, MULTI_QUERY: pooled.report.metrics()}
    if evaluation.clustering is not None:
        agreement, told = _agreement(embeddings, evaluation.clustering, training_classes, progress)
        plain, notes = _as_recall(plain) | agreement, notes + told
    return ProtocolReport(plain, parts, counts, notes)


def _of_draws(
    rankings: Rankings,
) -> tuple[dict[str, float], dict[str, Figures], dict[str, int]]:
    """Means, single draws with their deviation, and counts of one draw."""
    settings = rankings.evaluation.gallery_draws
    parts: dict[str, Figures] = {}
    counts: dict[str, int] = {}
    for part in draws(rankings.embeddings, settings.count, settings.seed):
        report = Rankings(part.embeddings, rankings.evaluation).report
        parts[part.name], counts = report.metrics(), _counts(part.embeddings, report)
    columns = {name: [own[name] for own in parts.values()] for name in parts["draw_1"]}
    if settings.count > 1:
        parts[DEVIATION] = {name: _deviation(values) for name, values in columns.items()}
    return {name: mean(values) for name, values in columns.items()}, parts, counts


def _of_directions(
    rankings: Rankings,
) -> tuple[dict[str, float], dict[str, Figures], dict[str, int]]:
    whole, parts = rankings.report, rankings.directions()
    figures: dict[str, Figures] = {name: report.metrics() for name, report in parts.items()}
    return whole.metrics(), figures, _counts(rankings.embeddings, whole)


def _counts(embeddings: Embeddings, report: RetrievalReport) -> dict[str, int]:
    return {
        "queries": report.num_queries,
        "skipped_queries": report.num_skipped,
        "gallery_images": len(embeddings.gallery_images),
        "junk_images": report.num_junk,
        "same_camera_pairs": report.num_same_camera,
    }


def _as_recall(plain: Figures) -> dict[str, float]:
    """Cumulative match under the name metric learning has for it; rank1 stays, too."""
    kept = {name: value for name, value in plain.items() if name in ("mAP", "rank1", "mINP")}
    ranks = {name: value for name, value in plain.items() if name.startswith("rank")}
    return kept | {f"recall_at_{name[4:]}": value for name, value in ranks.items()}


def _agreement(
    embeddings: Embeddings,
    settings: Clustering,
    training_classes: int,
    progress: Progress | None,
) -> tuple[dict[str, float], tuple[str, ...]]:
    """NMI of all images that show something, and what kept one of its figures from being counted.

    Query and gallery are clustered together where they are different images.
    """
    sides = [(embeddings.gallery, embeddings.gallery_images)]
    if not embeddings.leave_one_out:
        sides.insert(0, (embeddings.query, embeddings.query_images))
    images = [image for _, images in sides for image in images]
    classes = np.array([image.identity for image in images], dtype=np.int64)
    counted = np.array([image.is_person for image in images], dtype=bool)
    vectors = np.concatenate([vectors for vectors, _ in sides])[counted]

    def nmi(clusters: int | None) -> float:
        return cluster_agreement(
            vectors,
            classes[counted],
            clusters=clusters,
            iterations=settings.iterations,
            seed=settings.seed,
            progress=progress,
        ).nmi

    figures = {"NMI": nmi(None)}
    if not settings.training_count:
        return figures, ()
    if not 1 <= training_classes <= len(vectors):
        return figures, (
            f"NMI of {training_classes} clusters, as many as classes were trained on, is left out:"
            f" there are {len(vectors)} images.",
        )
    return figures | {"NMI_training_count": nmi(training_classes)}, ()


def _deviation(values: Sequence[float]) -> float:
    """The standard deviation of a sample."""
    middle = mean(values)
    return sqrt(fsum((value - middle) ** 2 for value in values) / (len(values) - 1))
