"""Which checkpoint is meant where none is named, and what is reported of one chosen by its mAP."""

import inspect
import json

import numpy as np
import pytest
from safetensors.torch import load_file

import workbench
from tests.experiment.tiny import tiny_run
from workbench.cli import arguments
from workbench.cli.entry import main
from workbench.experiment import work
from workbench.experiment.evaluation import evaluate_run
from workbench.experiment.networks import network_of
from workbench.experiment.selection import selection_of
from workbench.recipe.overrides import resolve
from workbench.runs import checkpoints
from workbench.runs.files import write_json
from workbench.runs.status import write_status
from workbench.ui.views.rankings.stored_rankings import choose, weights_of
from workbench.ui.views.runs.run_view import facts

BEST = {"by": "best", "metric": "mAP"}


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """A finished run whose best checkpoint, by its pointer, is not its last one."""
    folder = tmp_path_factory.mktemp("selection")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(work, "adopt_locks", lambda run: None)
        patch.setenv("WORKBENCH_RUNS", str(folder / "runs"))
        run = tiny_run(folder / "people")
        assert work.train_run(run) == work.FINISHED
    first, *_, last = checkpoints.names(run)
    write_json(run.checkpoints / "best.json", {"name": first})
    write_json(run.checkpoints / "last.json", {"name": last})
    return run


@pytest.fixture(autouse=True)
def here(run, monkeypatch):
    monkeypatch.setenv("WORKBENCH_RUNS", str(run.path.parent))


@pytest.mark.thorough
def test_every_function_means_the_last_checkpoint(run):
    first, *_, last = checkpoints.names(run)
    stored = load_file(run.checkpoints / last / "averaged.safetensors")
    weights = network_of(run).state_dict()
    assert all(np.array_equal(weights[name], stored[name]) for name in stored)
    other = load_file(run.checkpoints / first / "averaged.safetensors")
    assert any(not np.array_equal(weights[name], other[name]) for name in other)
    result = evaluate_run(run)
    assert (result["checkpoint"], result["selection"]) == (last, None)
    figures = workbench.open_rankings(run).report.metrics()
    assert result["metrics"]["averaged"]["mAP"] == figures["mAP"]
    assert choose(run).checkpoint == last


def test_every_command_means_the_last_checkpoint():
    for words in ("evaluate RUN", "rank RUN", "explain RUN --out x", "embed RUN --out x"):
        options = arguments.parser().parse_args(words.split())
        assert options.checkpoint in (None, "last"), words
    for function in (evaluate_run, network_of, workbench.open_rankings):
        assert inspect.signature(function).parameters["checkpoint"].default in (None, "last")
    recipe = resolve("playground/quick", {"model.weights.kind": "run"})
    assert recipe.model.weights.checkpoint == "last"


@pytest.mark.thorough
def test_a_best_checkpoint_is_reported_as_chosen_on_the_test_queries(run, capsys):
    first = checkpoints.names(run)[0]
    result = evaluate_run(run, weights="raw", checkpoint="best")
    assert (result["checkpoint"], result["selection"]) == (first, BEST)
    assert result["notes"][0].startswith(f"Checkpoint {first} was chosen for its mAP on these test")
    assert main(["evaluate", run.id, "--checkpoint", "best", "--json"]) == 0
    (line,) = capsys.readouterr().out.splitlines()
    assert json.loads(line)["selection"] == BEST
    assert main(["evaluate", run.id, "--checkpoint", "best"]) == 0
    assert "was chosen for its mAP on these test queries" in capsys.readouterr().out


def test_the_page_says_which_weights_were_chosen_on_the_test_queries(run):
    first, *_, last = checkpoints.names(run)
    words = "best: chosen by mAP on the test queries"
    chosen = {one.checkpoint for one in weights_of(run) if words in one.label}
    assert chosen == {first}
    assert last in {one.checkpoint for one in weights_of(run)}
    told = dict(facts(run, run.status()))
    assert told["Best checkpoint"] == f"{first}, chosen by mAP on the test queries"


def test_a_training_that_stopped_early_was_chosen_on_the_test_queries(run):
    last = checkpoints.last_name(run)
    early = resolve("playground/quick", {"training.early_stop": True})
    assert selection_of(run, early, last, "last") is None  # it came to its end
    before = run.status()
    write_status(run, state="finished", step=before.step, total=100)
    assert selection_of(run, early, last, "last") == {"by": "early_stop", "metric": "mAP"}
    write_status(run, state="finished", step=before.step, total=before.total)


def test_weights_of_an_earlier_checkpoint_are_shown_only_on_request(run):
    first, *_, last = checkpoints.names(run)
    stored = run.embeddings / f"{last}-averaged"
    aside = stored.rename(run.embeddings / f"{first}-averaged")
    try:
        chosen = choose(run, "averaged")
        assert (chosen.checkpoint, chosen.ready) == (last, False)
        assert choose(run, aside.name).checkpoint == first
    finally:
        aside.rename(stored)
