"""Maps as faces show them, compared with what the library says."""

import os
import shutil
import subprocess
import sys

import numpy as np
import pytest

from tests.ui import by_hand
from tests.ui.mapped import STEPS, embeddings, write_mapped_run
from workbench.data.samples import Sample
from workbench.errors import DataError, RunError
from workbench.inspection.map_making import everything, judged, keep, pca_of_snapshots
from workbench.inspection.maps import map_file
from workbench.retrieval.embeddings.store import Embeddings
from workbench.retrieval.projection.projection import neighbours, pca
from workbench.retrieval.projection.trust import trust
from workbench.ui.views.map import map_tasks
from workbench.ui.views.map.map_frames import frames_part
from workbench.ui.views.map.map_tasks import ENDED, LOADING, NOT_MADE, make_umap, umap_state
from workbench.ui.views.map.map_view import (
    frames_of,
    images_of,
    link_of,
    overview,
    point_of,
    points_of,
    shares_of,
    trust_of,
    verdicts_of,
)
from workbench.ui.views.rankings.stored_rankings import choose
from workbench.ui.words import percent

IMAGES = 58


@pytest.fixture
def run(tmp_path):
    return write_mapped_run(tmp_path / "images")


@pytest.fixture
def vectors(tmp_path):
    return everything(embeddings(tmp_path / "images", 3.0))


def numbers(data, kind="<f4"):
    return np.frombuffer(data, kind)


@pytest.mark.thorough
def test_what_there_is_to_see(run):
    seen = overview(run)
    assert (seen["ready"], seen["images"], seen["queries"]) == (True, IMAGES, 16)
    assert seen["words"].startswith("58 images (16 queries, 42 of the gallery) by averaged weights")
    assert seen["snapshots"]["steps"] == list(STEPS)
    assert seen["umap"] == {"ready": False, "working": False, "words": NOT_MADE}
    assert seen["missing"] == ""


@pytest.mark.thorough
def test_points_are_the_principal_components(run, vectors):
    points = numbers(points_of(run, "averaged", "pca")).reshape(-1, 2)
    np.testing.assert_array_equal(points, pca(vectors))


@pytest.mark.thorough
def test_trust_is_the_librarys(run, vectors):
    expected = trust(vectors, pca(vectors))
    told = trust_of(run, "", "pca")
    assert (told["trust"], told["chance"], told["k"]) == (expected.overall, 10 / 57, 10)
    assert percent(expected.overall) in told["words"]
    np.testing.assert_allclose(numbers(shares_of(run, "", "pca")), expected.per_point)
    # Kept, and with it the points.
    assert map_file(run, "pca", "step_00000400-averaged").is_file()
    np.testing.assert_array_equal(numbers(points_of(run, "", "pca")), pca(vectors).ravel())


@pytest.mark.thorough
def test_what_is_known_of_each_image(run):
    pairs = numbers(images_of(run, ""), "<i4").reshape(-1, 2).tolist()
    assert pairs[:3] == [[1, 1], [1, 1], [2, 1]]
    assert pairs[16:18] == [[1, 2], [1, 3]]
    assert pairs[-1] == [-2, 3]  # a distractor


def test_a_first_hit_is_right_wrong_or_not_asked(tmp_path):
    # Query 0: a distractor is nearest; query 1: its own identity; query 2 has no right answer.
    run = by_hand.embed(by_hand.write_run(), tmp_path / "images")
    assert numbers(verdicts_of(run, ""), "i1").tolist() == [0, 1, -1] + 6 * [-1]


@pytest.mark.thorough
def test_a_point_has_its_true_neighbours(run, vectors):
    seen = point_of(run, "", "pca", 20)
    assert (seen["source"], seen["index"], seen["identity"], seen["picture"]) == (
        ("gallery", 4, 1, True)
    )
    assert [one["point"] for one in seen["neighbours"]] == neighbours(vectors, 10).index[
        20
    ].tolist()
    near = sum(one["near"] for one in seen["neighbours"])
    assert near / 10 == pytest.approx(trust(vectors, pca(vectors)).per_point[20])
    assert f"solid to the {near}" in seen["words"]
    assert f"dashed to the {10 - near}" in seen["words"]


@pytest.mark.thorough
def test_frames_are_the_maps_of_the_snapshots(run):
    maps = pca_of_snapshots(run)
    told = frames_of(run, "", "pca")
    assert told["steps"] == list(STEPS)
    assert told["trust"] == [one.trust for one in maps.maps]
    points = numbers(frames_part(run, "pca", "points")).reshape(3, IMAGES, 2)
    np.testing.assert_array_equal(points[1], maps.maps[1].points)
    shares = numbers(frames_part(run, "pca", "shares")).reshape(3, IMAGES)
    np.testing.assert_allclose(shares[2], maps.maps[2].true_neighbours)
    assert numbers(frames_part(run, "pca", "sample"), "<i4").tolist() == list(range(IMAGES))


