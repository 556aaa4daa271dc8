import numpy as np
import pytest

from workbench.data.samples import Sample
from workbench.lessons.metrics_lesson import claims, kept_list, real_list, revealed
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
    found = real_list(rankings(tmp_path))
    assert (found.query, str(found.cards), found.images) == (0, "sjwm", (0, 3, 1, 2))
    assert found.with_rule.step == pytest.approx(1 / 2)
    assert found.without_rule.step == pytest.approx((1 + 2 / 4) / 2)


@pytest.mark.thorough
def test_where_the_rule_changes_nothing_there_is_none(tmp_path):
    assert real_list(rankings(tmp_path, drop_same_camera=False)) is None


def test_the_kept_list_shows_what_the_rule_is_worth():
    kept = kept_list()
    assert kept.without_rule.match[0] == 1.0
    assert kept.with_rule.match[0] == 0.0
    assert kept.rise > 0.3


def test_the_answer_names_both_figures():
    assert "63.9 % to 50.7 %" in revealed()


@pytest.mark.thorough
@pytest.mark.parametrize("cards", ["m", "mw=md", "sjwmm"])
def test_claims_hold_of_any_list(cards):
    made = claims(read_cards(cards), kept_list())
    assert [one.key for one in made] == ["question", "trapezoid", "blind", "ties", "rule"]
    assert all(one.holds for one in made)
    assert not [one for one in made if "{" in one.words()]


@pytest.mark.thorough
def test_of_a_list_without_right_answer_less_is_claimed():
    assert [one.key for one in claims(read_cards("ww"), kept_list())] == ["question", "rule"]
