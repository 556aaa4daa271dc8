"""Indexes on disk for galleries that are searched, not evaluated: faiss, with its recall measured.

A folder holds ``index.faiss`` and ``index.json``. Approximate kinds are quicker and miss some
neighbours; how many is measured against exact search when the index is built, and stands beside the
speed. Exact figures of a ranking come from ``evaluate``, never from here.

- ``flat``: every vector, exact up to float32.
- ``ivf``: vectors in lists around centres; only the ``probes`` nearest lists are searched.
- ``pq``: the same with every vector in ``code_bytes`` bytes (Jegou et al. 2011).
- ``hnsw``: a graph of near vectors (Malkov and Yashunin 2020, arXiv 1603.09320).
"""

import hashlib
import json
import os
import shutil
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal, get_args

import faiss
import numpy as np
from jaxtyping import Float, Float32, Float64, Int64

from workbench.errors import DataError, RecipeError, RunError, ShapeError
from workbench.retrieval.compiled import thread_count
from workbench.retrieval.counting import Progress
from workbench.retrieval.features import Features, read_features
from workbench.retrieval.metrics import allow
from workbench.retrieval.nearest import find_nearest
from workbench.retrieval.pairs import Distance, FeaturePairs
from workbench.retrieval.vectors import require_direction, squared_lengths

IndexKind = Literal["flat", "ivf", "pq", "hnsw"]

VERSION = 1
BLOCK = 16_384  # vectors read and added at once
SAMPLE = 200  # vectors asked for when recall is measured
RECALL_AT = 10
TRAINING_PER_LIST = 64  # vectors a list is learnt from, at most


@dataclass(frozen=True)
class IndexSettings:
    """How an index is made; what a kind does not have is left unused.

    Attributes:
        kind: ``flat``, ``ivf``, ``pq`` or ``hnsw``.
        distance: ``cosine`` or ``euclidean``.
        lists: Centres of ``ivf`` and ``pq``; None for about four times the root of the images.
        probes: Lists searched.
        code_bytes: Bytes a vector takes under ``pq``; must divide the width.
        links: Links of a vector under ``hnsw``.
        seed: Of the vectors centres are learnt from.
    """

    kind: IndexKind = "ivf"
    distance: Distance = "cosine"
    lists: int | None = None
    probes: int = 16
    code_bytes: int = 64
    links: int = 32
    seed: int = 0

    def __post_init__(self) -> None:
        """Refuse what is out of range."""
        allow("kind", self.kind, get_args(IndexKind))
        allow("distance", self.distance, get_args(Distance))
        for name in ("lists", "probes", "code_bytes", "links"):
            value = getattr(self, name)
            if value is not None and value < 1:
                raise RecipeError(f"{name} = {value}: must be 1 or more.", f"index.{name}")


@dataclass(frozen=True)
class IndexAbout:
    """What is known of an index on disk.

    Attributes:
        settings: How it was made.
        images: Vectors in it.
        dim: Their width.
        source: The file they came from, None where they came from memory.
        digest: SHA-256 of that file.
        build_seconds: Wall time of learning and adding.
        recall: Share of the true 10 nearest that it finds (fewer where the gallery is smaller).
        milliseconds: Wall time of one query, asked together with others.
        exact_milliseconds: The same of exact search.
    """

    settings: IndexSettings
    images: int
    dim: int
    source: str | None
    digest: str | None
    build_seconds: float
    recall: float
    milliseconds: float
    exact_milliseconds: float


