"""Indexes on disk for galleries that are searched, not evaluated: faiss, with its recall measured.

A folder holds ``index.json`` and one or more ``shard-000.faiss``. Approximate kinds are quicker and
miss some neighbours; how many is measured against exact search when the index is built, and stands
beside the speed. Exact figures of a ranking come from ``evaluate``, never from here.

- ``flat``: every vector, exact up to float32.
- ``ivf``: vectors in lists around centres; only the ``probes`` nearest lists are searched.
- ``pq``: the same with every vector in ``code_bytes`` bytes (Jegou et al. 2011).
- ``hnsw``: a graph of near vectors (Malkov and Yashunin 2020, arXiv 1603.09320).
"""

import json
import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

import faiss
import numpy as np
from jaxtyping import Float, Float64, Int64

from workbench.errors import DataError, RecipeError, RunError, ShapeError
from workbench.retrieval.embeddings.vector_files import (
    VectorFile,
    digest_of,
    read_vectors,
    stamp_of,
)
from workbench.retrieval.exact.compiled import thread_count
from workbench.retrieval.exact.counting import Progress
from workbench.retrieval.exact.nearest import nearest_columns
from workbench.retrieval.exact.pairs import FeaturePairs
from workbench.retrieval.exact.vectors import require_direction, squared_lengths
from workbench.retrieval.features import Features, read_features
from workbench.retrieval.index.building import make_index, open_index, ready, set_effort
from workbench.retrieval.index.options import IndexAbout as IndexAbout
from workbench.retrieval.index.options import IndexKind as IndexKind
from workbench.retrieval.index.options import IndexSettings as IndexSettings

VERSION = 2
SAMPLE = 200  # vectors asked for when recall is measured
RECALL_AT = 10


def build_index(
    gallery: Features | Path,
    folder: Path,
    settings: IndexSettings | None = None,
    progress: Progress | None = None,
) -> IndexAbout:
    """Make an index of a gallery and measure it; an index that is there is replaced.

    Args:
        gallery: Vectors ``(images, dim)``; an ``.npy`` file of them, read block by block; or a file
            of ``workbench embed``.
        folder: Where the index goes; written aside, then put in place.
        settings: How; None for the defaults.
        progress: Called as ``progress(stage, done, total)``.

    Raises:
        DataError: A row is not finite, or is zero under cosine.
        RecipeError: A setting does not fit the gallery.
        RunError: A file cannot be read or written.
    """
    settings = settings or IndexSettings()
    file = read_vectors(gallery, "gallery") if isinstance(gallery, Path) else None
    vectors = file.vectors if file else read_features(gallery, "gallery")  # pyright: ignore
    name = file.path.name if file else "gallery"
    squares = squared_lengths(vectors, name)
    if settings.distance == "cosine":
        require_direction(squares, name)
    faiss.omp_set_num_threads(thread_count())
    with _put_in_place(folder) as aside:
        began = time.perf_counter()
        make_index(vectors, settings, aside, progress)
        build_seconds = time.perf_counter() - began
        measured = _measured(open_index(aside, settings), vectors, settings, progress)
        about = _about(settings, vectors, file, build_seconds, measured)
        (aside / "index.json").write_text(json.dumps({"version": VERSION} | asdict(about)))
    return about


