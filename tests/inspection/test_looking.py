"""What one sees of a run beside its heatmaps: attention, lengths, ranked rows, curves."""

import json
import shutil

import numpy as np
import pytest
from PIL import Image

from tests.experiment.tiny import overrides, people
from tests.ui.looking_run import GRID
from workbench.errors import DataError, PlaceError, RunError, WeightsError
from workbench.experiment import work
from workbench.experiment.run_embedding import embed_run
from workbench.experiment.run_rankings import embeddings_folder, open_rankings
from workbench.explain.pictures.token_overlay import keys_picture
from workbench.inspection import tasks
from workbench.inspection.attention_files import write_attention
from workbench.inspection.explanation_files import write_sheet
from workbench.inspection.norm_files import write_lengths
from workbench.inspection.norm_measurement import lengths_task, measured_lengths
from workbench.inspection.result_files import write_curves, write_row
from workbench.inspection.run_attention import attention_of
from workbench.inspection.run_norms import kept_lengths, lengths_of, must_measure
from workbench.inspection.system_views import OwnTerms
from workbench.model.embedding import embed_with_certainty
from workbench.runs.folder import RunFolder
from workbench.runs.management import create_run

FEW = {"training.length.count": 2}


def width_of(file):
    with Image.open(file) as picture:
        return picture.width


def trained(folder, **more):
    changes = overrides(people(folder / "people")) | FEW | more
    changes = {path: value for path, value in changes.items() if value is not ...}
    run = create_run("playground/quick", changes, folder=folder / "runs")
    assert work.train_run(run) == work.FINISHED, run.log_file.read_text()
    return run


@pytest.fixture(scope="module")
def listening(tmp_path_factory):
    """A run with grid attention, and masks it learns."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(work, "adopt_locks", lambda run: None)
        yield trained(
            tmp_path_factory.mktemp("listening"),
            **{
                "model.backbone": GRID,
                "model.backbone.width": ...,
                "model.branches.whole.regions.kind": "channel_groups",
            },
        )


@pytest.fixture(scope="module")
def certain(tmp_path_factory):
    """A run that makes margins of lengths, and divides what it stores."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(work, "adopt_locks", lambda run: None)
        yield trained(
            tmp_path_factory.mktemp("certain"),
            **{
                "model.branches.whole.certainty": {"reads": "embedding"},
                "evaluation.embedding.normalise_outputs": True,
            },
        )


@pytest.mark.thorough
def test_attention_of_a_query_and_of_a_hit_as_files(listening, tmp_path):
    found = attention_of(listening, 1, (0.9, 0.1))
    assert [(one.rows, one.columns, one.row) for one in found] == [(8, 4, 7), (4, 2, 3), (2, 1, 1)]
    written = write_attention(listening, tmp_path, 1, place=(0.9, 0.1), blocks=[2])
    assert [file.name for file in written] == ["attention.png", "block_02.png", "attention.json"]
    (told,) = json.loads(written[-1].read_text())["blocks"]
    assert told["heads"] == json.loads(json.dumps(found[1].numbers()))["heads"]
    assert width_of(written[0]) > 200
    of_hit = write_attention(listening, tmp_path / "hit", 1, rank=2)
    rankings = open_rankings(listening)
    second = next(item for item in rankings.list(1, 2) if item.rank == 2)
    image = rankings.embeddings.gallery_images[second.index].path
    assert json.loads(of_hit[-1].read_text())["image"] == image
    assert len(of_hit) == 5


@pytest.mark.thorough
def test_what_has_no_attention_says_so(listening, finished_run, tmp_path):
    with pytest.raises(WeightsError, match="no attention to look into"):
        write_attention(finished_run, tmp_path)
    with pytest.raises(DataError, match="no block 4: those with attention are numbered from 1 to"):
        write_attention(listening, tmp_path, blocks=[4])
    with pytest.raises(DataError, match="outside of the image"):
        write_attention(listening, tmp_path, place=(0.0, -0.1))
    with pytest.raises(DataError, match="no query 99"):
        write_attention(listening, tmp_path, 99)
    assert not list(tmp_path.iterdir())


def test_lengths_are_those_of_the_stored_vectors(finished_run):
    folder = embeddings_folder(finished_run, "averaged", None)
    rankings = open_rankings(finished_run)
    found = lengths_of(finished_run, rankings, folder)
    stored = np.load(folder / "gallery.npy")
    behind = rankings.num_queries
    np.testing.assert_allclose(found.lengths[behind:], np.linalg.norm(stored, axis=1), rtol=1e-6)
    assert found.numbers.tolist() == list(range(behind + len(stored)))
    assert (found.source, found.shifts, found.of) == ("stored", None, len(found.numbers))
    assert not must_measure(finished_run.recipe())


@pytest.mark.thorough
def test_lengths_become_a_picture_a_strip_and_numbers(finished_run, tmp_path):
    written = write_lengths(finished_run, tmp_path)
    assert [file.name for file in written] == ["lengths.png", "strip.png", "lengths.json"]
    told = json.loads(written[-1].read_text())
    report = open_rankings(finished_run).report
    known = [one for one in told["average_precision"] if one is not None]
    assert known == pytest.approx(report.average_precision[~np.isnan(report.average_precision)])
    assert sum(one["count"] for one in told["ranges"]) == len(known)
    assert "mAP" in told["words"][0]


