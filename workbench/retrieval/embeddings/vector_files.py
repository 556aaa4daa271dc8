"""Vectors of a query or a gallery from a file: ``.npy``, or what ``workbench embed`` wrote."""

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
from jaxtyping import Float

from workbench.errors import EmptySplit, RunError, WorkbenchError, reason_of
from workbench.retrieval.embeddings.embedding_file import EmbeddingFile
from workbench.retrieval.features import read_features

Part = Literal["query", "gallery"]


@dataclass(frozen=True, eq=False)
class VectorFile:
    """Vectors ``(images, dim)`` and the run that embedded them, None where it is not known."""

    path: Path
    vectors: Float[np.ndarray, "images dim"]
    run: str | None = None


def read_vectors(path: Path, part: Part) -> VectorFile:
    """Vectors of a file: all of an ``.npy``, left on disk; one part of what ``embed`` wrote.

    Raises RunError or DataError where it cannot be read, EmptySplit where the part is empty.
    """
    if path.suffix == ".npz":
        file = EmbeddingFile.load(path)
        chosen = (file.split == part) | (file.split == "both")
        if not chosen.any():
            raise EmptySplit(f"{path} has no {part} image: embed a {part} with workbench embed.")
        return VectorFile(path, file.vectors[chosen], file.run)
    try:
        return VectorFile(path, read_features(np.load(path, mmap_mode="r"), path.name))
    except WorkbenchError:
        raise
    except Exception as error:  # a damaged file raises whatever numpy raises
        reason = reason_of(error)
        raise RunError(f"{path} cannot be read as an .npy file of vectors: {reason}.") from error


def digest_of(path: Path) -> str:
    """SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def stamp_of(path: Path) -> tuple[int, int]:
    """Size in bytes and time of change in nanoseconds."""
    status = path.stat()
    return status.st_size, status.st_mtime_ns
