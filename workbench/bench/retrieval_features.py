"""Vectors as a trained network makes them, of the sizes people evaluate.

Each identity has a centre, each camera a shift, each image its own noise, and all lie off the
origin together; a sixth of the gallery are images of nobody who is asked for.
"""

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from jaxtyping import Float32, Int64

DISTRACTORS = 0.17
SHARED_NORM, CAMERA_NORM = 0.8, 0.45  # lengths relative to an identity's centre
IDENTITY_WEIGHT = 0.6  # of the centre of an identity that shares a look
BLOCK = 4096


@dataclass(frozen=True)
class Size:
    """How many of everything.

    ``leave_one_out`` ranks the gallery against itself. With ``groups`` identities resemble one
    another in so many groups, as people do who dress alike: without, no index could find its way.
    """

    queries: int
    images: int
    identities: int
    cameras: int
    dim: int = 512
    noise: float = 2.2
    leave_one_out: bool = False
    groups: int = 0


SIZES = {
    "tiny": Size(queries=30, images=200, identities=12, cameras=4, dim=32),
    "market": Size(queries=3368, images=15_913, identities=750, cameras=6, noise=1.9),
    "market-2048": Size(
        queries=3368, images=15_913, identities=750, cameras=6, dim=2048, noise=2.8
    ),
    "msmt17": Size(queries=11_659, images=82_161, identities=3060, cameras=15, noise=1.8),
    "sop": Size(
        queries=60_502, images=60_502, identities=11_316, cameras=1, noise=1.6, leave_one_out=True
    ),
    "bounded": Size(queries=100_000, images=100_000, identities=5000, cameras=15, noise=1.8),
    "million": Size(
        queries=1000, images=1_000_000, identities=60_000, cameras=15, noise=1.8, groups=4000
    ),
}


@dataclass(frozen=True, eq=False)
class Features:
    """Unit vectors of queries and gallery with what is known of each."""

    query: Float32[np.ndarray, "queries dim"]
    gallery: Float32[np.ndarray, "images dim"]
    query_ids: Int64[np.ndarray, "queries"]
    gallery_ids: Int64[np.ndarray, "images"]
    query_cameras: Int64[np.ndarray, "queries"]
    gallery_cameras: Int64[np.ndarray, "images"]


def on_disk(features: Features, folder: Path) -> Features:
    """The same crowd with its vectors in files, read as they are needed."""
    arrays = {}
    for name in ("query", "gallery"):
        np.save(folder / f"{name}.npy", getattr(features, name))
        arrays[name] = np.load(folder / f"{name}.npy", mmap_mode="r")
    return replace(features, **arrays)


def draw_features(size: Size, seed: int = 0) -> Features:
    """The same crowd for the same seed."""
    generator = np.random.default_rng(seed)
    shape = size.identities, size.dim
    centres = generator.standard_normal(shape, dtype=np.float32)
    if size.groups:
        groups = generator.standard_normal((size.groups, size.dim), dtype=np.float32)
        centres *= IDENTITY_WEIGHT
        centres += (1 - IDENTITY_WEIGHT**2) ** 0.5 * groups[
            np.arange(size.identities) % size.groups
        ]
    camera_shifts = CAMERA_NORM * generator.standard_normal(
        (size.cameras, size.dim), dtype=np.float32
    )
    shared = SHARED_NORM * generator.standard_normal(size.dim, dtype=np.float32)

    def vectors(
        ids: Int64[np.ndarray, "part"], cameras: Int64[np.ndarray, "part"]
    ) -> Float32[np.ndarray, "part dim"]:
        normalised = np.empty((len(ids), size.dim), dtype=np.float32)
        for start in range(0, len(ids), BLOCK):
            part = slice(start, start + BLOCK)
            part_ids = ids[part]
            distractors = generator.standard_normal((len(part_ids), size.dim), dtype=np.float32)
            rows = np.where(part_ids[:, None] > 0, centres[part_ids - 1], distractors)
            rows += shared + camera_shifts[cameras[part] - 1]
            rows += size.noise * generator.standard_normal(rows.shape, dtype=np.float32)
            normalised[part] = rows / np.linalg.norm(rows, axis=1, keepdims=True)
        return normalised

    def cameras(number: int) -> Int64[np.ndarray, "part"]:
        return generator.integers(1, size.cameras + 1, number)

    gallery_ids = generator.permutation(np.arange(size.images) % size.identities + 1)
    if not size.leave_one_out:
        gallery_ids[generator.random(size.images) < DISTRACTORS] = 0
    gallery_cameras = cameras(size.images)
    gallery = vectors(gallery_ids, gallery_cameras)
    if size.leave_one_out:
        return Features(
            gallery, gallery, gallery_ids, gallery_ids, gallery_cameras, gallery_cameras
        )
    query_ids = np.arange(size.queries) % size.identities + 1
    query_cameras = cameras(size.queries)
    query = vectors(query_ids, query_cameras)
    return Features(query, gallery, query_ids, gallery_ids, query_cameras, gallery_cameras)
