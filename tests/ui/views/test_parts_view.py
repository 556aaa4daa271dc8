"""The numbers of the Parts tab are the library's; what stands in the way is one sentence."""

import io
import shutil
import time

import numpy as np
import pytest
from PIL import Image

from tests.ui.by_hand import embed, write_run
from tests.ui.tiny_run import trained
from workbench.errors import BrokenImage, DataError, RunError
from workbench.experiment.run_rankings import open_rankings
from workbench.explain.explanation import PartExplanation
from workbench.explain.pictures.overlay import heat_layer
from workbench.explain.true_masks import shares
from workbench.inspection.explaining import explain_pair, masks_of
from workbench.runs.folder import RunFolder
from workbench.ui.uploads import uploads
from workbench.ui.views.parts.own_parts_view import own_heat, own_pair
from workbench.ui.views.parts.parts_answers import LAYER_HEIGHT
from workbench.ui.views.parts.parts_view import heat_of, mask_of, overview, pair_of
from workbench.ui.views.parts.parts_words import part_of


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    return trained(tmp_path_factory.mktemp("parts"))


def answer_of(run, *question, **more):
    """Asks as a page does, until there is an answer."""
    until = time.monotonic() + 60
    while (answer := pair_of(run, *question, **more))["working"]:
        assert answer["words"]
        assert time.monotonic() < until
        time.sleep(0.02)
    return answer


def array_of(png):
    with Image.open(io.BytesIO(png)) as picture:
        return np.asarray(picture)


@pytest.mark.thorough
@pytest.mark.parametrize("method", ["evidence", "hirescam"])
def test_the_numbers_are_the_librarys(run, method):
    answer = answer_of(run, "raw", "query", 1, 4, method)
    found = explain_pair(run, 1, 4, "raw", method)
    assert (answer["total"], answer["method"]) == (found.total, method)
    seen = [*answer["branches"], answer["whole"]]
    assert [one["name"] for one in seen] == ["whole", "groups_0", "groups_1", "all"]
    assert [one["title"] for one in seen][1:3] == ["groups 1 of 2", "groups 2 of 2"]
    for one, part in zip(seen, found.parts, strict=True):
        assert (one["share"], one["cosine"]) == (part.similarity, part.cosine)
        assert {name: one["deletion"][name] for name in part.deletion.numbers()} == (
            part.deletion.numbers()
        )
        assert one["truth"] == {"query": None, "hit": None}
    assert sum(one["share"] for one in seen[:-1]) == pytest.approx(found.total)


@pytest.mark.thorough
def test_a_share_is_its_cells_and_a_constant(run):
    whole = answer_of(run, "raw", "query", 0, 2)["whole"]
    assert sum(whole["sum"].values()) == pytest.approx(whole["share"], abs=1e-5)
    assert whole["sum"]["for"] >= 0 >= whole["sum"]["against"]
    assert answer_of(run, "raw", "query", 0, 2, "hirescam")["whole"]["sum"] is None


@pytest.mark.thorough
def test_it_stands_where_the_list_has_it(run):
    items = open_rankings(run, "raw").list(1, 3)
    first = next(item for item in items if item.rank == 1)
    answer = answer_of(run, "raw", "query", 1, first.index)
    assert answer["rank"] == 1
    assert answer["words"].startswith(f"Rank 1: {first.verdict}")
    assert answer["total"] == pytest.approx(1 - first.distance, abs=1e-5)
    assert f"query=1&hit={first.index}&method=evidence" in answer["link"]


@pytest.mark.thorough
def test_a_gallery_image_can_be_the_query(run):
    answer = answer_of(run, "raw", "gallery", 3, 4)
    behind = len(open_rankings(run, "raw").embeddings.query_images)
    assert answer["total"] == explain_pair(run, behind + 3, 4, "raw").total
    assert "source=gallery" in answer["link"]


def own_answer(run, *question):
    """The same of an image that was handed in."""
    until = time.monotonic() + 300
    while (answer := own_pair(run, *question))["working"]:
        assert answer["words"]
        assert time.monotonic() < until
        time.sleep(0.02)
    return answer


@pytest.mark.thorough
def test_an_image_of_ones_own_is_explained_and_nothing_of_it_is_kept(run):
    rankings = open_rankings(run, "raw")
    expected = explain_pair(run, 1, 4, "raw")
    file = rankings.embeddings.root / rankings.embeddings.query_images[1].path
    word = uploads.add(file.read_bytes())
    before = sorted(run.path.rglob("*"))
    answer = own_answer(run, "raw", word, 4)
    assert (answer["source"], answer["query"]) == ("upload", word)
    assert answer["total"] == pytest.approx(expected.total, abs=1e-5)
    shares = [one["share"] for one in answer["branches"]]
    assert shares == pytest.approx([part.similarity for part in expected.branches], abs=1e-5)
    # Nobody knows who is on it.
    assert not any(word in answer["words"] for word in ("match", "wrong"))
    assert word not in answer["link"]
    layer = array_of(own_heat(run, "raw", word, 4, "groups_0", "query"))
    same = array_of(heat_of(run, "raw", "query", 1, 4, "groups_0", "query"))
    assert np.abs(layer.astype(int) - same).max() <= 2
    assert sorted(run.path.rglob("*")) == before
    with pytest.raises(DataError, match="no gallery image 99"):
        own_pair(run, "raw", word, 99)
    uploads.forget(word)
    for ask in (
        lambda: own_pair(run, "raw", word, 4),
        lambda: own_heat(run, "raw", word, 4, "groups_0", "query"),
    ):
        with pytest.raises(DataError, match="not kept any more: choose the file again"):
            ask()


