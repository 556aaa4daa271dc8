import io
import time

import numpy as np
import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from PIL import Image

from tests.ui.by_hand import embed, write_run
from workbench.data.images.uploaded import LARGEST_BYTES
from workbench.inspection import own_query
from workbench.ui.api.guard import LoopbackGuard
from workbench.ui.api.routes import add_routes
from workbench.ui.uploads import uploads

KEY = "step_00000400-averaged"


@pytest.fixture
def page():
    app = FastAPI()
    add_routes(app)
    app.add_middleware(LoopbackGuard)
    with TestClient(app, base_url="http://127.0.0.1:7860") as client:
        yield client


@pytest.fixture
def run(tmp_path, monkeypatch):
    """A run whose network sees every image at 59 degrees: nearest is gallery image 3, at 60."""
    angle = np.radians(59)
    vector = np.array([np.cos(angle), np.sin(angle)], dtype=np.float32)
    monkeypatch.setattr(own_query, "embed_image", lambda *_: vector)
    return embed(write_run(), tmp_path / "images")


def picture(kind="PNG", size=(6, 12)):
    file = io.BytesIO()
    Image.new("RGB", size, (10, 90, 200)).save(file, kind)
    return file.getvalue()


def take(page, data):
    answer = page.post("/api/uploads", content=data)
    assert answer.status_code == 200
    return answer.json()["upload"]


def ranked(page, run, word, **settings):
    while True:
        answer = page.get(f"/api/runs/{run.id}/rankings/{KEY}/upload/{word}", params=settings)
        if answer.status_code != 200 or not answer.json()["working"]:
            return answer
        time.sleep(0.01)


@pytest.mark.thorough
def test_an_image_is_ranked_and_nothing_is_called_a_match(page, run):
    word = take(page, picture())
    answer = ranked(page, run, word, k=3).json()
    # At 60, 80 and 20 degrees; nobody knows who is on the image.
    assert [one["index"] for one in answer["items"]] == [3, 2, 1]
    assert {one["verdict"] for one in answer["items"]} == {"unknown"}
    assert [one["rank"] for one in answer["items"]] == [1, 2, 3]
    assert answer["items"][0]["distance"] == pytest.approx(1 - np.cos(np.radians(1)), abs=1e-6)
    assert answer["average_precision"] is None
    assert "no image is called a match" in answer["query"]["name"]
    assert answer["words"] == (
        "Most often among the first 3: identity 2 on 2 images, identity 1 on 1 image."
    )
    assert word not in answer["link"]


@pytest.mark.thorough
def test_it_can_be_re_ranked(page, run):
    answer = ranked(page, run, take(page, picture()), k=3, rerank="k1:2,k2:1").json()
    assert answer["items"][0]["index"] == 3
    refused = ranked(page, run, take(page, picture()), rerank="1")
    assert refused.status_code == 409
    assert "k1 = 20: must be from 1 to 6" in refused.json()["error"]


def test_its_picture_is_small_and_not_kept_by_browsers(page):
    answer = page.get(f"/api/uploads/{take(page, picture(size=(300, 900)))}.jpg?height=96")
    assert answer.headers["cache-control"] == "no-store"
    assert Image.open(io.BytesIO(answer.content)).size == (32, 96)


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "empty"),
        (b"%PDF-1.7 no image", "use JPEG, PNG, WEBP or BMP"),
        (picture("GIF"), "use JPEG, PNG, WEBP or BMP"),
        (picture("JPEG", (64, 64))[:-40], "damaged or cut off"),
        (picture(size=(5001, 5000)), "more than the 25 million allowed"),
        (b"\0" * (LARGEST_BYTES + 1), "more than the 10 MB allowed"),
    ],
)
def test_what_is_refused_is_told(page, data, reason):
    before = len(uploads)
    answer = page.post("/api/uploads", content=data)
    assert answer.status_code == 409
    assert reason in answer.json()["error"]
    assert len(uploads) == before


def test_a_body_of_unknown_length_is_cut_where_it_is_too_long(page):
    parts = (b"\0" * 1_000_000 for _ in range(12))
    answer = page.post("/api/uploads", content=parts)
    assert answer.status_code == 409
    assert "more than the 10 MB allowed" in answer.json()["error"]


@pytest.mark.thorough
def test_an_image_is_gone_after_the_visit(page, run):
    word = take(page, picture())
    assert page.post(f"/api/uploads/{word}/renew").status_code == 200
    ranked(page, run, word)
    assert page.post(f"/api/uploads/{word}/forget").status_code == 200
    for answer in (
        page.get(f"/api/uploads/{word}.jpg"),
        page.post(f"/api/uploads/{word}/renew"),
        page.get(f"/api/runs/{run.id}/rankings/{KEY}/upload/{word}"),
    ):
        assert answer.status_code == 409
        assert "not kept any more: choose the file again" in answer.json()["error"]


def test_another_site_cannot_hand_anything_in(page):
    answer = page.post("/api/uploads", content=picture(), headers={"Origin": "http://evil.example"})
    assert answer.status_code == 403


@pytest.mark.thorough
@pytest.mark.parametrize("word", ["..%2f..%2fetc%2fhostname", "%2fetc%2fhostname", "none"])
def test_a_path_is_no_image(page, run, word):
    assert page.get(f"/api/uploads/{word}.jpg").status_code in (404, 409)
    answer = page.get(f"/api/runs/{run.id}/rankings/{KEY}/upload/{word}")
    assert answer.status_code in (404, 409)


@pytest.mark.thorough
def test_the_overview_says_what_may_be_handed_in(page, run):
    told = page.get(f"/api/runs/{run.id}/rankings").json()["uploads"]
    assert told["bytes"] == LARGEST_BYTES
    assert told["words"].startswith("JPEG, PNG, WEBP or BMP, up to 10 MB and 25 million pixels.")


def test_a_run_deleted_while_it_is_shown(page):
    assert page.get("/api/runs/none/filmstrip").status_code == 404
    assert page.get(f"/api/runs/none/formation/{KEY}/query/0").status_code == 404
