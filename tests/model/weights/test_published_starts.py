"""Starting weights, pools, dropout and drop path of the published systems, by their numbers."""

import math
from itertools import chain

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from workbench.errors import RecipeError
from workbench.model.backbones.grid_transformer import GridTransformer
from workbench.model.backbones.timm_backbone import make_timm
from workbench.model.necks import Head
from workbench.model.network import Branch
from workbench.model.pooling import make_pool
from workbench.model.regions import make_regions
from workbench.recipe.presets import load_preset
from workbench.recipe.settings import model as settings

METRIC = [
    *("circle", "triplet", "lifted", "contrast", "sphere", "arcface", "cosface"),
    *("instance", "instance_id"),
]


def head_of(preset, branch="whole", channels=2048, classes=751):
    torch.manual_seed(0)
    return Head(load_preset(preset).model.branches[branch], channels, classes)


@pytest.mark.parametrize("name", METRIC)
def test_layumis_metric_losses_read_the_vector_after_its_dropout(name):
    head = head_of(f"layumi/{name}", channels=64, classes=5)
    pooled = torch.randn(32, 64)
    torch.manual_seed(1)
    output = head(pooled)
    torch.manual_seed(1)
    whole = head.neck(pooled)[1]
    assert torch.equal(output.embedding, F.dropout(whole, 0.5))
    torch.testing.assert_close(output.logits, head.classifier(output.embedding))
    assert 0.45 < (output.embedding == 0).float().mean() < 0.55
    head.eval()
    assert torch.equal(head(pooled).embedding, head.neck(pooled)[1])


def test_other_recipes_read_the_vector_before_its_dropout():
    head = head_of("layumi/market1501", channels=64, classes=5)
    assert (head(torch.randn(32, 64)).embedding != 0).all()


@pytest.mark.parametrize("branch", ["whole_1", "whole_2", "whole_3", "halves", "thirds"])
def test_mgn_starts_as_its_program_does(branch):
    head = head_of("mgn/market1501", branch)
    # kaiming over 256 outputs; PyTorch's Linear(256, 751); N(1, 0.02)
    assert head.neck.linear.weight.std().item() == pytest.approx(math.sqrt(2 / 256), rel=0.01)
    weights = head.classifier.weight
    assert weights.std().item() == pytest.approx(1 / math.sqrt(3 * 256), rel=0.01)
    assert weights.abs().max().item() == pytest.approx(1 / 16, rel=0.001)
    norm = head.neck.bnneck.weight
    assert norm.mean().item() == pytest.approx(1.0, abs=0.005)
    assert norm.std().item() == pytest.approx(0.02, rel=0.15)


def test_fastreids_later_mgn_starts_with_its_own_numbers():
    head = head_of("fastreid/mgn_market1501", "halves")
    assert (head.neck.bnneck.weight == 1).all()
    assert head.neck.linear.weight.std().item() == pytest.approx(math.sqrt(2 / 256), rel=0.01)
    assert head.classifier.weight.std().item() == pytest.approx(0.01, rel=0.01)


@pytest.mark.parametrize("preset", ["bot_market1501", "agw_msmt17", "sbs_dukemtmc"])
def test_fastreids_first_pool_begins_at_the_edge_and_rounds_up(preset):
    backbone = load_preset(f"fastreid/{preset}").model.backbone
    small = backbone.model_copy(update={"name": "resnet18", "non_local": None})
    image = torch.arange(30.0).view(1, 1, 5, 6)
    with torch.device("meta"):
        pool = make_timm(small, (64, 32)).maxpool
    theirs = nn.MaxPool2d(kernel_size=3, stride=2, ceil_mode=True)
    assert torch.equal(pool(image), theirs(image))
    assert pool(image).flatten().tolist() == [14, 16, 17, 26, 28, 29]
    assert pool(torch.zeros(1, 1, 128, 64)).shape[2:] == (64, 32)


def test_a_first_pool_without_padding_needs_a_max_pool():
    backbone = settings.TimmBackbone(name="densenet121", first_pool="ceil")
    with torch.device("meta"), pytest.raises(RecipeError, match="first_pool = ceil: densenet121"):
        make_timm(backbone, (64, 32))


def test_each_head_of_fastreids_mgn_learns_a_power_of_its_own():
    model = load_preset("fastreid/mgn_market1501").model
    pools = {name: make_pool(b.pool, b.regions.parts) for name, b in model.branches.items()}
    assert sum(pool.power.numel() for pool in pools.values()) == 8
    assert all(pool.power.tolist() == [3.0] * len(pool.power) for pool in pools.values())


@pytest.mark.parametrize(
    ("kind", "rows"),
    # Of two blocks where the parts do not divide the rows.
    [(settings.RowStripes, 6), (settings.InterleavedRows, 7)],
)
def test_powers_of_parts_are_those_of_each_part_alone(kind, rows):
    regions = make_regions(kind(count=3), settings.MapSize(4, rows, 3))
    pool = make_pool(settings.GeneralisedMean(learned=True, per_part=True), 3)
    with torch.no_grad():
        pool.power.copy_(torch.tensor([1.0, 2.0, 5.0]))
    feature_map = torch.rand(2, 4, rows, 3, generator=torch.Generator().manual_seed(0))
    found = Branch(0, regions, pool, []).pooled(regions(feature_map))
    for part, power in enumerate((1.0, 2.0, 5.0)):
        own = feature_map[:, :, part::3]
        if kind is settings.RowStripes:
            own = feature_map[:, :, 2 * part : 2 * part + 2]
        torch.testing.assert_close(found[part], own.pow(power).mean((2, 3)).pow(1 / power))


def drop_shares(preset, **changes):
    backbone = load_preset(preset).model.backbone.model_copy(update=changes)
    return [
        [
            block.drop_path.share
            for block in getattr(GridTransformer(backbone, (128, 64)), f"stage{stage}")
        ]
        for stage in range(1, 5)
    ]


def test_attention_of_msvit_drops_as_much_as_the_convolution_before_it():
    stages = drop_shares("msvit/market1501_s")
    step = 0.1 / 26  # 3 + 6 + 15 + 3 convolution blocks
    expected, number = [], 0
    for stage, depth in enumerate((3, 6, 15, 3)):
        own = []
        for index in range(depth):
            own += [number * step] * (2 if index and stage < 3 else 1)
            number += 1
        expected.append(own)
    for found, wanted in zip(stages, expected, strict=True):
        assert found == pytest.approx(wanted, abs=1e-7)
    apart = [*chain(*drop_shares("msvit/market1501_s", paired_drop_path=False))]
    assert apart == pytest.approx([0.1 * place / 47 for place in range(48)], abs=1e-7)


def test_the_largest_scale_of_msvits_attention_is_the_exponential_of_4_6052():
    backbone = load_preset("msvit/market1501_l").model.backbone
    assert backbone.largest_log_scale == 4.6052
    block = GridTransformer(backbone, (128, 64)).stage1[2].attention
    assert block.largest_log_scale == 4.6052
    with torch.no_grad():
        block.log_scale.fill_(9.0)
    queries = torch.randn(1, 48, 8, 8, generator=torch.Generator().manual_seed(0))
    unit = F.normalize(queries.view(1, 2, 24, 64), dim=2)
    scores = torch.einsum("bhcq,bhck->bhqk", unit, unit) * math.exp(4.6052)
    best, places = scores.topk(block.kept, dim=-1)
    expected = torch.zeros_like(scores).scatter(-1, places, best.softmax(-1))
    torch.testing.assert_close(block.weights(queries, queries)[:, :, 0], expected)
