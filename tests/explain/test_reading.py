"""What is said of a score, held against areas and curves worked out by hand."""

import numpy as np
import pytest

from workbench.explain import interpretation
from workbench.explain.explanation import PartExplanation
from workbench.explain.faithfulness.deletion_score import Deletion
from workbench.explain.interpretation import READING, scale_in_words, verdict_in_words

WARM = np.array([[0.0, 2.0], [-1.0, 0.5]])
FALLING = (0.9, 0.1)


def part(areas, curves=(FALLING,) * 3, heat=WARM):
    """A map with areas (own, mean random, best random, middle) and curves (own, random, middle)."""
    own, random, middle = map(np.array, curves)
    score = Deletion(np.array([0.0, 1.0]), own, random, middle, *areas)
    return PartExplanation("all", heat, heat, 0.5, 0.5, deletion=score)


@pytest.mark.parametrize(
    ("areas", "sentence"),
    [
        ((0.2, 0.5, 0.45, 0.4), interpretation.FOUND),
        ((0.3, 0.5, 0.45, 0.2), interpretation.MIDDLE),
        ((0.3, 0.2, 0.15, 0.5), interpretation.SCATTERED),
        ((0.6, 0.5, 0.45, 0.4), interpretation.BLIND),
        # Better than random orders on average, not than each.
        ((0.4, 0.5, 0.35, 0.45), interpretation.SCATTERED),
        ((0.4, 0.5, 0.35, 0.38), interpretation.BLIND),
    ],
)
def test_a_map_against_three_random_orders_and_the_middle(areas, sentence):
    assert verdict_in_words(part(areas)) == sentence


@pytest.mark.parametrize(
    ("own", "sentence"),
    [(0.4, interpretation.BLIND), (0.3996, interpretation.BLIND), (0.3994, interpretation.FOUND)],
)
def test_what_is_shown_as_the_same_number_is_no_faster(own, sentence):
    assert verdict_in_words(part((own, 0.5, 0.4, 0.4))) == sentence


@pytest.mark.parametrize("heat", [np.zeros((2, 2)), -WARM.clip(0), np.full((2, 2), -0.3)])
def test_a_map_without_heat_is_not_said_to_have_found_anything(heat):
    best = (0.1, 0.5, 0.5, 0.5)
    assert verdict_in_words(part(best, heat=heat)) == interpretation.COLD


def test_a_map_of_one_heat_has_no_order():
    assert (
        verdict_in_words(part((0.1, 0.5, 0.5, 0.5), heat=np.full((2, 2), 0.3)))
        == interpretation.FLAT
    )


@pytest.mark.parametrize(
    ("start", "sentence"),
    [
        (-0.2, interpretation.NOTHING),
        (0.05, interpretation.NOTHING),
        (0.0501, interpretation.FOUND),
    ],
)
def test_a_pair_that_is_not_alike_has_nothing_to_lose(start, sentence):
    curves = ((start, -0.9), (start, 0.1), (start, 0.1))
    assert verdict_in_words(part((0.1, 0.5, 0.5, 0.5), curves)) == sentence


@pytest.mark.parametrize(
    ("lowest", "sentence"),
    [(0.721, interpretation.STEADY), (0.719, interpretation.FOUND), (0.9, interpretation.STEADY)],
)
@pytest.mark.parametrize("which", [0, 1, 2])
def test_a_network_that_sees_no_difference_has_found_nothing(which, lowest, sentence):
    curves = [(0.8, 0.8), (0.8, 0.8), (0.8, 0.8)]
    curves[which] = (0.8, lowest)
    assert verdict_in_words(part((0.1, 0.5, 0.5, 0.5), curves)) == sentence


def test_without_a_score_nothing_is_said():
    assert verdict_in_words(PartExplanation("all", WARM, WARM, 0.5, 0.5)) == ""


def test_only_evidence_promises_a_sum():
    assert scale_in_words("evidence") == "A map's cells and its constant sum to the part's share."
    assert "0 to 1" in scale_in_words("gradcam")
    assert [word for word, _ in READING][:2] == ["Heat", "Share"]
