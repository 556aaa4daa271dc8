"""Commands in this process: what they print, and their exit codes."""

import json
import re
import shutil
import sys

import pytest

from tests.ui import data_by_hand
from workbench.cli import main
from workbench.recipe.presets import preset_names
from workbench.runs.management import create_run, list_runs

QUICK = "playground/quick"


@pytest.fixture
def command(capsys):
    """Runs a command; its exit code, its output and its words on standard error."""

    def run(*arguments):
        code = main(arguments)
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return run


def lines(text):
    return [json.loads(line) for line in text.splitlines()]


@pytest.mark.thorough
def test_list_prints_one_line_a_preset(command):
    code, out, err = command("list", "--json")
    assert (code, err) == (0, "")
    records = lines(out)
    assert [record["name"] for record in records] == preset_names()
    assert set(records[0]) == {"kind", "name", "system", "dataset", "title", "reported"}
    assert records[0]["kind"] == "preset"


@pytest.mark.thorough
def test_a_piped_list_is_one_line_a_preset_with_tabs(command):
    _, out, _ = command("list")
    rows = [line.split("\t") for line in out.splitlines()]
    assert [row[0] for row in rows] == preset_names()
    assert {len(row) for row in rows} == {4}
    strong = next(row for row in rows if row[0] == "baseline/market1501_strong")
    assert strong[1:3] == ["market1501", "mAP 85.7 %, rank1 94.1 %"]


@pytest.mark.thorough
@pytest.mark.parametrize("width", [80, 200])
def test_a_list_fits_the_terminal(command, monkeypatch, width):
    monkeypatch.setenv("COLUMNS", str(width))
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    _, out, _ = command("list")
    head, *rows = re.sub(r"\x1b\[\d*m", "", out).splitlines()
    assert head.split() == ["preset", "title", "reported"]
    assert [row.split()[0] for row in rows] == preset_names()
    assert max(len(row.rstrip()) for row in rows) <= width
    assert "mAP 85.7 %, rank1 94.1 %" in out


def test_a_broken_preset_does_not_hide_the_others(command, tmp_path, monkeypatch):
    monkeypatch.setenv("WORKBENCH_RECIPES", str(tmp_path))
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "fine.yaml").write_text("title: fine")
    (tmp_path / "a" / "broken.yaml").write_text("titel: broken")
    code, out, err = command("list", "--json")
    assert code == 2
    assert [record["kind"] for record in lines(out)] == ["preset", "unreadable", "refused"]
    assert "Did you mean title?" in err


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["trian"], "Did you mean train?"),
        (["train"], "PRESET"),
        (["train", QUICK, "--detatch"], "--detatch"),
        (["list", "--set", "a=1"], "takes no settings"),
        (["rank", "last", "--query", "x"], "invalid int value: 'x'"),
        (["bench", "nothing"], "no such measurement"),
        (["data", "make", "market1501"], "market1501"),
        (["train", "playground/quikc"], "Did you mean playground/quick?"),
        (["train", QUICK, "--data.hight", "3"], "Did you mean height?"),
        (["stop", "last"], "there are no runs yet"),
        (["data", "make", "playground", "--height", "tall"], "image_height = tall"),
    ],
)
def test_a_wrong_request_is_one_sentence_and_exit_code_2(command, arguments, sentence):
    code, _, err = command(*arguments)
    assert code == 2
    assert sentence in err
    assert "Traceback" not in err
    code, out, _ = command(*arguments, "--json")
    (refused,) = lines(out)
    assert code == 2
    assert refused["kind"] == "refused"
    assert sentence in refused["error"]


def test_every_refusal_is_told_with_its_path(command):
    code, out, err = command("train", QUICK, "--json", "--data.height=x", "--training.seed=-1")
    assert code == 2
    assert {record["path"] for record in lines(out)} == {"data.height", "training.seed"}
    assert len(err.splitlines()) == 3  # the folders, then a sentence each
    assert list_runs() == []


