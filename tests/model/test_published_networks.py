"""The networks of published systems as their presets have them: parameters and maps to the digit.

All are built at the size and with the identities their authors train with; those of timm's trunks
on the meta device, the others with numbers, which is quicker for their many small layers.
"""

from functools import cache

import pytest
import torch
from torch import nn

from workbench.experiment.networks import new_network
from workbench.model.backbones.grid_transformer import GridTransformer
from workbench.model.backbones.grouped_regnet import GroupedRegNet
from workbench.recipe.overrides import resolve
from workbench.recipe.presets import load_preset

# Published systems: github xiaolai-sqlai/RPM-ReID-DML and xiaolai-sqlai/MSViT-ReID;
# layumi/Person_reID_baseline_pytorch (PCB is Sun et al. 2018, arXiv 1711.09349); NAMA, github
# huangzongheng/NAMA, where the norm before classifier and losses is what they call UcTriBN; MGN
# (Wang et al. 2018, arXiv 1804.01438) as FastReID's project of May 2020 and its later settings.
CHANNEL_GROUPS = "rpm/market1501"
SLOPES = "rpm/market1501_prelu"
GRID = "msvit/market1501_s"
LARGE_GRID = "msvit/market1501_l"
BOTTLENECK = "layumi/market1501"
DENSE = "layumi/densenet121"
STRIPES = "layumi/pcb"
PAIRS = "nama/uc_tri_market1501"
CLASSES = "nama/uc_cls_market1501"
GRANULARITIES = "mgn/market1501"
LATER_GRANULARITIES = "fastreid/mgn_market1501"


def device_of(recipe):
    return "meta" if recipe.model.backbone.kind == "timm" else "cpu"


@cache
def network_of(preset):
    """For 751 identities; shared by the tests, which change nothing in it."""
    recipe = load_preset(preset)
    with torch.device(device_of(recipe)):
        return new_network(recipe, 751)


def image_of(preset):
    recipe = load_preset(preset)
    return recipe.data.height, recipe.data.width


def trunk_of(preset, **backbone):
    """The backbone of a recipe with the layers its necks may copy, as its file has it."""
    recipe = resolve(preset, {f"model.backbone.{k}": v for k, v in backbone.items()})
    chosen = recipe.model.backbone
    make = GroupedRegNet if chosen.kind == "grouped_regnet" else GridTransformer
    return make(chosen, (recipe.data.height, recipe.data.width))


def parameters(network):
    return sum(parameter.numel() for parameter in network.parameters())


def outputs_of(network, image):
    device = next(network.parameters()).device
    with torch.no_grad():
        return network(torch.zeros(1, 3, *image, device=device))


def maps_of(network, image):
    """Size of the map after each child of trunk and tails that is a block, stage or stem."""
    found = {}
    named = [(f"trunk.{name}", child) for name, child in network.trunk.named_children()]
    for number, tail in enumerate(network.tails):
        named += [(f"tails.{number}.{name}", child) for name, child in tail.named_children()]
    handles = [
        child.register_forward_hook(
            lambda _module, _inputs, output, name=name: found.update(
                {name: tuple(output.shape[1:])}
            )
        )
        for name, child in named
    ]
    outputs_of(network.eval(), image)
    for handle in handles:
        handle.remove()
    return found


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("preset", "expected"),
    [
        (CHANNEL_GROUPS, 14_845_104),
        (SLOPES, 14_877_136),
        (GRID, 12_705_192),
        (LARGE_GRID, 23_643_320),
        (GRANULARITIES, 70_349_888),
    ],
)
def test_published_numbers_of_parameters(preset, expected):
    assert parameters(network_of(preset)) == expected


@pytest.mark.thorough
@pytest.mark.parametrize(("identities", "expected"), [(702, 70_249_536), (1041, 70_943_808)])
def test_each_identity_costs_one_vector_per_classifier(identities, expected):
    classifiers = [
        head.classifier
        for branch in network_of(GRANULARITIES).branches.values()
        for head in branch.heads
    ]
    assert [tuple(layer.weight.shape) for layer in classifiers] == [(751, 256)] * 8
    assert parameters(network_of(GRANULARITIES)) + 8 * 256 * (identities - 751) == expected


