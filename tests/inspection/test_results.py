"""What faces ask of a run that was trained."""

import shutil

import pytest
import torch
from safetensors.torch import load_file

from tests.experiment.tiny import overrides, people
from workbench.data.catalogue.splits import read_split
from workbench.errors import RecipeError, RunError
from workbench.experiment import (
    embed_in_background,
    evaluate_run,
    network_of,
    open_rankings,
    parameters,
    rankings_are_ready,
)
from workbench.experiment.run_rankings import embedding_progress
from workbench.experiment.work import FINISHED, train_run
from workbench.inspection import tasks
from workbench.inspection.tasks import embed_task
from workbench.recipe.overrides import resolve
from workbench.retrieval.embeddings.store import Embeddings
from workbench.runs.folder import RunFolder
from workbench.runs.log import read_events
from workbench.runs.management import create_run


@pytest.fixture(autouse=True)
def polite(monkeypatch):
    """A task in this process keeps its threads, and leaves the process's priority alone."""
    monkeypatch.setattr(tasks, "resolve_threads", lambda _: 1)
    monkeypatch.setattr(tasks, "give_way", lambda: None)


@pytest.fixture
def run_copy(finished_run, tmp_path):
    """A finished run that a test may change."""
    shutil.copytree(finished_run.path, tmp_path / "runs" / finished_run.id)
    return RunFolder(tmp_path / "runs" / finished_run.id)


def last_metrics(run):
    records, _ = read_events(run.events_file)
    return records[-1]["metrics"]


@pytest.mark.thorough
@pytest.mark.parametrize("weights", ["raw", "averaged"])
def test_evaluating_the_end_gives_the_figures_of_the_training(finished_run, weights):
    told = []
    result = evaluate_run(
        finished_run, weights=weights, checkpoint="last", progress=lambda *a: told.append(a)
    )
    assert result["metrics"] == {weights: last_metrics(finished_run)[weights]}
    assert result["checkpoint"] == "step_00000006"
    assert result["counts"]["junk_images"] == 1
    assert told[-1] == ("embedding", 37, 37)


@pytest.mark.thorough
def test_re_ranked_figures_stand_beside_the_plain_ones(finished_run):
    result = evaluate_run(finished_run, re_rank=True)
    assert set(result["metrics"]) == {"averaged", "re-ranked"}


@pytest.mark.thorough
def test_changed_images_are_said(run_copy, finished_run):
    text = run_copy.environment_file.read_text()
    digest = read_split(finished_run.recipe().data).digest("query")
    run_copy.environment_file.write_text(text.replace(digest, "0" * 16))
    result = evaluate_run(run_copy, checkpoint="last")
    (note,) = [note for note in result["notes"] if "not those" in note]
    assert note.startswith("The query images are not those the run began with")


@pytest.mark.thorough
def test_other_data_can_be_ranked(finished_run, tmp_path):
    root = people(tmp_path / "others")
    for path in root.glob("query/0011*"):
        path.unlink()
    data = finished_run.recipe().data.model_copy(update={"root": str(root)})
    result = evaluate_run(finished_run, data=data)
    assert result["counts"]["queries"] == 4


@pytest.mark.thorough
def test_weights_that_do_not_exist_are_replaced_and_said(run_copy):
    (run_copy.checkpoints / "step_00000006" / "averaged.safetensors").unlink()
    result = evaluate_run(run_copy, checkpoint="last")
    assert set(result["metrics"]) == {"raw"}
    assert any("has no averaged weights" in note for note in result["notes"])
    with pytest.raises(RunError, match="has no averaged weights"):
        network_of(run_copy, "averaged", "last")


def test_a_network_needs_nothing_but_the_runs_folder(run_copy):
    recipe = run_copy.recipe_file
    recipe.write_text(recipe.read_text().replace("kind: none", "kind: file", 1))
    network = network_of(run_copy, "raw", "last")
    stored = load_file(run_copy.checkpoints / "step_00000006" / "raw.safetensors")
    assert not network.training
    assert all(torch.equal(item, stored[name]) for name, item in network.state_dict().items())