def test_no_command_shows_the_help(command):
    code, out, _ = command()
    assert code == 2
    assert "train" in out


@pytest.mark.thorough
@pytest.mark.parametrize("arguments", [["train", QUICK, "--help"], ["show", QUICK, "-h"]])
def test_the_help_of_a_preset_lists_its_settings(arguments, capsys):
    with pytest.raises(SystemExit) as left:
        main(arguments)
    out = capsys.readouterr().out
    assert left.value.code == 0
    assert "--training.optimizer.learning_rate float" in out
    assert "Peak learning rate. [0.0015]" in out
    assert "--model.branches.stripes.regions.count" in out


def test_runs_says_what_to_do_where_there_are_none(command, tmp_path):
    code, out, _ = command("runs")
    assert code == 0
    assert f"runs: {tmp_path / 'runs'}" in out
    assert "workbench train playground/quick" in out


def test_json_keeps_standard_output_for_json(command, tmp_path):
    _, out, err = command("runs", "--json")
    assert out == ""
    assert err == f"runs: {tmp_path / 'runs'}\n"


def test_runs_lists_them_newest_first(command):
    create_run(QUICK, {"data.height": "64", "run.name": "small"})
    second = create_run("playground/global")
    _, out, _ = command("runs", "--json")
    newest, oldest = lines(out)
    assert newest["run"] == second.id
    assert (oldest["name"], oldest["preset"], oldest["state"]) == ("small", QUICK, "lost")
    assert oldest["overrides"] == {"data.height": "64", "run.name": "small"}
    _, out, _ = command("runs")
    assert "data.height=64 run.name=small" in out


@pytest.mark.thorough
def test_a_run_is_renamed_and_deleted_by_any_of_its_names(command):
    run = create_run(QUICK)
    assert command("runs", "rename", "last", "first try")[0] == 0
    assert run.labels().name == "first try"
    code, out, _ = command("runs", "delete", "first try")
    assert code == 0
    assert ".trash" in out
    assert list_runs() == []
    assert command("runs", "delete", run.id)[0] == 2


def test_a_run_without_points_has_nothing_to_export(command):
    create_run(QUICK)
    code, _, err = command("runs", "export", "last")
    assert code == 2
    assert "nothing to export" in err


def test_an_evaluation_can_only_change_data_and_protocol(command):
    create_run(QUICK)
    code, _, err = command("evaluate", "last", "--set", "training.seed=1")
    assert code == 2
    assert "data.* and evaluation.* only" in err


def test_data_that_cannot_be_trained_on_are_refused_before_there_is_a_run(command):
    root = data_by_hand.people()
    ask = ("train", "baseline/folder", "--model.weights.kind=none")
    code, _, err = command(*ask, f"--data.root={root}")
    assert code == 2
    assert "data.sampler.identities = 16: the data set has 3 identities to train on." in err
    for who in ("anna", "carl"):
        shutil.rmtree(root / who)
    code, _, err = command(*ask, f"--data.root={root}")
    assert code == 2
    assert "has 2 identities with images: at least 3 are needed" in err
    code, _, err = command(*ask, f"--data.root={root}s")
    assert code == 2
    assert f"{root} looks like it under another name" in err
    assert list_runs() == []


def test_weights_that_are_not_there_are_named_with_the_cure(command):
    code, out, _ = command("weights")
    assert code == 0
    assert "workbench weights fetch" in out


def test_the_catalogue_tells_origin_terms_and_place(command):
    code, out, _ = command("data", "list", "--json")
    assert code == 0
    market = next(record for record in lines(out) if record["name"] == "market1501")
    assert market["counts"]["train_identities"] == 751
    assert market["path"] is None
    assert market["terms"]


def test_an_interrupt_before_there_is_a_run_is_130(command, monkeypatch):
    def interrupted():
        raise KeyboardInterrupt

    monkeypatch.setattr("workbench.cli.commands.recipes.presets", interrupted)
    assert command("list")[0] == 130
