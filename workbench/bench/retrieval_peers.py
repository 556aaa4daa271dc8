"""Toolboxes that are measured where they are installed; each is given the same vectors.

They are loaded only when they are there: none of them is needed for anything else.
"""

from importlib import import_module
from importlib.util import find_spec
from typing import Any

import numpy as np
import torch
from jaxtyping import Bool, Float32

from workbench.bench.memory_use import free_megabytes
from workbench.bench.retrieval_features import Features

PEERS = {
    "open-metric-learning": "oml",
    "torchmetrics": "torchmetrics",
    "torchreid": "torchreid",
}
ONCE = ("torchreid", "open-metric-learning")  # minutes: they take one turn
BYTES_A_PAIR = {"torchreid": 24, "open-metric-learning": 32}  # of what they hold at once, about
MEMORY_FRACTION = 0.8
SAMPLED_QUERIES = 200  # of those who go query by query; their seconds are scaled up
MAP_OF_SAMPLE = f"mAP of {SAMPLED_QUERIES}"
RANKS = (1, 5, 10)


def installed(name: str) -> bool:
    """Whether this peer can be measured here."""
    return find_spec(PEERS[name]) is not None


def missing_peers() -> list[str]:
    """Peers that could be measured if they were installed."""
    return [name for name in PEERS if not installed(name)]


def gigabytes(name: str, pairs: int) -> float:
    """What a peer holds at once, about, in 10^9 bytes, where it compares so many pairs."""
    return BYTES_A_PAIR.get(name, 0) * pairs / 1e9


def fits(name: str, pairs: int) -> bool:
    """Whether memory that is free is enough for a peer."""
    return 1000 * gigabytes(name, pairs) <= MEMORY_FRACTION * free_megabytes("cpu")


def counted_images(features: Features, query: int) -> Bool[np.ndarray, "images"]:
    """Gallery images that count for a query: not its own identity from its own camera."""
    same = features.gallery_ids == features.query_ids[query]
    return ~(same & (features.gallery_cameras == features.query_cameras[query]))


def torchmetrics_metrics(features: Features) -> dict[str, float]:
    """Mean average precision of the first queries, one by one."""
    peer: Any = import_module("torchmetrics.functional.retrieval")
    average_precisions = []
    for query in range(min(SAMPLED_QUERIES, len(features.query))):
        is_counted = counted_images(features, query)
        correct = (features.gallery_ids == features.query_ids[query])[is_counted]
        if correct.any():
            scores = torch.from_numpy((features.gallery @ features.query[query])[is_counted])
            average_precisions.append(
                float(peer.retrieval_average_precision(scores, torch.from_numpy(correct)))
            )
    return {MAP_OF_SAMPLE: float(np.mean(average_precisions))}


def torchreid_metrics(features: Features) -> dict[str, float]:
    """Figures from a matrix of all distances."""
    peer: Any = import_module("torchreid.reid.metrics")
    return _metrics_of(peer, 1 - features.query @ features.gallery.T, features)


def torchreid_re_ranked_metrics(features: Features) -> dict[str, float]:
    """Figures from its re-ranked distances, which it makes of those of all images to all."""
    peer: Any = import_module("torchreid.reid.utils.rerank")
    vectors, queries = np.concatenate([features.query, features.gallery]), len(features.query)
    distances = np.sqrt(np.maximum(2 - 2 * vectors @ vectors.T, 0))  # it squares them again
    re_ranked = peer.re_ranking(
        distances[:queries, queries:], distances[:queries, :queries], distances[queries:, queries:]
    )
    return _metrics_of(import_module("torchreid.reid.metrics"), re_ranked, features)


def _metrics_of(
    peer: Any,  # noqa: ANN401
    distances: Float32[np.ndarray, "queries images"],
    features: Features,
) -> dict[str, float]:
    cumulative, mean = peer.evaluate_rank(
        distances,
        features.query_ids,
        features.gallery_ids,
        features.query_cameras,
        features.gallery_cameras,
    )
    return {"mAP": float(mean)} | {f"rank{k}": float(cumulative[k - 1]) for k in RANKS}


def open_metric_learning_metrics(features: Features) -> dict[str, float]:
    """Figures from the whole gallery, ordered."""
    knn: Any = import_module("oml.functional.knn")
    peer: Any = import_module("oml.functional.metrics")
    # Images of one sequence are left out of each other's answers: here identity and camera.
    cameras = int(max(features.query_cameras.max(), features.gallery_cameras.max())) + 1
    sequences = [
        torch.from_numpy(ids * cameras + camera)
        for ids, camera in (
            (features.query_ids, features.query_cameras),
            (features.gallery_ids, features.gallery_cameras),
        )
    ]
    images = len(features.gallery)
    _, retrieved, correct = knn.batched_knn_qg(
        embeddings_query=torch.from_numpy(features.query),
        embeddings_gallery=torch.from_numpy(features.gallery),
        top_n=images,
        labels_query=torch.from_numpy(features.query_ids),
        labels_gallery=torch.from_numpy(features.gallery_ids),
        sequence_ids_query=sequences[0],
        sequence_ids_gallery=sequences[1],
    )
    metrics = peer.calc_retrieval_metrics(
        retrieved_ids=retrieved, gt_ids=correct, cmc_top_k=RANKS, precision_top_k=(),
        map_top_k=(images,), reduce=True, verbose=False,
    )  # fmt: skip
    ranks = {f"rank{k}": float(metrics["cmc"][k]) for k in RANKS}
    return {"mAP": float(metrics["map"][images])} | ranks