RESNET = 25_557_032 - 2048 * 1000 - 1000  # published with its classifier


BOTTLENECK_HEAD = 512 + 2 * 512 + 512 * 751 + 751  # offset, norm, classifier with offset
STRIPE_HEAD = 2048 * 256 + 256 + 2 * 256 + 256 * 751 + 751
CERTAIN_HEAD = 2 * 2048 + 2048 * 751 + 128  # norm, classifier without offset, hinges
DENSENET = 7_978_856 - 1024 * 1000 - 1000  # published with its classifier


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("preset", "expected"),
    [
        (BOTTLENECK, RESNET + 2048 * 512 + BOTTLENECK_HEAD),
        (STRIPES, RESNET + 6 * STRIPE_HEAD),
        (PAIRS, RESNET + CERTAIN_HEAD),
        (CLASSES, RESNET + CERTAIN_HEAD),
        (DENSE, DENSENET + 1024 * 512 + BOTTLENECK_HEAD),
    ],
)
def test_parameters_by_arithmetic(preset, expected):
    assert parameters(network_of(preset)) == expected


@pytest.mark.parametrize("loss", ["uc_tri", "uc_cls"])
def test_other_data_sets_of_a_system_train_the_same_network(loss):
    first = load_preset(f"nama/{loss}_market1501").model
    assert load_preset(f"nama/{loss}_dukemtmc").model == first
    assert load_preset(f"nama/{loss}_msmt17").model == first


IMAGENET = {  # 1x1 to 2048, norm, activation, 2048 to 1000; 512 to 1000
    "relu": 1024 * 2048 + 2 * 2048 + 2048 * 1000,
    "prelu": 1024 * 2048 + 3 * 2048 + 2048 * 1000,
}


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("options", "expected", "entries"),
    [
        ({}, 13_227_952, 1_189),
        ({"activation": "prelu"}, 13_254_864, 1_294),
        (
            {"widths": [48, 96, 192, 384], "depths": [5, 10, 23, 5], "drop_path": 0.05},
            8_686_160,
            None,
        ),
    ],
)
def test_grouped_regnet_has_the_parameters_of_its_imagenet_files(options, expected, entries):
    trunk = trunk_of(CHANNEL_GROUPS, **options)
    activation = options.get("activation", "relu")
    assert parameters(trunk) + IMAGENET[activation] == expected
    if entries is not None:
        # two linear layers, five entries of the norm, one of a learned activation
        assert len(trunk.state_dict()) + 7 + (activation == "prelu") == entries


@pytest.mark.thorough
@pytest.mark.parametrize(("preset", "expected"), [(GRID, 7_715_624), (LARGE_GRID, 15_695_352)])
def test_grid_transformer_has_the_parameters_of_its_imagenet_files(preset, expected):
    assert parameters(trunk_of(preset)) + 512 * 1000 == expected


@pytest.mark.thorough
def test_maps_of_channel_groups():
    network = network_of(CHANNEL_GROUPS)
    assert maps_of(network, (384, 128)) == {
        "trunk.stem": (32, 192, 64),
        "trunk.stage1": (64, 96, 32),
        "trunk.stage2": (128, 48, 16),
        "trunk.stage3": (256, 24, 8),
        "tails.0.stage4": (512, 24, 8),
        "tails.0.projection": (1024, 24, 8),
        "tails.1.stage4": (512, 24, 8),
        "tails.1.projection": (1024, 24, 8),
    }
    outputs = outputs_of(network, (384, 128))
    pooled = {name: output.pooled.shape[1] for name, output in outputs.items()}
    assert pooled == {"whole_average": 1024, "whole_max": 1024, "parts_0": 512, "parts_1": 512}
    assert {output.embedding.shape[1] for output in outputs.values()} == {256}
    assert network.branches["parts"].regions.masks.shape == (2, 24, 8)


@pytest.mark.thorough
@pytest.mark.parametrize(("image", "size"), [((256, 256), 16), ((224, 224), 14)])
def test_square_images_have_square_maps(image, size):
    settings = {"data.height": image[0], "data.width": image[1]}
    settings["model.backbone.depths"] = [1, 1, 1, 1]
    network = new_network(resolve(CHANNEL_GROUPS, settings), 3)
    assert maps_of(network, image)["tails.1.projection"] == (1024, size, size)
    assert network.branches["parts"].regions.masks.shape == (2, size, size)


