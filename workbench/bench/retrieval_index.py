"""Indexes of many vectors on disk, searched at several efforts, with their recall.

Queries are vectors of their own, none of them in an index. Every row stands beside exact search of
the same queries in the same vectors.
"""

import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import Float32, Int64

from workbench.bench.retrieval_features import Features, Size, draw_features
from workbench.bench.timing import time_once
from workbench.retrieval.exact.counting import Progress
from workbench.retrieval.exact.nearest import nearest_columns
from workbench.retrieval.exact.pairs import FeaturePairs
from workbench.retrieval.index.faiss_index import (
    IndexKind,
    IndexSettings,
    SearchIndex,
    build_index,
    share_found,
)

KINDS: tuple[IndexKind, ...] = ("flat", "ivf", "pq", "hnsw")
PROBES = (1, 4, 16, 64)
QUERIES = 200  # queries, all in one call
K = 10
LARGEST_HNSW = 200_000  # vectors of an hnsw index: building its graph takes minutes already
REPEATS = 2  # of a search; the first reads the index from disk


@dataclass(frozen=True, eq=False)
class _Problem:
    """Vectors in a file, queries, and the true nearest of each."""

    file: Path
    images: int
    queries: Float32[np.ndarray, "queries dim"]
    nearest: Int64[np.ndarray, "queries k"]
    milliseconds: float


def measure_indexes(
    size: Size,
    log: Callable[[str], None],
    progress: Progress,
    kinds: Sequence[IndexKind],
    probes: Sequence[int] = PROBES,
) -> list[dict[str, Any]]:
    """A row for each kind and effort, those of exact search among them.

    Seconds to build and megabytes, recall of the true 10 nearest, milliseconds of a query.
    """
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        log("drawing vectors")
        features, rows, problems = draw_features(size), [], {}
        for kind in kinds:
            images = min(size.images, LARGEST_HNSW) if kind == "hnsw" else size.images
            if images not in problems:
                problems[images] = _problem(features, images, folder, log)
                rows.append(_exact(problems[images]))
            log(f"{kind} of {images} vectors, building")
            rows += _measured(kind, problems[images], folder / kind, progress, probes)
        return rows


def _problem(features: Features, images: int, folder: Path, log: Callable[[str], None]) -> _Problem:
    log(f"exact search in {images} vectors")
    file, gallery = folder / f"{images}.npy", features.gallery[:images]
    np.save(file, gallery)
    queries, k = features.query[:QUERIES], min(K, images)
    pairs = FeaturePairs(queries, gallery, "cosine")
    nearest_columns(FeaturePairs(queries, gallery[:1000], "cosine"), k)  # compiles once
    began = time.perf_counter()
    nearest = nearest_columns(pairs, k)
    milliseconds = 1000 * (time.perf_counter() - began) / len(queries)
    return _Problem(file, images, queries, nearest, milliseconds)


def _exact(problem: _Problem) -> dict[str, Any]:
    return {
        "kind": "exact search", "probes": None, "images": problem.images, "build_seconds": 0.0,
        "megabytes": 0.0, "megabytes_on_disk": problem.file.stat().st_size / 1e6,
        "recall_at_10": 1.0, "milliseconds": problem.milliseconds,
    }  # fmt: skip


def _measured(
    kind: IndexKind, problem: _Problem, folder: Path, progress: Progress, probes: Sequence[int]
) -> list[dict[str, Any]]:
    """Build one index, then search it at every effort it has."""
    seconds = []

    def build() -> dict[str, float]:
        about = build_index(problem.file, folder, IndexSettings(kind), progress)
        seconds.append(about.build_seconds)
        return {}

    megabytes = time_once(build).megabytes
    index = SearchIndex(folder)
    on_disk = sum(file.stat().st_size for file in folder.glob("*.faiss")) / 1e6
    return [
        {
            "kind": kind, "probes": effort, "images": problem.images, "build_seconds": seconds[0],
            "megabytes": megabytes, "megabytes_on_disk": on_disk,
            **_searched(index, problem, effort),
        }
        for effort in ((None,) if kind == "flat" else probes)
    ]  # fmt: skip


def _searched(index: SearchIndex, problem: _Problem, probes: int | None) -> dict[str, float]:
    seconds, retrieved = [], problem.nearest
    for _ in range(REPEATS):
        began = time.perf_counter()
        _, retrieved = index.search(problem.queries, problem.nearest.shape[1], probes)
        seconds.append(time.perf_counter() - began)
    return {
        "recall_at_10": share_found(retrieved, problem.nearest),
        "milliseconds": 1000 * min(seconds) / len(problem.queries),
    }
