"""faiss indexes made shard by shard, so that one shard at a time is in memory, and opened again."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import faiss
import numpy as np
from jaxtyping import Float, Float32

from workbench.errors import RecipeError
from workbench.retrieval.exact.compiled import shares
from workbench.retrieval.exact.counting import Progress
from workbench.retrieval.index.options import IndexSettings

BLOCK = 16_384  # vectors read and added at once
TRAINING_PER_LIST = 40  # vectors a list is learnt from, at most
LEAST_FOR_CODES = 256  # one for each value of a byte
FINER = 4  # candidates an hnsw search keeps for each probe


def make_index(
    vectors: Float[np.ndarray, "images dim"],
    settings: IndexSettings,
    folder: Path,
    progress: Progress | None = None,
) -> None:
    """Learn what the kind has to learn, once for all shards, then write shard after shard.

    Raises RecipeError where a setting does not fit the gallery.
    """
    images = len(vectors)
    if settings.shards > images:
        raise RecipeError(f"shards = {settings.shards}: there are {images} images.", "index.shards")
    empty: Any = _learnt(vectors, settings, progress)
    for number, part in enumerate(shares(images, settings.shards)):
        shard: Any = faiss.clone_index(empty)
        for start in range(part.start, part.stop, BLOCK):
            end = min(start + BLOCK, part.stop)
            shard.add(ready(vectors[start:end], settings))
            if progress is not None:
                progress("adding vectors", end, images)
        faiss.write_index(shard, str(folder / f"shard-{number:03}.faiss"))


def open_index(folder: Path, settings: IndexSettings) -> Any:  # noqa: ANN401
    """All shards of a folder as one index; vectors are read from disk as they are searched."""
    files = sorted(folder.glob("shard-*.faiss"))
    if len(files) != settings.shards:
        raise FileNotFoundError(f"{len(files)} of {settings.shards} shards")
    flags = faiss.IO_FLAG_MMAP if settings.kind in ("ivf", "pq") else faiss.IO_FLAG_MMAP_IFC
    opened = [faiss.read_index(str(file), flags) for file in files]
    if len(opened) == 1:
        return opened[0]
    sharded: Any = faiss.IndexShards
    index = sharded(opened[0].d, True, True)  # in threads, rows numbered on
    for shard in opened:
        index.add_shard(shard)
    return index


def set_effort(index: Any, probes: int, least: int) -> None:  # noqa: ANN401
    """How much of an index is searched; ``least`` is the number of images asked for."""
    for shard in _shards(index):
        if isinstance(shard, faiss.IndexIVF):
            shard.nprobe = min(probes, shard.nlist)
        elif isinstance(shard, faiss.IndexHNSW):
            shard.hnsw.efSearch = max(FINER * probes, least)


def ready(
    vectors: Float[np.ndarray, "rows dim"], settings: IndexSettings
) -> Float32[np.ndarray, "rows dim"]:
    """Vectors as faiss takes them: float32, under cosine of length 1."""
    if settings.distance == "euclidean":
        return np.ascontiguousarray(vectors, dtype=np.float32)
    wide = np.asarray(vectors, dtype=np.float64)
    return (wide / np.linalg.norm(wide, axis=1, keepdims=True)).astype(np.float32)


def _shards(index: Any) -> Iterator[Any]:  # noqa: ANN401
    sharded: type = faiss.IndexShards
    if isinstance(index, sharded):
        for number in range(index.count()):
            yield faiss.downcast_index(index.at(number))
    else:
        yield index


def _learnt(
    vectors: Float[np.ndarray, "images dim"], settings: IndexSettings, progress: Progress | None
) -> Any:  # noqa: ANN401
    """An index without vectors that knows its centres and codes."""
    images, dim = vectors.shape
    lists = settings.lists or max(1, round(4 * images**0.5) if images > 1000 else images // 40)
    _require_fit(settings, images, dim, lists)
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
        rows = np.sort(chosen[: max(TRAINING_PER_LIST * lists, LEAST_FOR_CODES * 64)])
        if progress is not None:
            progress("learning centres", 0, len(rows))
        faiss.extract_index_ivf(index).cp.min_points_per_centroid = 1
        index.train(ready(vectors[rows], settings))
    return index


def _require_fit(settings: IndexSettings, images: int, dim: int, lists: int) -> None:
    if lists > images:
        raise RecipeError(f"lists = {lists}: there are only {images} images.", "index.lists")
    if settings.kind != "pq":
        return
    if dim % settings.code_bytes:
        raise RecipeError(
            f"code_bytes = {settings.code_bytes}: must divide the width {dim}.", "index.code_bytes"
        )
    if images < LEAST_FOR_CODES:
        raise RecipeError(
            f"kind = pq: needs {LEAST_FOR_CODES} images, there are {images}; use flat.", "index"
        )
