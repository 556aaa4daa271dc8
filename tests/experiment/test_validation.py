"""Loss and error on further images of the training identities, by hand."""

from dataclasses import replace

import pytest
import torch
from torch import nn

from tests.experiment.tiny import overrides, people
from workbench.data.catalogue.splits import read_split
from workbench.experiment.validation import Validation
from workbench.model.outputs import BranchOutput
from workbench.recipe.overrides import resolve
from workbench.training.evaluator import Interrupted

CPU = torch.device("cpu")


class Sure(nn.Module):
    """Gives every image class 0 three chances out of four, and the rest one among them."""

    def forward(self, images):
        count = len(images)
        logits = torch.full((count, 6), 0.05).log()
        logits[:, 0] = torch.tensor(0.75).log()
        vector = torch.zeros(count, 8)
        return {"whole": BranchOutput(vector, vector, vector, logits)}


@pytest.fixture
def recipe(tmp_path):
    smooth = {"losses.identity.smoothing": 0.0}
    return resolve("playground/quick", overrides(people(tmp_path / "people")) | smooth)


@pytest.fixture
def split(recipe):
    found = read_split(recipe.data)
    return replace(found, validation=found.train[:12])


def test_loss_and_error_by_hand(recipe, split):
    # Of the twelve images six show the first identity, which the network is sure of.
    result = Validation(split, recipe, CPU, "fp32").look(Sure(), lambda: False)
    sure, unsure = -torch.tensor([0.75, 0.05]).log()
    assert result["loss"] == pytest.approx(float(sure + unsure) / 2)
    assert result["top1_error"] == pytest.approx(0.5)


@pytest.mark.thorough
def test_a_recipe_without_classification_has_none(recipe, split):
    losses = {name: loss for name, loss in recipe.losses.items() if name == "triplet"}
    without = recipe.model_copy(update={"losses": losses})
    assert Validation(split, without, CPU, "fp32").look(Sure(), lambda: False) is None


def test_a_stop_interrupts(recipe, split):
    with pytest.raises(Interrupted):
        Validation(split, recipe, CPU, "fp32").look(Sure(), lambda: True)
