"""What every kind of backbone, region, pool and neck promises; a new kind is tested by existing."""

import pytest
import torch

from workbench.model.build import build_network
from workbench.recipe.schema import output_names
from workbench.recipe.settings import model as settings
from workbench.recipe.settings.backbones import BACKBONES
from workbench.recipe.settings.pools import POOLS
from workbench.recipe.settings.regions import REGIONS

CLASSES = 5
IMAGE = (64, 32)

# Smaller than their defaults, so that the suite stays quick; a kind without an entry is built as
# it is by default.
SMALL = {
    "compact_resnet": settings.CompactResNet(width=8),
    "timm": settings.TimmBackbone(name="resnet18", widths=[8, 16, 32, 64]),
    "grouped_regnet": settings.GroupedRegNet(
        widths=[8, 16, 16, 32], depths=[2, 1, 1, 1], head_width=64
    ),
    "grid_transformer": settings.GridTransformer(
        widths=[8, 16, 16, 32],
        depths=[2, 2, 2, 1],
        heads=[1, 2, 2],
        grid=[4, 2],
        kept_keys=0.5,
        head_width=64,
    ),
}
TINY = settings.CompactResNet(width=8)


def kinds(registry):
    return registry.kinds.values()


def backbone_cases():
    for kind in kinds(BACKBONES):
        default = kind()
        yield settings.Model(backbone=SMALL.get(default.kind, default))
    for kind, backbone in SMALL.items():
        at = "layer3.0" if kind == "timm" else "stage3"
        yield settings.Model(
            backbone=backbone.model_copy(update={"split": at, "tail_strides": [2, 1]}),
            branches={"low": settings.Branch(), "high": settings.Branch(tail=1)},
        )
    options = {
        "timm": {
            "instance_norm": True,
            "last_activation": False,
            "non_local": settings.NonLocal(after=[0, 1, 2, 0], width=2),
        },
        "grouped_regnet": {"activation": "prelu"},
        "grid_transformer": {"activation": "gelu", "kept_keys": 1.0},
    }
    for kind, chosen in options.items():
        yield settings.Model(backbone=SMALL[kind].model_copy(update=chosen))
    copied = settings.Branch(
        regions=settings.InterleavedRows(), neck=settings.Neck(width=64, start="backbone")
    )
    yield settings.Model(backbone=SMALL["grid_transformer"], branches={"rows": copied})


def region_cases():
    for regions in kinds(REGIONS):
        for pool in kinds(POOLS):
            yield of_branch(regions=regions(), pool=pool())
    yield of_branch(pool=settings.GeneralisedMean(learned=True), regions=settings.RowStripes())
    yield of_branch(regions=settings.InterleavedRows(count=3))  # 4 rows: parts of 2, 1 and 1
    yield of_branch(regions=settings.ChannelGroups(count=3))  # 64 channels: groups of 22, 22, 20


def neck_cases():
    trained = settings.BatchNorm(bias="trained", weight_std=0.1, bias_std=0.1)
    for activation in ("none", "relu", "leaky_relu"):
        yield of_branch(neck=settings.Neck(width=6, norm=trained, activation=activation))
    yield of_branch(neck=settings.Neck(width=6, bias=True, bnneck=None))
    yield of_branch(neck=settings.Neck(bnneck=None), classifier=None)
    yield of_branch(neck=settings.Neck(norm=settings.BatchNorm(), bnneck=trained, dropout=0.5))
    yield of_branch(neck=settings.Neck(width=6, start="fan_in", input_dropout=0.5))
    yield of_branch(classifier=settings.Classifier(bias=True))
    yield of_branch(classifier=settings.Classifier(cosine=True))


def of_branch(**parts):
    return settings.Model(backbone=TINY, branches={"part": settings.Branch(**parts)})


CASES = [*backbone_cases(), *region_cases(), *neck_cases()]


