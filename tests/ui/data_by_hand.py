"""Small data sets under the data sets folder, made by a test."""

import json
import zlib

import numpy as np
from PIL import Image

from workbench import paths
from workbench.data.synthetic.playground import digest
from workbench.recipe.settings.data import Playground

PEOPLE = {"anna": 4, "0002": 3, "carl": 3, "dora": 2}
SETTINGS = Playground(train_identities=4, test_identities=2, image_height=32)
TRAIN = [f"bounding_box_train/000{i}_c{c}s1_00001{c}_01.png" for i in (2, 3, 5, 7) for c in (1, 2)]
QUERY = ["query/0001_c1s1_000001_00.png", "query/0004_c2s1_000001_00.png"]
GALLERY = [
    f"bounding_box_test/{name}_000002_01.png"
    for name in ("0001_c2s1", "0001_c3s1", "0004_c1s1", "0000_c2s1", "-1_c3s1")
]


def images(root, names):
    """A different random picture for every name."""
    for name in names:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        pixels = np.random.default_rng(zlib.crc32(name.encode())).integers(0, 256, (24, 12, 3))
        Image.fromarray(pixels.astype(np.uint8)).save(path)
    return root


def market(name="market1501"):
    """A small set in Market-1501's layout: 4 identities to train on, 2 to ask for."""
    return images(paths.datasets_folder() / name, [*TRAIN, *QUERY, *GALLERY])


def people(name="friends"):
    """A folder of one's own with four identities."""
    names = [f"{who}/{n}.png" for who, count in PEOPLE.items() for n in range(count)]
    return images(paths.datasets_folder() / name, names)


def playground(settings=SETTINGS):
    """A folder as a drawn playground has it, without the drawing."""
    root = market(f"playground/{digest(settings)}")
    told = {name: getattr(settings, name) for name in Playground.model_fields if name != "kind"}
    (root / "playground.json").write_text(json.dumps(told))
    (root / "identities.json").write_text("{}")
    return root
