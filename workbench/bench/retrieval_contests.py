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
from workbench.bench.retrieval_features import Crowd
from workbench.bench.retrieval_peers import (
    OF_SHOWN,
    SHOWN_QUERIES,
    counted,
    fits,
    gigabytes,
    installed,
    open_metric_learning_figures,
    torchmetrics_figures,
    torchreid_figures,
    torchreid_re_ranked,
)
from workbench.retrieval.clusters import cluster_agreement, normalised_mutual_information
from workbench.retrieval.exact.counting import Progress
from workbench.retrieval.metrics import Rules, evaluate, read_labels, relevance_of, report
from workbench.retrieval.recall import recall_at
from workbench.retrieval.reranking.neighbourhoods import Neighbourhoods

Figures = Mapping[str, float]
Contestant = Callable[[], Figures]

PRODUCT_ROWS = 256
RECALL_AT = (1, 10, 100, 1000)
ITERATIONS = 20  # of k-means

LARGE: dict[Work, tuple[str, ...]] = {
    "evaluate": ("torchreid", "open-metric-learning"),
    "rerank": ("torchreid",),
}
"""Peers that hold all pairs at once."""
BY_QUERY = f" ({SHOWN_QUERIES} queries)"
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


def contestants(
    work: Work, crowd: Crowd, iterations: int = ITERATIONS, progress: Progress | None = None
) -> dict[str, Contestant]:
    """All who do this work on these vectors, the bare product first."""
    if work == "evaluate":
        others = {"workbench": lambda: _evaluate(crowd, progress), **_evaluators(crowd)}
    elif work == "rerank":
        others = {"workbench": lambda: _rerank(crowd, progress), **_re_rankers(crowd)}
    elif work == "recall":
        others = {
            "workbench": lambda: _recall(crowd, progress),
            "faiss flat": lambda: _faiss_recall(crowd),
            "pytorch-metric-learning": lambda: _metric_learning(crowd),
        }
    else:
        return {
            "workbench": lambda: _clusters(crowd, iterations, progress),
            "faiss": lambda: _faiss_clusters(crowd, iterations),
        }
    return {"product": lambda: _product(crowd), **others}


def _evaluators(crowd: Crowd) -> dict[str, Contestant]:
    peers: dict[str, Contestant] = {f"scikit-learn{BY_QUERY}": lambda: _scikit_learn(crowd)}
    pairs = pairs_compared("evaluate", len(crowd.query), len(crowd.gallery))
    if can_take_part("torchmetrics", pairs):
        peers[f"torchmetrics{BY_QUERY}"] = lambda: torchmetrics_figures(crowd)
    if can_take_part("torchreid", pairs):
        peers["torchreid"] = lambda: torchreid_figures(crowd)
    if can_take_part("open-metric-learning", pairs):
        peers["open-metric-learning"] = lambda: open_metric_learning_figures(crowd)
    return peers


def _re_rankers(crowd: Crowd) -> dict[str, Contestant]:
    pairs = pairs_compared("rerank", len(crowd.query), len(crowd.gallery))
    if not can_take_part("torchreid", pairs):
        return {}
    return {"torchreid": lambda: torchreid_re_ranked(crowd)}


def left_out(work: Work, queries: int, images: int) -> dict[str, float]:
    """Peers that are installed and do this work, but hold too much, with their gigabytes."""
    pairs = pairs_compared(work, queries, images)
    return {
        name: gigabytes(name, pairs)
        for name in LARGE.get(work, ())
        if installed(name) and not fits(name, pairs)
    }


def pairs_compared(work: Work, queries: int, images: int) -> int:
    """Pairs that are held at once by those who hold all of them."""
    return (queries + images) ** 2 if work == "rerank" else queries * images


def can_take_part(name: str, pairs: int) -> bool:
    """Whether a peer is there and has room."""
    return installed(name) and fits(name, pairs)


def _product(crowd: Crowd) -> Figures:
    scores = np.empty((PRODUCT_ROWS, len(crowd.gallery)), dtype=np.float32)
    for start in range(0, len(crowd.query), PRODUCT_ROWS):
        rows = crowd.query[start : start + PRODUCT_ROWS]
        np.matmul(rows, crowd.gallery.T, out=scores[: len(rows)])
    return {}


