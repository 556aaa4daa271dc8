"""Grid attention, token by token, and what a chosen token attends to."""

import math

import pytest
import torch

from workbench.errors import ShapeError
from workbench.model.attention_maps import attention_blocks, attention_maps
from workbench.model.backbones.grid_attention import (
    GridAttention,
    attention_weights,
    grid_groups,
    ungrouped,
)
from workbench.model.build import build_network
from workbench.recipe.settings import model as settings


def random_map(*shape, seed=0):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


def test_a_group_holds_every_second_token_of_a_four_by_four_map():
    places = torch.arange(16.0).view(1, 1, 4, 4)  # value = 4 * row + column
    (groups,) = grid_groups(places, 1, (2, 2))[0].squeeze(-1)
    # (0,0), (0,2), (2,0), (2,2) and its neighbours
    assert groups.tolist() == [[0, 2, 8, 10], [1, 3, 9, 11], [4, 6, 12, 14], [5, 7, 13, 15]]


@pytest.mark.parametrize(("grid", "size"), [((2, 2), (4, 6)), ((3, 2), (6, 4)), ((8, 8), (24, 8))])
def test_groups_are_put_back_where_they_were(grid, size):
    features = random_map(2, 6, *size)
    groups = grid_groups(features, 3, grid)
    assert groups.shape == (2, 3, size[0] * size[1] // math.prod(grid), math.prod(grid), 2)
    assert torch.equal(ungrouped(groups, grid, *size), features)


def test_published_grids_of_tokens():
    # 384 x 128 pixels, 8 x 8 tokens: 48, 12 and 3 groups in the three stages
    for heads, size, groups in ((2, (96, 32), 48), (4, (48, 16), 12), (8, (24, 8), 3)):
        assert grid_groups(torch.zeros(1, 32, *size), heads, (8, 8)).shape[2:4] == (groups, 64)


def test_a_map_the_grid_does_not_divide_is_refused():
    with pytest.raises(ShapeError, match="6 x 4 cannot be divided by a grid of 4 x 4 tokens"):
        grid_groups(torch.zeros(1, 2, 6, 4), 1, (4, 4))


def by_loops(queries, keys, values, *, heads, grid, kept, log_scale):
    """Every token on its own: its grid, cosines, best keys, softmax, sum of values."""
    batch, channels, rows, columns = values.shape
    per_head, result = channels // heads, torch.zeros_like(values)
    below, beside = rows // grid[0], columns // grid[1]
    for image in range(batch):
        for head in range(heads):
            part = slice(head * per_head, (head + 1) * per_head)
            scale = math.exp(min(log_scale[head], math.log(100)))
            for row in range(rows):
                for column in range(columns):
                    seen = [
                        (i * below + row % below, j * beside + column % beside)
                        for i in range(grid[0])
                        for j in range(grid[1])
                    ]
                    query = queries[image, part, row, column]
                    scores = []
                    for place in seen:
                        key = keys[(image, part, *place)]
                        scores.append(scale * float(query @ key / query.norm() / key.norm()))
                    best = sorted(range(len(seen)), key=lambda index: -scores[index])[:kept]
                    total = sum(math.exp(scores[index]) for index in best)
                    for index in best:
                        share = math.exp(scores[index]) / total
                        result[image, part, row, column] += (
                            share * values[(image, part, *seen[index])]
                        )
    return result


@pytest.mark.parametrize(
    ("kept", "log_scales"), [(4, (2.3, 2.3)), (2, (1.0, 9.0)), (1, (0.0, 2.0))]
)
def test_attention_token_by_token(kept, log_scales):
    queries, keys, values = (random_map(2, 6, 4, 6, seed=seed) for seed in range(3))
    attention = GridAttention(heads=2, grid=(2, 2), key_count=kept)
    with torch.no_grad():
        attention.log_scale.copy_(torch.tensor(log_scales).view(2, 1, 1))
        found = attention(queries, keys, values)
    expected = by_loops(
        queries, keys, values, heads=2, grid=(2, 2), kept=kept, log_scale=log_scales
    )
    torch.testing.assert_close(found, expected, rtol=1e-4, atol=1e-5)


def test_scales_start_at_ten():
    scales = GridAttention(4, (2, 2), 4).log_scale
    torch.testing.assert_close(scales, torch.full((4, 1, 1), math.log(10)))


def test_rows_of_weights_have_as_many_keys_as_are_kept():
    weights = attention_weights(
        random_map(3, 4, 8), random_map(3, 4, 8, seed=1), torch.tensor(10.0).view(1, 1, 1), 2
    )
    assert (weights > 0).sum(-1).eq(2).all()
    torch.testing.assert_close(weights.sum(-1), torch.ones(3, 4))
    equal = attention_weights(  # equal scores do not keep more
        torch.ones(1, 4, 2), torch.ones(1, 4, 2), torch.tensor(10.0).view(1, 1, 1), 2
    )
    assert (equal > 0).sum(-1).eq(2).all()


def test_weights_are_float32_in_half_precision():
    attention = GridAttention(1, (2, 2), 2)
    half = random_map(1, 4, 4, 4).bfloat16()
    assert attention.weights(half, half).dtype == torch.float32
    assert attention(half, half, half).dtype == torch.bfloat16


SMALL = settings.GridTransformer(
    widths=[16, 16, 16, 16], depths=[2, 2, 2, 1], heads=[2, 2, 2], grid=[4, 2], kept_keys=0.5
)


def network_of(backbone=SMALL, image=(64, 32)):
    torch.manual_seed(0)
    return build_network(settings.Model(backbone=backbone), 3, image).eval()


def test_what_a_token_attends_to():
    network = network_of()
    images = torch.rand(2, 3, 64, 32)
    found = attention_maps(network, images, (0.5, 0.99))
    assert list(found) == attention_blocks(network)
    assert list(found) == [f"trunk.stage{stage}.2.attention" for stage in (1, 2, 3)]
    first = found["trunk.stage1.2.attention"]
    assert first.weights.shape == (2, 2, 16, 8)
    assert (first.row, first.column) == (8, 7)
    torch.testing.assert_close(first.weights.sum((2, 3)), torch.ones(2, 2))
    assert (first.weights > 0).sum((2, 3)).eq(4).all()  # half of the 4 x 2 tokens
    elsewhere = first.weights.clone()
    elsewhere[:, :, 0::4, 3::4] = 0  # row 8 lies on rows 0, 4, 8, 12; column 7 on 3, 7
    assert not elsewhere.any()
    assert not any(module._forward_pre_hooks for module in network.modules())


@pytest.mark.thorough
def test_a_token_takes_the_weighted_values_it_is_shown_to_take():
    network = network_of()
    block = network.get_submodule("trunk.stage2.2")
    seen = {}
    block.values.register_forward_hook(lambda _m, _i, output: seen.update(values=output))
    block.attention.register_forward_hook(lambda _m, _i, output: seen.update(mixed=output))
    images = torch.rand(1, 3, 64, 32)
    shown = attention_maps(network, images, (0.3, 0.4))["trunk.stage2.2.attention"]
    for head in range(2):
        part = slice(8 * head, 8 * head + 8)
        expected = (seen["values"][0, part] * shown.weights[0, head]).sum((1, 2))
        found = seen["mixed"][0, part, shown.row, shown.column]
        torch.testing.assert_close(found, expected, rtol=1e-4, atol=1e-6)


def test_other_networks_have_no_attention():
    network = network_of(settings.CompactResNet(width=8))
    assert attention_maps(network, torch.rand(1, 3, 64, 32), (0.0, 0.0)) == {}
