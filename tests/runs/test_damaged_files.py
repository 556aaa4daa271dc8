"""One damaged file never hides the good ones, and says why it cannot be read."""

import json
from argparse import Namespace

import pytest

from workbench.cli.commands import recipes as recipe_commands
from workbench.cli.commands import runs as run_commands
from workbench.cli.entry import main
from workbench.cli.follow import follow
from workbench.cli.output import Output
from workbench.runs.curves import curves, final_metrics
from workbench.runs.folder import RunFolder
from workbench.runs.log import read_events
from workbench.runs.management import find_run, list_runs
from workbench.runs.status import Status
from workbench.ui.journal import journal
from workbench.ui.views.runs.run_view import brief_rows, rows
from workbench.ui.views.train.recipe_view import preset_cards

LABELS = {
    "name: [1]\nnote: {}\ntags: 5\n": "name is not a text, note is not a text, tags is not a list",
    "name: !!bool x\n": "does not fit its tag",
    "[" * 100_000: "more than 60 levels",
    "- 1\n": "no mapping",
    "1: 2\n": "the key 1 is no text",
    "\x00": "YAML",
}
STEP = {"kind": "step", "time": 1.0, "step": 1, "loss": 2.0, "losses": {"a": 1.0}}
ODD = [
    {"kind": ["step"], "time": 1.0, "step": 1},
    {"kind": "step", "time": 1.0, "step": "1", "loss": 1.0},
    {"kind": "step", "time": 1.0, "step": 2, "loss": "x", "losses": [1]},
    {"kind": "step", "time": 1.0, "step": 10**400, "loss": 10**400},
    {"kind": "started", "time": 1.0, "step": 0, "devices": 3},
    {"kind": "evaluated", "time": 1.0, "step": 1, "metrics": {"raw": {"mAP": "high"}}},
    {"kind": "evaluated", "time": 1.0, "step": 1, "metrics": [1], "seconds": 1.0},
    {"kind": "warning", "time": {}, "step": 1, "message": "m"},
    {"kind": "warning", "time": 1.0, "step": 1, "message": "\ud800"},
    {"kind": "resumed", "time": 1.0, "step": None, "message": "m"},
    {"kind": "finished", "time": 1.0, "step": True, "metrics": {}},
]


@pytest.fixture
def two(tmp_path, monkeypatch):
    """Two runs, the second of which a test damages."""
    monkeypatch.setenv("WORKBENCH_RUNS", str(tmp_path))
    for name in ("20260101-000000-quick-0001", "20260101-000001-quick-0002"):
        run = RunFolder(tmp_path / name)
        run.path.mkdir()
        run.recipe_file.write_text("{}")
        run.overrides_file.write_text("preset: playground/quick\noverrides: {}\n")
        run.status_file.write_text(json.dumps({"state": "finished", "step": 3}))
    run.labels_file.write_text("name: good\n")
    good, damaged = list_runs()
    return good, damaged


@pytest.mark.parametrize("text", LABELS)
def test_damaged_labels_are_a_row_with_the_reason_and_every_run_is_found(two, capsys, text):
    good, damaged = two
    damaged.labels_file.write_text(text)
    assert [row["problem"] != "" for row in rows()] == [False, True]
    assert LABELS[text] in rows()[1]["problem"]
    assert [row["label"] for row in brief_rows()] == ["good", damaged.id]
    assert [find_run(text).id for text in ("good", damaged.id, "last")] == [
        good.id,
        damaged.id,
        good.id,
    ]
    assert main(["runs"]) == 0
    line = next(row for row in capsys.readouterr().out.splitlines() if damaged.id in row)
    assert "unreadable: labels.yaml cannot be read" in line
    assert main(["runs", "--json"]) == 0
    records = [json.loads(row) for row in capsys.readouterr().out.splitlines()]
    assert [record["problem"] != "" for record in records] == [False, True]
    assert damaged.labels().tags == ()