def _evaluate(crowd: Crowd, progress: Progress | None) -> Figures:
    found = evaluate(
        crowd.query, crowd.gallery, crowd.query_ids, crowd.gallery_ids, crowd.query_cameras,
        crowd.gallery_cameras, progress=progress,
    )  # fmt: skip
    shown = found.average_precision[:SHOWN_QUERIES]
    return found.metrics() | {OF_SHOWN: float(np.nanmean(shown))}


def _scikit_learn(crowd: Crowd) -> Figures:
    found = []
    for query in range(min(SHOWN_QUERIES, len(crowd.query))):
        kept = counted(crowd, query)
        right = (crowd.gallery_ids == crowd.query_ids[query])[kept]
        if right.any():
            scores = (crowd.gallery @ crowd.query[query])[kept]
            found.append(average_precision_score(right, scores))
    return {OF_SHOWN: float(np.mean(found))}


def _rerank(crowd: Crowd, progress: Progress | None) -> Figures:
    everything = np.concatenate([crowd.query, crowd.gallery])
    queries = len(crowd.query)
    neighbourhoods = Neighbourhoods(everything, 20, 6, "cosine", progress)
    pairs = neighbourhoods.pairs(np.arange(queries), slice(queries, None), weight=0.3)
    labels = read_labels(
        crowd.query_ids, crowd.gallery_ids, crowd.query_cameras, crowd.gallery_cameras, pairs.shape
    )
    return report(pairs, relevance_of(labels, True, False), Rules(), progress).metrics()


def _recall(crowd: Crowd, progress: Progress | None) -> Figures:
    return recall_at(crowd.gallery, crowd.gallery_ids, ks=RECALL_AT, progress=progress).metrics()


def _faiss_recall(crowd: Crowd) -> Figures:
    """Recall alone. Without the image itself, which is looked for by its index."""
    index = faiss.IndexFlatIP(crowd.gallery.shape[1])
    index.add(crowd.gallery)
    images = len(crowd.gallery)
    most = min(RECALL_AT[-1] + 1, images)
    first = np.full(images, images)
    for start in range(0, images, 4096):
        rows = np.arange(start, min(start + 4096, images))
        _, found = index.search(crowd.gallery[rows], most)
        right = crowd.gallery_ids[found] == crowd.gallery_ids[rows, None]
        itself = found == rows[:, None]
        ranks = np.cumsum(~itself, axis=1)
        first[rows] = np.where(right & ~itself, ranks, images).min(axis=1)
    _, classes, sizes = np.unique(crowd.gallery_ids, return_inverse=True, return_counts=True)
    asked = first[sizes[classes] > 1]
    return {f"recall{k}": float((asked <= k).mean()) for k in RECALL_AT}


def _metric_learning(crowd: Crowd) -> Figures:
    names = {
        "precision_at_1": "recall1",
        "mean_average_precision_at_r": "map_at_r",
        "r_precision": "r_precision",
    }
    device = torch.device("cpu")
    peer = AccuracyCalculator(include=tuple(names), k="max_bin_count", device=device)
    ids = torch.from_numpy(crowd.gallery_ids)
    found = peer.get_accuracy(torch.from_numpy(crowd.gallery), ids)
    return {ours: float(found[theirs]) for theirs, ours in names.items()}


def _clusters(crowd: Crowd, iterations: int, progress: Progress | None) -> Figures:
    found = cluster_agreement(
        crowd.gallery, crowd.gallery_ids, iterations=iterations, progress=progress
    )
    return {"nmi": found.nmi}


def _faiss_clusters(crowd: Crowd, iterations: int) -> Figures:
    number = len(np.unique(crowd.gallery_ids))
    model = faiss.Kmeans(
        crowd.gallery.shape[1], number, niter=iterations, min_points_per_centroid=1
    )
    model.train(crowd.gallery)
    _, assigned = model.index.search(crowd.gallery, 1)
    return {"nmi": normalised_mutual_information(assigned[:, 0], crowd.gallery_ids)}
