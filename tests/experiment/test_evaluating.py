"""`workbench evaluate` on a finished run: figures, lines, tables, and what is refused."""

import json

import pytest

from tests.experiment.tiny import people
from workbench.cli.entry import main
from workbench.runs.log import read_events


@pytest.fixture
def evaluate(finished_run, tmp_path, monkeypatch, capsys):
    """Call the command on the run; exit code, lines of standard output, standard error."""
    monkeypatch.setenv("WORKBENCH_RUNS", str(finished_run.path.parent))

    def call(*arguments):
        code = main(["evaluate", *arguments])
        told = capsys.readouterr()
        return code, told.out.splitlines(), told.err

    return call


@pytest.mark.thorough
def test_one_object_for_each_data_set(evaluate, finished_run, tmp_path):
    other = people(tmp_path / "others")
    asked = ["last", "--checkpoint", "last", "--data", "market1501", "--data", str(other)]
    code, lines, _ = evaluate(*asked, "--json")
    own, carried = (json.loads(line) for line in lines)
    assert code == 0
    assert (own["kind"], own["run"], own["data"]) == ("evaluation", finished_run.id, "market1501")
    finished = read_events(finished_run.events_file)[0][-1]["metrics"]
    assert own["metrics"]["averaged"]["mAP"] == pytest.approx(finished["averaged"]["mAP"])
    assert own["metrics"] == carried["metrics"]  # the very same images, elsewhere
    assert own["protocol"].startswith("query against gallery, cosine, no mirrored image")
    assert (own["reported"], own["differs"]) == ([], [])


@pytest.mark.thorough
def test_a_table_is_all_that_is_printed(evaluate, tmp_path):
    other = people(tmp_path / "others")
    asked = ["last", "--weights", "raw", "--checkpoint", "last", "--data", "market1501"]
    code, lines, err = evaluate(*asked, "--data", str(other), "--table", "markdown")
    assert code == 0
    assert len(lines) == 3
    assert lines[0].startswith("| run | weights | market1501 mAP | market1501 rank1 |")
    cells = [cell.strip() for cell in lines[2].strip("|").split("|")]
    assert cells[1] == "raw"
    assert cells[2:4] == cells[4:6]
    assert "embedding" in err


@pytest.mark.thorough
def test_lines_are_all_that_is_printed(evaluate):
    code, lines, err = evaluate("last", "--lines", "nama", "--re-rank", "--set", "data.root=null")
    assert code == 2
    assert "is not in" in err
    code, lines, _ = evaluate("last", "--lines", "layumi")
    assert code == 0
    assert len(lines) == 1
    assert lines[0].startswith("Rank@1:")


@pytest.mark.thorough
def test_the_protocol_can_be_another_than_the_runs(evaluate):
    code, lines, _ = evaluate(
        *("last", "--weights", "raw", "--json", "--set", "evaluation.average_precision=trapezoid"),
        *("--evaluation.clustering=true", "--evaluation.embedding.flip=true"),
    )
    (told,) = (json.loads(line) for line in lines)
    assert code == 0
    assert "mirrored image added, trapezoid average precision" in told["protocol"]
    assert {"NMI", "recall_at_5"} <= set(told["metrics"]["raw"])


@pytest.mark.thorough
def test_people_read_protocol_figures_and_counts(evaluate):
    code, lines, _ = evaluate("last", "--weights", "averaged")
    assert code == 0
    text = "\n".join(lines)
    for words in ("market1501, checkpoint step_", "query against gallery", "averaged  ", "mAP "):
        assert words in text


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (
            ["--data", "market1501", "--set", "data.root=x"],
            "--data and --set data.*: name a",
        ),
        (["--table", "csv", "--lines", "rpm"], "--table and --lines: ask for one of them"),
        (
            ["last", "--set", "data.root=x"],
            "--set data.*: with several runs name",
        ),
        (["--data", "nowhere"], "--data nowhere: no data set of this name and no such folder"),
        (["--data", "market1501", "--data", "sop"], "Stanford Online Products is not in"),
        (["--set", "training.seed=1"], "an evaluation can change data.* and evaluation.* only"),
    ],
)
def test_what_makes_no_sense_is_refused_before_anything_is_evaluated(evaluate, arguments, sentence):
    code, lines, err = evaluate("last", *arguments)
    assert code == 2
    assert sentence in err
    assert not any("embedding" in line for line in lines)
