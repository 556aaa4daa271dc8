"""The map of a run that still trains: its snapshots, before anything is embedded."""

import os
import shutil

import numpy as np
import pytest

from tests.ui.live import DIM, end, evaluate, training, write_live_run
from workbench.data.catalogue.splits import read_split
from workbench.errors import RunError
from workbench.inspection.map_making import pca_of_snapshots
from workbench.inspection.maps import snapshots_file
from workbench.retrieval.projection.projection import pca
from workbench.ui.views.map.map_frames import frames_part
from workbench.ui.views.map.map_live import LIVE, live_news
from workbench.ui.views.map.map_view import frames_of, images_of, link_of, overview, point_of
from workbench.ui.views.runs.run_view import brief_rows

IMAGES, QUERIES = 37, 5


@pytest.fixture
def run(tmp_path):
    return write_live_run(tmp_path)


def numbers(data, kind="<f4"):
    return np.frombuffer(data, kind)


@pytest.mark.thorough
def test_a_run_that_trains_has_a_map_at_once(run):
    with training(run):
        seen = overview(run)
        assert [one["snapshots"] for one in brief_rows()] == [True]
    assert (seen["ready"], seen["live"], seen["alive"], seen["chosen"]) == (True, True, True, LIVE)
    assert (seen["images"], seen["queries"]) == (IMAGES, QUERIES)
    assert seen["snapshots"]["steps"] == [0, 3]
    assert [one["key"] for one in seen["weights"]][-1] == LIVE
    assert seen["words"].startswith("37 images by the raw weights of step 3, the last evaluation")


@pytest.mark.thorough
def test_points_are_the_images_of_its_data(run):
    split = read_split(run.recipe().data)
    pairs = numbers(images_of(run, LIVE), "<i4").reshape(-1, 2).tolist()
    assert pairs == [
        [-2 if image.distractor else image.identity, image.camera]
        for image in (*split.query, *split.gallery)
    ]
    seen = point_of(run, LIVE, "pca", QUERIES + 2, 3)
    assert (seen["source"], seen["index"], seen["picture"]) == ("gallery", 2, True)
    assert len(seen["neighbours"]) == 10
    assert link_of(run, LIVE, "pca", "camera", None, 7) == (
        f"?tab=map&run={run.id}&weights=snapshots&method=pca&colour=camera&point=7"
    )


@pytest.mark.thorough
def test_new_evaluations_leave_the_maps_there_are(run):
    with training(run):
        before = live_news(run)
        frames_of(run, LIVE, "pca")
        first = numbers(frames_part(run, "pca", "points")).reshape(2, IMAGES, 2)
        assert live_news(run, before["mark"]) == {"mark": before["mark"], "unchanged": True}
        evaluate(run, 6)
        after = live_news(run, before["mark"])
    assert after["snapshots"]["steps"] == [0, 3, 6]
    points = numbers(frames_part(run, "pca", "points")).reshape(3, IMAGES, 2)
    np.testing.assert_array_equal(points[:2], first)
    # One file holds them all, and they are what a run mapped at its end would have.
    assert len(list(run.cache.glob("maps-pca-*"))) == 1
    shutil.rmtree(run.cache)
    made = pca_of_snapshots(run)
    np.testing.assert_array_equal(np.stack([one.points for one in made.maps]), points)


@pytest.mark.thorough
def test_each_map_is_turned_onto_the_one_before(run):
    first, second = (one.points for one in pca_of_snapshots(run).maps)
    vectors = np.load(run.snapshots / "3" / "sample.f16.npy").astype(np.float32)
    alone = pca(vectors)
    assert vectors.shape == (IMAGES, DIM)
    # Turned or mirrored, never stretched.
    spread = [np.square(points - points.mean(0)).sum() for points in (second, alone)]
    assert spread[0] == pytest.approx(spread[1], rel=1e-4)
    assert np.square(second - first).sum() <= np.square(alone - first).sum() + 1e-4


@pytest.mark.thorough
def test_an_evaluation_made_anew_after_going_back_is_mapped_anew(run):
    before = pca_of_snapshots(run).maps[1].points
    os.utime(snapshots_file(run, "pca", (0, 3)), ns=(0, 0))
    shutil.copy(run.snapshots / "0" / "sample.f16.npy", run.snapshots / "3")
    made = pca_of_snapshots(run)
    assert not np.array_equal(made.maps[1].points, before)
    np.testing.assert_allclose(made.maps[1].points, made.maps[0].points, atol=1e-4)


@pytest.mark.thorough
def test_a_run_that_has_ended_offers_its_weights_and_keeps_its_film(run):
    with training(run):
        known = live_news(run)["mark"]
    end(run)
    news = live_news(run, known)
    assert (news["unchanged"], news["alive"]) == (False, False)
    assert "The run has ended" in news["words"]
    seen = overview(run)
    assert (seen["ready"], seen["can_embed"]) == (False, True)
    assert LIVE not in [one["key"] for one in seen["weights"]]
    assert overview(run, LIVE)["ready"]


@pytest.mark.thorough
def test_without_snapshots_or_data_there_is_one_sentence(run, tmp_path):
    away = tmp_path / "away"
    os.rename(tmp_path / "people", away)
    assert "market1501" in overview(run, LIVE)["words"].lower()
    os.rename(away, tmp_path / "people")
    shutil.rmtree(run.snapshots)
    assert "has no snapshot yet" in overview(run, LIVE)["words"]
    with pytest.raises(RunError, match="no snapshot yet"):
        live_news(run)
    shutil.rmtree(run.path)
    with pytest.raises(RunError, match="has been deleted"):
        live_news(run)
