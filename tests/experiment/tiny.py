"""A data set and a recipe that train for a few steps in less than a second."""

import zlib
from pathlib import Path

import numpy as np
from PIL import Image

from workbench.runs.folder import RunFolder
from workbench.runs.management import create_run

DRAWN = {
    "data.dataset.train_identities": 8,
    "data.dataset.test_identities": 4,
    "data.dataset.image_height": 32,
    "data.height": 32,
    "data.width": 16,
    "data.sampler.identities": 4,
    "training.precision": "fp32",
    "run.devices": "cpu",
    "run.threads": 1,
}
"""Changes that make a recipe of the playground draw and read very small images of few people."""
TRAIN = [
    f"bounding_box_train/{identity:04d}_c{camera}s1_{frame:06d}_01.png"
    for identity in range(1, 7)
    for camera in (1, 2)
    for frame in (1, 2, 3)
]
QUERY = [f"query/{identity:04d}_c1s1_000001_00.png" for identity in range(7, 12)]
GALLERY = [
    *(
        f"bounding_box_test/{identity:04d}_c{camera}s1_{frame:06d}_01.png"
        for identity in range(7, 12)
        for camera in (1, 2, 3)
        for frame in (2, 3)
    ),
    "bounding_box_test/0000_c1s1_000009_01.png",
    "bounding_box_test/-1_c2s1_000009_01.png",
]


def people(root: Path) -> Path:
    """Market-1501's layout: an identity is two colours, a camera a tint, a frame some noise."""
    for name in (*TRAIN, *QUERY, *GALLERY):
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        stem = path.stem
        identity, camera = int(stem.split("_")[0]), int(stem.split("_c")[1][0])
        colours = np.random.default_rng([100 + identity, 0]).integers(40, 216, (2, 1, 3))
        image = np.repeat(np.repeat(colours, 16, 0), 16, 1) + 12 * (camera - 2)
        noise = np.random.default_rng(zlib.crc32(name.encode())).normal(0, 25, image.shape)
        Image.fromarray(np.clip(image + noise, 0, 255).astype(np.uint8)).save(path)
    return root


def overrides(root: Path, **more: object) -> dict[str, object]:
    """Changes that make the two-minute recipe a two-second one on ``people``."""
    return {
        "data.dataset.kind": "market1501",
        "data.root": str(root),
        "data.height": 32,
        "data.width": 16,
        "data.sampler.identities": 3,
        "data.sampler.images": 2,
        "data.loader.kind": "cached",
        "model.backbone.width": 8,
        "model.branches.stripes": None,
        "model.branches.whole.neck.width": 8,
        "training.length.count": 6,
        "training.evaluate.count": 3,
        "training.checkpoints.every.count": 2,
        "training.schedule.warmup.count": 2,
        "training.precision": "fp32",
        "run.devices": ["cpu"],
        "run.threads": 1,
    } | {path.replace("__", "."): value for path, value in more.items()}


def tiny_run(root: Path, **more: object) -> RunFolder:
    """A queued run on ``people``; two underscores in a name stand for a dot of the path."""
    return create_run("playground/quick", overrides(people(root), **more))
