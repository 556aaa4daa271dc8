"""ImageNet files with the names their authors give: every entry finds its place."""

import re

import pytest
import torch
from safetensors.torch import save_file

from workbench.errors import WeightsError
from workbench.model.build import build_network
from workbench.model.weights.loading import initial_weights
from workbench.model.weights.published_keys import renamed
from workbench.paths import runs_folder, weights_folder
from workbench.recipe.settings import model as settings

TWO_TAILS = {"one": settings.Branch(), "two": settings.Branch(tail=1)}
REGNET = settings.GroupedRegNet(
    widths=[8, 16, 16, 16], depths=[2, 1, 1, 1], head_width=16, activation="prelu"
)
GRID = settings.GridTransformer(
    widths=[8, 16, 16, 16], depths=[2, 1, 1, 1], heads=[1, 1, 1], grid=[2, 2], head_width=16
)
COPIED = settings.Neck(width=16, start="backbone")
IBN = settings.TimmBackbone(name="resnet18", widths=[8, 16, 32, 64], instance_norm=True)

# Names that the files are known to hold, and ours for them.
NAMES = {
    "first_conv.conv.weight": "stem.conv.weight",
    "first_conv.act.act.weight": "stem.act.weight",
    "layer1.0.main.0.act.act.weight": "stage1.0.expand.act.weight",
    "layer3.2.main.1.norm.running_var": "stage3.2.spatial.norm.running_var",
    "layer2.11.main.2.se.1.bias": "stage2.11.excite.squeeze.bias",
    "layer2.11.main.2.se.3.weight": "stage2.11.excite.excite.weight",
    "layer4.5.main.3.conv.weight": "stage4.5.project.conv.weight",
    "layer4.0.skip.0.conv.weight": "stage4.0.shortcut.spatial.conv.weight",
    "layer4.0.skip.1.norm.bias": "stage4.0.shortcut.project.norm.bias",
    "head.norm.weight": "projection.norm.weight",
    "layer1.2.proj_in.conv.weight": "stage1.2.values.conv.weight",
    "layer1.2.q.norm.bias": "stage1.2.queries.norm.bias",
    "layer1.2.k.conv.weight": "stage1.2.keys.conv.weight",
    "layer1.2.v.conv.weight": "stage1.2.local.conv.weight",
    "layer1.2.sattn.att.logit_scale": "stage1.2.attention.log_scale",
    "layer1.2.proj.1.norm.weight": "stage1.2.project.norm.weight",
    "conv_head.conv.weight": "projection.conv.weight",
    "fc.weight": "linear.weight",
    "norm.running_mean": "norm.running_mean",
    "classifier.weight": "classifier.weight",
    "classifier.fc1.weight": "classifier.fc1.weight",
}
BACKWARDS = (
    (r"^stem\.act\.", "first_conv.act.act."),
    (r"^stem\.", "first_conv."),
    (r"^stage", "layer"),
    (r"\.expand\.act\.", ".main.0.act.act."),
    (r"\.expand\.", ".main.0."),
    (r"\.shortcut\.spatial\.", ".skip.0."),
    (r"\.shortcut\.project\.", ".skip.1."),
    (r"\.spatial\.act\.", ".main.1.act.act."),
    (r"\.spatial\.", ".main.1."),
    (r"\.excite\.squeeze\.", ".main.2.se.1."),
    (r"\.excite\.excite\.", ".main.2.se.3."),
    (r"\.values\.", ".proj_in."),
    (r"\.queries\.", ".q."),
    (r"\.keys\.", ".k."),
    (r"\.local\.", ".v."),
    (r"\.attention\.log_scale", ".sattn.att.logit_scale"),
    (r"^(layer\d\.2)\.project\.", r"\1.proj.1."),
    (r"\.project\.", ".main.3."),
    (r"\.instance\.", ".IN."),
    (r"\.batch\.", ".BN."),
)


def network_of(backbone, branches=None, seed=0):
    torch.manual_seed(seed)
    chosen = settings.Model(backbone=backbone, branches=branches or {"one": settings.Branch()})
    network = build_network(chosen, 3, (64, 32))
    with torch.no_grad():
        for entry in network.parameters():
            entry.add_(torch.rand_like(entry))
    return network


def as_published(network, projection):
    state = {}
    for name, value in network.trunk.state_dict().items():
        for pattern, replacement in BACKWARDS:
            name = re.sub(pattern, replacement, name)
        name = re.sub(r"^projection\.act\.", f"{projection}.act.act.", name)
        state[re.sub(r"^projection\.", f"{projection}.", name)] = value
    return state


