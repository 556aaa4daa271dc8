"""How the rankings of some queries formed: what snapshots kept at every evaluation. No torch."""

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import Float32, Int64

from workbench.errors import RunError
from workbench.runs.folder import RunFolder

TOP = 5


@dataclass(frozen=True)
class Hit:
    """One image of a pinned query's list: gallery number, distance, match, wrong or distractor."""

    index: int
    distance: float
    verdict: str


@dataclass(frozen=True)
class Strip:
    """One pinned query at one step.

    Attributes:
        query: its number.
        hits: the nearest images that count.
        first_match: rank of the first right answer, from 1; None where it is beyond ``looked_at``.
        looked_at: how many images that count the snapshot kept.
    """

    query: int
    hits: tuple[Hit, ...]
    first_match: int | None
    looked_at: int


@dataclass(frozen=True)
class Frame:
    """All pinned queries at one evaluation, ranked by the raw weights of that step."""

    step: int
    strips: tuple[Strip, ...]


@dataclass(frozen=True)
class Snapshot:
    """Embeddings at one evaluation.

    Attributes:
        step: optimizer steps completed.
        sample: which images: numbers into queries followed by gallery.
        vectors: theirs, as precise as half precision keeps them.
    """

    step: int
    sample: Int64[np.ndarray, "points"]
    vectors: Float32[np.ndarray, "points dim"]


def filmstrip(run: RunFolder, top: int = TOP, after: int = -1) -> list[Frame]:
    """The lists of the pinned queries at every evaluation after step ``after``, in order.

    Raises RunError where there is no snapshot yet, or the run has been deleted.
    """
    frames = [
        Frame(step, _strips(probes, top))
        for step, folder in _folders(run)
        if step > after and (probes := _probes(folder)) is not None
    ]
    if not frames and after < 0:
        raise _none_yet(run)
    return frames


def snapshot_embeddings(run: RunFolder) -> list[Snapshot]:
    """The embeddings kept at every evaluation, in order; all of the same images.

    Snapshots of other images than the last one's (the data were changed before a resume) are left
    out. Raises RunError where there is no snapshot yet, or the run has been deleted.
    """
    found = [
        snapshot
        for step, folder in _folders(run)
        if (snapshot := _snapshot(step, folder)) is not None
    ]
    if not found:
        raise _none_yet(run)
    sample = found[-1].sample
    return [snapshot for snapshot in found if np.array_equal(snapshot.sample, sample)]


def pinned_queries(run: RunFolder) -> list[int]:
    """The numbers of the queries whose lists every snapshot keeps; empty where there is none yet.

    Raises RunError where the run has been deleted.
    """
    for _, folder in reversed(_folders(run)):
        probes = _probes(folder)
        if probes is not None:
            return [int(query) for query in probes["queries"]]
    return []


def snapshots_mark(run: RunFolder) -> str:
    """12 hexadecimal digits that change with every snapshot that comes, goes or is made anew.

    Raises RunError where the run has been deleted.
    """
    made = [(step, folder.stat().st_mtime_ns) for step, folder in _folders(run)]
    return hashlib.sha256(repr(made).encode()).hexdigest()[:12]


def snapshot_steps(run: RunFolder) -> list[int]:
    """The steps at which there are snapshots, in order; empty where there is none yet."""
    return [step for step, _ in _folders(run)] if run.path.is_dir() else []


def _none_yet(run: RunFolder) -> RunError:
    return RunError(
        f"Run {run.id} has no snapshot yet: the first one comes with its first evaluation."
    )


def _folders(run: RunFolder) -> list[tuple[int, Path]]:
    if not run.path.is_dir():
        raise RunError(f"Run {run.id} has been deleted: choose another one.")
    if not run.snapshots.is_dir():
        return []
    named = [path for path in run.snapshots.iterdir() if path.name.isdecimal()]
    return sorted((int(path.name), path) for path in named)


def _probes(folder: Path) -> dict[str, Any] | None:
    """What a snapshot holds; None where it was removed meanwhile, or is damaged."""
    try:
        # Opened here: of a damaged archive numpy would leave the file open.
        with (
            open(folder / "probes.npz", "rb") as file,
            np.load(file, allow_pickle=False) as stored,
        ):
            probes = {name: stored[name] for name in stored.files}
        shape = probes["index"].shape
        lists = [probes[name].shape for name in ("distance", "verdict", "excluded")]
        whole = len(shape) == 2 and lists == [shape] * 3
        return probes if whole and probes["queries"].shape == shape[:1] else None
    except Exception:  # a damaged archive raises whatever numpy and zipfile raise
        return None


def _snapshot(step: int, folder: Path) -> Snapshot | None:
    probes = _probes(folder)
    try:
        vectors = np.load(folder / "sample.f16.npy", allow_pickle=False)
    except Exception:  # as above
        return None
    if probes is None or len(probes["sample"]) != len(vectors):
        return None
    return Snapshot(step, probes["sample"], vectors.astype(np.float32))


def _strips(probes: dict[str, Any], top: int) -> tuple[Strip, ...]:
    return tuple(
        _strip(probes, row, int(query), top) for row, query in enumerate(probes["queries"])
    )


def _strip(probes: dict[str, Any], row: int, query: int, top: int) -> Strip:
    counts = (probes["index"][row] >= 0) & (probes["excluded"][row] == "")
    verdicts = probes["verdict"][row][counts].tolist()
    hits = [
        Hit(int(index), float(distance), verdict)
        for index, distance, verdict in zip(
            probes["index"][row][counts], probes["distance"][row][counts], verdicts, strict=True
        )
    ]
    first = verdicts.index("match") + 1 if "match" in verdicts else None
    return Strip(query, tuple(hits[:top]), first, len(hits))
