"""What a reader leaves out is counted with an example, and names that are not UTF-8 are kept."""

import io
import json
import os
import sys

import numpy as np
import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from PIL import Image

from workbench import paths
from workbench.cli.output import Output
from workbench.data.catalogue.published import dataset_of
from workbench.data.catalogue.splits import read_folder
from workbench.data.checks.check import check
from workbench.data.images.image_file import open_image
from workbench.data.samples import Sample
from workbench.retrieval.embeddings.store import Embeddings
from workbench.ui.api.routes import add_routes
from workbench.ui.views.data import data_samples


def images(root, names):
    for number, name in enumerate(names):
        path = os.path.join(os.fsencode(root), name if isinstance(name, bytes) else name.encode())
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as file:
            Image.new("RGB", (8, 16), (number, 7, 7)).save(file, "PNG")
    return root


def market(root):
    names = [f"bounding_box_train/000{i}_c{c}_0.png" for i in (1, 2) for c in (1, 2)]
    names += ["query/0003_c1_0.png", "bounding_box_test/0003_c2_0.png"]
    return images(root, names)


def test_suffixes_and_dangling_links_are_counted_where_names_tell(tmp_path):
    root = market(tmp_path)
    train = root / "bounding_box_train"
    (train / "0001_c1_1.jfif").write_bytes(b"x")
    (train / "0001_c1_2.PNG").write_bytes((train / "0001_c1_0.png").read_bytes())
    (root / "query" / "0003_c1_9.png").symlink_to(tmp_path / "gone.png")
    images(root, ["bounding_box_test/deeper/0003_c3_0.png"])
    split = read_folder(root, dataset_of("market1501"))
    assert len(split.train) == 5  # capitals are no other suffix
    assert split.notes == (
        "One file that is no image is left out: bounding_box_train/0001_c1_1.jfif.",
        "One link that leads nowhere is left out: query/0003_c1_9.png.",
        "One image in a folder where the layout has none is left out:"
        " bounding_box_test/deeper/0003_c3_0.png.",
    )
    found = {one.sentence: one.file for one in check(root, "market1501").findings}
    files = "Files among images that are no images by their suffix, left out: 1."
    assert found[files] == "bounding_box_train/0001_c1_1.jfif"
    assert found["Links that lead nowhere, left out: 1."] == "query/0003_c1_9.png"
    deeper = "Images in sub-folders, where this layout has none, left out: 1."
    assert found[deeper] == "bounding_box_test/deeper/0003_c3_0.png"


def test_the_same_in_folders_of_identities(tmp_path):
    names = [f"person {p}/{n}.png" for p in range(4) for n in range(2)]
    root = images(tmp_path, [*names, "loose.png", "person 1/cam1/deep.png"])
    for number in (1, 2):
        (root / "person 2" / f"{number}.jfif").write_bytes(b"x")
    (root / "person 3" / "lost.png").symlink_to("nowhere.png")
    (root / "readme.txt").write_text("no image, and where no image is looked for")
    notes = read_folder(root, dataset_of("folder")).notes
    assert notes[-3:] == (
        "2 files that are no images are left out, such as person 2/1.jfif.",
        "One link that leads nowhere is left out: person 3/lost.png.",
        "2 images in folders where the layout has none are left out, such as loose.png.",
    )


@pytest.mark.thorough
@pytest.mark.parametrize("kind", ["msmt17", "vehicleid", "sop", "in_shop", "cub200", "cars196"])
def test_images_that_no_list_names_are_counted(written, kind):
    root = written(kind)
    split = read_folder(root, dataset_of(kind))
    assert split.notes == ()
    folder = split.train[0].path.rpartition("/")[0]
    added = images(root, [f"{folder}/unlisted_{number}.png" for number in (1, 2)])
    (added / folder / "notes.txt").write_text("no image")
    assert read_folder(root, dataset_of(kind)).notes == (
        f"One file that is no image is left out: {folder}/notes.txt.",
        f"2 images that no list names are left out, such as {folder}/unlisted_1.png.",
    )
    assert set(read_folder(root, dataset_of(kind)).train) == set(split.train)
    assert f"{folder}/unlisted_1.png" in " ".join(check(root, kind).notes)


@pytest.fixture
def latin(tmp_path):
    """Four people in folders, and files, with names in Latin-1."""
    if sys.platform == "darwin":
        pytest.skip("its file systems hold names in UTF-8 only")
    names = [b"pers\xf6n%d/bild\xe4 %d.png" % (p, n) for p in range(4) for n in range(2)]
    images(tmp_path / "datasets" / "latin", names)
    return paths.datasets_folder() / "latin"


def test_names_that_are_not_utf8_are_read_stored_and_opened_unchanged(latin, tmp_path):
    split = read_folder(latin, dataset_of("folder"))
    assert len(split.digest("query")) == 16
    path = split.query[0].path
    assert os.fsencode(path).startswith(b"pers\xf6n")
    assert open_image(latin / path).shape == (16, 8, 3)
    vectors = np.zeros((1, 2), np.float32)
    sample = (Sample(path, 1),)
    Embeddings(vectors, vectors, sample, sample, latin).save(tmp_path / "kept")
    assert Embeddings.load(tmp_path / "kept").query_images[0].path == path


def test_names_that_are_not_utf8_are_shown_with_replacement_characters(latin, capsys):
    (latin / os.fsdecode(b"pers\xf6n0") / os.fsdecode(b"notiz\xfc.txt")).write_text("x")
    (note,) = [one for one in check(latin).notes if "no image" in one]
    shown = "pers\ufffdn0/notiz\ufffd.txt"
    Output().say(note)
    Output(json_lines=True).record("check", notes=[note])
    said, recorded = capsys.readouterr().out.splitlines()
    assert shown in said
    assert shown in json.loads(recorded)["notes"][0]


def test_the_page_lists_and_shows_images_whose_names_are_not_utf8(latin):
    data_samples._opened.clear()
    app = FastAPI()
    add_routes(app)
    with TestClient(app, base_url="http://127.0.0.1:7860") as page:
        listed = page.get("/api/data/samples", params={"dataset": "folder/latin"}).json()
        first = listed["images"][0]
        assert "\ufffd" in first["file"]
        where = f"{listed['part']}/{first['index']}"
        picture = page.get(f"/api/data/images/{where}.jpg", params={"dataset": "folder/latin"})
        assert Image.open(io.BytesIO(picture.content)).size == (8, 16)
        assert page.get("/api/data/set", params={"dataset": "folder/latin"}).status_code == 200
