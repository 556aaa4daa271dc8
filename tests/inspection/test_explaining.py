"""Explanations of a run: its cache, its pictures, and what stands in the way."""

import json
import shutil

import numpy as np
import pytest
from PIL import Image

from tests.experiment.tiny import GALLERY, people
from workbench.errors import BrokenImage, DataError, PlaceError, RunError, WeightsError
from workbench.experiment.run_rankings import open_rankings
from workbench.inspection.explained_pairs import Pair
from workbench.inspection.explaining import explain, explain_pair, network_for
from workbench.inspection.explanation_files import (
    hit_at,
    rows_in_words,
    write_masks,
    write_pair,
    write_sheet,
)
from workbench.runs.folder import RunFolder

GALLERY_NAMES = sorted(GALLERY)


def copy_of(run, place):
    """A run that may be changed, on images that may be deleted."""
    shutil.copytree(run.path, place / run.id, ignore=shutil.ignore_patterns("cache"))
    copy = RunFolder(place / run.id)
    root = people(place / "people")
    for images in copy.embeddings.glob("*/images.json"):
        told = json.loads(images.read_text())
        images.write_text(json.dumps(told | {"root": str(root)}))
    return copy


@pytest.mark.thorough
def test_a_pair_is_worth_what_its_ranking_says(finished_run):
    rankings = open_rankings(finished_run)
    for item in rankings.list(1, 4):
        found = explain_pair(finished_run, 1, item.index, scores=False)
        assert found.total == pytest.approx(1 - item.distance, abs=1e-5)
        assert found.whole.query_heat.sum() + found.constant == pytest.approx(found.total, abs=1e-5)
        assert [part.name for part in found.branches] == ["whole"]


@pytest.mark.thorough
def test_the_answer_is_kept_until_an_image_changes(finished_run, tmp_path):
    run = copy_of(finished_run, tmp_path)
    first = explain_pair(run, 0, 1)
    (kept,) = (run.cache / "explanations").iterdir()
    before = kept.stat().st_mtime_ns
    again = explain_pair(run, 0, 1)
    assert again.numbers() == first.numbers()
    assert kept.stat().st_mtime_ns == before
    assert first.about["hit_image"] == GALLERY_NAMES[1]
    pair = Pair.of(open_rankings(run), 0, 1)
    assert explain(run, pair, "step_00000006", "averaged").numbers() == first.numbers()
    Image.new("RGB", (16, 32), (200, 10, 10)).save(tmp_path / "people" / GALLERY_NAMES[1])
    assert explain(run, pair, "step_00000006", "averaged").total != first.total
    assert len(list((run.cache / "explanations").iterdir())) == 2


@pytest.mark.thorough
def test_any_image_can_be_the_query(finished_run, tmp_path):
    embeddings = open_rankings(finished_run).embeddings
    file = tmp_path / "mine.png"
    shutil.copy(embeddings.root / embeddings.query_images[2].path, file)
    mine = explain_pair(finished_run, file, 4, scores=False)
    assert mine.total == pytest.approx(explain_pair(finished_run, 2, 4, scores=False).total)
    assert mine.about["query"] is None


@pytest.mark.thorough
def test_what_stands_in_the_way_is_one_sentence(finished_run, tmp_path):
    run = copy_of(finished_run, tmp_path)
    with pytest.raises(DataError, match="no gallery image 99: they are numbered from 0"):
        explain_pair(run, 0, 99)
    with pytest.raises(DataError, match="no query 99"):
        explain_pair(run, 99, 0)
    with pytest.raises(DataError, match="no method 'cam'"):
        explain_pair(run, 0, 0, method="cam")
    text = tmp_path / "text.jpg"
    text.write_text("no picture")
    with pytest.raises(BrokenImage, match="no known image format"):
        explain_pair(run, text, 0)
    (tmp_path / "people" / GALLERY_NAMES[0]).unlink()
    with pytest.raises(BrokenImage, match="it does not exist"):
        explain_pair(run, 0, 0)
    shutil.rmtree(run.path)
    with pytest.raises(RunError, match="has been deleted"):
        explain_pair(run, 0, 1)


@pytest.mark.thorough
def test_a_pair_becomes_pictures_and_numbers(finished_run, tmp_path):
    rankings = open_rankings(finished_run)
    found = explain_pair(finished_run, 0, hit_at(rankings, 0, 1))
    written = write_pair(finished_run, found, tmp_path / "out")
    names = {file.name for file in written}
    assert {"query.png", "hit.png", "whole_query.png", "all_hit.png", "sheet.png"} <= names
    numbers = json.loads((tmp_path / "out" / "explanation.json").read_text())
    assert numbers["total"] == found.total
    assert numbers["parts"][0]["deletion"]["auc"] == found.branches[0].deletion.auc
    embeddings = rankings.embeddings
    original = np.asarray(Image.open(embeddings.root / embeddings.query_images[0].path))
    assert np.array_equal(np.asarray(Image.open(tmp_path / "out" / "query.png")), original)
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(PlaceError, match="choose another folder"):
        write_pair(finished_run, found, tmp_path / "file")


@pytest.mark.thorough
def test_a_run_becomes_one_sheet(finished_run, tmp_path):
    told = []
    written = write_sheet(finished_run, tmp_path, progress=lambda *told_of: told.append(told_of))
    assert [file.name for file in written] == ["sheet.png", "sheet.json"]
    pairs = json.loads(written[1].read_text())["pairs"]
    assert [pair["query"] for pair in pairs] == [0, 1, 2, 3, 4]
    assert told[-1] == ("explaining", 5, 5)


@pytest.mark.parametrize(
    ("shown", "of", "said"),
    [
        (16, 3368, "16 of 3,368 queries, evenly spread."),
        (16, 16, "All 16 queries of the data set."),
        (12, 12, "All 12 queries of the data set; a sheet has 16 where there are as many."),
    ],
)
def test_a_sheet_says_how_many_of_how_many(shown, of, said):
    assert rows_in_words(shown, of) == said


def test_a_rank_beyond_the_gallery_is_refused(finished_run):
    with pytest.raises(DataError, match="no image of rank 500"):
        hit_at(open_rankings(finished_run), 0, 500)


def test_a_network_without_learned_masks_says_so(finished_run, tmp_path):
    with pytest.raises(WeightsError, match="no learned masks"):
        write_masks(finished_run, tmp_path)


@pytest.mark.thorough
def test_a_run_that_was_deleted_meanwhile_does_not_come_back(finished_run, tmp_path):
    run = copy_of(finished_run, tmp_path)
    pair = Pair.of(open_rankings(run), 0, 1)
    explain(run, pair, "step_00000006", "averaged", scores=False)
    shutil.rmtree(run.path / "cache")
    shutil.rmtree(run.path)
    with pytest.raises(RunError):
        explain(run, pair, "step_00000006", "averaged", scores=False)
    assert not run.path.exists()


def test_the_network_is_kept_for_the_next_question(finished_run):
    assert network_for(finished_run)[0] is network_for(finished_run)[0]
