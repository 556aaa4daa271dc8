"""The networks of published systems, composed as data: their parameters and maps to the digit.

All are built at the size and with the identities their authors train with; those of timm's trunks
on the meta device, the others with numbers, which is quicker for their many small layers.
"""

from functools import cache

import pytest
import torch
import yaml
from torch import nn

from workbench.model.build import build_network
from workbench.model.grid_transformer import GridTransformer
from workbench.model.grouped_regnet import GroupedRegNet
from workbench.recipe import model as settings

# RPM (published system, github xiaolai-sqlai/RPM-ReID-DML): all norms start from N(1, 0.1) and
# N(0, 0.1); only the first head's offset is trained.
CHANNEL_GROUPS = """
backbone: {kind: grouped_regnet, activation: relu, split: stage3, tail_strides: [1, 1]}
branches:
  average:
    pool: {kind: average}
    neck: &trained
      {width: 256, start: fan_in, bnneck: {bias: trained, weight_std: 0.1, bias_std: 0.1}}
  maximum:
    pool: {kind: max}
    neck: &frozen
      {width: 256, start: fan_in, bnneck: {bias: frozen, weight_std: 0.1, bias_std: 0.1}}
  groups:
    tail: 1
    regions: {kind: channel_groups, count: 2, start_stripes: 1}
    pool: {kind: max}
    neck: *frozen
"""

# MSViT-ReID (published system, github xiaolai-sqlai/MSViT-ReID).
GRID = """
backbone:
  {kind: grid_transformer, grid: [8, 8], kept_keys: 0.3, split: stage3, tail_strides: [1, 1]}
branches:
  first_mean:
    pool: {kind: generalised_mean, power: 2}
    neck: &trained {width: 512, start: backbone, bnneck: {bias: trained}}
  second_mean:
    tail: 1
    pool: {kind: generalised_mean, power: 2}
    neck: *trained
  first_max:
    pool: {kind: max}
    neck: &frozen {width: 512, start: backbone, bnneck: {bias: frozen}}
  rows:
    tail: 1
    regions: {kind: interleaved_rows, count: 2}
    pool: {kind: max}
    neck: *frozen
"""

# github layumi/Person_reID_baseline_pytorch, MIT.
BOTTLENECK = """
backbone: {kind: timm, name: resnet50, tail_strides: [2]}
branches:
  whole:
    neck: &bottleneck
      width: 512
      bias: true
      norm: {bias: trained, weight_std: 0.02}
      bnneck: null
      dropout: 0.5
    classifier: {bias: true}
"""
DENSE = BOTTLENECK.replace("name: resnet50", "name: densenet121, last_activation: false")
# PCB (Sun et al. 2018, arXiv 1711.09349) as in the same repository.
STRIPES = """
backbone: {kind: timm, name: resnet50, tail_strides: [1]}
branches:
  stripes:
    regions: {kind: row_stripes, count: 6}
    neck:
      input_dropout: 0.5
      width: 256
      bias: true
      norm: {bias: trained, weight_std: 0.02}
      bnneck: null
      dropout: 0.5
    classifier: {bias: true}
"""

# NAMA (github huangzongheng/NAMA, MIT): the norm before neck and losses is what they call UcTriBN.
NORMED = """
backbone: {kind: timm, name: resnet50, tail_strides: [1]}
branches:
  whole:
    neck: {norm: {bias: frozen}, bnneck: null}
"""
COSINE = """
backbone: {kind: timm, name: resnet50, tail_strides: [1]}
branches:
  whole:
    neck: {bnneck: {bias: frozen}}
    classifier: {cosine: true}
"""

