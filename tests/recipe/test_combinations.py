"""Impossible combinations, refused before anything runs."""

import pytest
import torch

from workbench.errors import RecipeError
from workbench.model.build import build_network
from workbench.recipe.overrides import resolve
from workbench.recipe.settings.model import CompactResNet, TimmBackbone

QUICK = "playground/quick"


def refusals(overrides, preset=QUICK):
    with pytest.raises(RecipeError) as refusal:
        resolve(preset, overrides)
    return refusal.value.by_path()


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("overrides", "path", "sentence"),
    [
        (
            {"data.height": 96},
            "model.branches.stripes.regions.count",
            "feature map has 6 rows; 4 does not divide 6. Use 2, 3 or 6.",
        ),
        (
            {"data.height": 16},
            "model.branches.stripes.regions.count",
            "Use a larger data.height.",
        ),
        (
            {"data.dataset.train_identities": 8},
            "data.sampler.identities",
            "the playground has 8 training identities.",
        ),
        (
            {"data.transforms.erasing.min_area": 0.5},
            "data.transforms.erasing.min_area",
            "larger than max_area = 0.3.",
        ),
        (
            {"model.backbone.tail_strides": [1, 2]},
            "model.backbone.tail_strides",
            "2 tails need a split point.",
        ),
        (
            {"model.branches.whole.tail": 1},
            "model.branches.whole.tail",
            "the backbone has 1 tail(s)",
        ),
        ({"model.branches.stripes_0": {}}, "model.branches", "two branches make an output named"),
        (
            {"losses.identity.branches": ["wole"]},
            "losses.identity.branches",
            "no output matches. Outputs are whole, stripes_0",
        ),
        (
            {"model.branches.whole.classifier": None},
            "losses.identity.branches",
            "whole has no classifier.",
        ),
        (
            {"data.sampler.kind": "shuffle"},
            "losses.triplet.kind",
            "Set data.sampler.kind = identity_batches.",
        ),
        (
            {"evaluation.embedding.branches": ["none"]},
            "evaluation.embedding.branches",
            "no output matches.",
        ),
    ],
)
def test_an_impossible_combination_names_path_reason_and_cure(overrides, path, sentence):
    found = refusals(overrides)
    assert list(found) == [path]
    assert sentence in found[path]


@pytest.mark.thorough
@pytest.mark.parametrize(("height", "stride"), [(72, 1), (128, 2)])
def test_rows_are_those_of_the_real_network(height, stride):
    for backbone in (
        CompactResNet(width=8, tail_strides=[stride]),
        TimmBackbone(name="resnet18", widths=[8, 16, 32, 64], tail_strides=[stride]),
    ):
        recipe = resolve("playground/global", {"model.backbone": backbone.model_dump()})
        network = build_network(recipe.model, 2, (height, 32))
        image = torch.zeros(1, 3, height, 32)
        (features,) = network.eval().feature_maps(image).values()
        assert features.shape[2] == backbone.map_rows(0, height)


def test_other_backbones_tell_their_map_when_they_are_built():
    assert TimmBackbone(name="vit_tiny_patch16_224").map_rows(0, 224) is None
    assert TimmBackbone(name="resnetv2_50").map_rows(0, 224) is None
