"""Indexes of many vectors on disk: built, opened and searched, with their recall."""

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from workbench.bench.retrieval_features import Size, draw
from workbench.bench.turns import take_turn
from workbench.retrieval.counting import Progress
from workbench.retrieval.index import IndexKind, IndexSettings, build_index

KINDS: tuple[IndexKind, ...] = ("flat", "ivf", "pq")  # hnsw takes hours at this size on two cores


def measure_indexes(
    size: Size, tell: Callable[[str], None], progress: Progress, kinds: tuple[IndexKind, ...]
) -> dict[str, dict[str, Any]]:
    """Seconds to build, megabytes, recall of the true 10 nearest and milliseconds of a query."""
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        tell("drawing vectors")
        np.save(folder / "gallery.npy", draw(size).gallery)
        return {kind: _measured(kind, folder, tell, progress) for kind in kinds}


def _measured(
    kind: IndexKind, folder: Path, tell: Callable[[str], None], progress: Progress
) -> dict[str, Any]:
    tell(f"{kind}, building")
    found: dict[str, Any] = {}

    def build() -> dict[str, float]:
        settings = IndexSettings(kind)
        about = build_index(folder / "gallery.npy", folder / kind, settings, progress)
        found.update(
            build_seconds=about.build_seconds,
            recall_at_10=about.recall,
            milliseconds=about.milliseconds,
            exact_milliseconds=about.exact_milliseconds,
        )
        return {}

    megabytes = take_turn(build).megabytes
    files = (folder / kind).glob("*.faiss")
    on_disk = sum(file.stat().st_size for file in files) / 1e6
    return {**found, "megabytes": megabytes, "megabytes_on_disk": on_disk}