def saved(state):
    path = weights_folder() / "published.pth"
    path.parent.mkdir(parents=True, exist_ok=True)
    torch.save(state, path)
    return settings.FileWeights(path=path.name, strict=True)


def load(network, weights, backbone):
    return initial_weights(network, weights, backbone, runs_folder())


def test_names_of_the_files():
    assert dict(zip(NAMES, renamed(dict.fromkeys(NAMES)), strict=True)) == NAMES
    dense = {"features.denseblock1.denselayer2.norm.1.weight": 0, "features.conv0.weight": 1}
    assert list(renamed(dense)) == [
        "features.denseblock1.denselayer2.norm1.weight",
        "features.conv0.weight",
    ]
    plain = {"layer1.0.conv1.weight": 0, "fc.weight": 1}
    assert renamed(plain) == plain


@pytest.mark.thorough
@pytest.mark.parametrize(("backbone", "projection"), [(REGNET, "head"), (GRID, "conv_head")])
def test_files_of_our_own_backbones_fill_trunk_and_tails(backbone, projection):
    source = network_of(backbone)
    state = as_published(source, projection)
    assert set(state) - set(source.trunk.state_dict()) >= {"layer1.0.main.3.conv.weight"}
    state["classifier.weight"] = torch.zeros(1000, 16)
    cut = backbone.model_copy(update={"split": "stage3", "tail_strides": [1, 1]})
    target = network_of(cut, TWO_TAILS, seed=1)
    weights = saved({"state_dict": {f"module.{key}": value for key, value in state.items()}})
    report = load(target, weights, cut)
    assert (report.missing, report.unexpected) == ((), ())
    assert report.skipped == ("classifier.weight",)
    mine = source.trunk.state_dict()
    for part in (target.trunk, *target.tails):
        assert all(torch.equal(value, mine[name]) for name, value in part.state_dict().items())


@pytest.mark.thorough
def test_necks_that_copy_the_backbone_are_filled_from_its_file():
    state = as_published(network_of(GRID), "conv_head")
    state |= {f"norm.{name}": torch.rand(16) for name in ("weight", "bias")}
    state |= {"norm.running_mean": torch.rand(16), "norm.running_var": torch.rand(16)}
    state |= {"fc.weight": torch.rand(16, 16), "classifier.weight": torch.zeros(1000, 16)}
    branches = {
        "rows": settings.Branch(regions=settings.InterleavedRows(count=2), neck=COPIED),
        "own": settings.Branch(neck=settings.Neck(width=16)),
    }
    target = network_of(GRID, branches, seed=1)
    before = target.branches["own"].heads[0].neck.linear.weight.clone()
    report = load(target, saved(state), GRID)
    assert (report.missing, report.unexpected) == ((), ())
    for head in target.branches["rows"].heads:
        assert torch.equal(head.neck.linear.weight, state["fc.weight"])
        assert torch.equal(head.neck.bnneck.running_var, state["norm.running_var"])
    assert torch.equal(target.branches["own"].heads[0].neck.linear.weight, before)
    del state["fc.weight"]
    with pytest.raises(WeightsError, match=r"2 missing \(branches.rows.heads.0.neck.linear.weight"):
        load(target, saved(state), GRID)


@pytest.mark.thorough
def test_files_of_ibn_networks():
    source = network_of(IBN)
    state = as_published(source, "projection")
    assert {"layer1.0.bn1.IN.weight", "layer1.0.bn1.BN.running_mean"} <= set(state)
    target = network_of(IBN, seed=1)
    report = load(target, saved({**state, "fc.weight": torch.zeros(1000, 64)}), IBN)
    assert report.skipped == ("fc.weight",)
    assert (report.missing, report.unexpected) == ((), ())
    for name, value in target.trunk.state_dict().items():
        assert torch.equal(value, source.trunk.state_dict()[name])


@pytest.mark.thorough
def test_a_safetensors_file_is_renamed_too():
    state = as_published(network_of(REGNET), "head")
    weights_folder().mkdir(parents=True)
    save_file(
        {key: value.clone() for key, value in state.items()}, weights_folder() / "a.safetensors"
    )
    weights = settings.FileWeights(path="a.safetensors", strict=True)
    assert load(network_of(REGNET, seed=1), weights, REGNET).clean
