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
    overrides = {}

    def start(preset, settings):
        overrides.update(settings)
        return create_run(preset, settings)

    monkeypatch.setattr(training, "start", start)
    return overrides


@pytest.mark.thorough
def test_a_run_on_a_miniature_says_what_it_changes(started, capsys):
    command = ["train", "nama/uc_tri_msmt17", "--miniature", "--detach", "--data.width", "64"]
    assert main(command) == 0
    output = capsys.readouterr().out
    assert "  data.root = miniatures/msmt17-2\n" in output
    assert "  training.length.count = 6\n" in output
    assert "  data.width = 64\n" in output
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


def test_a_recipe_file_is_tried_on_the_miniature_of_its_preset(started, capsys, tmp_path):
    file = tmp_path / "mine.yaml"
    file.write_text("base: nama/uc_tri_msmt17\ndata: {loader: {workers: 3}}\n")
    assert main(["train", str(file), "--miniature", "--detach"]) == 0
    assert "  data.root = miniatures/msmt17-2\n" in capsys.readouterr().out
    recipe = resolve("nama/uc_tri_msmt17", started)
    assert (recipe.data.height, recipe.data.loader.workers, recipe.run.name) == (96, 3, "mine")


def test_help_of_a_recipe_file_lists_the_settings_of_its_recipe(capsys, tmp_path):
    file = tmp_path / "mine.yaml"
    file.write_text("base: playground/quick\ndata: {dataset: {kind: market1501}}\n")
    with pytest.raises(SystemExit) as end:
        main(["train", str(file), "--help"])
    assert not end.value.code
    listed = capsys.readouterr().out
    assert "--data.dataset.split" in listed
    assert "--data.dataset.train_identities" not in listed
