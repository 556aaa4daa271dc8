"""Small data sets on disk, made for each test."""

import zlib
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from workbench.data.synthetic.miniatures import making
from workbench.data.synthetic.miniatures.making import LAYOUTS

MakeImages = Callable[[Path, Iterable[str]], Path]


@pytest.fixture
def make_images() -> MakeImages:
    """Random 16 x 8 images under a folder, each different, made from their names."""

    def make(root: Path, names: Iterable[str]) -> Path:
        for name in names:
            path = root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            seed = zlib.crc32(name.encode())
            pixels = np.random.default_rng(seed).integers(0, 256, (16, 8, 3), dtype=np.uint8)
            Image.fromarray(pixels).save(path)
        return root

    return make


@pytest.fixture
def market(tmp_path: Path, make_images: MakeImages) -> Path:
    """Market-1501's layout: 6 identities to train on, 2 to ask for, a distractor, a junk image."""
    train = [
        f"bounding_box_train/{identity:04d}_c{camera}s1_{frame:06d}_01.png"
        for identity in (2, 3, 5, 7, 11, 13)
        for camera in (1, 2)
        for frame in (10, 20, 30)
    ]
    query = [f"query/{identity:04d}_c1s1_000001_00.png" for identity in (1, 4)]
    gallery = [
        f"bounding_box_test/{identity:04d}_c{camera}s1_{identity + camera:06d}_01.png"
        for identity in (1, 4)
        for camera in (1, 2, 3)
    ]
    others = [
        "bounding_box_test/0000_c2s1_000099_01.png",
        "bounding_box_test/-1_c3s1_000098_01.png",
    ]
    return make_images(tmp_path / "market", [*train, *query, *gallery, *others])


Written = Callable[..., Path]


@pytest.fixture
def written(tmp_path: Path, make_images: MakeImages) -> Written:
    """A miniature's files in its layout; the folder it is in.

    Nobody who only reads names looks into a picture: it is a few bytes, or with ``real`` random.
    """

    def write(layout: str, real: bool = False) -> Path:
        contents = LAYOUTS[layout]()
        home = tmp_path / layout / contents.folder
        making._write(replace(contents, pictures={}), home, None)
        if real:
            make_images(home, contents.pictures)
        for name in () if real else contents.pictures:
            path = home / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(name.encode())
        return home / contents.inner

    return write
