"""What losses need of branches and samplers, each in a sentence."""

import pytest

from workbench.recipe.schema import Recipe

SAMPLER = {"kind": "identity_batches", "identities": 4, "images": 2}


def refusal(losses, **branch):
    """The message that refuses these losses over one branch."""
    tree = {
        "data": {"sampler": SAMPLER},
        "model": {"branches": {"whole": branch}},
        "losses": losses,
    }
    with pytest.raises(ValueError) as caught:  # noqa: PT011  (pydantic's own message is longer)
        Recipe.model_validate(tree)
    return str(caught.value)


def test_no_weight_at_all_is_refused():
    losses = {"identity": {"kind": "cross_entropy", "weight": 0}}
    assert "losses: every weight is 0. Give one loss a weight." in refusal(losses)


@pytest.mark.parametrize("kind", ["cross_entropy", "ordered_cross_entropy", "margin_cross_entropy"])
def test_classification_needs_a_classifier(kind):
    message = refusal({"identity": {"kind": kind}}, classifier=None)
    assert "losses.identity.branches: whole has no classifier." in message


def test_margins_between_classes_need_cosines():
    message = refusal({"identity": {"kind": "margin_cross_entropy"}})
    assert (
        "losses.identity.kind = margin_cross_entropy: the classifier of whole gives no" in message
    )


@pytest.mark.parametrize(
    "loss",
    [
        {"kind": "margin_cross_entropy", "similarity": "angle", "certainty": True},
        {"kind": "pair_margin", "shift": "certainty"},
    ],
)
def test_shifts_by_certainty_need_it(loss):
    message = refusal({"metric": loss}, classifier={"cosine": True})
    assert "losses.metric.branches: whole has no certainty" in message
    tree = {
        "model": {"branches": {"whole": {"classifier": {"cosine": True}, "certainty": {}}}},
        "losses": {"metric": loss},
    }
    assert Recipe.model_validate(tree).losses["metric"].kind == loss["kind"]


@pytest.mark.parametrize(
    ("loss", "sentence"),
    [
        (
            {"kind": "pair_margin", "normalise": False, "distance": "angle"},
            "losses.metric.distance = angle: needs vectors of length 1.",
        ),
        (
            {"kind": "pair_margin", "length_low": 120},
            "losses.metric.length_low = 120: not smaller than length_high = 110. Exchange them.",
        ),
        (
            {"kind": "length_regulariser", "low": 50, "high": 40},
            "losses.metric.low = 50: not smaller than high = 40. Exchange them.",
        ),
        (
            {"kind": "length_regulariser", "low": 0, "form": "logarithm"},
            "losses.metric.low = 0: the form logarithm needs a length above 0.",
        ),
        (
            {"kind": "margin_cross_entropy", "certainty": True, "similarity": "circle"},
            "losses.metric.similarity = circle: has no place for certainty.",
        ),
    ],
)
def test_settings_that_exclude_each_other(loss, sentence):
    branch = {"classifier": {"cosine": True}, "certainty": {}}
    assert sentence in refusal({"metric": loss}, **branch)


def test_the_name_of_a_loss_is_checked_with_a_hint():
    message = refusal({"metric": {"kind": "metric_learning", "name": "ArcFace"}})
    assert "ArcFaceLoss" in message
