"""Runs that version 0.1 finished open in every command and route, with the metrics they had."""

import json
import time

import numpy as np
import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

import workbench
from tests.first_runs import CAMERAS, COUNTS, FIXTURE, FOLDER, METRICS, copy_first_runs
from workbench import paths
from workbench.cli import main
from workbench.data.catalogue.splits import read_split
from workbench.experiment.provenance import changed_data
from workbench.retrieval.embeddings.store import Embeddings
from workbench.runs.curves import curves
from workbench.runs.management import find_run, list_runs
from workbench.ui.api.routes import add_routes


@pytest.fixture(autouse=True)
def first_runs():
    copy_first_runs(paths.runs_folder(), paths.datasets_folder())


@pytest.fixture
def asked(capsys):
    """Run a command with ``--json``: its exit code and records."""

    def ask(*words):
        code = main([*map(str, words), "--json"])
        return code, [json.loads(line) for line in capsys.readouterr().out.splitlines()]

    return ask


def test_the_fixture_is_small_and_names_no_machine():
    files = [path for path in FIXTURE.rglob("*") if path.is_file()]
    assert sum(path.stat().st_size for path in files) < 300_000
    texts = [p.read_text() for p in files if p.suffix in (".json", ".jsonl", ".yaml", ".log")]
    assert not any("/home/" in text or "/tmp/" in text or "/root" in text for text in texts)


def test_they_are_listed_with_their_names_and_metrics(asked):
    assert {run.id for run in list_runs()} == {CAMERAS, FOLDER}
    code, records = asked("runs")
    assert code == 0
    told = {record["run"]: record for record in records}
    assert {run: record["name"] for run, record in told.items()} == {
        CAMERAS: "cameras",
        FOLDER: "folder",
    }
    assert all(record["state"] == "finished" for record in records)


@pytest.mark.thorough
@pytest.mark.parametrize("run", [CAMERAS, FOLDER])
def test_they_are_evaluated_as_before(asked, run):
    code, (record,) = asked("evaluate", run)
    assert code == 0
    assert record["checkpoint"] == "step_00000012"
    for weights, metrics in METRICS[run].items():
        assert {name: record["metrics"][weights][name] for name in metrics} == metrics
    assert {name: record["counts"][name] for name in COUNTS[run]} == COUNTS[run]
    # The network embeds the same images to the same ranking, too.
    embedded = asked("embed", run, "--weights", "raw", "--out", paths.runs_folder() / "v.npz")
    assert embedded[0] == 0
    stored = Embeddings.load(find_run(run).embeddings / "step_00000012-raw")
    with np.load(paths.runs_folder() / "v.npz") as file:
        np.testing.assert_allclose(
            file["vectors"][: len(stored.query)], stored.query, rtol=1e-4, atol=1e-6
        )
        known = file["camera"][file["camera"] != -1]
        assert set(known.tolist()) == ({1, 2, 3} if run == CAMERAS else set())


def test_stored_cameras_and_identities_keep_their_meaning(asked):
    stored = {
        run: Embeddings.load(find_run(run).embeddings / "step_00000012-raw")
        for run in (CAMERAS, FOLDER)
    }
    assert {image.camera for image in stored[CAMERAS].gallery_images} == {1, 2, 3}
    assert {image.camera for image in stored[FOLDER].gallery_images} == {-1}
    for run, embeddings in stored.items():
        report = workbench.open_rankings(find_run(run), "raw").report
        assert report.mAP == METRICS[run]["raw"]["mAP"]
        assert report.num_same_camera == COUNTS[run]["same_camera_pairs"]
        assert len(embeddings.query) == COUNTS[run]["queries"]
    code, (record,) = asked("rank", CAMERAS, "--query", 1, "-k", 8, "--weights", "raw")
    assert code == 0
    assert [(image["verdict"], image["excluded"]) for image in record["images"]] == [
        *[("wrong", None)] * 2,
        ("match", None),
        ("wrong", None),
        ("match", None),
        *[("wrong", None)] * 2,
        ("match", "same identity, same camera"),
        ("wrong", None),
    ]
    code, (record,) = asked("rank", FOLDER, "--query", 1, "--weights", "raw")
    assert code == 0
    assert [image["verdict"] for image in record["images"]] == [
        *["match"] * 2,
        *["wrong"] * 2,
        "match",
        "wrong",
    ]


