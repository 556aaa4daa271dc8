import pytest

from tests.ui.by_hand import embed, write_run
from workbench.errors import DataError, PlaceError, RunError
from workbench.ui.pictures import LARGEST_HEIGHT, thumbnail
from workbench.ui.views.rankings.ranking_view import overview, picture_of, queries_of, ranking_of
from workbench.ui.views.rankings.stored_rankings import choose


@pytest.fixture
def run(tmp_path):
    return embed(write_run(), tmp_path / "images")


@pytest.mark.thorough
def test_a_list_as_it_stands_on_the_page(run):
    # Query 0 is identity 1 in camera 1 at 0 degrees. Nearest first: the junk image (2 degrees),
    # its own identity in its own camera (5), a distractor (10), its match in camera 2 (20).
    answer = ranking_of(run, "averaged", "query", 0, k=2)
    told = [(one["rank"], one["verdict"], one["excluded"]) for one in answer["items"]]
    assert told == [
        (None, "distractor", "junk"),
        (None, "match", "same identity, same camera"),
        (1, "distractor", None),
        (2, "match", None),
    ]
    assert answer["average_precision"] == 0.5
    assert answer["first_match"] == 2
    assert answer["matches"] == 1
    assert answer["query"]["name"] == "Identity 1, camera 1."
    assert answer["words"] == (
        "1 of 1 matches are among the first 2. Left out in between: 1 (junk), 1 (same identity,"
        " same camera)."
    )
    assert [one["caption"] for one in answer["items"]] == [
        "junk · cam 2",
        "id 1 · cam 1",
        "distractor · cam 2",
        "id 1 · cam 2",
    ]
    curve = answer["precision_recall"]
    assert (curve["recall"], curve["precision"], curve["shape"]) == ([0, 1], [0.5, 0.5], "vh")


@pytest.mark.thorough
def test_any_gallery_image_can_be_the_query(run):
    answer = ranking_of(run, "averaged", "gallery", 2)
    assert answer["query"]["identity"] == 2
    assert answer["items"][0]["excluded"] == "the query itself"
    assert "source=gallery" in answer["link"]


@pytest.mark.thorough
def test_a_query_without_a_match_is_shown_and_not_counted(run):
    answer = ranking_of(run, "averaged", "query", 2)
    assert answer["average_precision"] is None
    assert answer["precision_recall"] is None
    assert "not counted" in answer["words"]


@pytest.mark.thorough
def test_queries_in_an_order_one_asks_for(run):
    worst = queries_of(run, "averaged", order="worst")["queries"]
    assert [one["index"] for one in worst] == [0, 1, 2]
    assert worst[-1]["average_precision"] is None
    assert [one["index"] for one in queries_of(run, "averaged", identity=2)["queries"]] == [1]
    page = queries_of(run, "averaged", order="id", start=1, count=1)
    assert (page["total"], [one["index"] for one in page["queries"]]) == (3, [1])


@pytest.mark.thorough
def test_the_figures_come_in_words(run):
    seen = overview(run)
    assert seen["ready"] is True
    assert seen["chosen"] == "step_00000400-averaged"
    assert [one["ready"] for one in seen["weights"]] == [True, False]
    assert seen["words"].startswith("mAP 75.0 %, Rank-1 50.0 %")
    assert "1 queries without a match are not counted" in seen["words"]
    assert "1 junk images are left out" in seen["words"]


@pytest.mark.thorough
def test_weights_that_are_not_embedded_are_offered(run):
    seen = overview(run, "raw")
    assert (seen["ready"], seen["can_embed"]) == (False, True)
    assert "not embedded yet" in seen["words"]


def test_a_run_without_a_checkpoint_says_so():
    seen = overview(write_run(until=0, state="stopped"))
    assert (seen["ready"], seen["weights"]) == (False, [])
    assert "no checkpoint" in seen["words"]


def test_unknown_weights_are_refused(run):
    with pytest.raises(RunError, match="Use one of step_00000400-averaged, step_00000400-raw"):
        choose(run, "step_00000001-raw")


@pytest.mark.thorough
@pytest.mark.parametrize(("source", "index"), [("query", 3), ("gallery", 6), ("query", -1)])
def test_an_image_that_is_not_there_is_refused(run, source, index):
    with pytest.raises(DataError, match="numbered from 0 to"):
        ranking_of(run, "averaged", source, index)


def test_pictures_are_bounded_and_stay_inside_their_root(run, tmp_path):
    file = picture_of(run, "averaged", "gallery", 1)
    path = file.path
    assert path == tmp_path / "images" / "g" / "0001_c2.png"
    assert thumbnail(file, 10**6) == thumbnail(file, LARGEST_HEIGHT)
    assert thumbnail(file, 64)[:2] == b"\xff\xd8"
    path.unlink()
    path.symlink_to("/etc/hostname")
    with pytest.raises(PlaceError, match="outside"):
        picture_of(run, "averaged", "gallery", 1)
