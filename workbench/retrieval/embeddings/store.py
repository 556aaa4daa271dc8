"""Embeddings of a query and a gallery as a folder: two arrays and the list of their images."""

import json
import os
import shutil
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import Float32
from numpy.typing import NDArray

from workbench.data.images.depth import Levels
from workbench.data.samples import JUNK, UNKNOWN_CAMERA, Pairing, Sample, with_distractors
from workbench.errors import RunError, ShapeError, reason_of
from workbench.retrieval.embeddings.image_stamps import Stamp, first_changed, stamp_files
from workbench.retrieval.relevance import Labels
from workbench.runs.files import sync_files, sync_folder, write_remedy

VERSION = 2
"""In version 1 camera 0 meant unknown; since then -1 does."""
_FURTHER = ("multi_query", "certainty")  # arrays that only some embeddings have


@dataclass(frozen=True, eq=False)
class Embeddings:
    """One vector for every image of a query and a gallery.

    Attributes:
        query: ``(queries, dim)``.
        gallery: ``(images, dim)``.
        query_images: What each row of ``query`` is of.
        gallery_images: What each row of ``gallery`` is of.
        root: The folder image paths are relative to.
        leave_one_out: Query and gallery are the same images.
        belongs_to: Digests of what the vectors were made of and with, by name.
        pairings: Rankings of one group of images against another, where the data set has several.
        gallery_draws: One image of each identity is drawn as gallery, over and over.
        multi_query: ``(more, dim)`` of further images of the queries' identities and cameras; None
            where they were not embedded.
        multi_query_images: What each row of ``multi_query`` is of.
        certainty: ``(images,)``, what the network says of each gallery image; None where it was not
            asked.
        levels: What is white in images of more than 8 bits.

    Raises ShapeError where vectors and images do not fit together.
    """

    query: Float32[np.ndarray, "queries dim"]
    gallery: Float32[np.ndarray, "images dim"]
    query_images: tuple[Sample, ...]
    gallery_images: tuple[Sample, ...]
    root: Path
    leave_one_out: bool = False
    belongs_to: Mapping[str, str] = field(default_factory=dict)
    pairings: tuple[Pairing, ...] = ()
    gallery_draws: bool = False
    multi_query: Float32[np.ndarray, "more dim"] | None = None
    multi_query_images: tuple[Sample, ...] = ()
    certainty: Float32[np.ndarray, "sure"] | None = None
    levels: Levels = field(default_factory=Levels)

    def __post_init__(self) -> None:
        """Mark the distractors of the gallery; refuse parts that do not fit together."""
        if any(image.identity != JUNK for image in self.query_images):
            marked = with_distractors(self.query_images, self.gallery_images)
            object.__setattr__(self, "gallery_images", marked)
        for name, vectors, images in (
            ("query", self.query, self.query_images),
            ("gallery", self.gallery, self.gallery_images),
            ("multi_query", self.multi_query, self.multi_query_images),
            ("certainty", self.certainty, self.gallery_images),
        ):
            if vectors is not None and len(vectors) != len(images):
                raise ShapeError(
                    f"{name} has {len(vectors)} vectors for {len(images)} images: embed it again."
                )

    def labels(self) -> Labels:
        """Identities and cameras of both sides."""
        query, gallery = self.query_images, self.gallery_images
        return Labels(
            query_ids=np.array([image.identity for image in query], dtype=np.int64),
            gallery_ids=np.array([image.identity for image in gallery], dtype=np.int64),
            query_cameras=np.array([image.camera for image in query], dtype=np.int64),
            gallery_cameras=np.array([image.camera for image in gallery], dtype=np.int64),
        )

    def save(self, folder: Path) -> None:
        """Write the folder aside, then put it in place of an older one.

        Raises RunError where it cannot be written; the older one then stays.
        """
        aside = folder.with_name(f".{folder.name}.{os.getpid()}.new")
        try:
            aside.mkdir(parents=True)
            np.save(aside / "query.npy", self.query)
            np.save(aside / "gallery.npy", self.gallery)
            for name in _FURTHER:
                if (array := getattr(self, name)) is not None:
                    np.save(aside / f"{name}.npy", array)
            (aside / "images.json").write_text(json.dumps(self._description()))
            sync_files(aside)
            _put_in_place(aside, folder)
            sync_folder(folder.parent)
        except OSError as error:
            raise RunError(
                f"{folder} cannot be written ({error.strerror or error}). {write_remedy(error)},"
                " or choose another runs folder."
            ) from error
        finally:
            shutil.rmtree(aside, ignore_errors=True)

    @classmethod
    def load(cls, folder: Path, belongs_to: Mapping[str, str] | None = None) -> "Embeddings":
        """Read a folder; the vectors stay on disk and are read as they are used.

        With ``belongs_to``, digests of the same name must agree with those that were stored.
        Raises RunError where the folder is missing, damaged or belongs to something else, or where
        an image file has changed since, naming it.
        """
        if not folder.is_dir():
            raise RunError(f"{folder} does not exist: embed the query and gallery images first.")
        try:
            description = json.loads((folder / "images.json").read_text())
            samples = partial(_samples, description)
            embeddings = cls(
                query=_vectors(folder / "query.npy"),
                gallery=_vectors(folder / "gallery.npy"),
                query_images=samples("query"),
                gallery_images=samples("gallery"),
                root=Path(description["root"]),
                leave_one_out=description["leave_one_out"],
                belongs_to=description["belongs_to"],
                pairings=tuple(Pairing(*names) for names in description.get("pairings", ())),
                gallery_draws=description.get("gallery_draws", False),
                multi_query_images=samples("multi_query"),
                levels=Levels(**description.get("levels", {})),
                **{name: _array(folder / f"{name}.npy") for name in _FURTHER},
            )
        except Exception as error:  # damaged files raise whatever numpy and JSON raise
            raise RunError(
                f"{folder} cannot be read ({reason_of(error)}): embed the images again."
            ) from error
        embeddings._require(belongs_to or {}, folder)
        embeddings._require_same_files(description.get("stamps"), folder)
        return embeddings

    def _require(self, belongs_to: Mapping[str, str], folder: Path) -> None:
        for name, digest in belongs_to.items():
            stored = self.belongs_to.get(name)
            if stored != digest:
                raise RunError(
                    f"{folder} was made from another {name} ({stored}, now {digest}): embed the"
                    " images again."
                )

    def _require_same_files(self, stamps: list[Stamp] | None, folder: Path) -> None:
        if stamps is None:  # written before files were stamped
            return
        since = (folder / "images.json").stat().st_mtime
        changed = first_changed(self._files(), stamps, since)
        if changed is not None:
            raise RunError(
                f"{changed} has changed since it was embedded: delete {folder} to have all images"
                " embedded again."
            )

    def _files(self) -> list[Path]:
        images = self.query_images + self.gallery_images + self.multi_query_images
        return [self.root / image.path for image in images]

    def _description(self) -> dict[str, Any]:
        return {
            "version": VERSION,
            "root": str(self.root),
            "leave_one_out": self.leave_one_out,
            "belongs_to": dict(self.belongs_to),
            "stamps": stamp_files(self._files()),
            "query": _rows(self.query_images),
            "gallery": _rows(self.gallery_images),
            "multi_query": _rows(self.multi_query_images),
            "pairings": [[each.name, each.query, each.gallery] for each in self.pairings],
            "gallery_draws": self.gallery_draws,
            "levels": asdict(self.levels),
        }