def test_a_run_that_cannot_be_looked_at_is_one_unreadable_row(two, capsys, monkeypatch):
    _, damaged = two
    whole = RunFolder.status

    def status(run):
        if run.id == damaged.id:
            raise PermissionError(13, "Permission denied")
        return whole(run)

    monkeypatch.setattr(RunFolder, "status", status)
    assert [row["state"] for row in rows()] == ["finished", "unreadable"]
    assert rows()[1]["problem"] == "Permission denied"
    assert [row["state"] for row in brief_rows()] == ["finished", "unreadable"]
    assert run_commands.list_all(Namespace(), Output(json_lines=True)) == 0
    told = [json.loads(row) for row in capsys.readouterr().out.splitlines()]
    assert [record["state"] for record in told] == ["finished", "unreadable"]


@pytest.mark.parametrize(
    "text",
    [
        "titel: x\n",
        "title: !!bool x\n",
        "[" * 100_000,
        "1: 2\n",
        "model: {backbone: {kind: [1]}}\n",
    ],
)
def test_a_preset_that_cannot_be_read_hides_no_other(tmp_path, monkeypatch, capsys, text):
    monkeypatch.setenv("WORKBENCH_RECIPES", str(tmp_path))
    (tmp_path / "own").mkdir()
    (tmp_path / "own" / "bad.yaml").write_text(text)
    (tmp_path / "own" / "good.yaml").write_text("title: A good one\n")
    bad, good = preset_cards()
    assert (bad["name"], good["title"], good["problem"]) == ("own/bad", "A good one", "")
    assert bad["problem"]
    assert recipe_commands.list_presets(Namespace(), Output(json_lines=True)) == 2
    told = [json.loads(row) for row in capsys.readouterr().out.splitlines()]
    kinds = {record["kind"]: record for record in told}
    assert kinds["preset"]["name"] == "own/good"
    assert (kinds["unreadable"]["name"], kinds["unreadable"]["reason"]) == (
        "own/bad",
        bad["problem"],
    )
    assert recipe_commands.list_presets(Namespace(), Output()) == 2
    assert "unreadable: " in capsys.readouterr().out


@pytest.mark.parametrize(
    "field", [field for field in vars(Status(state="lost")) if field != "state"]
)
@pytest.mark.parametrize("value", ["x", [1], {"a": {"b": "c"}}, -1.5, True, 10**400, {"raw": 3}])
def test_a_status_of_odd_types_is_still_a_status(two, field, value):
    good, _ = two
    good.status_file.write_text(json.dumps({"state": "finished", field: value}))
    status = good.status()
    assert status.state == "finished"
    assert status.process is None
    assert [row["state"] for row in rows()] == ["finished", "finished"]


@pytest.mark.parametrize("state", [None, [], {}, 3, "asleep"])
def test_a_status_without_a_state_is_a_lost_run(two, state):
    good, _ = two
    good.status_file.write_text(json.dumps({"state": state, "step": 5}))
    assert good.status().state == "lost"


@pytest.mark.parametrize("odd", ODD)
def test_an_event_of_odd_types_is_passed_over(two, capsys, odd):
    good, _ = two
    lines = [odd, STEP, odd, {"kind": "finished", "time": 2.0, "step": 1, "metrics": {}}]
    good.events_file.write_text(
        "".join(json.dumps(line, separators=(",", ":")) + "\n" for line in lines)
    )
    assert [record["kind"] for record in read_events(good.events_file)[0]] == ["step", "finished"]
    assert [line["text"] for line in journal(good)["lines"]] == ["Finished: no figures."]
    assert json.loads(json.dumps(curves(good), allow_nan=False))["series"]["loss"]["last"] == [2.0]
    assert final_metrics(good) is None
    assert follow(good, Output()) == 0
    assert follow(good, Output(json_lines=True)) == 0


def test_more_digits_than_a_number_may_have_mean_no_run(two):
    assert main(["follow", "last~" + "9" * 5000]) == 2
    assert find_run("last~0001").id == two[1].id
