import numpy as np
import pytest

from workbench.data.samples import Sample
from workbench.lessons.metrics_lesson import claims, real_list, revealed, shipped_list
from workbench.lessons.ranked_cards import read_cards
from workbench.recipe.settings.evaluation import Evaluation
from workbench.retrieval.embeddings.store import Embeddings
from workbench.retrieval.rankings import Rankings


def rankings(tmp_path, drop_same_camera=True):
    """Two queries; the first one's own camera stands in front of its list."""
    query = [Sample("q/1.png", 1, 1), Sample("q/2.png", 2, 1)]
    gallery = [
        Sample("g/a.png", 1, 1),
        Sample("g/b.png", 2, 2),
        Sample("g/c.png", 1, 2),
        Sample("g/d.png", -1, 2),
        Sample("g/e.png", 3, 2),
    ]
    angles = np.radians([[0.0, 90.0, 1.0, 20.0, 40.0, 10.0, 170.0]]).T
    vectors = np.concatenate([np.cos(angles), np.sin(angles)], axis=1).astype(np.float32)
    embeddings = Embeddings(vectors[:2], vectors[2:], tuple(query), tuple(gallery), tmp_path)
    return Rankings(embeddings, Evaluation(drop_same_camera=drop_same_camera))


@pytest.mark.thorough
def test_a_real_list_is_the_one_the_rule_lowers_most(tmp_path):
    ranked = real_list(rankings(tmp_path))
    assert (ranked.query, str(ranked.cards), ranked.images) == (0, "sjwm", (0, 3, 1, 2))
    assert ranked.with_rule.step == pytest.approx(1 / 2)
    assert ranked.without_rule.step == pytest.approx((1 + 2 / 4) / 2)


@pytest.mark.thorough
def test_where_the_rule_changes_nothing_there_is_none(tmp_path):
    assert real_list(rankings(tmp_path, drop_same_camera=False)) is None


def test_the_kept_list_shows_what_the_rule_is_worth():
    shipped = shipped_list()
    assert shipped.without_rule.match[0] == 1.0
    assert shipped.with_rule.match[0] == 0.0
    assert shipped.rise > 0.3


def test_the_answer_names_both_figures():
    assert "63.9 % to 50.7 %" in revealed()


@pytest.mark.thorough
@pytest.mark.parametrize("cards", ["m", "mw=md", "sjwmm"])
def test_claims_hold_of_any_list(cards):
    made_claims = claims(read_cards(cards), shipped_list())
    assert [claim.key for claim in made_claims] == [
        "question",
        "trapezoid",
        "blind",
        "ties",
        "rule",
    ]
    assert all(claim.holds for claim in made_claims)
    assert not [claim for claim in made_claims if "{" in claim.sentence()]


@pytest.mark.thorough
def test_of_a_list_without_right_answer_less_is_claimed():
    assert [claim.key for claim in claims(read_cards("ww"), shipped_list())] == ["question", "rule"]
