"""Odd values at every route: an answer, or one sentence with a status of the 400s."""

import json
import re
import subprocess

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.first_runs import CAMERAS, copy_first_runs
from tests.ui.api.odd_requests import (
    Question,
    example,
    odd_addresses,
    odd_bodies,
    question,
    routes_of,
    texts_of,
)
from workbench import paths
from workbench.ui.api import routes
from workbench.ui.api.bodies import DEEPEST
from workbench.ui.api.guard import LoopbackGuard

UNREADABLE = (
    b"{",
    b"\xff\xfe",
    b"NaN",
    b'{"preset": NaN}',
    b'{"overrides": {"data.height": 1e999}}',
    b'{"overrides": {"data.height": -Infinity}}',
    b'{"preset": "\\ud800"}',
    b'{"\\udfff": 1}',
    b"[" * (DEEPEST + 1) + b"]" * (DEEPEST + 1),
    b"[" * 100_000,
    b'{"a":' * 100_000,
    b"9" * 5000,
)
JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)
RUNS = {"run": CAMERAS, "weights": "averaged"}
JSON = {"content-type": "application/json"}


def application():
    app = FastAPI()
    routes.add_routes(app)
    return app


ROUTES = routes_of(application())


@pytest.fixture
def page(monkeypatch):
    def no_process(*_, **__):
        raise OSError(11, "no process may start here")

    monkeypatch.setattr(subprocess, "Popen", no_process)
    monkeypatch.setenv("WORKBENCH_COMPILED", "0")  # compiling takes longer than all requests
    copy_first_runs(paths.runs_folder(), paths.datasets_folder())
    app = application()
    app.add_middleware(LoopbackGuard)
    with TestClient(app, base_url="http://127.0.0.1:7860") as client:
        yield client


def fault_of(page, asked: Question):
    """What is wrong with the answer: an exception, a status, a refusal that is no sentence."""
    try:
        answer = page.request(asked.method, asked.address, content=asked.body, headers=JSON)
        if answer.status_code >= 500:
            return f"{asked}: status {answer.status_code}"
        if "json" not in answer.headers.get("content-type", ""):
            return None
        content = json.loads(answer.text, parse_constant=float.fromhex)  # refuses NaN
    except Exception as error:
        return f"{asked}: {type(error).__name__}: {error}"[:500]
    if answer.status_code < 400 or "detail" in content:
        return None
    sentence = content["error"]
    if re.fullmatch(r"[^\n\x00-\x1f]{10,1000}", sentence) and "Traceback" not in sentence:
        return None
    return f"{asked}: {sentence[:1500]!r}"


def faults_of(page, questions):
    return [fault for asked in questions if (fault := fault_of(page, asked)) is not None]


@pytest.mark.thorough
def test_odd_names_and_numbers_are_answered_or_refused_everywhere(page):
    asked = (one for turn, route in enumerate(ROUTES) for one in odd_addresses(route, RUNS, turn))
    assert faults_of(page, asked) == []


@pytest.mark.thorough
def test_odd_bodies_are_answered_or_refused_everywhere(page):
    posted = [route for route in ROUTES if route.method == "POST"]
    asked = (one for route in posted for one in odd_bodies(route, RUNS))
    assert faults_of(page, asked) == []


@st.composite
def any_requests(draw):
    """A route with any text for each parameter, and any JSON for each field of its body."""
    route = draw(st.sampled_from(ROUTES))
    values = {
        parameter["name"]: draw(st.sampled_from(texts_of(parameter["schema"])) | st.text())
        for parameter in route.parameters
        if parameter["name"] not in RUNS
    }
    if route.body is None:
        return question(route, RUNS | values)
    body = {name: draw(JSON_VALUES) for name in example(route.body)}
    return question(route, {"run": CAMERAS} | values, json.dumps(body).encode())


@pytest.mark.thorough
@settings(
    max_examples=50,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(asked=any_requests())
def test_any_text_and_any_json_are_answered_or_refused(page, asked):
    assert fault_of(page, asked) is None


@pytest.mark.parametrize("body", UNREADABLE, ids=lambda body: str(body[:24]))
def test_a_body_that_no_answer_could_repeat_is_refused_in_a_sentence(page, body):
    answer = page.post("/api/form", content=body, headers=JSON)
    assert answer.status_code == 400
    assert answer.json()["error"].startswith("The body is ")


@pytest.mark.parametrize("length", ["²", "9" * 5000, "-1", "many"])
def test_a_length_that_is_no_number_is_not_counted_on(page, length):
    headers = JSON | {"content-length": length.encode("latin-1")}
    for address, status in (("/api/translate", 200), ("/api/uploads", 409)):
        answer = page.post(address, content=b'{"text": "python train.py"}', headers=headers)
        assert answer.status_code == status


def test_an_identity_that_is_no_number_does_not_choose(page):
    address = f"/api/runs/{CAMERAS}/rankings/averaged/queries"
    every = page.get(address).json()
    for identity in ("²", "9" * 5000, "", "x"):
        assert page.get(address, params={"identity": identity}).json() == every
    some = page.get(address, params={"identity": every["queries"][0]["identity"]}).json()
    assert 0 < len(some["queries"]) < len(every["queries"])


def test_a_refusal_repeats_no_control_character_and_no_endless_word(page):
    answer = page.get("/api/runs/%1b%5b31m%0a%00" + "9" * 5000)
    assert answer.status_code == 404
    assert answer.json()["error"].startswith("There is no run '�[31m ")
    assert len(answer.json()["error"]) < 1000


def test_an_address_that_is_not_there_is_refused_in_a_sentence(page):
    for method, address in (("GET", "/api/none"), ("POST", "/api/presets"), ("GET", "/api/form")):
        answer = page.request(method, address)
        assert answer.status_code == 404
        assert "open the page at '/'" in answer.json()["error"]


@pytest.mark.parametrize("work", ["maps/averaged/umap", "lengths/averaged", "rankings/averaged"])
def test_work_that_no_process_can_be_started_for_is_refused(page, work):
    answer = page.post(f"/api/runs/{CAMERAS}/{work}")
    assert answer.status_code == 409
    assert answer.json()["error"].startswith(
        f"Nothing could be started for run {CAMERAS}: no process may start here. Make "
    )