@pytest.mark.thorough
def test_maps_and_groups_of_the_grid():
    network = network_of(GRID)
    maps = maps_of(network, (384, 128))
    assert list(maps.values())[:4] == [(16, 192, 64), (32, 96, 32), (64, 48, 16), (128, 24, 8)]
    assert maps["tails.0.stage4"] == maps["tails.1.stage4"] == (256, 24, 8)
    assert maps["tails.0.projection"] == maps["tails.1.projection"] == (512, 24, 8)
    blocks = network.trunk.stage1[2], network.trunk.stage2[2], network.trunk.stage3[2]
    assert [block.attention.heads for block in blocks] == [2, 4, 8]
    assert {block.attention.kept for block in blocks} == {19}
    outputs = outputs_of(network, (384, 128))
    assert [output.embedding.shape[1] for output in outputs.values()] == [512] * 5


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("preset", "image", "expected"),
    [
        (BOTTLENECK, (256, 128), (2048, 8, 4)),
        ("layumi/all_tricks", (256, 128), (2048, 16, 8)),
        (STRIPES, (384, 192), (2048, 24, 12)),
        (DENSE, (256, 128), (1024, 8, 4)),
        (PAIRS, (256, 128), (2048, 16, 8)),
        (CLASSES, (256, 128), (2048, 16, 8)),
    ],
)
def test_maps_of_one_tail(preset, image, expected):
    assert image_of(preset) == image
    network = network_of(preset)
    with torch.device("meta"):
        (found,) = network.feature_maps(torch.empty(1, 3, *image)).values()
    assert tuple(found.shape[1:]) == expected


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("preset", "names", "pooled", "embedding"),
    [
        (BOTTLENECK, ["whole"], 2048, 512),
        (STRIPES, [f"parts_{number}" for number in range(6)], 2048, 256),
        (DENSE, ["whole"], 1024, 512),
        (PAIRS, ["whole"], 2048, 2048),
        (CLASSES, ["whole"], 2048, 2048),
    ],
)
def test_vectors_of_one_tail(preset, names, pooled, embedding):
    outputs = outputs_of(network_of(preset).eval(), image_of(preset))
    assert list(outputs) == names
    widths = {
        (o.pooled.shape[1], o.embedding.shape[1], o.logits.shape[1]) for o in outputs.values()
    }
    assert widths == {(pooled, embedding, 751)}


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("preset", "first"),
    [
        (GRANULARITIES, (12, 4)),
        pytest.param(LATER_GRANULARITIES, (24, 8), marks=pytest.mark.long),
    ],
)
def test_maps_of_granularities(preset, first):
    maps = maps_of(network_of(preset), (384, 128))
    assert maps["trunk.layer3"] == (1024, 24, 8)
    last = [maps[f"tails.{tail}.layer4"] for tail in range(3)]
    assert last == [(2048, *first), (2048, 24, 8), (2048, 24, 8)]
    outputs = outputs_of(network_of(preset), (384, 128))
    assert [output.embedding.shape[1] for output in outputs.values()] == [256] * 8


def test_published_cosine_classifier():
    (branch,) = load_preset(CLASSES).model.branches.values()
    assert branch.classifier.cosine
    assert branch.neck.bnneck.bias == "frozen"


def trained_offsets(network):
    return [
        head.neck.bnneck.bias.requires_grad
        for branch in network.branches.values()
        for head in branch.heads
    ]


@pytest.mark.thorough
def test_which_offsets_are_trained():
    assert trained_offsets(network_of(CHANNEL_GROUPS)) == [True, False, False, False]
    assert trained_offsets(network_of(GRID)) == [True, True, False, False, False]
    assert trained_offsets(network_of(GRANULARITIES)) == [False] * 8


@pytest.mark.thorough
def test_densenets_end_with_their_norm():
    norm = network_of(DENSE).trunk.features.norm5
    assert isinstance(norm.act, nn.Identity)
    assert isinstance(norm, nn.BatchNorm2d)