# MGN (Wang et al. 2018, arXiv 1804.01438) as FastReID's project of May 2020 sets it.
GRANULARITIES = """
backbone: {kind: timm, name: resnet50, split: layer3.0, tail_strides: [2, 1, 1]}
branches:
  whole_1:
    pool: {kind: max}
    neck: &reduce
      width: 256
      start: fan_in
      norm: {bias: trained, weight_std: 0.02}
      activation: relu
      bnneck: {bias: frozen}
  whole_2: {tail: 1, pool: {kind: max}, neck: *reduce}
  whole_3: {tail: 2, pool: {kind: max}, neck: *reduce}
  halves:
    {tail: 1, regions: {kind: row_stripes, count: 2}, pool: {kind: max}, neck: *reduce}
  thirds:
    {tail: 2, regions: {kind: row_stripes, count: 3}, pool: {kind: max}, neck: *reduce}
"""
# FastReID's later settings: every tail keeps its map, learned generalised mean, no ReLU.
LATER_GRANULARITIES = """
backbone:
  kind: timm
  name: resnet50
  instance_norm: true
  split: layer3.0
  tail_strides: [1, 1, 1]
branches:
  whole_1:
    pool: &gem {kind: generalised_mean, power: 3, learned: true}
    neck: &reduce {width: 256, start: fan_in, bnneck: {bias: frozen}}
  whole_2: {tail: 1, pool: *gem, neck: *reduce}
  whole_3: {tail: 2, pool: *gem, neck: *reduce}
  halves: {tail: 1, regions: {kind: row_stripes, count: 2}, pool: *gem, neck: *reduce}
  thirds: {tail: 2, regions: {kind: row_stripes, count: 3}, pool: *gem, neck: *reduce}
"""


def model_of(text, **backbone):
    tree = yaml.safe_load(text)
    tree["backbone"] |= backbone
    return settings.Model.model_validate(tree)


def device_of(text):
    return "meta" if "kind: timm" in text else "cpu"


@cache
def network_of(text, image=(384, 128)):
    """For 751 identities; shared by the tests, which change nothing in it."""
    with torch.device(device_of(text)):
        return build_network(model_of(text), 751, image)


def trunk_of(text, **backbone):
    """The backbone of a recipe with the layers its necks may copy, as its file has it."""
    chosen = model_of(text, **backbone).backbone
    make = GroupedRegNet if chosen.kind == "grouped_regnet" else GridTransformer
    return make(chosen)


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


LARGE = {"widths": [48, 96, 192, 384], "drop_path": 0.15}


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("text", "expected"),
    [(CHANNEL_GROUPS, 14_845_104), (GRID, 12_705_192), (GRANULARITIES, 70_349_888)],
)
def test_published_numbers_of_parameters(text, expected):
    assert parameters(network_of(text)) == expected


@pytest.mark.parametrize(("identities", "expected"), [(702, 70_249_536), (1041, 70_943_808)])
def test_each_identity_costs_one_vector_per_classifier(identities, expected):
    classifiers = [
        head.classifier
        for branch in network_of(GRANULARITIES).branches.values()
        for head in branch.heads
    ]
    assert [tuple(layer.weight.shape) for layer in classifiers] == [(751, 256)] * 8
    assert parameters(network_of(GRANULARITIES)) + 8 * 256 * (identities - 751) == expected


@pytest.mark.thorough
def test_published_numbers_of_other_sizes():
    slopes = trunk_of(CHANNEL_GROUPS, activation="prelu")
    heads = 2 * 1024 * 256 + 2 * 512 * 256 + 4 * (2 * 256 + 256 * 751)
    masks = 2 * 24 * 8
    total = parameters(slopes) + parameters(slopes.stage4) + parameters(slopes.projection)
    assert total + heads + masks == 14_877_136
    large = trunk_of(GRID, **LARGE)
    heads = 5 * (512 * 512 + 2 * 512 + 512 * 751)
    own_neck = 512 * 512 + 2 * 512
    total = parameters(large) + parameters(large.stage4) + parameters(large.projection)
    assert total - own_neck + heads == 23_643_320


RESNET = 25_557_032 - 2048 * 1000 - 1000  # published with its classifier


