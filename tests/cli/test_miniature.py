"""``--miniature``: what is started, what is said, what wins."""

import json

import pytest

from workbench.cli import main
from workbench.cli.commands import training
from workbench.recipe.overrides import resolve
from workbench.runs.management import create_run


@pytest.fixture
def started(monkeypatch):
    """Overrides of what was started; no worker is."""
    found = {}

    def start(preset, settings):
        found.update(settings)
        return create_run(preset, settings)

    monkeypatch.setattr(training, "start", start)
    return found


@pytest.mark.thorough
def test_a_run_on_a_miniature_says_what_it_changes(started, capsys):
    command = ["train", "nama/uc_tri_msmt17", "--miniature", "--detach", "--data.width", "64"]
    assert main(command) == 0
    told = capsys.readouterr().out
    assert "  data.root = miniatures/msmt17-2\n" in told
    assert "  training.length.count = 6\n" in told
    assert "  data.width = 64\n" in told
    assert started["data.width"] == "64"
    assert resolve("nama/uc_tri_msmt17", started).data.height == 96


def test_programs_read_json_alone(started, capsys):
    assert main(["train", "nama/uc_tri_msmt17", "--miniature", "--detach", "--json"]) == 0
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [line["kind"] for line in lines] == ["run"]


def test_the_playground_has_none(capsys):
    assert main(["train", "playground/quick", "--miniature"]) == 2
    assert "has no miniature" in capsys.readouterr().err


def test_a_citation_needs_none():
    assert main(["show", "rpm/sop", "--miniature", "--cite"]) == 0
