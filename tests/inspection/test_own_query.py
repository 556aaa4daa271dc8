"""An image from outside as a query, and how one query's list formed."""

import shutil

import numpy as np
import pytest
from PIL import Image

from workbench.data.images.uploaded import receive_image
from workbench.errors import RunError
from workbench.experiment.run_rankings import open_rankings, ranked_for
from workbench.inspection.filmstrip import filmstrip, pinned_queries, snapshots_mark
from workbench.inspection.own_query import embed_image
from workbench.inspection.ranking_history import formation
from workbench.recipe.settings.evaluation import ReRanking
from workbench.runs.folder import RunFolder


@pytest.fixture
def run(finished_run, tmp_path):
    """A run that may be changed."""
    shutil.copytree(finished_run.path, tmp_path / finished_run.id)
    return RunFolder(tmp_path / finished_run.id)


def gallery_file(rankings, number):
    return (rankings.embeddings.root / rankings.embeddings.gallery_images[number].path).read_bytes()


@pytest.mark.thorough
def test_the_vector_of_an_image_is_that_of_the_evaluation(finished_run):
    for weights in ("averaged", "raw"):
        rankings = open_rankings(finished_run, weights)
        for number in (0, 7):
            vector = embed_image(
                finished_run, receive_image(gallery_file(rankings, number)), weights
            )
            np.testing.assert_allclose(
                vector, rankings.embeddings.gallery[number], rtol=1e-4, atol=1e-5
            )


def test_an_image_of_another_size_is_taken(finished_run):
    rankings = open_rankings(finished_run)
    vector = embed_image(finished_run, Image.new("RGB", (33, 90), (200, 30, 30)))
    assert vector.shape == rankings.embeddings.gallery[0].shape


def test_a_gallery_image_from_outside_finds_itself_first_and_nothing_is_a_match(finished_run):
    rankings = open_rankings(finished_run)
    vector = embed_image(finished_run, receive_image(gallery_file(rankings, 4)))
    own = ranked_for(vector, rankings)
    found = own.list(0, 5)
    assert found[0].index == 4
    assert found[0].distance == pytest.approx(0, abs=1e-6)
    assert all(one.verdict != "match" for one in own.list(0, 100))
    assert {one.excluded for one in own.list(0, 100)} <= {None, "junk"}
    assert own.average_precision(0) is None
    # The rest is in the order the gallery image itself sees it in.
    itself = rankings.ranking(rankings.query_of(4)).scores
    np.testing.assert_allclose(own.ranking(0).scores, itself, atol=1e-5)


@pytest.mark.thorough
def test_it_is_re_ranked_among_the_gallery(finished_run):
    rankings = open_rankings(finished_run).re_ranked(ReRanking(k1=4, k2=2))
    vector = embed_image(finished_run, receive_image(gallery_file(rankings, 4)))
    found = ranked_for(vector, rankings).list(0, 3)
    assert found[0].index == 4
    assert all(0 <= one.distance <= 1 for one in found)


def test_a_pinned_query_has_the_lists_of_the_evaluations(run):
    rankings = open_rankings(run, "raw")
    query = pinned_queries(run)[-1]
    found = formation(run, rankings, query, top=4)
    assert found.exact
    assert found.among == len(rankings.embeddings.gallery_images)
    for frame, whole in zip(found.frames, filmstrip(run, 4), strict=True):
        assert frame.step == whole.step
        assert frame.strips == tuple(strip for strip in whole.strips if strip.query == query)


def test_any_other_image_has_lists_from_the_vectors_that_were_kept(run):
    rankings = open_rankings(run, "raw")
    query = rankings.query_of(6)
    found = formation(run, rankings, query, top=5)
    assert not found.exact
    assert [frame.step for frame in found.frames] == [0, 3, 6]
    (last,) = found.frames[-1].strips
    listed = [one for one in rankings.list(query, 5) if one.excluded is None]
    assert [hit.index for hit in last.hits] == [one.index for one in listed]
    assert [hit.verdict for hit in last.hits] == [one.verdict for one in listed]
    hits = rankings.ranking(query).hits()
    assert last.first_match == int(hits.argmax()) + 1
    assert last.looked_at == len(hits)
    assert 6 not in [hit.index for hit in last.hits]


def test_snapshots_of_other_images_are_refused(run):
    rankings = open_rankings(run, "raw")
    for folder in run.snapshots.iterdir():
        with np.load(folder / "probes.npz") as stored:
            probes = {name: stored[name] for name in stored.files}
        probes["sample"] = probes["sample"] + 1
        np.savez_compressed(folder / "probes.npz", **probes)
    with pytest.raises(RunError, match="other images than its rankings: the data were changed"):
        formation(run, rankings, rankings.query_of(0))


def test_the_mark_changes_with_the_snapshots(run):
    before = snapshots_mark(run)
    assert snapshots_mark(run) == before
    shutil.rmtree(run.snapshots / "3")
    assert snapshots_mark(run) != before
    shutil.rmtree(run.path)
    with pytest.raises(RunError, match="has been deleted"):
        snapshots_mark(run)