def describe(model):
    branch = model.branches.get("part", settings.Branch())
    return "-".join([model.backbone.kind, branch.regions.kind, branch.pool.kind])


@pytest.fixture(params=CASES, ids=describe, scope="module")
def model(request):
    return request.param


@pytest.fixture(scope="module")
def network(model):
    torch.manual_seed(1)
    network = build_network(model, CLASSES, IMAGE)
    with torch.no_grad():
        for parameter in network.parameters():  # some scales and offsets start at exactly zero
            parameter.add_(0.02 * torch.randn_like(parameter))
    return network


@pytest.fixture(scope="module")
def images():
    return torch.rand(6, 3, *IMAGE, generator=torch.Generator().manual_seed(2))


def vectors(output):
    found = [output.pooled, output.reduced, output.embedding]
    return found if output.logits is None else [*found, output.logits]


@pytest.mark.thorough
def test_outputs_have_the_recipes_names_and_shapes_in_training_and_evaluation(
    model, network, images
):
    branches = model.branches
    for mode in (True, False):
        outputs = network.train(mode)(images)
        assert list(outputs) == output_names(model)
        for name, output in outputs.items():
            branch = branches.get(name) or branches[name.rpartition("_")[0]]
            width = branch.neck.width or output.pooled.shape[1]
            assert output.reduced.shape == output.embedding.shape == (6, width)
            assert (output.logits is None) == (branch.classifier is None)
            assert output.logits is None or output.logits.shape == (6, CLASSES)
            assert all(vector.dtype == torch.float32 for vector in vectors(output))


@pytest.mark.thorough
def test_gradient_reaches_every_parameter(network, images):
    network.train().zero_grad()
    torch.manual_seed(3)
    loss = sum(
        (vector * torch.randn_like(vector)).sum()
        for output in network(images).values()
        for vector in vectors(output)
    )
    loss.backward()
    for name, parameter in network.named_parameters():
        if parameter.requires_grad:
            assert parameter.grad is not None, name
            assert parameter.grad.isfinite().all(), name
            assert parameter.grad.abs().sum() > 0, name


@pytest.mark.thorough
def test_a_saved_network_loads_into_a_new_one(model, network, images, tmp_path):
    torch.save(network.state_dict(), tmp_path / "weights.pth")
    torch.manual_seed(4)
    other = build_network(model, CLASSES, IMAGE).eval()
    other.load_state_dict(torch.load(tmp_path / "weights.pth", weights_only=True))
    with torch.no_grad():
        before, after = network.eval()(images), other(images)
    for name in before:
        assert torch.equal(before[name].embedding, after[name].embedding)


@pytest.mark.thorough
def test_an_image_gets_the_same_vector_in_any_batch(network, images):
    with torch.no_grad():
        together = network.eval()(images)
        apart = [network(part) for part in images.split([1, 3, 2])]
    for name, output in together.items():
        joined = torch.cat([part[name].embedding for part in apart])
        torch.testing.assert_close(output.embedding, joined, rtol=1e-4, atol=1e-5)


@pytest.mark.thorough
def test_feature_maps_are_what_the_branches_pool(model, network, images):
    with torch.no_grad():
        maps, outputs = network.eval().feature_maps(images), network(images)
    assert list(maps) == list(model.branches)
    for name, branch in model.branches.items():
        if isinstance(branch.regions, settings.Whole):
            pooled = network.branches[name].pool(maps[name])
            torch.testing.assert_close(outputs[name].pooled, pooled)


@pytest.mark.thorough
def test_half_precision_changes_little_and_heads_stay_in_float32(network, images):
    with torch.no_grad():
        exact = network.eval()(images)
        with torch.autocast("cpu", dtype=torch.bfloat16):
            rounded = network(images)
    for name, output in exact.items():
        for vector, other in zip(vectors(output), vectors(rounded[name]), strict=True):
            assert other.dtype == torch.float32
            assert (vector - other).norm() <= 0.05 * vector.norm() + 1e-3
