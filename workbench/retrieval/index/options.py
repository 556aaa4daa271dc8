"""How an index is made, and what is known of one on disk."""

from dataclasses import dataclass
from typing import Literal, get_args

from workbench.errors import RecipeError
from workbench.retrieval.exact.pairs import Distance
from workbench.retrieval.metrics import allow

IndexKind = Literal["flat", "ivf", "pq", "hnsw"]


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
        shards: Files the vectors are spread over; only one of them is in memory while it is made.
        seed: Of the vectors centres are learnt from.
    """

    kind: IndexKind = "ivf"
    distance: Distance = "cosine"
    lists: int | None = None
    probes: int = 16
    code_bytes: int = 64
    links: int = 32
    shards: int = 1
    seed: int = 0

    def __post_init__(self) -> None:
        """Refuse what is out of range."""
        allow("kind", self.kind, get_args(IndexKind))
        allow("distance", self.distance, get_args(Distance))
        for name in ("lists", "probes", "code_bytes", "links", "shards"):
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
        stamp: Size in bytes and time of change in nanoseconds of that file.
        run: Who embedded them, None where the file does not say.
        build_seconds: Wall time of learning, adding and writing.
        recall: Share of the true 10 nearest that it finds (fewer where the gallery is smaller).
        milliseconds: Wall time of one query, asked together with others.
        exact_milliseconds: The same of exact search.
    """

    settings: IndexSettings
    images: int
    dim: int
    source: str | None
    digest: str | None
    stamp: tuple[int, int] | None
    run: str | None
    build_seconds: float
    recall: float
    milliseconds: float
    exact_milliseconds: float
