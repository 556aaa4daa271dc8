"""``explain``, ``embed`` and ``project`` with real processes, and what they refuse."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from tests.experiment.tiny import people, tiny_run
from workbench.cli import main

pytestmark = pytest.mark.process


def workbench(*arguments):
    """Exit code, JSON records of standard output, standard error."""
    command = [sys.executable, "-m", "workbench", *map(str, arguments), "--json"]
    completed = subprocess.run(command, capture_output=True, text=True, timeout=250)
    return (
        completed.returncode,
        [json.loads(line) for line in completed.stdout.splitlines()],
        completed.stderr,
    )


@pytest.mark.long
def test_a_run_is_explained_embedded_and_mapped(tmp_path):
    run = tiny_run(tmp_path / "people")
    command = [sys.executable, "-m", "workbench.experiment", str(run.path)]
    assert subprocess.run(command, capture_output=True, timeout=250).returncode == 0
    code, (record,), err = workbench("explain", "last", "--query", 1, "--out", tmp_path / "why")
    assert code == 0, err
    assert record["query"] == 1
    assert sum(part["similarity"] for part in record["parts"][:-1]) == pytest.approx(
        record["total"]
    )
    assert str(tmp_path / "why" / "sheet.png") in record["files"]

    code, (record,), err = workbench("explain", "last", "--curves", "--out", tmp_path / "curves")
    assert code == 0, err
    assert [Path(file).name for file in record["files"]] == ["curves.png", "curves.json"]

    code, (record,), err = workbench("embed", "last", "--out", tmp_path / "x.npz")
    assert code == 0, err
    assert record["images"] == len(np.load(tmp_path / "x.npz")["vectors"])
    others = people(tmp_path / "others")
    code, (record,), err = workbench("embed", "last", "--data", others, "--out", tmp_path / "y.npz")
    assert code == 0, err
    assert str(np.load(tmp_path / "y.npz")["root"]) == str(others)

    code, (record,), err = workbench("project", tmp_path / "x.npz", "--out", tmp_path / "map")
    assert code == 0, err
    assert 0 <= record["trust"] <= 1
    page = (tmp_path / "map.html").read_text()
    assert "true neighbours" in page
    assert 'src="http' not in page


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["explain", "last", "--out", "x"], "there are no runs yet"),
        (["explain", "last"], "--out"),
        (["explain", "last", "--row", "--curves", "--out", "x"], "not allowed with"),
        (["explain", "last", "--place", "0.5", "--out", "x"], "expected 2 arguments"),
        (["explain", "last", "--method", "cam", "--out", "x"], "invalid choice: 'cam'"),
        (["project", "nothing.npz", "--out", "x"], "make it with workbench embed"),
    ],
)
def test_a_wrong_request_is_one_sentence_and_exit_code_2(arguments, sentence, capsys):
    assert main(arguments) == 2
    assert sentence in capsys.readouterr().err
