"""Networks from recipes: sizes of maps, names of parameters, refusals."""

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from workbench.errors import RecipeError, ShapeError
from workbench.model.backbones.backbone import assemble
from workbench.model.build import build_network
from workbench.recipe.settings import model as settings

SMALL_RESNET = settings.TimmBackbone(name="resnet18", widths=[8, 16, 32, 64])
COMPACT = settings.CompactResNet(width=8)


def network_of(backbone, image=(64, 32), classes=3, **branches):
    torch.manual_seed(0)
    named = branches or {"whole": settings.Branch()}
    return build_network(settings.Model(backbone=backbone, branches=named), classes, image)


def map_sizes(network, image=(64, 32)):
    with torch.no_grad():
        maps = network.eval().feature_maps(torch.rand(1, 3, *image))
    return [tuple(found.shape[1:]) for found in maps.values()]


def tails(number):
    return {f"of_{tail}": settings.Branch(tail=tail) for tail in range(number)}


def refused(backbone, path, image=(64, 32), **branches):
    with pytest.raises(RecipeError) as caught:
        network_of(backbone, image, **branches)
    assert caught.value.path == path
    return str(caught.value)


@pytest.mark.thorough
@pytest.mark.parametrize("backbone", [COMPACT, SMALL_RESNET], ids=["compact", "timm"])
def test_the_last_stage_keeps_its_map_at_stride_one(backbone):
    strided = backbone.model_copy(update={"tail_strides": [2]})
    assert map_sizes(network_of(backbone)) == [(64, 4, 2)]
    assert map_sizes(network_of(strided)) == [(64, 2, 1)]


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("backbone", "split"),
    [(COMPACT, "stage3"), (COMPACT, "stage2.0"), (SMALL_RESNET, "layer3.0")],
    ids=["compact", "compact early", "timm"],
)
def test_tails_are_copies_of_what_follows_the_split(backbone, split):
    cut = backbone.model_copy(update={"split": split, "tail_strides": [2, 1, 1]})
    network = network_of(cut, **tails(3))
    assert map_sizes(network) == [(64, 2, 1), (64, 4, 2), (64, 4, 2)]
    first, second, third = (tail.state_dict() for tail in network.tails)
    assert list(first) == list(second) == list(third)
    assert all(torch.equal(first[name], second[name]) for name in first)
    assert first[next(iter(first))] is not second[next(iter(second))]


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("backbone", "split"),
    [(COMPACT, "stage3"), (SMALL_RESNET, "layer3.0")],
    ids=["compact", "timm"],
)
def test_a_cut_network_computes_what_the_whole_one_does(backbone, split):
    images = torch.rand(2, 3, 64, 32)
    whole = network_of(backbone).eval()
    cut = network_of(backbone.model_copy(update={"split": split})).eval()
    with torch.no_grad():
        assert torch.equal(whole(images)["whole"].logits, cut(images)["whole"].logits)


def test_parameters_keep_the_names_of_their_backbone():
    cut = SMALL_RESNET.model_copy(update={"split": "layer3.0", "tail_strides": [2, 1]})
    names = set(network_of(cut, **tails(2)).state_dict())
    for name in ("trunk.conv1.weight", "trunk.layer3.0.conv1.weight", "tails.1.layer3.1.bn1.bias"):
        assert name in names
    assert "branches.of_1.heads.0.neck.bnneck.weight" in names
    assert "branches.of_1.heads.0.classifier.weight" in names
    assert not any("fc" in name or "layer3.1" in name for name in names if "trunk" in name)


def test_compact_network_has_its_parameters():
    # stem 3x16x9 + 16x32x9 + norms; stages 1 to 4 of one block each; 150 identities from 256 values
    network = network_of(settings.CompactResNet(), image=(128, 64), classes=150)
    norms = 2 * (16 + 32)
    stages = 2 * 9 * 32 * 32 + 4 * 32
    for width in (64, 128, 256):
        half = width // 2
        stages += 9 * half * width + 9 * width * width + half * width + 3 * 2 * width
    stem = 9 * 3 * 16 + 9 * 16 * 32 + norms
    head = 2 * 256 + 256 * 150
    assert sum(parameter.numel() for parameter in network.parameters()) == stem + stages + head


def test_looking_at_a_network_leaves_no_trace():
    network = network_of(COMPACT)
    assert all(module.training for module in network.modules())
    assert not any(module._forward_pre_hooks for module in network.modules())
    for name, buffer in network.named_buffers():
        assert buffer.eq(1 if name.endswith("var") else 0).all(), name


