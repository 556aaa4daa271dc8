"""The Parts tab's questions, of a pair that was explained before: no network is loaded for it."""

import sys

import numpy as np
import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from tests.ui.by_hand import embed, write_run
from workbench.explain.explanation import PairExplanation, PartExplanation
from workbench.inspection.explained_pairs import Pair, explanation_file
from workbench.ui.api.guard import LoopbackGuard
from workbench.ui.api.routes import add_routes
from workbench.ui.views.parts import parts_view
from workbench.ui.views.rankings.stored_rankings import choose, opened


@pytest.fixture
def page():
    app = FastAPI()
    add_routes(app)
    app.add_middleware(LoopbackGuard)
    with TestClient(app, base_url="http://127.0.0.1:7860") as client:
        yield client


@pytest.fixture
def run(tmp_path):
    """A run that was asked about query 0 and gallery image 1 before."""
    run = embed(write_run(), tmp_path / "images")
    heat = np.array([[0.1, 0.2], [0.0, -0.1]])
    part = PartExplanation("whole", heat, heat, 0.3, 0.9, 0.1, 0.1)
    whole = PartExplanation("all", heat, heat, 0.3, 0.9, 0.1, 0.1)
    found = PairExplanation("evidence", (part,), whole, 0.1, 0.3, {"distance": "cosine"})
    with opened(run, choose(run, "averaged")) as rankings:
        pair = Pair.of(rankings, 0, 1)
    file = explanation_file(run, pair.key("step_00000400", "averaged", "evidence", True))
    file.parent.mkdir(parents=True)
    found.save(file)
    return run


@pytest.mark.thorough
def test_a_pair_that_is_known_is_told_at_once(page, run):
    before = "torch" in sys.modules
    answer = page.get(f"/api/runs/{run.id}/parts/averaged/query/0/1").json()
    assert answer["working"] is False
    assert (answer["total"], answer["branches"], answer["masks"]) == (0.3, [], [])
    assert answer["note"].startswith("One map only")
    assert answer["words"] == (
        "Rank 2: match, identity 1, camera 2. Similarity 0.3000 (cosine of the two vectors, at"
        " most 1)."
    )
    assert answer["whole"]["sum"] == {
        "for": pytest.approx(0.3),
        "against": pytest.approx(-0.1),
        "constant": 0.1,
    }
    assert ("torch" in sys.modules) == before


@pytest.mark.thorough
def test_heat_goes_by_name_and_never_by_path(page, run):
    base = f"/api/runs/{run.id}/parts/averaged/query/0/1"
    answer = page.get(f"{base}/all/query.png")
    assert answer.headers["content-type"] == "image/png"
    assert "max-age" in answer.headers["cache-control"]
    for wrong in ("none/query.png", "all/moon.png", "..%2frecipe.yaml/query.png"):
        assert page.get(f"{base}/{wrong}").status_code in (404, 409, 422)
    answer = page.get(f"/api/runs/{run.id}/masks/averaged/whole.png")
    assert (answer.status_code, "no learned mask" in answer.json()["error"]) == (409, True)


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("query/0/99", 409),
        ("query/99/0", 409),
        ("query/0/1?method=cam", 409),
        ("moon/0/1", 422),
        ("query/a/1", 422),
    ],
)
def test_what_is_not_there_is_refused_in_words(page, run, path, status):
    answer = page.get(f"/api/runs/{run.id}/parts/averaged/{path}")
    assert answer.status_code == status
    assert status == 422 or "error" in answer.json()


@pytest.mark.thorough
def test_a_run_that_was_deleted(page, run):
    page.post(f"/api/runs/{run.id}/delete")
    answer = page.get(f"/api/runs/{run.id}/parts")
    assert (answer.status_code, "There is no run" in answer.json()["error"]) == (404, True)


@pytest.mark.thorough
def test_the_methods_are_told_with_what_each_shows(page, run, monkeypatch):
    monkeypatch.setattr(parts_view, "begin_loading", lambda: None)
    told = page.get(f"/api/runs/{run.id}/parts").json()
    assert told["ready"] is True
    assert told["methods"][0]["title"] == "Part evidence"
    assert dict(told["reading"])["Deletion score"]
