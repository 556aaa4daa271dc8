"""Embeddings as one file that needs nothing else: vectors, and what each is of. No torch."""

import io
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
from jaxtyping import Float32, Int8, Int64

from workbench.data.samples import UNKNOWN_CAMERA
from workbench.errors import DataError, PlaceError
from workbench.runs.files import write_atomically

Distance = Literal["cosine", "euclidean"]
VERSION = 2


@dataclass(frozen=True)
class EmbeddingFile:
    """A row of everything per image, queries first.

    Attributes:
        vectors: as the network gave them, not normalised.
        path: relative to ``root``.
        identity: -1 is junk, 0 a distractor unless a query has it too.
        camera: -1 where it is not known.
        split: "query" or "gallery"; "both" where they are the same images.
        right: 1 where the nearest image that counts is right, 0 where it is wrong, -1 where
            nobody asked.
        distance: how vectors are compared.
        root: the folder of the images; empty where each path says all.
        run: who embedded them.
        version: of the file; before 2 camera 0 meant unknown.

    The file holds ``paths`` too: where each image is, root and path together.
    """

    vectors: Float32[np.ndarray, "images dim"]
    path: np.ndarray
    identity: Int64[np.ndarray, "images"]
    camera: Int64[np.ndarray, "images"]
    split: np.ndarray
    right: Int8[np.ndarray, "images"]
    distance: Distance
    root: str
    run: str
    version: int = VERSION

    @property
    def paths(self) -> np.ndarray:
        """Where each image is: the array ``paths`` of the file."""
        return np.array([str(Path(self.root, path)) for path in self.path.tolist()])

    def save(self, file: Path) -> None:
        """Write one ``.npz``. Raises PlaceError where it cannot be written."""
        written = io.BytesIO()
        np.savez(written, **vars(self), paths=self.paths)
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
            write_atomically(file, written.getvalue())
        except OSError as error:
            raise PlaceError(
                f"{file} cannot be written ({error.strerror or error}): choose another place."
            ) from error

    @classmethod
    def load(cls, file: Path) -> "EmbeddingFile":
        """Read what ``save`` wrote. Raises DataError where it is missing or something else."""
        try:
            with np.load(file, allow_pickle=False) as stored:
                version = int(stored["version"]) if "version" in stored else 1
                names = cls.__dataclass_fields__.keys() - {"version"}
                values = {name: stored[name] for name in names}
            for name in ("distance", "root", "run"):
                values[name] = str(values[name])
            if version < VERSION:
                values["camera"] = np.where(values["camera"] == 0, UNKNOWN_CAMERA, values["camera"])
            return cls(**values)
        except FileNotFoundError as error:
            raise DataError(f"{file} does not exist: make it with workbench embed.") from error
        except Exception as error:  # a damaged archive raises whatever numpy and zipfile raise
            raise DataError(
                f"{file} holds no embeddings ({error}): make it with workbench embed."
            ) from error