def _rows(images: tuple[Sample, ...]) -> list[list[Any]]:
    # Most data sets have no groups: then nothing is written about them.
    return [
        [image.path, image.identity, image.camera, *([image.group] if image.group else [])]
        for image in images
    ]


def _samples(description: Mapping[str, Any], part: str) -> tuple[Sample, ...]:
    """The images of a part, cameras as the version of the description numbers them."""
    unknown = 0 if description.get("version", 1) < 2 else UNKNOWN_CAMERA
    return tuple(
        Sample(path, identity, UNKNOWN_CAMERA if camera == unknown else camera, *group)
        for path, identity, camera, *group in description.get(part, [])
    )


def _vectors(file: Path) -> NDArray[np.float32]:
    """Vectors that stay on disk. Raises ValueError for anything but a matrix of numbers."""
    array = np.lib.format.open_memmap(file, mode="r")
    if array.ndim != 2 or array.dtype != np.float32:
        raise ValueError(f"{file.name} holds {array.dtype} of shape {array.shape}, no vectors")
    return array


def _array(file: Path) -> NDArray[np.float32] | None:
    return np.load(file, mmap_mode="r") if file.exists() else None


def _put_in_place(aside: Path, folder: Path) -> None:
    older = folder.with_name(f".{folder.name}.{os.getpid()}.old")
    if folder.exists():
        folder.rename(older)
    aside.rename(folder)
    shutil.rmtree(older, ignore_errors=True)
