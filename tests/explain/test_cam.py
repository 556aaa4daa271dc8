"""The Grad-CAM family with a pair's similarity as target, against automatic differentiation."""

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from tests.explain.by_hand import HEIGHT, WIDTH, network, noise, recipe, shaken, squares
from workbench.errors import WeightsError
from workbench.explain.cams.activation_sum import stage_before_last
from workbench.explain.cams.cam import KINDS, Similarity, similarity_maps
from workbench.explain.pair_reader import PairReader
from workbench.model.build import build_network
from workbench.recipe.settings import model as settings


@pytest.fixture(scope="module")
def small():
    torch.manual_seed(1)
    backbone = settings.CompactResNet(width=8, tail_strides=[1])
    stripes = settings.Branch(regions=settings.RowStripes(count=2))
    model = settings.Model(backbone=backbone, branches={"part": stripes})
    return shaken(build_network(model, 2, (HEIGHT, WIDTH)))


def pair_of(net, **changes):
    return PairReader(net, recipe(**changes), noise(1), noise(2))


def scaled(cells):
    """A map as the package gives it: from 0 to 1, enlarged, and again from 0 to 1."""
    warm = (cells - cells.min()) / (cells.max() - cells.min() + 1e-7)
    size = (HEIGHT, WIDTH)
    pixels = F.interpolate(warm[None, None], size, mode="bilinear", align_corners=False)[0, 0]
    return ((pixels - pixels.min()) / (pixels.max() - pixels.min() + 1e-7)).numpy()


def test_the_target_is_the_cosine_with_the_own_length_held():
    output = torch.tensor([3.0, 4.0], requires_grad=True)
    value = Similarity(torch.tensor([2.0, 0.0]))(output)
    assert value.item() == pytest.approx(0.6)
    value.backward()
    assert output.grad.tolist() == pytest.approx([0.2, 0.0])
    assert Similarity(torch.tensor([2.0, 0.0]))(torch.eye(2)).item() == pytest.approx(1.0)


def test_gradcam_is_what_automatic_differentiation_says(small):
    reader = pair_of(small)
    found = similarity_maps(small, reader.images, reader.embedding, "gradcam", "part_1")
    feature_map = small.feature_maps(reader.images)["part"].detach().requires_grad_()
    vectors = small.branches["part"](feature_map)[1].embedding
    fixed = F.normalize(vectors, dim=1).detach()
    lengths = vectors.detach().norm(dim=1)
    ((vectors / lengths[:, None]) * fixed.flip(0)).sum().backward()
    weights = feature_map.grad.mean((2, 3), keepdim=True)
    maps = (weights * feature_map).sum(1).detach().clamp(min=0)
    for image in (0, 1):
        np.testing.assert_allclose(found[image], scaled(maps[image]), atol=2e-3)


def test_hirescam_is_the_warm_side_of_the_evidence():
    net = shaken(network(settings.RowStripes(count=2), neck=settings.Neck(width=4)))
    reader = pair_of(net)
    evidence, _ = reader.evidence()
    found = similarity_maps(net, reader.images, reader.embedding, "hirescam", "part_0")[0]
    warm = torch.from_numpy(evidence["part_0"].heat.copy()).clamp(min=0)
    np.testing.assert_allclose(found, scaled(warm), atol=2e-3)


@pytest.mark.thorough
@pytest.mark.parametrize("method", list(KINDS))
def test_every_method_gives_maps_from_0_to_1_and_leaves_the_network_alone(small, method):
    reader = pair_of(small, evaluation__embedding__flip=True)
    for part in (None, "part_0"):
        maps = similarity_maps(small, reader.images, reader.embedding, method, part)
        assert maps.shape == (2, HEIGHT, WIDTH)
        assert maps.min() >= 0
        assert maps.max() <= 1
    assert all(parameter.grad is None for parameter in small.parameters())
    assert all(parameter.requires_grad for parameter in small.tails.parameters())
    assert not any(module._forward_hooks for module in small.modules())


