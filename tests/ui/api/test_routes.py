import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from tests.ui.by_hand import embed, step_record, write_run
from workbench.runs.lifecycle import launch
from workbench.runs.log import EventLog
from workbench.ui.api.guard import LoopbackGuard
from workbench.ui.api.routes import PLOTLY_SCRIPT, add_routes


@pytest.fixture
def page():
    app = FastAPI()
    add_routes(app)
    app.add_middleware(LoopbackGuard)
    with TestClient(app, base_url="http://127.0.0.1:7860") as client:
        yield client


def test_scripts_and_styles_are_kept_for_ever(page):
    for name in ("workbench.js", "workbench.css", "plotly.js"):
        answer = page.get(f"/panel/{name}")
        assert answer.status_code == 200
        assert "immutable" in answer.headers["cache-control"]
    assert len(page.get("/panel/plotly.js").content) == PLOTLY_SCRIPT.stat().st_size


def test_only_pictures_of_the_page_are_served(page):
    assert page.get("/panel/mark.svg").headers["content-type"] == "image/svg+xml"
    for name in ("none.svg", "..%2fpyproject.toml", "../app.py", "%2fetc%2fhostname"):
        assert page.get(f"/panel/{name}").status_code == 404


def test_nothing_may_be_loaded_from_elsewhere(page):
    policy = page.get("/api/runs").headers["content-security-policy"]
    assert "default-src 'self'" in policy
    assert "http" not in policy


def test_another_site_cannot_start_a_run(page, monkeypatch):
    monkeypatch.setattr(launch, "start", lambda *_: pytest.fail("started"))
    body = {"preset": "playground/quick"}
    answer = page.post("/api/runs", json=body, headers={"Origin": "http://evil.example"})
    assert answer.status_code == 403


def test_a_page_under_a_foreign_name_is_not_answered(page):
    assert page.get("/api/runs", headers={"Host": "evil.example"}).status_code == 403


def test_a_run_that_is_not_there(page):
    answer = page.get("/api/runs/none")
    assert answer.status_code == 404
    assert "There is no run 'none'" in answer.json()["error"]


def test_a_refused_start_says_why_beside_the_setting(page):
    body = {"preset": "playground/quick", "overrides": {"data.height": "many"}}
    answer = page.post("/api/runs", json=body)
    assert answer.status_code == 409
    assert list(answer.json()["refused"]) == ["data.height"]
    answer = page.post("/api/runs", json={"preset": "baseline/market1501"}).json()
    assert "Market-1501 is not in" in answer["refused"]["data.dataset.kind"]


def test_curves_are_told_once_and_then_only_what_is_new(page):
    run = write_run(until=50)
    first = page.get(f"/api/runs/{run.id}/curves?from=0&points=600").json()
    assert first["series"]["loss"]["step"] == list(range(1, 51))
    EventLog(run.events_file).append(step_record(51))
    question = {"from": first["next"], "state": json_of(first["smoothing_state"])}
    second = page.get(f"/api/runs/{run.id}/curves", params=question).json()
    assert second["series"]["loss"]["step"] == [51]
    assert second["reset_to_step"] is None
    table = page.get(f"/api/runs/{run.id}/curves.csv").text.splitlines()
    assert len(table) == 1 + 52


@pytest.mark.thorough
@pytest.mark.parametrize("state", ["", "[", "7", '{"smoothing": 0.9}'])
def test_a_damaged_state_of_smoothing_starts_again(page, state):
    run = write_run(until=5)
    answer = page.get(f"/api/runs/{run.id}/curves", params={"from": 10, "state": state})
    assert answer.json()["reset_to_step"] == -1


def test_runs_are_renamed_and_deleted(page):
    run = write_run()
    page.post(f"/api/runs/{run.id}/rename", json={"name": "night run"})
    assert page.get("/api/runs?brief=1").json()["runs"][0]["label"] == "night run"
    page.post(f"/api/runs/{run.id}/delete")
    assert page.get("/api/runs").json()["runs"] == []
    assert (run.path.parent / ".trash" / run.id).is_dir()