def test_rankings_of_the_end_open_without_embedding(finished_run):
    assert rankings_are_ready(finished_run)
    rankings = open_rankings(finished_run)
    assert rankings.report.mAP == pytest.approx(last_metrics(finished_run)["averaged"]["mAP"])
    assert len(rankings.list(0, 3)) >= 3


@pytest.mark.thorough
def test_an_embedding_task_makes_what_the_training_made(run_copy):
    name = "step_00000006-averaged"
    before = Embeddings.load(run_copy.embeddings / name)
    vectors = before.query.copy()
    shutil.rmtree(run_copy.embeddings)
    assert not rankings_are_ready(run_copy)
    assert embed_task(run_copy, "averaged", "step_00000006") == 0
    assert embedding_progress(run_copy)["stage"] == "done"
    assert (Embeddings.load(run_copy.embeddings / name).query == vectors).all()


def test_a_task_that_fails_says_why(run_copy, monkeypatch):
    shutil.rmtree(run_copy.embeddings)
    recipe = run_copy.recipe_file
    recipe.write_text(recipe.read_text().replace("/people", "/gone"))
    assert embed_task(run_copy, "raw", "step_00000006") == 1
    monkeypatch.setattr("workbench.experiment.run_rankings.embed_in_background", lambda *_: Ended())
    with pytest.raises(RunError, match="could not be embedded: Market-1501 is not in"):
        open_rankings(run_copy, "raw")


class Ended:
    def wait(self):
        return 1


def test_a_checkpoint_nobody_wrote_is_refused(finished_run):
    with pytest.raises(RunError, match="has no checkpoint 'step_7'"):
        open_rankings(finished_run, checkpoint="step_7")


@pytest.mark.process
def test_missing_embeddings_are_made_by_a_process_of_their_own(run_copy):
    shutil.rmtree(run_copy.embeddings)
    assert embed_in_background(run_copy, "raw").wait() == 0
    assert open_rankings(run_copy, "raw").report.mAP == pytest.approx(
        last_metrics(run_copy)["raw"]["mAP"]
    )


@pytest.mark.thorough
def test_a_uniform_average_in_the_middle_is_refreshed_when_asked(tmp_path):
    averaging = {"training.averaging.kind": "uniform", "training.averaging.start": 0.0}
    root = people(tmp_path / "people")
    run = create_run("playground/quick", overrides(root) | averaging)
    assert train_run(run) == FINISHED
    first = evaluate_run(run, checkpoint="step_00000004")
    again = evaluate_run(run, checkpoint="step_00000004")
    assert set(first["metrics"]) == {"averaged"}
    assert first["metrics"] == again["metrics"]


@pytest.mark.thorough
def test_parameters_of_a_preset():
    # stem 432 + 32 + 4608 + 64, four stages of one block, a 256 x 256 neck, 150 classes
    recipe = resolve("playground/global", {"model.branches.whole.neck.width": 256})
    whole = parameters(recipe)
    assert whole == sum(
        (
            3 * 16 * 9 + 2 * 16 + 16 * 32 * 9 + 2 * 32,
            2 * (32 * 32 * 9 + 64),
            32 * 64 * 9 + 64 * 64 * 9 + 32 * 64 + 3 * 128,
            64 * 128 * 9 + 128 * 128 * 9 + 64 * 128 + 3 * 256,
            128 * 256 * 9 + 256 * 256 * 9 + 128 * 256 + 3 * 512,
            256 * 256 + 2 * 256 + 256 * 150,
        )
    )


@pytest.mark.thorough
def test_parameters_without_known_identities_leave_classifiers_out(tmp_path):
    recipe = resolve("playground/global")
    folder = resolve("playground/global", {"data.dataset.kind": "folder", "data.root": "nowhere"})
    assert parameters(recipe) - parameters(folder) == 256 * 150


def test_an_impossible_network_is_refused_when_it_is_counted():
    with pytest.raises(RecipeError, match="stripes"):
        parameters(resolve("playground/quick", {"data.height": 32}))