def test_the_activation_sum_adds_the_channels_of_the_map_before_the_last_stage(small):
    reader = pair_of(small)
    images, trunk = reader.images, small.trunk
    sums = trunk.stage3(trunk.stage2(trunk.stage1(trunk.stem(images)))).sum(1).detach()
    for part in (None, "part_1"):
        found = similarity_maps(small, images, reader.embedding, "activation_sum", part)
        for image in (0, 1):
            np.testing.assert_allclose(found[image], scaled(sums[image]), atol=2e-3)


def test_without_stages_it_adds_the_channels_of_the_last_map_whatever_the_pair():
    query = squares((3, 1, (255, 255, 0)), (0, 0, (0, 0, 255)))
    reader = PairReader(network(), recipe(), query, noise(2))
    (found, _) = similarity_maps(reader.network, reader.images, reader.embedding, "activation_sum")
    by_hand = torch.zeros(4, 2)
    by_hand[3, 1], by_hand[0, 0] = 2.0, 1.0
    np.testing.assert_allclose(found, scaled(by_hand), atol=2e-3)


def of_timm(name, size, **more):
    torch.manual_seed(1)
    backbone = settings.TimmBackbone(name=name, tail_strides=[2], **more)
    model = settings.Model(backbone=backbone, branches={"whole": settings.Branch()})
    return build_network(model, 2, size).eval()


def test_the_stage_before_the_last_is_what_the_network_calls_one():
    images = torch.rand(1, 3, 64, 32)
    net = of_timm("resnet18", (64, 32), widths=[8, 16, 32, 64])
    assert stage_before_last(net, images) is net.trunk.layer3
    net = of_timm("resnet18", (64, 32), widths=[8, 16, 32, 64], split="layer2")
    assert stage_before_last(net, images) is net.trunk
    assert not any(module._forward_hooks for module in net.modules())
    assert stage_before_last(network(), torch.rand(1, 3, HEIGHT, WIDTH)) is None


@pytest.mark.thorough
def test_channels_that_come_last_are_added_too_and_several_maps_at_once_are_not():
    net = of_timm("swin_tiny_patch4_window7_224", (56, 56))
    images = torch.rand(2, 3, 56, 56)
    seen = []
    handle = net.trunk.layers[2].register_forward_hook(lambda *call: seen.append(call[2]))
    with torch.no_grad():
        net(images)
    handle.remove()
    assert seen[0].shape == (2, 4, 4, 384)
    found = similarity_maps(net, images, recipe().evaluation.embedding, "activation_sum")
    sums = seen[0].sum(3).clamp(min=0)
    assert found.shape == (2, 56, 56)
    row, column = divmod(int(sums[0].argmax()), 4)
    at = np.unravel_index(found[0].argmax(), found[0].shape)
    assert (at[0] // 14, at[1] // 14) == (row, column)
    assert stage_before_last(of_timm("hrnet_w18_small", (64, 64)), images[:1, :, :32, :32]) is None


def test_the_square_that_decides_is_hot():
    red = (255, 0, 0)
    query = squares((3, 1, red), (0, 0, (0, 0, 255)))
    reader = PairReader(network(), recipe(), query, squares((1, 0, red)))
    maps = similarity_maps(reader.network, reader.images, reader.embedding, "gradcam")
    assert np.unravel_index(maps[0].argmax(), maps[0].shape)[0] >= 24
    assert maps[0][4, 4] < 0.1


@pytest.mark.thorough
def test_tokens_are_laid_out_as_the_network_does():
    torch.manual_seed(1)
    backbone = settings.TimmBackbone(name="test_vit")
    model = settings.Model(backbone=backbone, branches={"whole": settings.Branch()})
    net = build_network(model, 2, (32, 16)).eval()
    reader = PairReader(net, recipe(), noise(1), noise(2))
    last = similarity_maps(net, reader.images, reader.embedding, "gradcam")
    inner = similarity_maps(net, reader.images, reader.embedding, "gradcam", None, "trunk.blocks.3")
    assert last.shape == inner.shape == (2, 32, 16)
    assert inner.std() > 0
    evidence, _ = reader.evidence()
    assert evidence["whole"].heat.shape == (2, 1)


def test_a_layer_that_is_not_there_is_named(small):
    reader = pair_of(small)
    with pytest.raises(WeightsError, match=r"no layer 'trunk\.stage9'"):
        similarity_maps(small, reader.images, reader.embedding, "gradcam", None, "trunk.stage9")