@pytest.mark.parametrize("run", [CAMERAS, FOLDER])
def test_their_data_have_not_changed(run):
    found = find_run(run)
    assert changed_data(found, read_split(found.recipe().data)) == []


def test_their_curves_and_refusals_are_there(asked):
    for run in (CAMERAS, FOLDER):
        series = curves(find_run(run), 0, 100)["series"]
        assert series["loss"]["step"][-1] == 12
        code, records = asked("resume", run)
        assert code == 2
        assert "finished" in records[-1]["error"]
        assert asked("follow", run)[0] == 0


@pytest.mark.thorough
def test_they_are_explained_mapped_and_exported(asked):
    out = paths.runs_folder()
    code, (record,) = asked("explain", CAMERAS, "--query", 1, "--out", out / "why")
    assert code == 0
    assert record["query"] == 1
    assert asked("embed", FOLDER, "--out", out / "v.npz")[0] == 0
    assert asked("project", out / "v.npz", "--out", out / "map.html")[0] == 0
    assert asked("runs", "export", CAMERAS, "--out", out / "curves.csv")[0] == 0
    assert (out / "curves.csv").read_text().count("\n") > 12


@pytest.fixture
def page():
    app = FastAPI()
    add_routes(app)
    with TestClient(app) as client:
        yield client


TABS = {
    "Train and Runs": ("", "/curves", "/curves.csv", "/log", "/journal", "/recipe", "/filmstrip"),
    "Rankings": (
        "/rankings?weights=raw",
        "/rankings/raw/queries",
        "/rankings/raw/query/1",
        "/images/raw/query/1.jpg",
        "/images/raw/gallery/3.jpg",
        "/formation/raw/query/1",
    ),
    "Parts": ("/parts?weights=raw", "/parts/raw/query/1/2"),
    "Map": (
        "/maps?weights=raw",
        "/maps/raw/images",
        "/maps/raw/verdicts",
        "/maps/raw/pca/points",
        "/maps/raw/pca/trust",
        "/maps/raw/pca/points/1",
        "/maps/live",
    ),
}


@pytest.mark.thorough
@pytest.mark.parametrize("run", [CAMERAS, FOLDER])
@pytest.mark.parametrize("tab", TABS)
def test_every_tab_is_answered_about_them(page, run, tab):
    for path in TABS[tab]:
        answer = page.get(f"/api/runs/{run}{path}")
        for _ in range(200):  # what takes a background thread is asked for again
            if answer.status_code != 200 or "json" not in answer.headers["content-type"]:
                break
            if not answer.json().get("working"):
                break
            time.sleep(0.05)
            answer = page.get(f"/api/runs/{run}{path}")
        assert answer.status_code == 200, (path, answer.text)


def test_the_page_says_who_is_who_as_before(page):
    query = page.get(f"/api/runs/{CAMERAS}/rankings/raw/query/1").json()
    assert query["query"]["caption"] == "id 5 · cam 2"
    assert query["items"][2]["verdict"] == "match"
    alone = page.get(f"/api/runs/{FOLDER}/rankings/raw/query/1").json()
    assert (alone["query"]["caption"], alone["query"]["camera_words"]) == ("id 6", "unknown")
    labels = np.frombuffer(page.get(f"/api/runs/{CAMERAS}/maps/raw/images").content, "<i4")
    people, cameras = labels.reshape(-1, 2).T
    # 8 queries; then by name the gallery: junk and a distractor first.
    assert people[8:10].tolist() == [-1, -2]
    assert set(cameras.tolist()) == {1, 2, 3}
