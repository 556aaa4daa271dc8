import os

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from tests.ui.by_hand import write_run
from workbench.lessons import lesson_run
from workbench.runs.management import create_locked_run
from workbench.ui.api.routes import add_routes
from workbench.ui.views.learn import lesson_tasks


@pytest.fixture
def page():
    app = FastAPI()
    add_routes(app)
    with TestClient(app, base_url="http://127.0.0.1:7860") as client:
        yield client


def test_a_lesson_is_opened_answered_and_linked(page):
    assert [one["name"] for one in page.get("/api/lessons").json()["lessons"]] == [
        "figures",
        "losses",
    ]
    opened = page.get("/api/lessons/losses?setting=loss:circle").json()
    assert opened["setting"]["loss"] == "circle"
    assert page.get("/api/lessons/losses/answer?choice=hardest").json()["agreed"]
    link = page.get("/api/lessons/losses/link?setting=loss:circle&hide=seed").json()["link"]
    assert link == "?tab=learn&lesson=losses&setting=loss%3Acircle&hide=seed"


@pytest.mark.thorough
def test_figures_go_as_json(page):
    told = page.get("/api/lessons/figures/list?cards=mwm").json()
    assert told["step"] == pytest.approx(5 / 6)
    assert page.get("/api/lessons/figures/real").json()["off"]["step"] > 0.6
    claims = page.get("/api/lessons/figures/claims?cards=mw").json()["claims"]
    assert [one["holds"] for one in claims] == [True] * 5
    assert len(page.get("/api/lessons/losses/start").json()["people"]) == 32


def test_what_cannot_be_done_is_told_in_a_sentence(page):
    assert "no lesson 'x'" in page.get("/api/lessons/x").json()["error"]
    assert "no answer" in page.get("/api/lessons/figures/answer?choice=x").json()["error"]
    assert "no list of cards" in page.get("/api/lessons/figures/list?cards=x").json()["error"]
    assert "There is no run" in page.get("/api/lessons/losses/training/x").json()["error"]
    short = {"setting": {}, "images": [0.0]}
    assert page.post("/api/lessons/losses/frames", json=short).status_code == 422


def test_claims_of_a_run_of_another_training_are_refused_before_anything_is_computed(page):
    lesson_tasks.end()
    run = write_run(until=0)
    answer = page.get(f"/api/lessons/losses/claims?run={run.id}")
    assert answer.status_code == 409
    assert answer.json()["error"] == (
        f"Run {run.id} is not a training of the lesson on losses: leave out run, or give the run"
        " that the lesson started."
    )
    assert page.get("/api/lessons/losses/claims?run=nothing").status_code == 404
    assert lesson_tasks._processes == []


def test_the_run_that_the_lesson_starts_is_its_training():
    run, lock = create_locked_run(lesson_run.PRESET, lesson_run.OVERRIDES)
    os.close(lock)
    assert lesson_run.is_training(run)
    run, lock = create_locked_run(lesson_run.PRESET, {})
    os.close(lock)
    assert not lesson_run.is_training(run)
