"""Losses with weights of their own, certainty and freezing, over a real network of a recipe."""

import copy

import pytest
import torch

from workbench.errors import RecipeError
from workbench.experiment.networks import new_network, new_objective
from workbench.recipe.schema import Recipe
from workbench.training.learner import Learner
from workbench.training.step_schedule import StepSchedule

CLASSES = 3


def recipe(**losses):
    head = {"width": 8, "bnneck": {}}
    branch = {"neck": head, "classifier": {"cosine": True}, "certainty": {"reads": "embedding"}}
    return Recipe.model_validate(
        {
            "data": {"height": 32, "width": 16},
            "model": {
                "backbone": {"kind": "compact_resnet", "width": 8},
                "branches": {"whole": branch, "halves": branch | {"regions": HALVES}},
            },
            "losses": losses,
            "training": {
                "length": {"kind": "steps", "count": 4},
                "optimizer": {"kind": "sgd", "learning_rate": 0.05},
                "parameter_groups": {"trunk": {"pattern": "trunk.*", "frozen_steps": 1}},
            },
        }
    )


HALVES = {"kind": "row_stripes", "count": 2}
EVERYTHING = {
    "classes": {"kind": "margin_cross_entropy", "similarity": "angle", "certainty": True},
    "pairs": {"kind": "pair_margin", "shift": "certainty"},
    "arc": {"kind": "metric_learning", "name": "ArcFaceLoss", "branches": ["halves_*"]},
    "length": {"kind": "length_regulariser"},
}


class Batch:
    images = torch.randn(6, 3, 32, 16, generator=torch.Generator().manual_seed(0))
    labels = torch.tensor([0, 0, 1, 1, 2, 2])


def learner_of(settings):
    network = new_network(settings, CLASSES)
    objective = new_objective(settings, network, CLASSES)
    return Learner(network, objective, settings.training, StepSchedule(settings.training, 4))


@pytest.mark.thorough
def test_everything_trains_and_resumes_where_it_was():
    settings = recipe(**EVERYTHING)
    subject = learner_of(settings)
    trunk = next(subject.network.trunk.parameters())
    own = list(subject.objective.parameters())
    assert [tuple(item.shape) for item in own] == [(8, CLASSES), (8, CLASSES)]
    before = [item.detach().clone() for item in (trunk, *own)]
    subject.update([Batch()])
    assert torch.equal(before[0], trunk)
    assert not torch.equal(before[1], own[0])
    state = copy.deepcopy(subject.state())
    subject.update([Batch()])
    assert not torch.equal(before[0], trunk)

    other = learner_of(settings)
    for item in other.objective.parameters():
        torch.nn.init.zeros_(item)
    other.restore(state)
    other.update([Batch()])
    for one, two in zip(subject.network.parameters(), other.network.parameters(), strict=True):
        assert torch.equal(one, two)
    for one, two in zip(own, other.objective.parameters(), strict=True):
        assert torch.equal(one, two)


@pytest.mark.thorough
def test_class_weights_follow_the_seed():
    settings = recipe(**EVERYTHING)
    weights = [next(learner_of(settings).objective.parameters()) for _ in range(2)]
    assert torch.equal(*weights)
    changed = settings.training.model_copy(update={"seed": 1})
    other = next(
        learner_of(settings.model_copy(update={"training": changed})).objective.parameters()
    )
    assert not torch.equal(weights[0], other)


def test_a_wrong_argument_is_refused_by_its_path():
    wrong = {"kind": "metric_learning", "name": "ArcFaceLoss", "arguments": ["margn=28"]}
    settings = recipe(arc=wrong)
    with pytest.raises(RecipeError, match=r"losses\.arc\.arguments: 'margn'.*Did you mean margin"):
        new_objective(settings, new_network(settings, CLASSES), CLASSES)
