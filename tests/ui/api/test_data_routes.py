import io
import shutil

import numpy as np
import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from PIL import Image

from tests.ui import data_by_hand
from workbench import paths
from workbench.ui.api.guard import LoopbackGuard
from workbench.ui.api.routes import add_routes
from workbench.ui.views.data import data_samples, data_tasks, data_view


@pytest.fixture
def page():
    data_samples._opened.clear()
    app = FastAPI()
    add_routes(app)
    app.add_middleware(LoopbackGuard)
    with TestClient(app, base_url="http://127.0.0.1:7860") as client:
        yield client


@pytest.mark.thorough
def test_sets_one_set_and_its_samples(page):
    data_by_hand.market()
    listed = page.get("/api/data").json()["sets"]
    assert next(one for one in listed if one["here"])["key"] == "market1501"
    told = page.get("/api/data/set", params={"dataset": "market1501"}).json()
    assert told["link"] == "?tab=data&dataset=market1501"
    question = {"dataset": "market1501", "part": "gallery", "camera": 2, "from": 1, "count": 5}
    found = page.get("/api/data/samples", params=question).json()
    assert [(one["identity"], one["camera"]) for one in found["images"]] == [(0, 2)]


@pytest.mark.thorough
def test_pictures_go_by_index_and_are_small(page):
    root = data_by_hand.people()
    Image.new("RGB", (2000, 1000)).save(root / "anna" / "0.png")
    split = data_samples.open_set("folder/friends").split
    part, index = next(
        (part, number)
        for part in ("train", "query")
        for number, sample in enumerate(split.part(part))
        if sample.path == "anna/0.png"
    )
    settings = {"dataset": "folder/friends", "height": 96}
    answer = page.get(f"/api/data/images/{part}/{index}.jpg", params=settings)
    assert answer.headers["content-type"] == "image/jpeg"
    assert Image.open(io.BytesIO(answer.content)).size == (192, 96)
    settings["height"] = 100_000
    answer = page.get(f"/api/data/images/{part}/{index}.jpg", params=settings)
    assert Image.open(io.BytesIO(answer.content)).height <= 512
    facts = page.get(f"/api/data/facts/{part}/{index}", params=settings).json()
    assert (facts["width"], facts["height"], facts["file"]) == (2000, 1000, "anna/0.png")


def test_a_dark_picture_of_12_bits_is_dark_beside_the_others(page):
    root = paths.datasets_folder() / "deep"
    for who in ("anna", "bert", "carl", "dora"):
        for number, value in enumerate((400, 4000)):
            path = root / "test" / who / f"{number}.png"
            path.parent.mkdir(parents=True, exist_ok=True)
            Image.fromarray(np.full((64, 32), value, np.uint16)).save(path)
    split = data_samples.open_set("folder/deep").split
    for index, sample in enumerate(split.query):
        answer = page.get(f"/api/data/images/query/{index}.jpg?dataset=folder/deep")
        with Image.open(io.BytesIO(answer.content)) as picture:
            shade = np.asarray(picture).mean()
        assert shade == pytest.approx(25 if sample.path.endswith("0.png") else 249, abs=2)


def test_a_broken_or_huge_image_is_one_sentence(page, monkeypatch):
    root = data_by_hand.people()
    for name in ("0.png", "1.png", "2.png", "3.png"):
        (root / "anna" / name).write_bytes(b"no image")
    split = data_samples.open_set("folder/friends").split
    part = "query" if any(s.path == "anna/0.png" for s in split.query) else "train"
    index = next(n for n, s in enumerate(split.part(part)) if s.path == "anna/0.png")
    answer = page.get(f"/api/data/images/{part}/{index}.jpg", params={"dataset": "folder/friends"})
    assert answer.status_code == 409
    assert "no known image format" in answer.json()["error"]


@pytest.mark.thorough
@pytest.mark.parametrize(
    "path",
    [
        "/api/data/set?dataset=..",
        "/api/data/set?dataset=folder/../../runs",
        "/api/data/set?dataset=/etc",
        "/api/data/samples?dataset=playground/..",
        "/api/data/images/train/0.jpg?dataset=folder/..%2f..",
        "/api/data/images/train/0.jpg?dataset=%2fetc",
        "/api/data/images/..%2f..%2fetc/0.jpg?dataset=folder/friends",
        "/api/data/images/train/..%2fpasswd.jpg?dataset=folder/friends",
        "/api/data/images/train/-1.jpg?dataset=folder/friends",
        "/api/data/tasks?dataset=..",
    ],
)
def test_nothing_outside_the_data_sets_folder_can_be_named(page, path):
    data_by_hand.people()
    answer = page.get(path)
    assert answer.status_code in (404, 409, 422)
    assert "root" not in answer.text or "data set" in answer.text


@pytest.mark.thorough
def test_work_is_started_and_stopped_by_name(page, monkeypatch):
    asked = []
    data_by_hand.people()
    monkeypatch.setattr(data_tasks, "_spawn", lambda task, lock: asked.append(task.name))
    body = {"dataset": "folder/friends"}
    assert page.post("/api/data/check", json=body).json()["check"]["state"] == "none"
    assert page.post("/api/data/stop", json=body).json() == body
    overrides = {"data.dataset.train_identities": "4", "data.dataset.test_identities": "2"}
    answer = page.post("/api/data/playground", json={"overrides": overrides}).json()
    assert answer["dataset"].startswith("playground/")
    assert asked == ["check", "draw"]
    for refused in ({"data.dataset.seed": "x"}, {"data.dataset.kind": "folder"}, {"a.b": 1}):
        answer = page.post("/api/data/playground", json={"overrides": refused})
        assert answer.status_code == 409
        assert answer.json()["error"]


def test_another_site_cannot_start_work(page, monkeypatch):
    monkeypatch.setattr(data_view, "draw", lambda *_: pytest.fail("drawn"))
    answer = page.post("/api/data/playground", json={}, headers={"Origin": "http://evil.example"})
    assert answer.status_code == 403


@pytest.mark.thorough
def test_a_set_deleted_while_it_is_shown(page):
    root = data_by_hand.people()
    question = {"dataset": "folder/friends"}
    assert page.get("/api/data/samples", params=question).status_code == 200
    shutil.rmtree(root)
    for path in ("set", "samples", "images/train/0.jpg", "tasks"):
        answer = page.get(f"/api/data/{path}", params=question)
        assert answer.status_code == 409
        assert "it was removed or renamed" in answer.json()["error"]
    assert page.post("/api/data/check", json=question).status_code == 409


@pytest.mark.thorough
def test_the_form_of_a_playground(page):
    changes = {"data.dataset.image_height": "64"}
    form = page.post("/api/data/playground/form", json={"changes": changes}).json()
    field = next(one for one in form["fields"] if one["path"] == "data.dataset.image_height")
    assert (field["text"], field["changed"], form["drawn"]) == ("64", True, False)
    assert not paths.datasets_folder().exists()
