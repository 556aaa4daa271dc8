"""Blocks of our own backbones, by formula."""

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from workbench.model.backbones.conv_blocks import (
    DropPath,
    GroupedBlock,
    SqueezeExcite,
    conv_norm,
    start,
)


def block_of(channels=8, width=16, stride=2, **options):
    torch.manual_seed(0)
    chosen = {"activation": "relu", "drop_path": 0.0, **options}
    return GroupedBlock(channels, width, stride, **chosen).eval()


def test_a_block_by_formula():
    block = block_of()
    features = torch.randn(2, 8, 6, 4)
    path = F.relu(F.conv2d(features, block.expand.conv.weight))
    path = F.relu(F.conv2d(path, block.spatial.conv.weight, stride=2, padding=1, groups=4))
    mean = path.mean((2, 3), keepdim=True)
    hidden = F.relu(block.excite.squeeze(mean))
    path = F.conv2d(path * torch.sigmoid(block.excite.excite(hidden)), block.project.conv.weight)
    skip = F.conv2d(features, block.shortcut.spatial.conv.weight, stride=2, padding=1, groups=2)
    skip = F.conv2d(skip, block.shortcut.project.conv.weight)
    scale = 1 / (1 + 1e-5) ** 0.5  # of a fresh norm in evaluation
    expected = block(features)
    for layer in (block.expand, block.spatial, block.project, block.shortcut.project):
        assert layer.norm.bias.eq(0).all()
    torch.testing.assert_close(expected, path * scale**3 + skip * scale**2, rtol=1e-3, atol=1e-4)
    assert expected.min() < 0  # no activation after the sum


def test_without_stride_the_shortcut_is_what_came_in():
    block = block_of(channels=16, stride=1, drop_path=0.9999999)
    features = torch.randn(2, 16, 6, 4)
    assert torch.equal(block.train()(features), features)


@pytest.mark.parametrize(("channels", "hidden"), [(32, 8), (64, 8), (512, 64)])
def test_squeezed_widths(channels, hidden):
    assert SqueezeExcite(channels).squeeze.out_channels == hidden


def test_dropped_paths_are_of_whole_images_and_keep_the_mean():
    torch.manual_seed(0)
    drop = DropPath(0.25)
    kept = drop(torch.ones(4000, 1, 1, 2))
    assert kept.unique().tolist() == pytest.approx([0.0, 4 / 3])
    assert torch.equal(kept[..., 0], kept[..., 1])
    assert kept.mean().item() == pytest.approx(1.0, abs=0.05)
    assert torch.equal(drop.eval()(kept), kept)


def test_starting_weights():
    torch.manual_seed(0)
    first = conv_norm(3, 64, 3).conv
    grouped = conv_norm(64, 64, 3, grouped=True).conv
    wide = conv_norm(64, 512, 1)
    network = nn.Sequential(first, grouped, wide, nn.Linear(64, 64, bias=False))
    start(network, first)
    stds = [layer.weight.std().item() for layer in (first, grouped, wide.conv, network[3])]
    assert stds == pytest.approx([0.01, 1 / 4, 1 / 64, 0.01], rel=0.1)
    assert wide.norm.bias.eq(1e-4).all()
    assert wide.norm.weight.eq(1).all()
