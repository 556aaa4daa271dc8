import time
from dataclasses import replace

import numpy as np
import pytest

from tests.ui.by_hand import ANGLES, GALLERY, QUERIES, embed, vectors, write_run
from workbench import rerank
from workbench.recipe.settings.evaluation import ReRanking
from workbench.retrieval.embeddings.store import Embeddings
from workbench.retrieval.rankings import Rankings
from workbench.ui.views.rankings.ranking_view import overview, queries_of, ranking_of
from workbench.ui.views.rankings.re_ranking import difference_in_words, protocol_of


@pytest.fixture
def run(tmp_path):
    return embed(write_run(), tmp_path / "images")


def settled(run, wanted):
    """What the page gets when the background thread is done."""
    while (answer := overview(run, "averaged", wanted)["re_ranking"])["working"]:
        time.sleep(0.01)
    return answer


@pytest.mark.thorough
def test_the_text_of_a_link_is_the_protocol(run):
    assert protocol_of(run).re_ranking is None
    assert protocol_of(run, "0").re_ranking is None
    assert protocol_of(run, "1").re_ranking == ReRanking()
    assert protocol_of(run, "k1:3,weight:0.5").re_ranking == ReRanking(k1=3, weight=0.5)
    assert protocol_of(run, "1,cut short").re_ranking == ReRanking()


@pytest.mark.thorough
def test_a_recipe_that_re_ranks_is_the_usual_case():
    run = write_run(overrides={"evaluation.re_ranking": True, "evaluation.re_ranking.k1": "4"})
    assert protocol_of(run).re_ranking == ReRanking(k1=4)
    assert protocol_of(run, "1").re_ranking == ReRanking(k1=4)
    assert protocol_of(run, "0").re_ranking is None


@pytest.mark.thorough
def test_lists_are_the_librarys(run):
    answer = settled(run, "k1:3,k2:2,weight:0.4")
    assert (answer["on"], answer["refused"]) == (True, False)
    assert answer["value"] == "k1:3,k2:2,weight:0.4"
    distances = rerank(vectors("q"), vectors("g"), k1=3, k2=2, weight=0.4)
    seen = ranking_of(run, "averaged", "query", 0, k=10, rerank=answer["value"])
    assert [item["index"] for item in seen["items"]] == np.argsort(
        distances[0], kind="stable"
    ).tolist()
    np.testing.assert_allclose(
        [item["distance"] for item in seen["items"]], np.sort(distances[0]), rtol=1e-6
    )
    assert "rerank=k1%3A3%2Ck2%3A2%2Cweight%3A0.4" in seen["link"]
    # Without the switch the list is the plain one.
    plain = ranking_of(run, "averaged", "query", 0, k=10)
    assert [item["index"] for item in plain["items"]] == np.argsort(ANGLES["g"]).tolist()


@pytest.mark.thorough
def test_figures_before_and_after_are_the_librarys_in_words(run):
    answer = settled(run, "k1:3,k2:2")
    stored = Embeddings(vectors("q"), vectors("g"), QUERIES, GALLERY, run.path)
    before = Rankings(stored, protocol_of(run)).report
    after = Rankings(stored, protocol_of(run, "k1:3,k2:2")).report
    assert answer["words"] == difference_in_words(before, after)
    values = queries_of(run, "averaged", order="id", rerank="k1:3,k2:2")["queries"]
    assert [one["average_precision"] for one in values][:2] == after.average_precision[:2].tolist()


def test_a_difference_in_words(run):
    stored = Embeddings(vectors("q"), vectors("g"), QUERIES, GALLERY, run.path)
    report = Rankings(stored, protocol_of(run)).report
    before = replace(report, mAP=0.5, rank={1: 0.8, 5: 0.9})
    after = replace(report, mAP=0.61, rank={1: 0.75, 5: 0.9})
    assert difference_in_words(before, after) == (
        "With re-ranking mAP rises from 50.0 % to 61.0 %, Rank-1 falls from 80.0 % to 75.0 %,"
        " Rank-5 stays at 90.0 %."
    )


@pytest.mark.thorough
def test_settings_come_from_the_schema(run):
    answer = settled(run, "0")
    assert answer["on"] is False
    assert [one["path"] for one in answer["fields"]] == [
        f"evaluation.re_ranking.{name}" for name in ReRanking.model_fields
    ]
    assert [one["text"] for one in answer["fields"]] == ["20", "6", "0.3", "false"]
    changed = settled(run, "k1:3,k2:2")["fields"]
    assert [(one["text"], one["changed"]) for one in changed] == [
        ("3", True),
        ("2", True),
        ("0.3", False),
        ("false", False),
    ]


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("wanted", "reason", "path"),
    [
        ("1", "k1 = 20: must be from 1 to 8", "k1"),
        ("k1:0", "evaluation.re_ranking.k1 = 0", "k1"),
        ("k1:3,k2:many", "k2 = many: not a whole number", "k2"),
        ("k1:3,k2:2,weight:2", "weight = 2", "weight"),
    ],
)
def test_a_setting_that_is_not_allowed_is_told_beside_it(run, wanted, reason, path):
    for _ in range(2):
        answer = settled(run, wanted)
        assert (answer["on"], answer["refused"]) == (True, True)
        assert answer["words"].startswith("Not re-ranked: ")
        assert reason in answer["words"]
        told = [one["path"] for one in answer["fields"] if one["error"]]
        assert told == [f"evaluation.re_ranking.{path}"]


@pytest.mark.thorough
def test_a_setting_that_does_not_exist_is_refused_in_words(run):
    answer = settled(run, "k3:1")
    assert answer["refused"] is True
    assert "k3" in answer["words"]