@pytest.mark.thorough
def test_a_layer_is_the_map(run):
    part = explain_pair(run, 1, 4, "raw").branches[1]
    layer = array_of(heat_of(run, "raw", "query", 1, 4, "groups_0", "hit"))
    expected = np.asarray(heat_layer(part.hit_heat, (LAYER_HEIGHT // 2, LAYER_HEIGHT)))
    np.testing.assert_array_equal(layer, expected)
    with pytest.raises(DataError, match="no heatmap of a part 'tail'"):
        heat_of(run, "raw", "query", 1, 4, "tail", "hit")


@pytest.mark.thorough
def test_learned_masks_are_drawn(run):
    assert [one["name"] for one in answer_of(run, "raw", "query", 1, 4)["masks"]] == [
        "groups_0",
        "groups_1",
    ]
    masks = masks_of(run, "step_00000006", "raw")
    expected = heat_layer(masks["groups_1"], (LAYER_HEIGHT // 2, LAYER_HEIGHT))
    layer = array_of(mask_of(run, "raw", "groups_1"))
    np.testing.assert_array_equal(layer, np.asarray(expected))
    kept = run.cache / "masks" / "step_00000006-raw.npz"
    assert kept.exists()
    with pytest.raises(DataError, match="has no learned mask"):
        mask_of(run, "raw", "whole")


def test_what_stands_in_the_way_is_one_sentence(run, tmp_path):
    with pytest.raises(DataError, match="no gallery image 99: they are numbered from 0"):
        pair_of(run, "raw", "query", 0, 99)
    with pytest.raises(DataError, match="no query 99"):
        pair_of(run, "raw", "query", 99, 0)
    with pytest.raises(DataError, match="no method 'cam'"):
        pair_of(run, "raw", "query", 0, 0, "cam")
    with pytest.raises(RunError, match="no weights 'step_00000001-raw'"):
        pair_of(run, "step_00000001-raw", "query", 0, 0)


@pytest.mark.thorough
def test_an_image_or_a_checkpoint_that_was_deleted(run, tmp_path):
    copy = RunFolder(tmp_path / run.id)
    shutil.copytree(run.path, copy.path, ignore=shutil.ignore_patterns("cache"))
    root = open_rankings(run, "raw").embeddings.root
    (gone,) = [sorted(root.glob("bounding_box_test/*"))[7]]
    index = [one.path for one in open_rankings(run, "raw").embeddings.gallery_images].index(
        str(gone.relative_to(root))
    )
    kept = gone.read_bytes()
    gone.unlink()
    try:
        with pytest.raises(BrokenImage, match="it does not exist"):
            answer_of(copy, "raw", "query", 0, index)
    finally:
        gone.write_bytes(kept)
    shutil.rmtree(copy.checkpoints)
    with pytest.raises(RunError, match="has no checkpoint"):
        pair_of(copy, "raw", "query", 0, 1)
    shutil.rmtree(copy.path)
    with pytest.raises(RunError):
        pair_of(copy, "raw", "query", 0, 1)
    assert not copy.path.exists()


@pytest.mark.thorough
def test_a_run_without_embeddings_offers_to_make_them():
    seen = overview(write_run())
    assert (seen["ready"], seen["can_embed"]) == (False, True)
    assert [one["name"] for one in seen["methods"]][:2] == ["evidence", "gradcam"]
    seen = overview(write_run(until=0, state="stopped"))
    assert "no checkpoint" in seen["words"]


@pytest.mark.thorough
def test_a_checkpoint_that_holds_no_network(tmp_path):
    damaged = embed(write_run(), tmp_path / "images")
    with pytest.raises(RunError, match="is missing or damaged"):
        answer_of(damaged, "averaged", "query", 0, 1)


def test_the_truth_in_words():
    mask = np.zeros((4, 2), dtype=np.uint8)
    mask[0], mask[1] = 1, 3
    heat = np.array([[1.0, 1.0], [3.0, 3.0], [0.0, 0.0], [0.0, 2.0]])
    part = PartExplanation("all", heat, heat, 0.5, 0.5, query_shares=shares(heat, mask))
    told = part_of(part, "all parts together", "evidence")["truth"]
    assert told["hit"] is None
    assert told["query"]["words"] == (
        "80.0 % of the heat is on the person, who covers 50.0 % of the image."
    )
    assert told["query"]["hottest"] == "torso"
    assert told["query"]["labels"] == [
        {"name": "head", "share": pytest.approx(0.2), "area": 0.25},
        {"name": "torso", "share": pytest.approx(0.6), "area": 0.25},
    ]
    cold = PartExplanation("all", -heat, heat, 0.5, 0.5, query_shares=shares(-heat, mask))
    told = part_of(cold, "all parts together", "evidence")
    assert told["cold"] == {"query": True, "hit": False}
    assert told["truth"]["query"]["words"] == "No cell is above zero: there is no heat."
    assert told["truth"]["query"]["person"] is None