def test_the_same_seed_gives_the_same_network():
    first, second = (network_of(COMPACT).state_dict() for _ in range(2))
    assert all(torch.equal(first[name], second[name]) for name in first)


@pytest.mark.thorough
def test_tokens_become_a_map():
    network = network_of(settings.TimmBackbone(name="vit_tiny_patch16_224"))
    assert map_sizes(network) == [(192, 4, 2)]
    images = torch.rand(1, 3, 64, 32)
    with torch.no_grad():
        tokens = network.trunk.forward_features(images)
        (found,) = network.feature_maps(images).values()
    assert torch.equal(found[0, :, 1, 0], tokens[0, 1 + 2])  # one class token, two columns a row


def test_all_refused_branches_are_named():
    parts = {
        "halves": settings.Branch(regions=settings.RowStripes(count=3)),
        "keys": settings.Branch(),
    }
    with pytest.raises(RecipeError) as caught:
        network_of(COMPACT, **parts)
    assert caught.value.by_path() == {
        "model.branches.halves.regions.count": "model.branches.halves.regions.count = 3: feature"
        " map has 4 rows; 3 does not divide 4. Use 2 or 4.",
        "model.branches.keys": "model.branches.keys: a branch cannot be called 'keys'. Rename it.",
    }


def test_a_tail_that_nobody_reads_is_refused():
    cut = COMPACT.model_copy(update={"split": "stage3", "tail_strides": [1, 2]})
    assert "no branch reads tail 1" in refused(cut, "model.backbone.tail_strides")


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("split", "reason"),
    [
        ("stage9", "no module 'stage9' to split after. Use one of stem, stage1, stage2, stage3"),
        ("stage3.4", "no module '4' to split after in stage3. Use one of stage3.0"),
        ("stage4", "nothing follows this module"),
        ("stage3.0.conv1", "cannot be cut there"),
    ],
)
def test_a_split_that_cannot_be_is_refused(split, reason):
    cut = COMPACT.model_copy(update={"split": split})
    assert reason in refused(cut, "model.backbone.split")


def test_a_stride_behind_the_split_is_refused():
    deep = settings.CompactResNet(width=8, depths=[1, 1, 1, 2], split="stage4.0", tail_strides=[1])
    assert "the last stage begins before model.backbone.split" in refused(
        deep, "model.backbone.tail_strides"
    )


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("name", "strides", "reason"),
    [
        ("convnext_atto", [1], "[1]: the last stage of this backbone cannot keep its map. Use [2]"),
        ("vit_tiny_patch16_224", [2], "[2]: the last stage of this backbone has stride 1. Use [1]"),
    ],
)
def test_a_stride_the_network_does_not_have_is_refused(name, strides, reason):
    backbone = settings.TimmBackbone(name=name, tail_strides=strides)
    assert reason in refused(backbone, "model.backbone.tail_strides")


@pytest.mark.thorough
def test_a_network_that_is_more_than_a_sequence_is_not_cut():
    backbone = settings.TimmBackbone(name="vit_tiny_patch16_224", split="blocks.9")
    assert "does more than run its modules" in refused(backbone, "model.backbone.split")


@pytest.mark.parametrize(
    ("options", "path", "reason"),
    [
        ({"name": "resnet50x"}, "name", "Did you mean resnet50"),
        ({"name": "resnet18.nobody"}, "name", "one of resnet18.a1_in1k"),
        ({"name": "hf-hub:timm/resnet18.a1_in1k"}, "name", "no such network"),
        ({"name": "regnetx_002", "widths": [8] * 4}, "widths", "does not let it be chosen"),
    ],
)
def test_what_timm_does_not_have_is_refused(options, path, reason):
    backbone = settings.TimmBackbone(**options)
    assert reason in refused(backbone, f"model.backbone.{path}")


class Unpadded(nn.Module):
    """Reads 9 x 9 pixels at least."""

    num_features = 2

    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(3, 2, 9)

    def forward_features(self, images):
        return self.conv(images)


def test_images_too_small_are_refused():
    assemble(Unpadded(), COMPACT, (16, 16))
    with pytest.raises(RecipeError, match="= 8 and 16: the backbone cannot read such images"):
        assemble(Unpadded(), COMPACT, (8, 16))


def test_stripes_do_not_fit_a_resized_image():
    stripes = settings.Branch(regions=settings.RowStripes(count=4))
    network = network_of(COMPACT, part=stripes).eval()
    with torch.no_grad(), pytest.raises(ShapeError, match="5 rows cannot be cut into 4"):
        network(F.interpolate(torch.rand(1, 3, 64, 32), scale_factor=1.25))
