"""Maps of a run and of its snapshots, and how its rankings formed."""

import shutil

import numpy as np
import pytest

from workbench.errors import DataError, RunError
from workbench.experiment.run_rankings import open_rankings
from workbench.inspection.embedding_export import embedding_file
from workbench.inspection.filmstrip import filmstrip, snapshot_embeddings, snapshot_steps
from workbench.inspection.map_making import (
    everything,
    pca_of,
    pca_of_snapshots,
    right_first,
    true_neighbours,
)
from workbench.inspection.maps import map_file, read_map, umap_of
from workbench.retrieval.embeddings.embedding_file import EmbeddingFile
from workbench.retrieval.projection.projection import neighbours
from workbench.retrieval.projection.trust import trust
from workbench.runs.folder import RunFolder
from workbench.runs.log import read_events


@pytest.fixture
def run(finished_run, tmp_path):
    """A run that may be changed."""
    shutil.copytree(finished_run.path, tmp_path / finished_run.id)
    return RunFolder(tmp_path / finished_run.id)


def test_the_last_frame_is_the_evaluation_of_that_step(run):
    frames = filmstrip(run)
    assert [frame.step for frame in frames] == [0, 3, 6]
    rankings = open_rankings(run, "raw")
    for strip in frames[-1].strips:
        listed = [item for item in rankings.list(strip.query, 5) if item.excluded is None]
        assert [hit.index for hit in strip.hits] == [item.index for item in listed]
        assert [hit.verdict for hit in strip.hits] == [item.verdict for item in listed]
        hits = rankings.ranking(strip.query).hits()
        assert strip.first_match == int(hits.argmax()) + 1


def test_every_frame_is_the_evaluation_of_its_step(run):
    records, _ = read_events(run.events_file)
    figures = {one["step"]: one["metrics"]["raw"] for one in records if one["kind"] == "evaluated"}
    frames = filmstrip(run)
    assert [frame.step for frame in frames] == sorted(figures)
    # The data set has five queries and all are pinned, so that the frames tell its figures.
    for frame in frames:
        assert len(frame.strips) == 5
        for rank in (1, 5, 10):
            found = [
                one.first_match is not None and one.first_match <= rank for one in frame.strips
            ]
            assert np.mean(found) == pytest.approx(figures[frame.step][f"rank{rank}"])
    assert figures[0] != figures[6]


def test_only_new_frames_are_read_again(run):
    assert [frame.step for frame in filmstrip(run, after=0)] == [3, 6]
    assert filmstrip(run, after=6) == []
    assert all(len(strip.hits) == 2 for strip in filmstrip(run, top=2)[0].strips)


def test_a_snapshot_that_vanishes_or_is_damaged_is_passed_over(run):
    (run.snapshots / "3" / "probes.npz").write_bytes(b"half")
    assert [frame.step for frame in filmstrip(run)] == [0, 6]
    assert [snapshot.step for snapshot in snapshot_embeddings(run)] == [0, 6]
    assert snapshot_steps(run) == [0, 3, 6]


def test_without_snapshots_there_is_one_sentence(run):
    shutil.rmtree(run.snapshots)
    for ask in (filmstrip, snapshot_embeddings, pca_of_snapshots):
        with pytest.raises(RunError, match="has no snapshot yet: the first one comes with"):
            ask(run)
    shutil.rmtree(run.path)
    for ask in (filmstrip, snapshot_embeddings, pca_of, umap_of):
        with pytest.raises(RunError, match="has been deleted"):
            ask(run)
    assert snapshot_steps(run) == []


def test_snapshots_hold_the_embeddings_of_their_step(run):
    last = snapshot_embeddings(run)[-1]
    vectors = everything(open_rankings(run, "raw").embeddings)
    np.testing.assert_allclose(last.vectors, vectors[last.sample], rtol=1e-3, atol=1e-3)


def test_a_map_has_a_point_for_every_image_and_is_kept(run):
    made = pca_of(run)
    vectors = everything(open_rankings(run).embeddings)
    assert made.points.shape == (len(vectors), 2)
    assert made.trust == pytest.approx(trust(vectors, made.points).overall)
    kept = read_map(map_file(run, "pca", "step_00000006-averaged"))
    assert np.array_equal(kept.points, made.points)
    assert np.array_equal(pca_of(run).points, made.points)
    assert umap_of(run) is None


def test_maps_of_snapshots_lie_on_each_other(run):
    maps = pca_of_snapshots(run)
    assert maps.steps == (0, 3, 6)
    first, _, last = maps.maps
    assert first.points.shape == last.points.shape
    # Turned onto what follows: no mirror image is nearer.
    centred, later = (one.points - one.points.mean(0) for one in maps.maps[1:])
    apart = np.square(centred - later).sum()
    for flip in ((-1, 1), (1, -1), (-1, -1)):
        assert apart <= np.square(centred * flip - later).sum() + 1e-6
    assert pca_of_snapshots(run).steps == maps.steps


def test_true_neighbours_are_those_of_the_vectors(run):
    rankings = open_rankings(run)
    vectors = everything(rankings.embeddings)
    expected = neighbours(vectors, 3).index[2].tolist()
    assert true_neighbours(rankings, 2, 3) == expected


def test_right_first_agrees_with_rank_1(run):
    rankings = open_rankings(run)
    right = right_first(rankings)
    asked = right[right >= 0]
    assert len(right) == len(everything(rankings.embeddings))
    assert asked.mean() == pytest.approx(rankings.report.rank[1])


def test_a_file_of_embeddings_comes_back_as_it_went(run, tmp_path):
    made = embedding_file(run)
    made.save(tmp_path / "x.npz")
    again = EmbeddingFile.load(tmp_path / "x.npz")
    assert np.array_equal(again.vectors, made.vectors)
    assert again.path.tolist() == made.path.tolist()
    assert (again.run, again.distance) == (run.id, "cosine")
    assert set(again.split.tolist()) == {"query", "gallery"}


def test_a_file_that_holds_none_is_refused(tmp_path):
    with pytest.raises(DataError, match="does not exist: make it with workbench embed"):
        EmbeddingFile.load(tmp_path / "x.npz")
    (tmp_path / "y.npz").write_text("no archive")
    with pytest.raises(DataError, match="holds no embeddings"):
        EmbeddingFile.load(tmp_path / "y.npz")