@pytest.mark.parametrize(
    ("text", "image", "expected"),
    [
        (BOTTLENECK, (256, 128), RESNET + 2048 * 512 + 512 + 2 * 512 + 512 * 751 + 751),
        (STRIPES, (384, 192), RESNET + 6 * (2048 * 256 + 256 + 2 * 256 + 256 * 751 + 751)),
        (NORMED, (256, 128), RESNET + 2 * 2048 + 2048 * 751),
        pytest.param(
            DENSE,
            (256, 128),
            7_978_856 - 1024 * 1000 - 1000 + 1024 * 512 + 3 * 512 + 512 * 751 + 751,
            marks=pytest.mark.long,
        ),
    ],
)
def test_parameters_by_arithmetic(text, image, expected):
    assert parameters(network_of(text, image)) == expected


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
@pytest.mark.parametrize(("options", "expected"), [({}, 7_715_624), (LARGE, 15_695_352)])
def test_grid_transformer_has_the_parameters_of_its_imagenet_files(options, expected):
    assert parameters(trunk_of(GRID, **options)) + 512 * 1000 == expected


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
    assert pooled == {"average": 1024, "maximum": 1024, "groups_0": 512, "groups_1": 512}
    assert {output.embedding.shape[1] for output in outputs.values()} == {256}
    assert network.branches["groups"].regions.masks.shape == (2, 24, 8)


@pytest.mark.thorough
@pytest.mark.parametrize(("image", "size"), [((256, 256), 16), ((224, 224), 14)])
def test_square_images_have_square_maps(image, size):
    network = build_network(model_of(CHANNEL_GROUPS, depths=[1, 1, 1, 1]), 3, image)
    assert maps_of(network, image)["tails.1.projection"] == (1024, size, size)
    assert network.branches["groups"].regions.masks.shape == (2, size, size)


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


@pytest.mark.parametrize(
    ("text", "image", "expected"),
    [
        (BOTTLENECK, (256, 128), (2048, 8, 4)),
        (STRIPES, (384, 192), (2048, 24, 12)),
        pytest.param(DENSE, (256, 128), (1024, 8, 4), marks=pytest.mark.long),
        (NORMED, (256, 128), (2048, 16, 8)),
    ],
)
def test_maps_of_one_tail(text, image, expected):
    network = network_of(text, image)
    with torch.device("meta"):
        (found,) = network.feature_maps(torch.empty(1, 3, *image)).values()
    assert tuple(found.shape[1:]) == expected


@pytest.mark.parametrize(
    ("text", "first"),
    [
        (GRANULARITIES, (12, 4)),
        pytest.param(LATER_GRANULARITIES, (24, 8), marks=pytest.mark.long),
    ],
)
def test_maps_of_granularities(text, first):
    maps = maps_of(network_of(text), (384, 128))
    assert maps["trunk.layer3"] == (1024, 24, 8)
    last = [maps[f"tails.{tail}.layer4"] for tail in range(3)]
    assert last == [(2048, *first), (2048, 24, 8), (2048, 24, 8)]


def test_published_cosine_classifier():
    (branch,) = model_of(COSINE).branches.values()
    assert branch.classifier.cosine
    assert branch.neck.bnneck.bias == "frozen"


def trained_offsets(network):
    return [
        head.neck.bnneck.bias.requires_grad
        for branch in network.branches.values()
        for head in branch.heads
    ]


def test_which_offsets_are_trained():
    assert trained_offsets(network_of(CHANNEL_GROUPS)) == [True, False, False, False]
    assert trained_offsets(network_of(GRID)) == [True, True, False, False, False]
    assert trained_offsets(network_of(GRANULARITIES)) == [False] * 8


@pytest.mark.long
def test_densenets_end_with_their_norm():
    norm = network_of(DENSE, (256, 128)).trunk.features.norm5
    assert isinstance(norm.act, nn.Identity)
    assert isinstance(norm, nn.BatchNorm2d)
