"""The command line with real workers: start, follow, stop, resume, evaluate, rank."""

import json
import signal
import subprocess
import sys

import pytest

from tests.experiment.tiny import DRAWN
from workbench.cli import main
from workbench.data.checks.check import check
from workbench.runs.management import find_run, list_runs

pytestmark = pytest.mark.process
TINY = DRAWN | {
    "training.length.count": 8,
    "training.evaluate.count": 4,
    "training.checkpoints.every.count": 4,
}
FLAGS = [f"--{path}={value}" for path, value in TINY.items()]
PRESET = "playground/global"


def workbench(*arguments):
    """Exit code, JSON records of standard output, standard error."""
    command = [sys.executable, "-m", "workbench", *arguments, "--json"]
    completed = subprocess.run(command, capture_output=True, text=True, timeout=250)
    return (
        completed.returncode,
        [json.loads(line) for line in completed.stdout.splitlines()],
        completed.stderr,
    )


@pytest.fixture
def here(capsys):
    """The same in this very process, for commands that only look and start nothing."""

    def run_here(*arguments):
        code = main([*arguments, "--json"])
        out, err = capsys.readouterr()
        return code, [json.loads(line) for line in out.splitlines()], err

    return run_here


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """One finished run for all tests that only look; its folders and what training printed."""
    folder = tmp_path_factory.mktemp("trained")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("WORKBENCH_RUNS", str(folder / "runs"))
        patch.setenv("WORKBENCH_DATASETS", str(folder / "datasets"))
        output = workbench("train", PRESET, *FLAGS, "--run.name=tiny")
    return folder, output


@pytest.fixture
def there(trained, monkeypatch):
    folder, _ = trained
    monkeypatch.setenv("WORKBENCH_RUNS", str(folder / "runs"))
    monkeypatch.setenv("WORKBENCH_DATASETS", str(folder / "datasets"))
    return folder


def test_training_ends_with_its_figures(trained, there):
    code, records, err = trained[1]
    assert code == 0, err
    assert records[0]["kind"] == "run"
    last = records[-1]
    assert last["kind"] == "finished"
    assert last["run"] == records[0]["run"] == list_runs()[0].id
    for weights in ("raw", "averaged"):
        assert {"mAP", "rank1", "mINP"} <= set(last["metrics"][weights])
        assert 0 <= last["metrics"][weights]["mAP"] <= 1
    steps = [record["step"] for record in records if record["kind"] == "step"]
    assert steps == [1, 2, 3, 4, 5, 6, 7, 8]
    assert f"runs: {there / 'runs'}" in err


def test_evaluating_again_gives_the_same_figures(trained, there, here):
    code, (record,), _ = here("evaluate", "tiny", "--checkpoint", "last")
    assert (code, record["kind"]) == (0, "evaluation")
    finished = trained[1][1][-1]["metrics"]
    for weights in ("raw", "averaged"):
        for name, value in finished[weights].items():
            assert record["metrics"][weights][name] == pytest.approx(value, abs=1e-6)


def test_a_ranked_list_counts_from_one_and_gives_reasons(there, here):
    code, (record,), _ = here("rank", "last", "--query", "1", "-k", "5")
    assert (code, record["kind"], record["query"]) == (0, "ranking", 1)
    ranked = [image for image in record["images"] if image["excluded"] is None]
    assert [image["rank"] for image in ranked] == [1, 2, 3, 4, 5]
    for image in ranked:
        assert image["verdict"] == ("match" if image["identity"] == record["identity"] else "wrong")
    assert all(image["rank"] is None for image in record["images"] if image["excluded"])


def test_a_query_that_is_not_there_is_refused(there, here):
    code, (record,), _ = here("rank", "last", "--query", "100000")
    assert (code, record["kind"]) == (2, "refused")
    assert "queries 0 to" in record["error"]


def test_the_finished_run_is_listed_exported_and_not_resumed(there, here):
    _, (record,), _ = here("runs")
    assert (record["state"], record["name"], record["step"]) == ("finished", "tiny", 8)
    _, (written,), _ = here("runs", "export", "tiny", "--out", str(there / "curves.csv"))
    head, first, *rest = (there / "curves.csv").read_text().splitlines()
    assert written["path"] == str(there / "curves.csv")
    assert head.startswith("step,")
    assert first.startswith("0,")
    assert len(rest) == 8
    code, (refused,), _ = here("resume", "tiny")
    assert code == 2
    assert "nothing to resume" in refused["error"]


def test_what_was_drawn_passes_the_check(there, here):
    code, (dataset,), _ = here(
        *("data", "make", "playground", "--identities", "8", "--test-identities", "4"),
        *("--height", "32"),
    )
    assert code == 0
    assert check(there / "datasets" / dataset["path"]).usable
    code, (report,), _ = here("data", "check", dataset["path"])
    assert (code, report["dataset"], report["usable"]) == (0, "playground", True)
    assert report["facts"]["train_identities"] == 8


def test_showing_counts_parameters(here):
    code, (record,), _ = here("show", PRESET, "--parameters")
    assert (code, record["kind"], record["base"]) == (0, "recipe", "playground/quick")
    # stem, four stages, BNNeck, 150 identities
    assert record["parameters"] == 1_269_520
    assert list(record["differences"]) == ["model.branches.stripes"]


def test_ctrl_c_stops_after_a_checkpoint_and_resume_goes_on():
    command = [sys.executable, "-m", "workbench", "train", PRESET, *FLAGS, "--json"]
    command += ["--training.length.count=2000", "--training.evaluate.count=2000"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        for line in process.stdout:
            if json.loads(line)["kind"] == "step":
                break
        process.send_signal(signal.SIGINT)
        last = [json.loads(line) for line in process.stdout][-1]
    assert (process.returncode, last["kind"]) == (130, "stopped")
    run = find_run("last")
    assert run.status().state == "stopped"

    code, records, _ = workbench("resume", "last", "--detach")
    assert (code, records[0].get("run")) == (0, run.id), records
    code, records, _ = workbench("stop", run.id)
    assert (code, records[0]["state"]) == (0, "stopped")
