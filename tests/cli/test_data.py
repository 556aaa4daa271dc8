"""``data make``, ``check`` and ``export`` with real processes, and what they refuse."""

import json
import subprocess
import sys

import pytest

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


def test_a_miniature_is_made_checked_and_sorted_by_identity(tmp_path):
    code, (dataset,), err = workbench("data", "make", "miniature", "dukemtmc")
    assert code == 0, err
    assert dataset["name"] == "dukemtmc"
    assert dataset["path"].endswith("DukeMTMC-reID")
    code, (record,), err = workbench("data", "check", dataset["path"])
    assert code == 0, err
    assert (record["dataset"], record["facts"]["train_identities"]) == ("dukemtmc", 16)
    sorted_into = tmp_path / "pytorch"
    code, (record,), err = workbench(
        "data", "export", "layumi", dataset["path"], "--to", sorted_into
    )
    assert code == 0, err
    assert record["links"] == {"train": 61, "val": 15, "train_all": 76, "query": 16, "gallery": 26}
    code, (record,), err = workbench("data", "check", sorted_into)
    assert (code, record["dataset"]) == (0, "prepared"), err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["make", "miniature"], "a miniature of what? Name a layout: market1501, "),
        (["make", "miniature", "cub"], "cub200"),
        (["make", "miniature", "cub200", "--seed", "3"], "--seed is for the playground"),
        (["make", "playground", "cub200"], "layout is for a miniature"),
        (["export", "layumi", "market1501"], "Market-1501 is not in"),
        (["export", "layumi", "nowhere"], "nowhere does not exist"),
    ],
)
def test_what_cannot_be_done_is_refused(capsys, arguments, message):
    assert main(["data", *arguments]) == 2
    assert message in capsys.readouterr().err