def build_index(
    gallery: Features | Path,
    folder: Path,
    settings: IndexSettings | None = None,
    progress: Progress | None = None,
) -> IndexAbout:
    """Make an index of a gallery and measure it; a folder that is there is replaced.

    Args:
        gallery: Vectors ``(images, dim)``, or an ``.npy`` file of them, read block by block.
        folder: Where the index goes; written aside, then put in place.
        settings: How; None for the defaults.
        progress: Called as ``progress(stage, done, total)``.

    Raises:
        DataError: A row is not finite, or is zero under cosine.
        RecipeError: A setting does not fit the gallery.
        RunError: A file cannot be read or written.
    """
    settings = settings or IndexSettings()
    if isinstance(gallery, Path):
        source, name, vectors = gallery, gallery.name, read_vectors(gallery)
    else:
        source, name, vectors = None, "gallery", read_features(gallery, "gallery")
    squares = squared_lengths(vectors, name)
    if settings.distance == "cosine":
        require_direction(squares, name)
    faiss.omp_set_num_threads(thread_count())
    began = time.perf_counter()
    index = _made(vectors, settings, progress)
    build_seconds = time.perf_counter() - began
    recall, quick, exact = _measured(index, vectors, settings, progress)
    about = IndexAbout(
        settings=settings,
        images=len(vectors),
        dim=vectors.shape[1],
        source=str(source.resolve()) if source else None,
        digest=_digest(source) if source else None,
        build_seconds=build_seconds,
        recall=recall,
        milliseconds=quick,
        exact_milliseconds=exact,
    )
    _write(index, about, folder)
    return about


class SearchIndex:
    """An index on disk, opened.

    Raises:
        RunError: The folder is missing or damaged, or the gallery file has changed since.
    """

    def __init__(self, folder: Path) -> None:
        try:
            described = json.loads((folder / "index.json").read_text())
            settings = IndexSettings(**described.pop("settings"))
            described.pop("version")
            self.about = IndexAbout(settings=settings, **described)
            self._index = faiss.read_index(str(folder / "index.faiss"), faiss.IO_FLAG_MMAP)
        except (OSError, ValueError, KeyError, TypeError, RuntimeError) as error:
            raise RunError(f"{folder} is not an index that can be read: build it again.") from error
        source = Path(self.about.source) if self.about.source else None
        if source is not None and source.is_file() and _digest(source) != self.about.digest:
            raise RunError(f"{source} has changed since {folder} was built: build it again.")
        _set_effort(self._index, settings.probes)

    def search(
        self, queries: Features, k: int = 10, probes: int | None = None
    ) -> tuple[Float64[np.ndarray, "queries found"], Int64[np.ndarray, "queries found"]]:
        """Distances and gallery rows of the ``k`` nearest, nearest first.

        There are fewer than ``k`` where the gallery is smaller. Distances are one minus the cosine,
        or Euclidean; a row of -1 (distance infinite) is one the lists searched did not hold.

        Raises ShapeError for another width, DataError for a bad row, RecipeError for k below 1.
        """
        vectors = read_features(queries, "queries")
        if vectors.shape[1] != self.about.dim:
            raise ShapeError(
                f"queries have width {vectors.shape[1]}, the index {self.about.dim}: both must come"
                " from the same network and settings."
            )
        if k < 1:
            raise RecipeError(f"k = {k}: must be 1 or more.", "index.k")
        squares = squared_lengths(vectors, "queries")
        cosine = self.about.settings.distance == "cosine"
        if cosine:
            require_direction(squares, "queries")
        _set_effort(self._index, probes or self.about.settings.probes)
        k = min(k, self.about.images)
        values, rows = self._index.search(_ready(vectors, self.about.settings), k)
        values = values.astype(np.float64)
        distances = 1 - values if cosine else np.sqrt(np.maximum(values, 0))
        return np.where(rows < 0, np.inf, distances), rows


def read_vectors(path: Path) -> Float[np.ndarray, "images dim"]:
    """Vectors of an ``.npy`` file, left on disk. Raises RunError where it cannot be read."""
    try:
        return read_features(np.load(path, mmap_mode="r"), path.name)
    except (OSError, ValueError) as error:
        raise RunError(f"{path} cannot be read as an .npy file of vectors: {error}.") from error


