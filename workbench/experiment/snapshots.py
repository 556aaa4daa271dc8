"""What a run looked like at each evaluation: the same queries and the same images every time."""

import os
import shutil
from typing import Any

import numpy as np
from jaxtyping import Int64

from workbench.retrieval.exact.stacked_vectors import rows_of, shape_of
from workbench.retrieval.rankings import Rankings
from workbench.runs.folder import RunFolder

PROBES = 12
PROBE_LENGTH = 20
SAMPLE = 2000


def write_snapshot(run: RunFolder, step: int, rankings: Rankings) -> None:
    """Write ``snapshots/<step>/``, complete or not at all.

    ``probes.npz``: ``queries`` (numbers of the pinned queries) and, a row for each, ``index``
    (gallery images, nearest first, excluded ones among them; -1 where the list is shorter),
    ``distance``, ``verdict`` and ``excluded`` (the reason, or empty).
    ``sample.f16.npy``: embeddings of ``sample`` (numbers into queries followed by gallery, or into
    the gallery where it is the queries too).

    Raises OSError on a full disk.
    """
    target = run.snapshots / str(step)
    aside = run.snapshots / f".{step}.{os.getpid()}"
    embeddings = rankings.embeddings
    parts = (
        [embeddings.gallery] if embeddings.leave_one_out else [embeddings.query, embeddings.gallery]
    )
    sample = spread(shape_of(parts)[0], SAMPLE)
    try:
        aside.mkdir(parents=True, exist_ok=True)
        np.savez_compressed(aside / "probes.npz", sample=sample, **_probes(rankings))
        np.save(aside / "sample.f16.npy", rows_of(parts, sample).astype(np.float16))
        shutil.rmtree(target, ignore_errors=True)
        aside.rename(target)
    finally:
        shutil.rmtree(aside, ignore_errors=True)


def drop_snapshots_after(run: RunFolder, step: int) -> None:
    """Remove the snapshots beyond the step a run goes on from: they are void."""
    if run.snapshots.is_dir():
        for folder in run.snapshots.iterdir():
            if folder.name.isdecimal() and int(folder.name) > step:
                shutil.rmtree(folder, ignore_errors=True)


def spread(count: int, most: int) -> Int64[np.ndarray, "chosen"]:
    """At most ``most`` numbers below ``count``, evenly spread: the same ones every time."""
    return np.unique(np.linspace(0, count - 1, min(count, most)).round().astype(np.int64))


def _probes(rankings: Rankings) -> dict[str, Any]:
    queries = spread(len(rankings.embeddings.query), PROBES)
    lists = [rankings.list(int(query), PROBE_LENGTH) for query in queries]
    longest = max(len(ranked) for ranked in lists)
    shape = (len(lists), longest)
    probes = {
        "index": np.full(shape, -1, np.int64),
        "distance": np.full(shape, np.nan, np.float32),
        "verdict": np.full(shape, "", "<U16"),
        "excluded": np.full(shape, "", "<U80"),
    }
    for row, ranked in enumerate(lists):
        for place, image in enumerate(ranked):
            probes["index"][row, place] = image.index
            probes["distance"][row, place] = image.distance
            probes["verdict"][row, place] = image.verdict
            probes["excluded"][row, place] = image.excluded or ""
    return {"queries": queries} | probes