class SearchIndex:
    """An index on disk, opened.

    Raises:
        RunError: The folder is missing or damaged, or the gallery file has changed since.
    """

    def __init__(self, folder: Path) -> None:
        try:
            self.about = _described(json.loads((folder / "index.json").read_text()))
            self._index = open_index(folder, self.about.settings)
        except (OSError, ValueError, KeyError, TypeError, RuntimeError) as error:
            raise RunError(f"{folder} is not an index that can be read: build it again.") from error
        self._require_source(folder)

    def search(
        self, queries: Features | VectorFile, k: int = 10, probes: int | None = None
    ) -> tuple[Float64[np.ndarray, "queries found"], Int64[np.ndarray, "queries found"]]:
        """Distances and gallery rows of the ``k`` nearest, nearest first.

        There are fewer than ``k`` where the gallery is smaller. Distances are one minus the cosine,
        or Euclidean; a row of -1 (distance infinite) is one the lists searched did not hold.

        Raises ShapeError for another width, DataError for a bad row, RecipeError for k or probes
        below 1, RunError for queries another run embedded.
        """
        for name, value in (("k", k), ("probes", probes)):
            if value is not None and value < 1:
                raise RecipeError(f"{name} = {value}: must be 1 or more.", f"index.{name}")
        vectors = self._comparable(queries)
        settings, k = self.about.settings, min(k, self.about.images)
        set_effort(self._index, probes or settings.probes, k)
        values, rows = self._index.search(ready(vectors, settings), k)
        values = values.astype(np.float64)
        cosine = settings.distance == "cosine"
        distances = 1 - values if cosine else np.sqrt(np.maximum(values, 0))
        return np.where(rows < 0, np.inf, distances), rows

    def _comparable(self, queries: Features | VectorFile) -> Float[np.ndarray, "queries dim"]:
        """Vectors of the queries; refused where they cannot be compared with those of the index."""
        name, vectors = "queries", queries
        if isinstance(queries, VectorFile):
            name, vectors = queries.path.name, queries.vectors
            if None not in (queries.run, self.about.run) and queries.run != self.about.run:
                raise RunError(
                    f"{queries.path} was embedded by {queries.run}, the index by {self.about.run}:"
                    " embed both with the same run and weights."
                )
        array = read_features(vectors, name)  # pyright: ignore[reportArgumentType]
        if array.shape[1] != self.about.dim:
            raise ShapeError(
                f"{name} have width {array.shape[1]}, the index {self.about.dim}: both must come"
                " from the same network and settings."
            )
        squares = squared_lengths(array, name)
        if self.about.settings.distance == "cosine":
            require_direction(squares, name)
        return array

    def _require_source(self, folder: Path) -> None:
        source = Path(self.about.source) if self.about.source else None
        if source is None or not source.is_file() or stamp_of(source) == self.about.stamp:
            return
        if digest_of(source) != self.about.digest:
            raise RunError(f"{source} has changed since {folder} was built: build it again.")


def _about(
    settings: IndexSettings,
    vectors: Float[np.ndarray, "images dim"],
    file: VectorFile | None,
    build_seconds: float,
    measured: tuple[float, float, float],
) -> IndexAbout:
    return IndexAbout(
        settings=settings,
        images=len(vectors),
        dim=vectors.shape[1],
        source=str(file.path.resolve()) if file else None,
        digest=digest_of(file.path) if file else None,
        stamp=stamp_of(file.path) if file else None,
        run=file.run if file else None,
        build_seconds=build_seconds,
        recall=measured[0],
        milliseconds=measured[1],
        exact_milliseconds=measured[2],
    )


def _described(values: dict[str, Any]) -> IndexAbout:
    if values.pop("version") != VERSION:
        raise ValueError("made by another version")
    settings = IndexSettings(**values.pop("settings"))
    stamp = values.pop("stamp")
    return IndexAbout(settings=settings, stamp=tuple(stamp) if stamp else None, **values)


def _measured(
    index: Any,  # noqa: ANN401
    vectors: Float[np.ndarray, "images dim"],
    settings: IndexSettings,
    progress: Progress | None,
) -> tuple[float, float, float]:
    """Recall against exact search, and milliseconds of a query of both."""
    chosen = np.random.default_rng(settings.seed).permutation(len(vectors))[:SAMPLE]
    asked = np.array(vectors[np.sort(chosen)])
    k = min(RECALL_AT, len(vectors))
    set_effort(index, settings.probes, k)
    began = time.perf_counter()
    _, found = index.search(ready(asked, settings), k)
    quick = time.perf_counter() - began
    began = time.perf_counter()
    exact = nearest_columns(FeaturePairs(asked, vectors, settings.distance), k, progress)
    slow = time.perf_counter() - began
    return share_found(found, exact), 1000 * quick / len(asked), 1000 * slow / len(asked)


@contextmanager
def _put_in_place(folder: Path) -> Iterator[Path]:
    """A folder aside to write to; it replaces ``folder`` once it is complete."""
    if folder.exists() and not (folder / "index.json").is_file():
        raise DataError(f"{folder} exists and is not an index: choose another folder.")
    aside = folder.with_name(f".{folder.name}.{os.getpid()}.new")
    try:
        aside.mkdir(parents=True)
        yield aside
        shutil.rmtree(folder, ignore_errors=True)
        aside.rename(folder)
    except (OSError, RuntimeError) as error:
        raise RunError(f"{folder} cannot be written: make room or choose another.") from error
    finally:
        shutil.rmtree(aside, ignore_errors=True)


def share_found(
    found: Int64[np.ndarray, "queries k"], exact: Int64[np.ndarray, "queries k"]
) -> float:
    """Recall: which share of the truly nearest ``exact`` a search has found, in any order."""
    shared = [len(np.intersect1d(*pair)) for pair in zip(found, exact, strict=True)]
    return sum(shared) / exact.size
