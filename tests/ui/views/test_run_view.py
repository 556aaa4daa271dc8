import os

import pytest

from tests.ui.by_hand import embed, write_run
from workbench.recipe.compare import digest
from workbench.runs.management import rename_run
from workbench.ui.journal import journal
from workbench.ui.views.runs.run_view import LOG_BYTES, brief_rows, detail, log_tail, row, rows


def test_rows_say_how_runs_stand():
    write_run(overrides={"training.seed": "3", "run.name": "mine", "data.root": None})
    write_run("playground/global", state="failed", until=210, error="too hot")
    newest, oldest = rows()
    assert (oldest["label"], oldest["state"], oldest["preset"]) == (
        "mine",
        "finished",
        "playground/quick",
    )
    assert [(one["path"], one["value"]) for one in oldest["changed"]] == [("training.seed", "3")]
    assert oldest["duration"] == 400
    assert oldest["figures"]["weights"] == "averaged"
    assert newest["can"] == {"stop": False, "resume": True, "delete": True, "rank": True}
    assert oldest["can"]["resume"] is False


def test_a_change_is_called_by_what_tells_it_apart():
    changes = {
        "data.width": 32,
        "model.backbone.width": 16,
        "model.weights.kind": "none",
        "training.length.count": 2,
        "training.evaluate.kind": "never",
    }
    told = [(one["short"], one["value"]) for one in row(write_run(overrides=changes))["changed"]]
    assert told == [
        ("width", "32"),
        ("backbone width", "16"),
        ("weights", "none"),
        ("length count", "2"),
        ("evaluate", "never"),
    ]


def test_a_run_without_a_worker_is_lost_and_can_go_on():
    run = write_run(state="running", until=233)
    seen = detail(run)
    assert seen["state"] == "lost"
    assert seen["words"].endswith("The last checkpoint is of step 233: Resume goes on from there.")
    assert seen["share"] == pytest.approx(233 / 400)
    assert seen["can"]["resume"]


def test_a_new_name_is_shown_and_the_id_where_there_is_none():
    run = write_run()
    assert row(run)["label"] == run.id
    rename_run(run, "night run")
    assert [(one["id"], one["label"]) for one in brief_rows()] == [(run.id, "night run")]


def test_what_is_embedded_can_be_ranked(tmp_path):
    run = write_run()
    assert [(one["rank"], one["embedded"]) for one in brief_rows()] == [(True, False)]
    embed(run, tmp_path / "images")
    assert [(one["rank"], one["embedded"]) for one in brief_rows()] == [(True, True)]


def test_the_log_is_sent_from_where_it_was_left():
    run = write_run(until=0)
    assert log_tail(run, 0) == {"text": "", "next": 0, "skipped": False}
    run.log_file.write_text("one\n")
    first = log_tail(run, 0)
    assert (first["text"], first["next"]) == ("one\n", 4)
    with open(run.log_file, "a") as file:
        file.write("two\n")
    assert log_tail(run, first["next"])["text"] == "two\n"
    run.log_file.write_text("x" * (LOG_BYTES + 10))
    long = log_tail(run, 0)
    assert (len(long["text"]), long["skipped"], long["next"]) == (
        LOG_BYTES,
        True,
        os.path.getsize(run.log_file),
    )


def test_the_journal_leaves_out_single_steps():
    run = write_run(until=140)
    told = journal(run)
    assert [line["step"] for line in told["lines"]] == [0, 130]
    assert told["lines"][0]["text"] == "Evaluated in 2.5 s: raw mAP 3.0 %, Rank-1 5.0 %."
    assert "averaged mAP" in told["lines"][1]["text"]
    assert journal(run, told["next"]) == {"next": told["next"], "lines": []}


def test_what_was_decided_by_timing_is_part_of_what_a_run_is():
    run = write_run(threads=2, measured=("threads",))
    assert row(run)["computed"] == "fp32, 2 threads (measured: threads)"
    told = dict(detail(run)["facts"])
    assert told["Computed with"] == "fp32, 2 threads (measured: threads)"
    assert told["Recipe"] == f"{digest(run.recipe())}, seed 0"
    assert write_run(threads=1).status().computed == "fp32, 1 thread"
