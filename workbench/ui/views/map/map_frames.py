"""Maps of what a run looked like at each evaluation, as faces show them."""

import threading
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

import numpy as np

from workbench.errors import DataError, RunError
from workbench.inspection.filmstrip import snapshot_embeddings, snapshots_mark
from workbench.inspection.map_making import pca_of_snapshots
from workbench.inspection.maps import (
    MapMethod,
    SnapshotMaps,
    read_snapshot_maps,
    snapshots_file,
)
from workbench.retrieval.projection.trust import TrueNeighbours, true_neighbours
from workbench.runs.folder import RunFolder
from workbench.ui.views.map.map_tasks import mapped_steps

Part = Literal["points", "shares", "sample"]

computing = threading.Lock()
"""Maps are judged one at a time: each takes all processors."""


def frames_of(run: RunFolder, method: MapMethod, images: int) -> dict[str, Any]:
    """The steps there are maps of, and how far each can be believed.

    ``images`` is how many images the run's embeddings have. Raises RunError where there is no
    snapshot yet, the maps are not made yet, or they are of other images.
    """
    maps = _maps(run, method)
    if maps.sample.max() >= images:
        raise RunError(
            f"The snapshots of run {run.id} are of other images than these embeddings: choose"
            " weights of its own data."
        )
    return {
        "steps": list(maps.steps),
        "images": len(maps.sample),
        "trust": [one.trust for one in maps.maps],
        "chance": maps.maps[-1].chance,
        "k": maps.maps[-1].k,
    }


def frames_part(run: RunFolder, method: MapMethod, part: Part) -> bytes:
    """Numbers of all steps as 32 bits each: which images, where each is, how far to believe it."""
    maps = _maps(run, method)
    if part == "sample":
        return maps.sample.astype("<i4").tobytes()
    if part == "points":
        return np.stack([one.points for one in maps.maps]).astype("<f4").tobytes()
    return np.stack([one.true_neighbours for one in maps.maps]).astype("<f4").tobytes()


def neighbours_of(
    run: RunFolder, method: MapMethod, step: int, point: int
) -> tuple[list[int], TrueNeighbours]:
    """The true neighbours of an image at one step, as points of the whole map.

    Raises DataError where the image is not among those that are followed, or there is no such step.
    """
    maps = _maps(run, method)
    place = int(np.searchsorted(maps.sample, point))
    if place == len(maps.sample) or maps.sample[place] != point:
        raise DataError(
            f"Point {point} is not among the {len(maps.sample):,} images that were followed over"
            " training: choose one that is shown."
        )
    if step not in maps.steps:
        known = ", ".join(map(str, maps.steps))
        raise DataError(f"There is no snapshot of step {step}: there are those of {known}.")
    vectors = next(one.vectors for one in snapshot_embeddings(run) if one.step == step)
    points = maps.maps[maps.steps.index(step)].points
    distance = run.recipe().evaluation.distance
    found = true_neighbours(vectors, points, place, distance=distance)
    return maps.sample[found.index].tolist(), found


def in_words(run: RunFolder, steps: tuple[int, ...]) -> str:
    """What a slider over the snapshots shows, or why there is nothing to slide over."""
    if not steps:
        return (
            "This run kept no snapshots of its embedding, so there is no film of its training:"
            " they are written at every evaluation."
        )
    return (
        f"{len(steps)} evaluations, raw weights, always the same images. All maps share one start,"
        " so a point that moves has learned something."
    )


def sample_size(run: RunFolder) -> int:
    """How many images snapshots keep. Raises RunError where there is no snapshot yet."""
    return len(_maps(run, "pca").sample)


def _maps(run: RunFolder, method: MapMethod) -> SnapshotMaps:
    return _read(run.path, method, snapshots_mark(run))


@lru_cache(maxsize=4)
def _read(path: Path, method: MapMethod, mark: str) -> SnapshotMaps:
    run = RunFolder(path)
    if method == "pca":
        with computing:
            return pca_of_snapshots(run)
    steps = mapped_steps(run)
    made = read_snapshot_maps(snapshots_file(run, method, steps)) if steps else None
    if made is None:
        raise RunError("The UMAP over training is not made yet: ask for it first.")
    return made
