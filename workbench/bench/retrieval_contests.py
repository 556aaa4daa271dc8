"""Who is measured on which work: the bare product, the workbench, and the peers that are there.

A contestant returns the figures it finds, by the names of the workbench where they mean the same.
"""

from collections.abc import Callable, Mapping

import faiss
import numpy as np
import torch
from pytorch_metric_learning.utils.accuracy_calculator import AccuracyCalculator
from sklearn.metrics import average_precision_score

from workbench.bench.retrieval_cases import Work
from workbench.bench.retrieval_features import Features
from workbench.bench.retrieval_peers import (
    MAP_OF_SAMPLE,
    SAMPLED_QUERIES,
    counted_images,
    fits,
    gigabytes,
    installed,
    open_metric_learning_metrics,
    torchmetrics_metrics,
    torchreid_metrics,
    torchreid_re_ranked_metrics,
)
from workbench.retrieval.clusters import cluster_agreement, normalised_mutual_information
from workbench.retrieval.exact.counting import Progress
from workbench.retrieval.metrics import Rules, evaluate, read_labels, relevance_of, report
from workbench.retrieval.recall import recall_at
from workbench.retrieval.reranking.neighbourhoods import Neighbourhoods

Metrics = Mapping[str, float]
Contestant = Callable[[], Metrics]

PRODUCT_ROWS = 256
RECALL_AT = (1, 10, 100, 1000)
ITERATIONS = 20  # of k-means

PAIRWISE_PEERS: dict[Work, tuple[str, ...]] = {
    "evaluate": ("torchreid", "open-metric-learning"),
    "rerank": ("torchreid",),
}
"""Peers that hold all pairs at once."""
BY_QUERY = f" ({SAMPLED_QUERIES} queries)"
DEFINITIONS = {
    f"scikit-learn{BY_QUERY}": "step AP; a tie counts as if all of it stood at its last rank;"
    " ranks of a float32 product",
    f"torchmetrics{BY_QUERY}": "step AP; right answers with a score of 0 or less are dropped;"
    " ties in the order topk gives",
    "torchreid": "step AP; ties in the order argsort gives; ranks of float32 distances",
    "open-metric-learning": "step AP; right answers come before wrong ones of the same distance"
    " only by chance; ranks of float32 distances",
    "faiss flat": "Recall@K alone; ties in the order its heap gives; ranks of a float32 product",
    "pytorch-metric-learning": "the same definitions; ties in the order its search gives",
    "faiss": "k-means from other first centres, nearest centres by a float32 product; an empty"
    " cluster takes half of a large one",
}
"""Where a peer's definition differs from ours."""


def contestants_for(
    work: Work, features: Features, iterations: int = ITERATIONS, progress: Progress | None = None
) -> dict[str, Contestant]:
    """All who do this work on these vectors, the bare product first."""
    if work == "evaluate":
        entrants = {"workbench": lambda: _evaluate(features, progress), **_evaluators(features)}
    elif work == "rerank":
        entrants = {"workbench": lambda: _rerank(features, progress), **_re_rankers(features)}
    elif work == "recall":
        entrants = {
            "workbench": lambda: _recall(features, progress),
            "faiss flat": lambda: _faiss_recall(features),
            "pytorch-metric-learning": lambda: _metric_learning(features),
        }
    else:
        return {
            "workbench": lambda: _clusters(features, iterations, progress),
            "faiss": lambda: _faiss_clusters(features, iterations),
        }
    return {"product": lambda: _product(features), **entrants}


def _evaluators(features: Features) -> dict[str, Contestant]:
    peers: dict[str, Contestant] = {f"scikit-learn{BY_QUERY}": lambda: _scikit_learn(features)}
    pairs = pairs_compared("evaluate", len(features.query), len(features.gallery))
    if is_measurable("torchmetrics", pairs):
        peers[f"torchmetrics{BY_QUERY}"] = lambda: torchmetrics_metrics(features)
    if is_measurable("torchreid", pairs):
        peers["torchreid"] = lambda: torchreid_metrics(features)
    if is_measurable("open-metric-learning", pairs):
        peers["open-metric-learning"] = lambda: open_metric_learning_metrics(features)
    return peers


def _re_rankers(features: Features) -> dict[str, Contestant]:
    pairs = pairs_compared("rerank", len(features.query), len(features.gallery))
    if not is_measurable("torchreid", pairs):
        return {}
    return {"torchreid": lambda: torchreid_re_ranked_metrics(features)}


def peers_beyond_memory(work: Work, queries: int, images: int) -> dict[str, float]:
    """Peers that are installed and do this work, but hold too much, with their gigabytes."""
    pairs = pairs_compared(work, queries, images)
    return {
        name: gigabytes(name, pairs)
        for name in PAIRWISE_PEERS.get(work, ())
        if installed(name) and not fits(name, pairs)
    }


