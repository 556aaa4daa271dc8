"""Maps of a run's embeddings: what is there, and what a process is making. No torch here.

A point of a map is an image: the queries first, then the gallery (once, where they are the same).
"""

import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
from jaxtyping import Float32, Float64, Int64

from workbench.errors import RunError
from workbench.experiment.background import start_task
from workbench.experiment.run_rankings import embeddings_folder
from workbench.runs.files import read_json
from workbench.runs.folder import RunFolder

MapMethod = Literal["pca", "umap"]


@dataclass(frozen=True)
class EmbeddingMap:
    """Images as points of a plane.

    Attributes:
        points: a row per image; distances are in no unit.
        true_neighbours: of each point's nearest on the map, the share that are its true nearest;
            NaN where that was not measured, on maps of many wide vectors.
        chance: what ``trust`` would be on a map that knows nothing.
        k: how many neighbours were looked at.
    """

    points: Float32[np.ndarray, "points 2"]
    true_neighbours: Float64[np.ndarray, "points"]
    chance: float
    k: int

    @property
    def trust(self) -> float:
        """Mean share of true neighbours over the points that were measured."""
        return float(np.nanmean(self.true_neighbours))

    @property
    def measured(self) -> int:
        """At how many points the share of true neighbours was measured."""
        return int(np.isfinite(self.true_neighbours).sum())


@dataclass(frozen=True)
class SnapshotMaps:
    """The same images at several steps, on maps that share one start.

    Attributes:
        steps: in order.
        sample: which images: numbers into queries followed by gallery.
        maps: one per step.
    """

    steps: tuple[int, ...]
    sample: Int64[np.ndarray, "points"]
    maps: tuple[EmbeddingMap, ...]


def map_file(run: RunFolder, method: str, embeddings: str) -> Path:
    """Where the map of embeddings (the name of their folder) lies or will lie."""
    return run.cache / f"map-{method}-{embeddings}.npz"


def kept_map(run: RunFolder, method: str, folder: Path) -> EmbeddingMap | None:
    """The map of a folder of embeddings; None where there is none yet, or of older embeddings."""
    file = map_file(run, method, folder.name)
    try:
        older = file.stat().st_mtime_ns < (folder / "images.json").stat().st_mtime_ns
    except OSError:
        return None
    return None if older else read_map(file)


def snapshots_file(run: RunFolder, method: str, steps: tuple[int, ...]) -> Path:
    """Where the maps of these snapshots lie or will lie; more snapshots make another file."""
    return run.cache / f"maps-{method}-of-{len(steps)}-to-{steps[-1]}.npz"


def umap_in_background(
    run: RunFolder,
    weights: str = "averaged",
    checkpoint: str | None = None,
    *,
    snapshots: bool = False,
) -> "subprocess.Popen[bytes]":
    """Start a UMAP of a checkpoint's embeddings, or of all snapshots, in a process of its own.

    ``umap_progress`` follows it. Raises RunError where there is no checkpoint.
    """
    folder = embeddings_folder(run, weights, checkpoint)
    name, _, kind = folder.name.rpartition("-")
    task = ["--task", "umap", "--weights", kind, "--checkpoint", name]
    task += ["--snapshots"] if snapshots else []
    return start_task(run, task, progress_file(run, folder.name, snapshots))


def umap_progress(
    run: RunFolder,
    weights: str = "averaged",
    checkpoint: str | None = None,
    *,
    snapshots: bool = False,
) -> dict[str, Any]:
    """What the task says of itself: ``stage`` (at last "done"), ``done``, ``total``, ``error``."""
    folder = embeddings_folder(run, weights, checkpoint)
    return read_json(progress_file(run, folder.name, snapshots)) or {}


def progress_file(run: RunFolder, embeddings: str, snapshots: bool) -> Path:
    """Where the task tells how far it is."""
    return run.cache / ("umap-snapshots.json" if snapshots else f"umap-{embeddings}.json")


def read_map(file: Path) -> EmbeddingMap | None:
    """A map that was made before; None where there is none, or it is damaged."""
    try:
        # Opened here: of a damaged archive numpy would leave the file open.
        with open(file, "rb") as opened, np.load(opened, allow_pickle=False) as stored:
            return _map(stored["points"], stored["true_neighbours"], stored["about"])
    except Exception:  # a damaged archive raises whatever numpy and zipfile raise
        return None


def read_snapshot_maps(file: Path) -> SnapshotMaps | None:
    """Maps of snapshots that were made before; None where there are none."""
    try:
        # Opened here: of a damaged archive numpy would leave the file open.
        with open(file, "rb") as opened, np.load(opened, allow_pickle=False) as stored:
            maps = [
                _map(points, shares, stored["about"])
                for points, shares in zip(stored["points"], stored["true_neighbours"], strict=True)
            ]
            steps = tuple(int(step) for step in stored["steps"])
            return SnapshotMaps(steps, stored["sample"], tuple(maps))
    except Exception:  # a damaged archive raises whatever numpy and zipfile raise
        return None


def umap_of(
    run: RunFolder, weights: str = "averaged", checkpoint: str | None = None
) -> EmbeddingMap | None:
    """The UMAP of a checkpoint's embeddings, None while there is none yet.

    Raises RunError where the run or the checkpoint is gone.
    """
    if not run.path.is_dir():
        raise RunError(f"Run {run.id} has been deleted: choose another one.")
    return kept_map(run, "umap", embeddings_folder(run, weights, checkpoint))


def _map(
    points: Float32[np.ndarray, "points 2"],
    true_neighbours: Float64[np.ndarray, "points"],
    about: Float64[np.ndarray, "2"],
) -> EmbeddingMap:
    chance, k = about.tolist()
    return EmbeddingMap(points, true_neighbours, chance, int(k))
