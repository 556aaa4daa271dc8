"""Why a run ranks an image where it does: its network, its images and their true masks together.

What was computed once is kept under the run's ``cache/``.
"""

import contextlib
import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import UInt8

from workbench.data.images import open_image, open_resized
from workbench.data.samples import Sample
from workbench.errors import DataError, RunError
from workbench.experiment.networks import network_of
from workbench.experiment.rankings import available_weights, open_rankings
from workbench.explain.explanation import PairExplanation
from workbench.explain.methods import METHODS, Method
from workbench.explain.pair import explain_images
from workbench.explain.reader import PairReader
from workbench.explain.truth import true_parts
from workbench.model.network import PartNetwork
from workbench.recipe.schema import Recipe
from workbench.retrieval.rankings import Rankings
from workbench.runs.checkpoints import checkpoint_folder
from workbench.runs.folder import RunFolder

VERSION = 1
"""Counted up when the same pair would be explained otherwise."""
UNKNOWN_IDENTITY = -1

Pixels = UInt8[np.ndarray, "height width 3"]


@dataclass(frozen=True)
class Pictures:
    """The two images of a pair at their own size, to draw heat over."""

    query: Pixels
    hit: Pixels


def explain_pair(
    run: RunFolder,
    query: int | Path,
    hit: int,
    weights: str = "averaged",
    method: str = "evidence",
    *,
    checkpoint: str | None = None,
    scores: bool = True,
) -> PairExplanation:
    """Why a gallery image is as near to a query as it is.

    Args:
        run: whose network is asked.
        query: number of a query, as ``Rankings`` counts them, or any image file.
        hit: number of a gallery image.
        weights: "averaged" or "raw"; a checkpoint without averaged weights gives its raw ones.
        method: how heatmaps are made, one of ``METHODS``.
        checkpoint: a checkpoint's name; by default the last one, whose rankings are shown.
        scores: whether to count deletion scores.

    Raises:
        RunError: the run or its checkpoint is gone.
        DataError: there is no such query or gallery image, or no such method.
        BrokenImage: an image has been deleted, or is none.
    """
    _require(run)
    chosen = _method(method)
    rankings = open_rankings(run, weights, checkpoint)
    pair = _Pair.of(rankings, query, hit)
    folder = checkpoint_folder(run, checkpoint or "last")
    kind = available_weights(folder, weights)
    cached = run.cache / "explanations" / f"{pair.key(folder.name, kind, chosen, scores)}.npz"
    with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
        return PairExplanation.load(cached)
    reader = _reader(run, pair, folder.name, kind)
    masks = (pair.truth(pair.query, pair.given is None), pair.truth(pair.hit, True))
    found = replace(
        explain_images(reader, chosen, masks, scores=scores), about=pair.about(run, folder, kind)
    )
    with contextlib.suppress(OSError):  # a full disk costs time, not the answer
        cached.parent.mkdir(parents=True, exist_ok=True)
        found.save(cached)
    return found


def pair_pictures(
    run: RunFolder,
    query: int | Path,
    hit: int,
    weights: str = "averaged",
    checkpoint: str | None = None,
) -> Pictures:
    """The two images of a pair as they are on disk. Raises BrokenImage where one is gone."""
    pair = _Pair.of(open_rankings(run, weights, checkpoint), query, hit)
    return Pictures(open_image(pair.file(pair.query)), open_image(pair.file(pair.hit)))


def network_for(
    run: RunFolder, weights: str = "averaged", checkpoint: str | None = None
) -> tuple[PartNetwork, Recipe]:
    """The network behind a run's rankings, kept in memory for the next question, and its recipe.

    Raises RunError where the run or its checkpoint is gone.
    """
    _require(run)
    folder = checkpoint_folder(run, checkpoint or "last")
    return _network(run, folder.name, available_weights(folder, weights)), run.recipe()


@dataclass(frozen=True)
class _Pair:
    """Two images and where they lie."""

    root: Path
    query: Sample
    hit: Sample
    numbers: tuple[int | None, int]
    given: Path | None = None

    @classmethod
    def of(cls, rankings: Rankings, query: int | Path, hit: int) -> "_Pair":
        gallery, root = rankings.embeddings.gallery_images, rankings.embeddings.root
        if not 0 <= hit < len(gallery):
            raise DataError(
                f"There is no gallery image {hit}: they are numbered from 0 to {len(gallery) - 1}."
            )
        if isinstance(query, Path):
            sample = Sample(str(query), UNKNOWN_IDENTITY)
            return cls(root, sample, gallery[hit], (None, hit), query)
        return cls(root, rankings.image_of(query), gallery[hit], (query, hit))

    def file(self, sample: Sample) -> Path:
        # An absolute path stays as it is.
        return self.root / sample.path

    def truth(
        self, sample: Sample, known: bool
    ) -> UInt8[np.ndarray, "mask_height mask_width"] | None:
        return true_parts(self.root, sample.path) if known else None

    def key(self, checkpoint: str, weights: str, method: str, scores: bool) -> str:
        """Differs whenever the answer could: another file under the same name included."""
        stamps: list[Any] = []
        for sample in (self.query, self.hit):
            with contextlib.suppress(OSError):
                about = self.file(sample).stat()
                stamps += [sample.path, about.st_size, about.st_mtime_ns]
        told = [VERSION, str(self.root), checkpoint, weights, method, scores, *stamps]
        return hashlib.sha256(json.dumps(told).encode()).hexdigest()[:20]

    def about(self, run: RunFolder, folder: Path, weights: str) -> dict[str, Any]:
        return {
            "run": run.id,
            "checkpoint": folder.name,
            "weights": weights,
            "distance": run.recipe().evaluation.distance,
            "query": self.numbers[0],
            "query_image": self.query.path,
            "hit": self.numbers[1],
            "hit_image": self.hit.path,
        }


def _require(run: RunFolder) -> None:
    if not run.path.is_dir():
        raise RunError(f"Run {run.id} has been deleted: choose another one.")


def _method(name: str) -> Method:
    for method in METHODS:
        if method == name:
            return method
    raise DataError(f"There is no method '{name}'. Use one of {', '.join(METHODS)}.")


def _reader(run: RunFolder, pair: _Pair, checkpoint: str, weights: str) -> PairReader:
    recipe = run.recipe()
    images = [
        open_resized(
            pair.file(sample),
            recipe.data.height,
            recipe.data.width,
            recipe.data.transforms.interpolation,
        )
        for sample in (pair.query, pair.hit)
    ]
    return PairReader(_network(run, checkpoint, weights), recipe, *_writable(images))


def _writable(images: Sequence[Pixels]) -> list[Pixels]:
    return [np.array(image) for image in images]


@lru_cache(maxsize=2)
def _network(run: RunFolder, checkpoint: str, weights: str) -> PartNetwork:
    return network_of(run, weights, checkpoint)
