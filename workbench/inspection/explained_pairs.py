"""Two images of a run, and what is kept on disk about them under ``cache/``. No torch here.

A page opens a pair that was explained before without loading a network.
"""

import contextlib
import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np
from jaxtyping import Float, UInt8

from workbench.data.images.depth import Levels
from workbench.data.images.image_file import ALONE, open_image
from workbench.data.samples import Sample
from workbench.errors import DataError, RunError
from workbench.explain.explanation import PairExplanation
from workbench.explain.methods import METHODS, Method
from workbench.explain.true_masks import true_parts
from workbench.retrieval.rankings import Rankings
from workbench.runs.folder import RunFolder

VERSION = 3
"""Counted up when the same pair would be explained otherwise."""
UNKNOWN_IDENTITY = -1

Masks = dict[str, Float[np.ndarray, "rows columns"]]
_DAMAGED = (OSError, ValueError, KeyError, TypeError, EOFError, BadZipFile)


@dataclass(frozen=True)
class Pictures:
    """The two images of a pair at their own size, to draw heat over."""

    query: UInt8[np.ndarray, "height width 3"]
    hit: UInt8[np.ndarray, "hit_height hit_width 3"]


@dataclass(frozen=True)
class Pair:
    """Two images and where they lie.

    Attributes:
        root: folder that their paths are relative to.
        query: the query.
        hit: a gallery image.
        numbers: of the query, as ``Rankings`` counts them (None for any other image), and of the
            gallery image.
        levels: what is white in images of more than 8 bits.
    """

    root: Path
    query: Sample
    hit: Sample
    numbers: tuple[int | None, int]
    levels: Levels = ALONE

    @classmethod
    def of(cls, rankings: Rankings, query: int | Path, hit: int) -> "Pair":
        """The pair of a query's number, or any image file, and a gallery image's number.

        Raises DataError where there is no such image.
        """
        stored = rankings.embeddings
        gallery, root, levels = stored.gallery_images, stored.root, stored.levels
        if not 0 <= hit < len(gallery):
            raise DataError(
                f"There is no gallery image {hit}: they are numbered from 0 to {len(gallery) - 1}."
            )
        if isinstance(query, Path):
            asked = Sample(str(query), UNKNOWN_IDENTITY)
            return cls(root, asked, gallery[hit], (None, hit), levels)
        return cls(root, rankings.image_of(query), gallery[hit], (query, hit), levels)

    @property
    def files(self) -> tuple[Path, Path]:
        """Where both images lie."""
        # An absolute path stays as it is.
        return self.root / self.query.path, self.root / self.hit.path

    def pictures(self) -> Pictures:
        """Both images as they are on disk. Raises BrokenImage where one is gone."""
        query, hit = self.files
        return Pictures(open_image(query, self.levels), open_image(hit, self.levels))

    def truths(self) -> list[UInt8[np.ndarray, "_height _width"] | None]:
        """The true parts of query and hit, where they are known."""
        known = self.numbers[0] is not None
        query = true_parts(self.root, self.query.path) if known else None
        return [query, true_parts(self.root, self.hit.path)]

    def key(self, *how: str | bool) -> str:
        """Differs whenever the answer could: another file under the same name included."""
        stamps: list[str | int] = []
        for sample, file in zip((self.query, self.hit), self.files, strict=True):
            with contextlib.suppress(OSError):
                about = file.stat()
                stamps += [sample.path, about.st_size, about.st_mtime_ns]
        told = [VERSION, str(self.root), *how, *stamps]
        return hashlib.sha256(json.dumps(told).encode()).hexdigest()[:20]

    def about(self, run: RunFolder, checkpoint: str, weights: str) -> dict[str, Any]:
        """Which run, weights and images these are, as JSON holds it."""
        return {
            "run": run.id,
            "checkpoint": checkpoint,
            "weights": weights,
            "distance": run.recipe().evaluation.distance,
            "query": self.numbers[0],
            "query_image": self.query.path,
            "hit": self.numbers[1],
            "hit_image": self.hit.path,
        }


def method_named(name: str) -> Method:
    """A way to make heatmaps by its name. Raises DataError where there is none."""
    for method in METHODS:
        if method == name:
            return method
    raise DataError(f"There is no method '{name}'. Use one of {', '.join(METHODS)}.")


def require(run: RunFolder) -> None:
    """Raises RunError where a run is gone."""
    if not run.path.is_dir():
        raise RunError(f"Run {run.id} has been deleted: choose another one.")


def explanation_file(run: RunFolder, key: str) -> Path:
    """Where an explanation of that key lies or will lie."""
    return run.cache / "explanations" / f"{key}.npz"


def kept_explanation(run: RunFolder, key: str) -> PairExplanation | None:
    """What is on disk about a pair; None where there is nothing that can be read."""
    with contextlib.suppress(*_DAMAGED):
        return PairExplanation.load(explanation_file(run, key))
    return None


def masks_file(run: RunFolder, checkpoint: str, weights: str) -> Path:
    """Where the learned masks of a checkpoint lie or will lie."""
    return run.cache / "masks" / f"{checkpoint}-{weights}.npz"


def kept_masks(run: RunFolder, checkpoint: str, weights: str) -> Masks | None:
    """Learned masks by the name of their output; None where they were not looked up yet."""
    with contextlib.suppress(*_DAMAGED), np.load(masks_file(run, checkpoint, weights)) as kept:
        return {name: kept[name] for name in kept.files}
    return None
