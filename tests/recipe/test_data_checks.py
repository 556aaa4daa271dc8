"""Transforms and samplers that exclude themselves, each in a sentence."""

import pytest

from workbench.recipe.checks.data_checks import data_problems
from workbench.recipe.settings.data import Data


@pytest.mark.parametrize(
    ("sampler", "sentence"),
    [
        (
            {"other_cameras": True, "first_group": "satellite"},
            "data.sampler.other_cameras = true: first_group decides already",
        ),
        (
            {"other_cameras": True, "epoch": "groups"},
            "data.sampler.epoch = groups: cuts all images of an identity into groups",
        ),
        ({"identities": 200}, "data.sampler.identities = 200: the playground has 150"),
    ],
)
def test_samplers(sampler, sentence):
    data = Data.model_validate({"sampler": {"kind": "identity_batches"} | sampler})
    (problem,) = data_problems(data)
    assert str(problem).startswith(sentence)


def test_an_erased_area_that_is_crossed():
    data = Data.model_validate({"transforms": {"erasing": {"min_area": 0.5, "max_area": 0.4}}})
    (problem,) = data_problems(data)
    assert str(problem).startswith(
        "data.transforms.erasing.min_area = 0.5: larger than max_area = 0.4"
    )


def test_what_goes_together_is_no_problem():
    assert data_problems(Data()) == []
    shown = {"kind": "identity_batches", "other_cameras": True, "identities": 4}
    assert data_problems(Data.model_validate({"sampler": shown})) == []
