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
from workbench.bench.retrieval_features import Crowd

PEERS = {
    "open-metric-learning": "oml",
    "torchmetrics": "torchmetrics",
    "torchreid": "torchreid",
}
ONCE = ("torchreid", "open-metric-learning")  # minutes: they take one turn
BYTES_A_PAIR = {"torchreid": 24, "open-metric-learning": 32}  # of what they hold at once, about
SHARE_OF_FREE = 0.8
SHOWN_QUERIES = 200  # of those who go query by query; their seconds are scaled up
OF_SHOWN = f"mAP of {SHOWN_QUERIES}"
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
    return 1000 * gigabytes(name, pairs) <= SHARE_OF_FREE * free_megabytes("cpu")


def counted(crowd: Crowd, query: int) -> Bool[np.ndarray, "images"]:
    """Gallery images that count for a query: not its own identity from its own camera."""
    same = crowd.gallery_ids == crowd.query_ids[query]
    return ~(same & (crowd.gallery_cameras == crowd.query_cameras[query]))


def torchmetrics_figures(crowd: Crowd) -> dict[str, float]:
    """Mean average precision of the first queries, one by one."""
    peer: Any = import_module("torchmetrics.functional.retrieval")
    found = []
    for query in range(min(SHOWN_QUERIES, len(crowd.query))):
        kept = counted(crowd, query)
        right = (crowd.gallery_ids == crowd.query_ids[query])[kept]
        if right.any():
            scores = torch.from_numpy((crowd.gallery @ crowd.query[query])[kept])
            found.append(float(peer.retrieval_average_precision(scores, torch.from_numpy(right))))
    return {OF_SHOWN: float(np.mean(found))}


def torchreid_figures(crowd: Crowd) -> dict[str, float]:
    """Figures from a matrix of all distances."""
    peer: Any = import_module("torchreid.reid.metrics")
    return _ranked_by(peer, 1 - crowd.query @ crowd.gallery.T, crowd)


def torchreid_re_ranked(crowd: Crowd) -> dict[str, float]:
    """Figures from its re-ranked distances, which it makes of those of all images to all."""
    peer: Any = import_module("torchreid.reid.utils.rerank")
    vectors, queries = np.concatenate([crowd.query, crowd.gallery]), len(crowd.query)
    apart = np.sqrt(np.maximum(2 - 2 * vectors @ vectors.T, 0))  # it squares them again
    found = peer.re_ranking(
        apart[:queries, queries:], apart[:queries, :queries], apart[queries:, queries:]
    )
    return _ranked_by(import_module("torchreid.reid.metrics"), found, crowd)


def _ranked_by(
    peer: Any,  # noqa: ANN401
    distances: Float32[np.ndarray, "queries images"],
    crowd: Crowd,
) -> dict[str, float]:
    cumulative, mean = peer.evaluate_rank(
        distances, crowd.query_ids, crowd.gallery_ids, crowd.query_cameras, crowd.gallery_cameras
    )
    return {"mAP": float(mean)} | {f"rank{k}": float(cumulative[k - 1]) for k in RANKS}


def open_metric_learning_figures(crowd: Crowd) -> dict[str, float]:
    """Figures from the whole gallery, ordered."""
    knn: Any = import_module("oml.functional.knn")
    peer: Any = import_module("oml.functional.metrics")
    # Images of one sequence are left out of each other's answers: here identity and camera.
    cameras = int(max(crowd.query_cameras.max(), crowd.gallery_cameras.max())) + 1
    sequences = [
        torch.from_numpy(ids * cameras + camera)
        for ids, camera in (
            (crowd.query_ids, crowd.query_cameras),
            (crowd.gallery_ids, crowd.gallery_cameras),
        )
    ]
    images = len(crowd.gallery)
    _, retrieved, right = knn.batched_knn_qg(
        embeddings_query=torch.from_numpy(crowd.query),
        embeddings_gallery=torch.from_numpy(crowd.gallery),
        top_n=images,
        labels_query=torch.from_numpy(crowd.query_ids),
        labels_gallery=torch.from_numpy(crowd.gallery_ids),
        sequence_ids_query=sequences[0],
        sequence_ids_gallery=sequences[1],
    )
    found = peer.calc_retrieval_metrics(
        retrieved_ids=retrieved, gt_ids=right, cmc_top_k=RANKS, precision_top_k=(),
        map_top_k=(images,), reduce=True, verbose=False,
    )  # fmt: skip
    ranks = {f"rank{k}": float(found["cmc"][k]) for k in RANKS}
    return {"mAP": float(found["map"][images])} | ranks
