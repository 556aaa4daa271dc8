"""Following a run: what is shown, how it ends."""

import json

import pytest

from workbench.cli.follow import follow
from workbench.cli.follow_views import PlainView
from workbench.cli.output import Output
from workbench.runs.log import EventLog
from workbench.runs.management import create_run
from workbench.runs.status import Status, write_status

METRICS = {"raw": {"mAP": 0.5, "rank1": 0.6, "mINP": 0.2}, "averaged": None}
STARTED = {
    "kind": "started",
    "step": 0,
    "recipe": "0" * 12,
    "devices": ["cpu"],
    "threads": 1,
    "precision": "fp32",
    "total": 2,
}
STEP = {"kind": "step", "step": 1, "loss": 2.5, "images_per_second": 100.0}
EVALUATED = {"kind": "evaluated", "step": 1, "metrics": METRICS, "seconds": 1.0}


def ended(kind, **fields):
    return {"kind": kind, "step": 2, "run": "x", "metrics": METRICS} | fields


@pytest.fixture
def run():
    """A run nobody works on, whose events a test writes."""
    return create_run("playground/quick")


def write(run, *records):
    for record in records:
        EventLog(run.events_file).append(record)


@pytest.mark.parametrize(
    ("last", "code"),
    [
        (ended("finished"), 0),
        (ended("stopped", checkpoint="step_00000002"), 130),
        (ended("failed", error="The loss is not finite at step 2."), 1),
    ],
)
def test_the_exit_code_says_how_a_run_ended(run, capsys, last, code):
    write(run, STARTED, STEP, EVALUATED, last)
    assert follow(run, Output()) == code
    captured = capsys.readouterr()
    assert "started on cpu: 2 steps, fp32, 1 thread(s)" in captured.out
    assert "step 1: raw: mAP 50.0 %  rank1 60.0 %  mINP 20.0 %" in captured.out
    if code == 1:
        assert captured.err == "The loss is not finite at step 2.\n"


def test_json_is_the_events_and_ends_with_the_last(run, capsys):
    write(run, STARTED, STEP, ended("finished"))
    assert follow(run, Output(json_lines=True)) == 0
    records = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert records == [STARTED, STEP, ended("finished")]


def test_following_starts_where_it_is_told(run, capsys):
    write(run, STARTED, ended("stopped"))
    offset = run.events_file.stat().st_size
    write(run, {"kind": "resumed", "step": 2, "message": "going on"}, ended("finished"))
    assert follow(run, Output(), offset) == 0
    out = capsys.readouterr().out
    assert "step 2: going on" in out
    assert "started" not in out


def test_a_run_whose_worker_is_gone_is_lost(run, capsys):
    write(run, STARTED, STEP)
    assert follow(run, Output(json_lines=True)) == 1
    last = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert last["kind"] == "lost"
    assert f"workbench resume {run.id}" in last["error"]


def test_a_run_that_could_not_write_its_last_event_is_judged_by_its_status(run, capsys):
    write(run, STARTED, STEP)
    write_status(run, state="finished", step=2, metrics=METRICS)
    assert follow(run, Output(json_lines=True)) == 0
    last = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert (last["kind"], last["run"], last["metrics"]) == ("finished", run.id, METRICS)


def test_on_a_terminal_sentences_stand_above_the_bars(run, capsys):
    drawing = {"kind": "progress", "step": 0, "stage": "drawing", "done": 5, "total": 10}
    write(run, drawing, STARTED, STEP, EVALUATED, ended("finished"))
    output = Output()
    output.terminal = True
    assert follow(run, output) == 0
    out = capsys.readouterr().out
    assert "step 1: raw: mAP 50.0 %" in out
    assert "drawing" in out
    assert "1/2" in out
    assert "loss 2.500  100 images/s" in out


def test_what_a_run_waits_for_is_said_once(run, capsys):
    view = PlainView(Output())
    for stage in ("reading the data", "reading the data", "drawing 3 of 10", "loading images"):
        view.wait(Status(state="starting", stage=stage))
    view.wait(Status(state="queued", waiting_for=("a", "b")))
    view.wait(Status(state="running"))
    assert capsys.readouterr().out.splitlines() == [
        "starting: reading the data",
        "starting: loading images",
        "queued: waiting for a, b",
    ]
