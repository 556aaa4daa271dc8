"""Families of networks by their timm name: sizes of maps, where they can be cut, what is refused.

The backbones of published systems themselves are among the long tests.
"""

import pytest
import torch

from workbench.errors import RecipeError
from workbench.model.build import build_network
from workbench.recipe.settings import model as settings


def map_of(name, image, **options):
    strides = options.get("tail_strides", [1])
    branches = {f"of_{tail}": settings.Branch(tail=tail) for tail in range(len(strides))}
    backbone = settings.TimmBackbone(name=name, **options)
    network = build_network(settings.Model(backbone=backbone, branches=branches), 3, image)
    with torch.no_grad():
        maps = network.eval().feature_maps(torch.zeros(1, 3, *image))
    return [tuple(found.shape[1:]) for found in maps.values()]


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("name", "image", "stride", "expected"),
    [
        ("regnety_002", (64, 32), 1, (368, 4, 2)),
        ("convnext_atto", (64, 32), 2, (320, 2, 1)),
    ],
)
def test_families_have_maps(name, image, stride, expected):
    assert map_of(name, image, tail_strides=[stride]) == [expected]


@pytest.mark.long
@pytest.mark.parametrize(
    ("name", "image", "stride", "expected"),
    [
        ("resnet50", (256, 128), 1, (2048, 16, 8)),
        ("seresnet50", (256, 128), 1, (2048, 16, 8)),
        ("resnext50_32x4d", (256, 128), 1, (2048, 16, 8)),
        ("densenet121", (256, 128), 1, (1024, 16, 8)),
        ("regnety_016", (384, 128), 1, (888, 24, 8)),
        ("efficientnet_b4", (256, 128), 2, (1792, 8, 4)),
        ("hrnet_w18", (256, 128), 2, (2048, 8, 4)),
        ("nasnetalarge", (256, 128), 2, (4032, 8, 4)),
        ("convnext_base", (256, 128), 2, (1024, 8, 4)),
        ("swin_base_patch4_window7_224", (224, 224), 2, (1024, 7, 7)),
        ("swinv2_base_window8_256", (256, 256), 2, (1024, 8, 8)),
        ("vit_base_patch16_224", (256, 128), 1, (768, 16, 8)),
        ("vit_small_patch14_dinov2", (224, 224), 1, (384, 16, 16)),
        ("vit_base_patch16_dinov3", (256, 128), 1, (768, 16, 8)),
    ],
)
def test_published_backbones_have_maps(name, image, stride, expected):
    assert map_of(name, image, tail_strides=[stride]) == [expected]


CUT = [
    ("seresnet18", (64, 32), "layer3", [1, 1], [4, 4]),
    ("regnety_002", (64, 32), "s3", [1, 2], [4, 2]),
]
PUBLISHED_CUT = [
    ("resnet50", (384, 128), "layer3.0", [2, 1], [12, 24]),
    ("densenet121", (384, 128), "features.denseblock3", [2, 1], [12, 24]),
    ("regnety_016", (384, 128), "s3", [1, 1], [24, 24]),
    ("efficientnet_b0", (384, 128), "blocks.4", [2, 2], [12, 12]),
    ("convnext_tiny", (384, 128), "stages.2", [2, 2], [12, 12]),
    ("swin_tiny_patch4_window7_224", (224, 224), "layers.2", [2, 2], [7, 7]),
]


@pytest.mark.thorough
@pytest.mark.parametrize(("name", "image", "split", "strides", "rows"), CUT)
def test_sequential_families_are_cut(name, image, split, strides, rows):
    maps = map_of(name, image, split=split, tail_strides=strides)
    assert [found[1] for found in maps] == rows


@pytest.mark.long
@pytest.mark.parametrize(("name", "image", "split", "strides", "rows"), PUBLISHED_CUT)
def test_published_backbones_are_cut(name, image, split, strides, rows):
    maps = map_of(name, image, split=split, tail_strides=strides)
    assert [found[1] for found in maps] == rows


@pytest.mark.long
@pytest.mark.parametrize(
    ("name", "split"), [("vit_base_patch16_224", "blocks.9"), ("hrnet_w18_small", "stage3")]
)
def test_other_families_are_refused_in_one_sentence(name, split):
    stride = 2 if name.startswith("hrnet") else 1
    with pytest.raises(RecipeError) as caught:
        map_of(name, (256, 128), split=split, tail_strides=[stride])
    assert caught.value.path == "model.backbone.split"
    assert "\n" not in str(caught.value)


def test_a_network_without_a_last_activation_is_refused():
    with pytest.raises(RecipeError, match="convnext_atto does not end with an activation"):
        map_of("convnext_atto", (64, 64), tail_strides=[2], last_activation=False)


def test_a_resnet_without_its_last_activation_has_a_signed_map():
    torch.manual_seed(0)
    backbone = settings.TimmBackbone(name="resnet18", widths=[8, 16, 32, 64], last_activation=False)
    network = build_network(settings.Model(backbone=backbone), 3, (64, 32))
    torch.nn.init.ones_(network.trunk.layer4[1].bn2.weight)  # timm starts it at zero
    (found,) = network.feature_maps(torch.rand(4, 3, 64, 32)).values()
    assert found.min() < 0