@pytest.mark.thorough
def test_neighbours_at_a_step_are_of_that_step(run):
    first, last = (point_of(run, "", "pca", 0, step)["neighbours"] for step in (0, 400))
    assert sum(one["identity"] == 1 for one in last) > sum(one["identity"] == 1 for one in first)


@pytest.mark.thorough
def test_what_is_not_there_is_refused(run):
    with pytest.raises(DataError, match="no point 58: they are numbered from 0 to 57"):
        point_of(run, "", "pca", IMAGES)
    with pytest.raises(DataError, match="no snapshot of step 7: there are those of 0, 130, 400"):
        point_of(run, "", "pca", 0, 7)
    with pytest.raises(RunError, match="UMAP of the averaged weights, step 400 is not made yet"):
        points_of(run, "", "umap")
    with pytest.raises(RunError, match="UMAP over training is not made yet"):
        frames_of(run, "", "umap")


def test_a_run_without_snapshots_says_so(tmp_path):
    run = write_mapped_run(tmp_path / "images", snapshots=False)
    seen = overview(run)
    assert (seen["ready"], seen["snapshots"]["steps"]) == (True, [])
    assert "kept no snapshots" in seen["snapshots"]["words"]
    with pytest.raises(RunError, match="no snapshot yet"):
        frames_of(run, "", "pca")


@pytest.mark.thorough
def test_snapshots_of_other_images_are_refused(run, tmp_path):
    by_hand.embed(run, tmp_path / "others", "raw")
    with pytest.raises(RunError, match="of other images than these embeddings"):
        frames_of(run, "raw", "pca")
    with pytest.raises(DataError, match="no point 20"):
        point_of(run, "raw", "pca", 20)


@pytest.mark.thorough
def test_images_that_are_gone_leave_the_map(run, tmp_path):
    (tmp_path / "images" / "q" / "1_0.png").unlink()
    assert point_of(run, "", "pca", 0)["picture"] is False
    shutil.rmtree(tmp_path / "images")
    seen = overview(run)
    assert seen["ready"]
    assert "no longer in" in seen["missing"]


def test_without_embeddings_there_is_one_sentence():
    seen = overview(by_hand.write_run())
    assert (seen["ready"], seen["can_embed"]) == (False, True)
    assert "not embedded yet" in seen["words"]
    seen = overview(by_hand.write_run(until=0, state="stopped"))
    assert "no checkpoint" in seen["words"]


def test_three_images_are_no_map(tmp_path):
    run = by_hand.write_run()
    eye, images = np.eye(3, dtype=np.float32), tuple(Sample(f"{one}.png", 1, 1) for one in "abc")
    Embeddings(eye[:1], eye[1:], images[:1], images[1:], tmp_path).save(
        run.embeddings / "step_00000400-averaged"
    )
    assert overview(run)["words"] == (
        "A map needs at least 4 images, these embeddings have 3: embed more."
    )


@pytest.mark.thorough
def test_a_map_of_older_embeddings_is_not_shown(run, vectors):
    file = map_file(run, "umap", "step_00000400-averaged")
    keep(file, judged(vectors, pca(vectors), "cosine"))
    assert umap_state(run, choose(run, ""))["ready"]
    np.testing.assert_array_equal(numbers(points_of(run, "", "umap")), pca(vectors).ravel())
    os.utime(file, (0, 0))
    assert umap_state(run, choose(run, ""))["ready"] is False


@pytest.mark.thorough
def test_a_umap_is_made_by_one_process_that_is_followed(run, monkeypatch):
    started = []

    def start(*_, **__):
        program = [sys.executable, "-c", "import time; time.sleep(600)"]
        started.append(subprocess.Popen(program))
        return started[-1]

    monkeypatch.setattr(map_tasks, "umap_in_background", start)
    weights = choose(run, "")
    make_umap(run, weights)
    make_umap(run, weights)
    try:
        assert len(started) == 1
        assert umap_state(run, weights) == {"ready": False, "working": True, "words": LOADING}
        told = run.cache / "umap-step_00000400-averaged.json"
        told.parent.mkdir()
        told.write_text('{"stage": "x", "total": 1}')
        assert "Placing the images" in umap_state(run, weights)["words"]
    finally:
        started[0].kill()
        started[0].wait()
    assert umap_state(run, weights) == {"ready": False, "working": False, "words": ENDED}
    told.write_text('{"error": "out of memory"}')
    assert "could not be made: out of memory" in umap_state(run, weights)["words"]


@pytest.mark.thorough
def test_a_link_opens_what_is_seen(run):
    assert link_of(run, "raw", "umap", "camera", 130, 7) == (
        f"?tab=map&run={run.id}&weights=raw&method=umap&colour=camera&step=130&point=7"
    )