def test_stopping_what_is_not_alive_is_refused_in_words(page):
    run = write_run()
    answer = page.post(f"/api/runs/{run.id}/stop")
    assert (answer.status_code, answer.json()["error"]) == (
        409,
        f"Run {run.id} is finished: there is nothing to stop.",
    )


@pytest.mark.thorough
def test_images_go_by_index_and_never_by_path(page, tmp_path):
    run = embed(write_run(), tmp_path / "images")
    base = f"/api/runs/{run.id}/images/step_00000400-averaged"
    answer = page.get(f"{base}/query/0.jpg?height=100000")
    assert answer.headers["content-type"] == "image/jpeg"
    for wrong in ("query/99.jpg", "gallery/-1.jpg", "query/..%2f..%2frecipe.yaml", "moon/0.jpg"):
        assert page.get(f"{base}/{wrong}").status_code in (404, 409, 422)


@pytest.mark.thorough
def test_rankings_are_asked_for_by_name(page, tmp_path):
    run = embed(write_run(), tmp_path / "images")
    base = f"/api/runs/{run.id}/rankings"
    assert page.get(base).json()["chosen"] == "step_00000400-averaged"
    queries = page.get(f"{base}/averaged/queries?order=id&identity=2").json()
    assert [one["index"] for one in queries["queries"]] == [1]
    ranking = page.get(f"{base}/averaged/query/0?k=2").json()
    assert ranking["link"].startswith("?tab=rankings")
    assert page.get(f"{base}/averaged/queries?order=sideways").status_code == 422


def json_of(value):
    import json

    return json.dumps(value)


def test_a_pasted_text_has_the_same_budget_through_the_page(page):
    loops = "\n".join([*["for A in 1 2 3 4 5 6 7 8 9\ndo"] * 8, "B=1", *["done"] * 8])
    doubled = "A=xxxxxxxx\n" + "A=$A$A\n" * 60 + "python train.py --a $A"
    nested = "if [ a = a ]\nthen\n" * 500 + "fi\n" * 500
    for text, said in (
        (loops, "repeats too much"),
        (doubled, "expands to too many characters"),
        (nested, "nests more than"),
        ("A=999999999\npython train.py --a $((A*A))", "cannot be computed"),
        ("CUDA_VISIBLE_DEVICES=\u00b2 python train.py --PCB", "name devices by number"),
    ):
        answer = page.post("/api/translate", json={"text": text})
        assert answer.status_code == 409
        assert said in answer.json()["error"]


@pytest.mark.parametrize("kind", [None, [], {}, ["x"], 1])
def test_a_kind_that_is_no_word_is_refused_beside_its_setting(page, kind):
    for overrides in ({"data.dataset": {"kind": kind}}, {"training": {"length": {"kind": kind}}}):
        body = {"preset": "playground/quick", "overrides": overrides}
        assert page.post("/api/form", json=body).status_code == 200
        answer = page.post("/api/runs", json=body)
        assert answer.status_code == 409
        assert "kind" in answer.json()["error"]


def test_a_run_counted_back_further_than_numbers_reach_is_not_there(page):
    write_run(until=1)
    for digits in ("9" * 30, "9" * 2000):
        assert page.get(f"/api/runs/last~{digits}").status_code == 404


@pytest.mark.parametrize("question", ["smoothing=nan", "smoothing=1", "from=" + "9" * 30])
def test_numbers_out_of_reach_are_refused_in_a_sentence(page, question):
    run = write_run(until=1)
    answer = page.get(f"/api/runs/{run.id}/curves?{question}")
    assert answer.status_code == 422
    assert answer.json()["error"].startswith(question.partition("=")[0] + ": ")


def test_a_request_of_another_shape_is_refused_in_a_sentence(page):
    answer = page.post("/api/form", json={"preset": ["x"]})
    assert (answer.status_code, answer.json()["refused"]) == (422, {})
    assert answer.json()["error"].startswith("preset: ")
