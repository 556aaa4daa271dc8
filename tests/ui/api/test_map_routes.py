import numpy as np
import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from tests.ui.mapped import write_mapped_run
from workbench.retrieval.projection.projection import pca
from workbench.runs.management import delete_run
from workbench.ui.api.routes import add_routes


@pytest.fixture
def page():
    app = FastAPI()
    add_routes(app)
    with TestClient(app, base_url="http://127.0.0.1:7860") as client:
        yield client


@pytest.fixture
def run(tmp_path):
    return write_mapped_run(tmp_path / "images")


@pytest.mark.thorough
def test_points_go_as_bytes(page, run):
    base = f"/api/runs/{run.id}/maps"
    assert page.get(base).json()["chosen"] == "step_00000400-averaged"
    for name, size in (
        ("images", 58 * 8),
        ("verdicts", 58),
        ("pca/points", 58 * 8),
        ("pca/shares", 58 * 4),
        ("pca/frames/points", 3 * 58 * 8),
        ("pca/frames/shares", 3 * 58 * 4),
        ("pca/frames/sample", 58 * 4),
    ):
        answer = page.get(f"{base}/averaged/{name}")
        assert (answer.status_code, len(answer.content)) == (200, size), name
        assert answer.headers["content-type"] == "application/octet-stream"
    flat = np.frombuffer(page.get(f"{base}/averaged/pca/points").content, "<f4")
    stored = np.load(run.embeddings / "step_00000400-averaged" / "query.npy")
    gallery = np.load(run.embeddings / "step_00000400-averaged" / "gallery.npy")
    np.testing.assert_array_equal(flat, pca(np.concatenate([stored, gallery])).ravel())


@pytest.mark.thorough
def test_words_and_figures_go_as_json(page, run):
    base = f"/api/runs/{run.id}/maps/averaged"
    assert page.get(f"{base}/pca/trust").json()["k"] == 10
    assert page.get(f"{base}/pca/frames").json()["steps"] == [0, 130, 400]
    assert len(page.get(f"{base}/pca/points/3?step=130").json()["neighbours"]) == 10
    assert page.get(f"{base}/umap").json()["ready"] is False
    link = page.get(f"{base}/link?method=umap&colour=split&point=2").json()["link"]
    assert link == f"?tab=map&run={run.id}&weights=averaged&method=umap&colour=split&point=2"


@pytest.mark.thorough
def test_what_cannot_be_shown_is_told_in_a_sentence(page, run):
    base = f"/api/runs/{run.id}/maps/averaged"
    assert "not made yet" in page.get(f"{base}/umap/points").json()["error"]
    assert "There is no point 58" in page.get(f"{base}/pca/points/58").json()["error"]
    assert page.get(f"{base}/magic/points").status_code == 422
    assert page.get(f"{base}/link?colour=magic").status_code == 422
    delete_run(run)
    answer = page.get(f"{base}/pca/points/3")
    assert answer.status_code == 404
    assert "There is no run" in answer.json()["error"]
