"""Half of a norm by instance, and where it goes."""

import pytest
import timm
import torch
from torch import nn

from workbench.errors import RecipeError
from workbench.model.backbones.instance_norm import HalfInstanceNorm
from workbench.model.build import build_network
from workbench.recipe.settings import model as settings

SMALL = settings.TimmBackbone(name="resnet18", widths=[8, 16, 32, 64], instance_norm=True)


def test_halves_by_formula():
    torch.manual_seed(0)
    features = torch.randn(3, 5, 4, 2)
    found = HalfInstanceNorm(5)(features)
    by_image, by_batch = features[:, :2], features[:, 2:]
    for part, half, axes in ((by_image, found[:, :2], (2, 3)), (by_batch, found[:, 2:], (0, 2, 3))):
        variance = part.var(axes, unbiased=False, keepdim=True)
        expected = (part - part.mean(axes, keepdim=True)) / (variance + 1e-5).sqrt()
        torch.testing.assert_close(half, expected)


def test_the_first_norm_of_the_blocks_of_three_stages():
    network = build_network(settings.Model(backbone=SMALL), 3, (64, 32))
    halves = [
        name for name, module in network.named_modules() if isinstance(module, HalfInstanceNorm)
    ]
    assert halves == [f"trunk.layer{stage}.{block}.bn1" for stage in (1, 2, 3) for block in (0, 1)]
    plain = build_network(
        settings.Model(backbone=SMALL.model_copy(update={"instance_norm": False})), 3, (64, 32)
    )
    counts = [sum(p.numel() for p in net.parameters()) for net in (network, plain)]
    assert counts[0] == counts[1]


@pytest.mark.thorough
@pytest.mark.parametrize("name", ["seresnet18", "resnext50_32x4d"])
def test_residual_networks_of_other_kinds_have_it_too(name):
    backbone = settings.TimmBackbone(name=name, instance_norm=True)
    with torch.device("meta"):
        network = build_network(settings.Model(backbone=backbone), 3, (64, 32))
    assert isinstance(network.trunk.layer3[0].bn1, HalfInstanceNorm)
    assert isinstance(network.trunk.layer4[0].bn1, nn.BatchNorm2d)


def test_other_networks_are_refused():
    backbone = settings.TimmBackbone(name="regnetx_002", instance_norm=True)
    with pytest.raises(RecipeError, match="regnetx_002 has no stages of residual blocks") as caught:
        build_network(settings.Model(backbone=backbone), 3, (64, 32))
    assert caught.value.path == "model.backbone.instance_norm"


def test_half_precision_is_still_a_call():
    torch.nn.Sequential(HalfInstanceNorm(4)).half()


def test_the_published_network_counts_as_a_plain_one():
    with torch.device("meta"):
        plain = timm.create_model("resnet50")
    assert sum(p.numel() for p in plain.parameters()) == 25_557_032