def _made(vectors: Float[np.ndarray, "images dim"], settings: IndexSettings, progress: Any) -> Any:  # noqa: ANN401
    images, dim = vectors.shape
    lists = settings.lists or max(1, round(4 * images**0.5) if images > 1000 else images // 40)
    if lists > images:
        raise RecipeError(f"lists = {lists}: there are only {images} images.", "index.lists")
    if settings.kind == "pq" and dim % settings.code_bytes:
        raise RecipeError(
            f"code_bytes = {settings.code_bytes}: must divide the width {dim}.", "index.code_bytes"
        )
    if settings.kind == "pq" and images < 256:
        raise RecipeError(f"kind = pq: needs 256 images, there are {images}; use flat.", "index")
    made_of = {
        "flat": "Flat",
        "ivf": f"IVF{lists},Flat",
        "pq": f"IVF{lists},PQ{settings.code_bytes}",
        "hnsw": f"HNSW{settings.links},Flat",
    }
    metric = faiss.METRIC_INNER_PRODUCT if settings.distance == "cosine" else faiss.METRIC_L2
    index = faiss.index_factory(dim, made_of[settings.kind], metric)
    if not index.is_trained:
        chosen = np.random.default_rng(settings.seed).permutation(images)
        rows = np.sort(chosen[: max(TRAINING_PER_LIST * lists, 256 * 64)])
        if progress is not None:
            progress("learning centres", 0, len(rows))
        faiss.extract_index_ivf(index).cp.min_points_per_centroid = 1
        index.train(_ready(vectors[rows], settings))
    for start in range(0, images, BLOCK):
        index.add(_ready(vectors[start : start + BLOCK], settings))
        if progress is not None:
            progress("adding vectors", min(start + BLOCK, images), images)
    return index


def _ready(
    vectors: Float[np.ndarray, "rows dim"], settings: IndexSettings
) -> Float32[np.ndarray, "rows dim"]:
    """Vectors as faiss takes them: float32, under cosine of length 1."""
    if settings.distance == "euclidean":
        return np.ascontiguousarray(vectors, dtype=np.float32)
    wide = vectors.astype(np.float64)
    return (wide / np.linalg.norm(wide, axis=1, keepdims=True)).astype(np.float32)


def _set_effort(index: Any, probes: int) -> None:  # noqa: ANN401
    if isinstance(index, faiss.IndexIVF):
        index.nprobe = min(probes, index.nlist)
    elif isinstance(index, faiss.IndexHNSW):
        index.hnsw.efSearch = max(probes * 4, RECALL_AT)


def _measured(
    index: Any,  # noqa: ANN401
    vectors: Float[np.ndarray, "images dim"],
    settings: IndexSettings,
    progress: Progress | None,
) -> tuple[float, float, float]:
    """Recall against exact search, and milliseconds of a query of both."""
    _set_effort(index, settings.probes)
    chosen = np.random.default_rng(settings.seed).permutation(len(vectors))[:SAMPLE]
    asked = np.array(vectors[np.sort(chosen)])
    k = min(RECALL_AT, len(vectors))
    began = time.perf_counter()
    _, found = index.search(_ready(asked, settings), k)
    quick = time.perf_counter() - began
    began = time.perf_counter()
    exact = find_nearest(FeaturePairs(asked, vectors, settings.distance), k, progress).columns
    slow = time.perf_counter() - began
    shared = [len(np.intersect1d(*pair)) for pair in zip(found, exact, strict=True)]
    return sum(shared) / exact.size, 1000 * quick / len(asked), 1000 * slow / len(asked)


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _write(index: Any, about: IndexAbout, folder: Path) -> None:  # noqa: ANN401
    aside = folder.with_name(f".{folder.name}.{os.getpid()}.new")
    if folder.exists() and not (folder / "index.json").is_file():
        raise DataError(f"{folder} exists and is not an index: choose another folder.")
    try:
        aside.mkdir(parents=True)
        faiss.write_index(index, str(aside / "index.faiss"))
        (aside / "index.json").write_text(json.dumps({"version": VERSION} | asdict(about)))
        shutil.rmtree(folder, ignore_errors=True)
        aside.rename(folder)
    except (OSError, RuntimeError) as error:
        raise RunError(f"{folder} cannot be written: make room or choose another.") from error
    finally:
        shutil.rmtree(aside, ignore_errors=True)
