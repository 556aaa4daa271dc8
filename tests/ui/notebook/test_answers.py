import json
import logging
import re

import pytest

from tests.ui import by_hand
from workbench.runs.lifecycle import launch
from workbench.ui import assets
from workbench.ui.notebook import answers
from workbench.ui.notebook.answers import answer


def test_an_answer_is_what_the_view_says():
    run = by_hand.write_run(until=5)
    told = answer(f"api/runs/{run.id}")
    assert (told.status, told.kind) == (200, "application/json")
    assert json.loads(told.content)["id"] == run.id


@pytest.mark.thorough
def test_a_question_carries_its_query_and_its_body():
    run = by_hand.write_run(until=5)
    told = json.loads(answer(f"api/runs/{run.id}/curves?from=0&points=2").content)
    assert len(told["series"]["loss"]["step"]) == 2
    wanted = json.dumps({"preset": "playground/global", "overrides": {"training.seed": 3}})
    told = answer("api/form", "POST", wanted.encode(), "application/json")
    assert json.loads(told.content)["overrides"] == {"training.seed": 3}


def test_a_name_of_any_letters_is_asked_for():
    run = by_hand.write_run(until=5)
    body = json.dumps({"name": "größer"}).encode()
    assert answer(f"api/runs/{run.id}/rename", "POST", body, "application/json").status == 200
    assert json.loads(answer("api/runs/gr%C3%B6%C3%9Fer").content)["name"] == "größer"


def test_what_is_refused_is_one_sentence():
    told = answer("api/runs/nothing")
    assert told.status == 404
    assert "There is no run 'nothing'" in json.loads(told.content)["error"]
    assert answer("api/nothing").status == 404
    assert answer("api/form", "POST", b"{}", "application/json").status == 422


def test_files_and_pictures_come_as_bytes(tmp_path):
    run = by_hand.embed(by_hand.write_run(), tmp_path)
    picture = answer(f"api/runs/{run.id}/images/averaged/query/0.jpg?height=32")
    assert picture.kind == "image/jpeg"
    assert picture.content[:2] == b"\xff\xd8"
    assert answer("panel/people.svg").content.startswith(b"<svg")
    assert answer(f"api/runs/{run.id}/curves.csv").content.count(b"\n") > 400


def test_script_and_styles_are_those_of_every_face_with_the_notebook_s_own():
    told = answer("panel/notebook/script.js").content.decode()
    assert assets.bundle("js") in told
    assert "W.notebook = function" in told
    styles = answer("panel/notebook/styles.css").content.decode()
    assert styles.replace("@container (m", "@media (m").startswith(assets.bundle("css"))
    assert "-width" not in " ".join(re.findall(r"@media[^{]*", styles)), "a cell is no window"


def test_an_error_of_ours_is_logged_and_told(monkeypatch, caplog):
    def broken():
        raise ZeroDivisionError("one over nothing")

    monkeypatch.setattr(launch, "device_states", broken)
    monkeypatch.setattr("workbench.ui.views.train.recipe_view.device_states", broken)
    with caplog.at_level(logging.ERROR):
        told = answer("api/devices")
    assert told.status == 500
    assert "one over nothing" in json.loads(told.content)["error"]
    assert "GET api/devices" in caplog.text


def test_there_is_one_application():
    assert answers.application() is answers.application()


@pytest.mark.parametrize("path", ["panel/../app.py", "panel/%2e%2e/app.py"])
def test_no_path_leads_out_of_the_assets(path):
    assert answer(path).status == 404
