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

from workbench.bench.retrieval_features import Crowd, Size, draw
from workbench.bench.timing import take_turn
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
ASKED = 200  # queries, all in one call
K = 10
GRAPH = 200_000  # vectors of an hnsw index: building its graph takes minutes already
TURNS = 2  # of a search; the first reads the index from disk


@dataclass(frozen=True, eq=False)
class _Problem:
    """Vectors in a file, queries, and the true nearest of each."""

    file: Path
    images: int
    asked: Float32[np.ndarray, "queries dim"]
    nearest: Int64[np.ndarray, "queries k"]
    milliseconds: float


def measure_indexes(
    size: Size,
    tell: Callable[[str], None],
    progress: Progress,
    kinds: Sequence[IndexKind],
    probes: Sequence[int] = PROBES,
) -> list[dict[str, Any]]:
    """A row for each kind and effort, those of exact search among them.

    Seconds to build and megabytes, recall of the true 10 nearest, milliseconds of a query.
    """
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        tell("drawing vectors")
        crowd, rows, problems = draw(size), [], {}
        for kind in kinds:
            images = min(size.images, GRAPH) if kind == "hnsw" else size.images
            if images not in problems:
                problems[images] = _problem(crowd, images, folder, tell)
                rows.append(_exact(problems[images]))
            tell(f"{kind} of {images} vectors, building")
            rows += _measured(kind, problems[images], folder / kind, progress, probes)
        return rows


def _problem(crowd: Crowd, images: int, folder: Path, tell: Callable[[str], None]) -> _Problem:
    tell(f"exact search in {images} vectors")
    file, gallery = folder / f"{images}.npy", crowd.gallery[:images]
    np.save(file, gallery)
    asked, k = crowd.query[:ASKED], min(K, images)
    pairs = FeaturePairs(asked, gallery, "cosine")
    nearest_columns(FeaturePairs(asked, gallery[:1000], "cosine"), k)  # compiles once
    began = time.perf_counter()
    nearest = nearest_columns(pairs, k)
    milliseconds = 1000 * (time.perf_counter() - began) / len(asked)
    return _Problem(file, images, asked, nearest, milliseconds)


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

    megabytes = take_turn(build).megabytes
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
    took, found = [], problem.nearest
    for _ in range(TURNS):
        began = time.perf_counter()
        _, found = index.search(problem.asked, problem.nearest.shape[1], probes)
        took.append(time.perf_counter() - began)
    return {
        "recall_at_10": share_found(found, problem.nearest),
        "milliseconds": 1000 * min(took) / len(problem.asked),
    }