def pairs_compared(work: Work, queries: int, images: int) -> int:
    """Pairs that are held at once by those who hold all of them."""
    return (queries + images) ** 2 if work == "rerank" else queries * images


def is_measurable(name: str, pairs: int) -> bool:
    """Whether a peer is there and has room."""
    return installed(name) and fits(name, pairs)


def _product(features: Features) -> Metrics:
    scores = np.empty((PRODUCT_ROWS, len(features.gallery)), dtype=np.float32)
    for start in range(0, len(features.query), PRODUCT_ROWS):
        rows = features.query[start : start + PRODUCT_ROWS]
        np.matmul(rows, features.gallery.T, out=scores[: len(rows)])
    return {}


def _evaluate(features: Features, progress: Progress | None) -> Metrics:
    retrieval_report = evaluate(
        features.query, features.gallery, features.query_ids, features.gallery_ids,
        features.query_cameras, features.gallery_cameras, progress=progress,
    )  # fmt: skip
    sampled = retrieval_report.average_precision[:SAMPLED_QUERIES]
    return retrieval_report.metrics() | {MAP_OF_SAMPLE: float(np.nanmean(sampled))}


def _scikit_learn(features: Features) -> Metrics:
    average_precisions = []
    for query in range(min(SAMPLED_QUERIES, len(features.query))):
        is_counted = counted_images(features, query)
        correct = (features.gallery_ids == features.query_ids[query])[is_counted]
        if correct.any():
            scores = (features.gallery @ features.query[query])[is_counted]
            average_precisions.append(average_precision_score(correct, scores))
    return {MAP_OF_SAMPLE: float(np.mean(average_precisions))}


def _rerank(features: Features, progress: Progress | None) -> Metrics:
    everything = np.concatenate([features.query, features.gallery])
    queries = len(features.query)
    neighbourhoods = Neighbourhoods(everything, 20, 6, "cosine", progress)
    pairs = neighbourhoods.pairs(np.arange(queries), slice(queries, None), weight=0.3)
    labels = read_labels(
        features.query_ids,
        features.gallery_ids,
        features.query_cameras,
        features.gallery_cameras,
        pairs.shape,
    )
    return report(pairs, relevance_of(labels, True, False), Rules(), progress).metrics()


def _recall(features: Features, progress: Progress | None) -> Metrics:
    return recall_at(
        features.gallery, features.gallery_ids, ks=RECALL_AT, progress=progress
    ).metrics()


def _faiss_recall(features: Features) -> Metrics:
    """Recall alone. Without the image itself, which is looked for by its index."""
    index = faiss.IndexFlatIP(features.gallery.shape[1])
    index.add(features.gallery)
    images = len(features.gallery)
    neighbours = min(RECALL_AT[-1] + 1, images)
    first = np.full(images, images)
    for start in range(0, images, 4096):
        rows = np.arange(start, min(start + 4096, images))
        _, nearest = index.search(features.gallery[rows], neighbours)
        correct = features.gallery_ids[nearest] == features.gallery_ids[rows, None]
        itself = nearest == rows[:, None]
        rank = np.cumsum(~itself, axis=1)
        first[rows] = np.where(correct & ~itself, rank, images).min(axis=1)
    _, classes, sizes = np.unique(features.gallery_ids, return_inverse=True, return_counts=True)
    ranks_of_queries = first[sizes[classes] > 1]
    return {f"recall{k}": float((ranks_of_queries <= k).mean()) for k in RECALL_AT}


def _metric_learning(features: Features) -> Metrics:
    names = {
        "precision_at_1": "recall1",
        "mean_average_precision_at_r": "map_at_r",
        "r_precision": "r_precision",
    }
    device = torch.device("cpu")
    peer = AccuracyCalculator(include=tuple(names), k="max_bin_count", device=device)
    ids = torch.from_numpy(features.gallery_ids)
    metrics = peer.get_accuracy(torch.from_numpy(features.gallery), ids)
    return {ours: float(metrics[theirs]) for theirs, ours in names.items()}


def _clusters(features: Features, iterations: int, progress: Progress | None) -> Metrics:
    agreement = cluster_agreement(
        features.gallery, features.gallery_ids, iterations=iterations, progress=progress
    )
    return {"nmi": agreement.nmi}


def _faiss_clusters(features: Features, iterations: int) -> Metrics:
    number = len(np.unique(features.gallery_ids))
    model = faiss.Kmeans(
        features.gallery.shape[1], number, niter=iterations, min_points_per_centroid=1
    )
    model.train(features.gallery)
    _, assigned = model.index.search(features.gallery, 1)
    return {"nmi": normalised_mutual_information(assigned[:, 0], features.gallery_ids)}
