"""Non-local blocks: by formula, at their start, where they go, what files do not have of them."""

import pytest
import torch
from torch import nn

from workbench.errors import RecipeError
from workbench.model.backbones.non_local import NonLocalBlock
from workbench.model.build import build_network
from workbench.model.weights.transfer import plan_transfer
from workbench.recipe.settings import model as settings

SMALL = settings.TimmBackbone(
    name="resnet18",
    widths=[8, 16, 32, 64],
    non_local=settings.NonLocal(after=[0, 1, 2, 0], width=1),
)
IMAGE = (64, 32)


def network_of(classes=3, **changes):
    return build_network(settings.Model(backbone=SMALL.model_copy(update=changes)), classes, IMAGE)


def by_hand(block, image):
    """One image of the map, place by place."""

    def layer(convolution, vector):
        return convolution.weight[:, :, 0, 0] @ vector + convolution.bias

    places = [image[:, row, column] for row in range(3) for column in range(2)]
    answers = []
    for here in places:
        total = 0.0
        for there in places:
            weight = layer(block.theta, here) @ layer(block.phi, there) / len(places)
            total = total + weight * layer(block.g, there)
        answer = layer(block.transform, total)
        norm = block.norm
        scaled = (answer - norm.running_mean) / (norm.running_var + norm.eps).sqrt()
        answers.append(scaled * norm.weight + norm.bias + here)
    return torch.stack(answers, dim=1).view(-1, 3, 2)


@pytest.mark.parametrize("width", [1, 3])
def test_every_place_reads_all_others_by_the_formula(width):
    torch.manual_seed(0)
    block = NonLocalBlock(4, width).eval()
    with torch.no_grad():
        for values in (block.norm.weight, block.norm.bias, block.norm.running_mean):
            values.normal_()
        block.norm.running_var.uniform_(0.5, 2.0)
        images = torch.randn(2, 4, 3, 2)
        expected = torch.stack([by_hand(block, image) for image in images])
        torch.testing.assert_close(block(images), expected)


@pytest.mark.parametrize("training", [True, False])
def test_a_new_block_changes_nothing(training):
    features = torch.randn(2, 4, 3, 2)
    assert torch.equal(NonLocalBlock(4, 2).train(training)(features), features)


def count(module):
    return sum(parameter.numel() for parameter in module.parameters())


@pytest.mark.parametrize(
    ("channels", "width", "expected"),
    [
        # three layers to one channel, one back, scale and offset of the norm
        (512, 1, 3 * (512 + 1) + 2 * 512 + 2 * 512),
        (1024, 512, 3 * (1024 * 512 + 512) + (512 * 1024 + 1024) + 2 * 1024),
    ],
)
def test_parameters_by_arithmetic(channels, width, expected):
    with torch.device("meta"):
        assert count(NonLocalBlock(channels, width)) == expected


def blocks_of(network):
    return [name for name, module in network.named_modules() if isinstance(module, NonLocalBlock)]


def test_behind_the_last_blocks_of_a_stage():
    network = network_of()
    assert blocks_of(network) == [
        "trunk.layer2.non_local_1",
        "trunk.layer3.non_local_0",
        "trunk.layer3.non_local_1",
    ]
    assert list(network.trunk.layer3._modules) == ["0", "non_local_0", "1", "non_local_1"]
    assert network.trunk.layer3.non_local_0.theta.weight.shape == (1, 32, 1, 1)


def test_the_paper_halves_the_channels():
    wide = network_of(non_local=settings.NonLocal(after=[0, 0, 0, 1]))
    assert wide.trunk.layer4.non_local_1.g.weight.shape == (32, 64, 1, 1)


def test_a_cut_network_has_them_on_both_sides():
    cut = build_network(
        settings.Model(
            backbone=SMALL.model_copy(update={"split": "layer3.0", "tail_strides": [2, 1]}),
            branches={"low": settings.Branch(), "high": settings.Branch(tail=1)},
        ),
        3,
        IMAGE,
    )
    assert blocks_of(cut) == ["trunk.layer2.non_local_1"] + [
        f"tails.{tail}.layer3.non_local_{block}" for tail in (0, 1) for block in (0, 1)
    ]


def test_a_network_starts_as_the_one_without():
    torch.manual_seed(0)
    plain = network_of(non_local=None).eval()
    network = network_of()
    report = plan_transfer(network, plain.trunk.state_dict(), "plain.pth").load(network)
    assert report.missing == report.unexpected == ()
    images = torch.rand(2, 3, *IMAGE)
    with torch.no_grad():
        (here,) = network.eval().feature_maps(images).values()
        (there,) = plain.feature_maps(images).values()
    assert torch.equal(here, there)


def test_blocks_of_a_run_are_missed():
    plain = network_of(non_local=None)
    report = plan_transfer(network_of(), plain.state_dict(), "raw.safetensors").report
    assert "trunk.layer2.non_local_1.theta.weight" in report.missing
    again = plan_transfer(network_of(), network_of().state_dict(), "raw.safetensors").report
    assert again.clean


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"name": "regnetx_002", "widths": None}, "regnetx_002 has no stages of residual blocks"),
        (
            {"non_local": settings.NonLocal(after=[0, 3, 0, 0])},
            "stage 2 of resnet18 has 2 blocks. Use at most 2 there",
        ),
    ],
)
def test_what_cannot_have_them_is_refused(changes, said):
    with pytest.raises(RecipeError, match=said) as caught:
        network_of(**changes)
    assert caught.value.path.startswith("model.backbone.non_local")


def test_every_parameter_that_can_learn_does_once_the_norm_has_moved():
    block = NonLocalBlock(4, 2)
    nn.init.ones_(block.norm.weight)
    block(torch.randn(4, 4, 3, 2)).square().sum().backward()
    assert all(parameter.grad.isfinite().all() for parameter in block.parameters())
    assert all(
        layer.weight.grad.abs().sum() > 0
        for layer in (block.theta, block.phi, block.g, block.transform)
    )