@pytest.mark.thorough
def test_a_certainty_is_measured_kept_and_that_of_the_network(certain, tmp_path):
    folder = embeddings_folder(certain, "averaged", None)
    rankings = open_rankings(certain)
    assert lengths_of(certain, rankings, folder) is None
    told = []
    found = measured_lengths(certain, progress=lambda *one: told.append(one))
    assert told[-1] == ("measuring lengths", len(found.numbers), len(found.numbers))
    kept = kept_lengths(certain, folder)
    np.testing.assert_array_equal(kept.shifts, found.shifts)
    assert (kept.source, kept.of) == ("certainty", found.of)
    # Certainty as the library's own embedding of the gallery has it, image by image.
    weighted = certain.recipe().evaluation
    assert not weighted.embedding.flip
    with pytest.MonkeyPatch.context() as patch:
        seen = []
        spy = "workbench.retrieval.embeddings.embed.embed_with_certainty"
        patch.setattr(spy, lambda *of: seen.append(embed_with_certainty(*of)) or seen[-1])
        embed_run(certain, "averaged", folder.name.rpartition("-")[0])
    expected = np.concatenate([one.certainty.numpy() for one in seen])
    np.testing.assert_allclose(found.shifts, expected, atol=1e-5)
    # Stored vectors have been divided: these lengths have not.
    assert np.ptp(found.lengths) > 1e-3
    assert len(write_lengths(certain, tmp_path)) == 3


@pytest.mark.thorough
def test_lengths_are_measured_as_a_task(certain, monkeypatch):
    monkeypatch.setattr(tasks, "give_way", lambda: None)
    folder = embeddings_folder(certain, "raw", None)
    assert kept_lengths(certain, folder) is None
    checkpoint = folder.name.rpartition("-")[0]
    assert lengths_task(certain, "raw", checkpoint) == 0
    assert kept_lengths(certain, folder) is not None


@pytest.mark.thorough
def test_a_ranked_row_is_the_list_without_what_does_not_count(finished_run, tmp_path):
    written = write_row(finished_run, tmp_path, 2, 4)
    told = json.loads(written[1].read_text())
    items = [item for item in open_rankings(finished_run).list(2, 4) if item.excluded is None]
    assert [image["index"] for image in told["images"]] == [item.index for item in items]
    assert [image["rank"] for image in told["images"]] == [1, 2, 3, 4]
    assert width_of(written[0]) > 5 * 128
    with pytest.raises(DataError, match="ask for at least 1"):
        write_row(finished_run, tmp_path, 2, 0)
    with pytest.raises(DataError, match="no query 99"):
        write_row(finished_run, tmp_path, 99)


def test_curves_are_what_was_noted(finished_run, tmp_path):
    written = write_curves(finished_run, tmp_path / "curves")
    told = json.loads(written[1].read_text())
    assert told["loss"]["step"] == [1, 2, 3, 4, 5, 6]
    assert width_of(written[0]) > 2 * 500  # loss and top-1 error
    assert len(told["top1_error"]["value"]) == 6
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(PlaceError, match="choose another folder"):
        write_curves(finished_run, tmp_path / "file")


def test_a_run_without_a_step_and_one_that_is_gone(finished_run, tmp_path):
    run = RunFolder(tmp_path / "early")
    shutil.copytree(finished_run.path, run.path, ignore=shutil.ignore_patterns("events.jsonl"))
    with pytest.raises(RunError, match="has not taken a step yet"):
        write_curves(run, tmp_path)
    shutil.rmtree(run.path)
    with pytest.raises(RunError, match="has been deleted"):
        write_curves(run, tmp_path)
    with pytest.raises(RunError):
        write_lengths(run, tmp_path)


@pytest.mark.thorough
def test_a_sheet_shows_a_network_in_its_own_terms(listening, certain, tmp_path):
    rankings = open_rankings(listening)
    files = [rankings.embeddings.root / image.path for image in rankings.embeddings.query_images]
    own = OwnTerms(listening)
    captions = [tile.caption for tile in own.tiles(files[2])]
    assert captions == ["mask of whole 1 of 2", "mask of whole 2 of 2", "keys, block 2"]
    assert [note.partition(":")[0] for note in own.notes] == [
        "Where each group of channels looks, as learned",
        "keys",
    ]
    keys = np.asarray(own.tiles(files[2])[-1].picture)
    block = attention_of(listening, 2)[1]  # the last map has two tokens, which are one group
    image = np.asarray(Image.open(files[2]))
    assert np.array_equal(keys, np.asarray(keys_picture(image, block)))
    assert own.numbers(files[0]) == {}
    assert width_of(write_sheet(listening, tmp_path / "listening")[0]) > 900
    numbers = json.loads(write_sheet(certain, tmp_path / "certain")[1].read_text())["pairs"]
    found = measured_lengths(certain)
    for pair in numbers:
        place = found.numbers.tolist().index(pair["query"])
        assert pair["length"] == pytest.approx(found.lengths[place], rel=1e-4)
        assert pair["shift"] == pytest.approx(found.shifts[place], abs=1e-5)
    assert OwnTerms(certain).tiles(files[0]) == []
