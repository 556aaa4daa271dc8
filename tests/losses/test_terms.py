"""What every kind of loss promises, over every kind the schema has."""

import pytest
import torch
from torch import nn

from workbench.errors import RecipeError
from workbench.losses.classification import ordered_cross_entropy
from workbench.losses.objective import Objective
from workbench.losses.terms import Sizes, vector_widths
from workbench.losses.triplet import batch_hard_triplet, weighted_triplet
from workbench.model.outputs import BranchOutput
from workbench.recipe.settings.losses import (
    LOSSES,
    BatchHardTriplet,
    Circle,
    CrossEntropy,
    Instance,
    LengthRegulariser,
    MarginCrossEntropy,
    MetricLearning,
    OrderedCrossEntropy,
    PairMargin,
)

LABELS = torch.tensor([0, 0, 1, 1, 2, 2])
NAMES = ["whole", "part_0", "part_1"]
SIZES = Sizes(3, {name: dict.fromkeys(("pooled", "reduced", "embedding"), 4) for name in NAMES})
KINDS = list(LOSSES.kinds.values())
VARIANTS = [
    *(kind() for kind in KINDS),
    MarginCrossEntropy(similarity="angle", certainty=True, scale=16, smoothing=0.1),
    MarginCrossEntropy(similarity="circle", margin=0.35, scale=64, positive=True),
    MarginCrossEntropy(smoothing=0.1, smoothing_over="others"),
    BatchHardTriplet(margin=1.2, normalise=False),
    BatchHardTriplet(mining="weighted"),
    Circle(pairs="anchor", per_image=True),
    Instance(average_identities=True, per_image=True),
    MetricLearning(name="ArcFaceLoss", per_image=True),
    MetricLearning(miner="MultiSimilarityMiner", arguments=["margin=0.3"]),
    PairMargin(shift="certainty"),
    PairMargin(shift="linear", shift_low=0.05, shift_high=0.25, mining="hardest_smooth", scale=20),
    LengthRegulariser(form="reciprocal"),
]


def outputs():
    generator = torch.Generator().manual_seed(0)

    def vectors(*shape):
        return torch.randn(*shape, generator=generator).requires_grad_()

    return {
        name: BranchOutput(
            vectors(6, 4), vectors(6, 4), vectors(6, 4), vectors(6, 3).tanh(), vectors(6)
        )
        for name in NAMES
    }


def report_of(loss, given=None):
    torch.manual_seed(0)
    objective = Objective({"it": loss}, NAMES, sizes=SIZES)
    return objective(given or outputs(), LABELS)


@pytest.mark.thorough
@pytest.mark.parametrize("loss", VARIANTS, ids=lambda loss: loss.kind)
def test_every_kind_gives_a_number_with_a_gradient(loss):
    report = report_of(loss)
    assert report.total.shape == ()
    assert report.total.isfinite()
    assert report.total.requires_grad
    assert not report.terms["it"].requires_grad
    report.total.backward()


@pytest.mark.thorough
@pytest.mark.parametrize("loss", VARIANTS, ids=lambda loss: loss.kind)
def test_a_sum_over_outputs_is_their_number_times_the_mean(loss):
    mean = report_of(loss.model_copy(update={"reduce": "mean"})).total
    total = report_of(loss.model_copy(update={"reduce": "sum"})).total
    torch.testing.assert_close(total, 3 * mean)


@pytest.mark.thorough
@pytest.mark.parametrize("loss", VARIANTS, ids=lambda loss: loss.kind)
def test_a_weight_is_a_factor_of_the_total(loss):
    weighted = report_of(loss.model_copy(update={"weight": 2.5}))
    torch.testing.assert_close(weighted.total, 2.5 * report_of(loss).total)


@pytest.mark.thorough
@pytest.mark.parametrize("loss", VARIANTS, ids=lambda loss: loss.kind)
def test_autocast_changes_no_kind(loss):
    exact = report_of(loss).total
    with torch.autocast("cpu", dtype=torch.bfloat16):
        inside = report_of(loss).total
    assert torch.equal(exact, inside)


def test_the_published_total_of_an_ordered_loss_and_two_triplets():
    """(sum over four heads + weight * sum over two triplets) / (4 + 2 * weight)."""
    given = outputs()
    names = ["whole", "part_0", "part_1"]
    losses = {
        "identity": OrderedCrossEntropy(exponent=0.1, reduce="sum"),
        "triplet": BatchHardTriplet(
            branches=["part_*"], reads="embedding", reduce="sum", weight=0.5
        ),
    }
    found = Objective(losses, NAMES, divide_by_weights=True)(given, LABELS).total
    ordered = sum(ordered_cross_entropy([given[name].logits for name in names], LABELS, 0.1))
    triplets = sum(batch_hard_triplet(given[n].embedding, LABELS).loss for n in names[1:])
    torch.testing.assert_close(found, (ordered + 0.5 * triplets) / (3 + 2 * 0.5))


def test_the_published_total_over_eight_heads_and_three_wholes():
    """2 * mean over 8 classifiers + mean over 3 triplets, as weights 0.25 and 0.3333 of sums."""
    eight = [f"head_{i}" for i in range(8)]
    given = dict(zip(eight, [*outputs().values()] * 3, strict=False))
    losses = {
        "identity": CrossEntropy(reduce="sum", weight=0.25, smoothing=0.1, smoothing_over="others"),
        "triplet": BatchHardTriplet(
            branches=["head_0", "head_1", "head_2"],
            reduce="sum",
            weight=0.3333,
            margin=1.2,
            normalise=False,
        ),
    }
    sums = Objective(losses, eight)(given, LABELS).total
    means = {
        "identity": losses["identity"].model_copy(update={"reduce": "mean", "weight": 2.0}),
        "triplet": losses["triplet"].model_copy(update={"reduce": "mean", "weight": 0.9999}),
    }
    torch.testing.assert_close(sums, Objective(means, eight)(given, LABELS).total)


def test_joined_outputs_are_one_vector():
    given = outputs()
    loss = BatchHardTriplet(branches=["part_*"], reads="embedding", join=True, weight=0.2)
    report = Objective({"parts": loss}, NAMES, divide_by_weights=True)(given, LABELS)
    joined = torch.cat([given["part_0"].embedding, given["part_1"].embedding], dim=1)
    torch.testing.assert_close(report.total, batch_hard_triplet(joined, LABELS).loss)
    package = MetricLearning(name="ArcFaceLoss", branches=["part_*"], join=True, reduce="sum")
    objective = Objective({"arc": package}, NAMES, sizes=SIZES)
    (weights,) = objective.parameters()
    assert weights.shape == (8, 3)
    assert objective(given, LABELS).total.isfinite()
    assert objective.terms[0].parts == 1


def test_triplets_are_weighted_where_the_recipe_says_so():
    given = outputs()
    loss = BatchHardTriplet(branches=["whole"], reads="pooled", mining="weighted", margin=0.3)
    report = Objective({"triplet": loss}, NAMES)(given, LABELS)
    expected = weighted_triplet(given["whole"].pooled, LABELS, 0.3)
    torch.testing.assert_close(report.total, expected.loss)
    torch.testing.assert_close(report.active_triplets, expected.active)


@pytest.mark.parametrize(
    ("loss", "missing"),
    [
        (OrderedCrossEntropy(), "'whole' has no classifier, which ordered_cross_entropy reads"),
        (PairMargin(shift="certainty"), "'whole' has no certainty, which pair_margin reads"),
    ],
)
def test_what_an_output_lacks_is_said(loss, missing):
    bare = {
        name: BranchOutput(o.pooled, o.reduced, o.embedding, None) for name, o in outputs().items()
    }
    with pytest.raises(RecipeError, match=missing):
        report_of(loss, bare)


def test_widths_are_those_of_the_vectors_and_change_nothing():
    class Two(nn.Module):
        def __init__(self):
            super().__init__()
            self.norm = nn.BatchNorm2d(3)

        def forward(self, images):
            assert not self.training
            pooled = self.norm(images).mean((2, 3))
            return {"whole": BranchOutput(pooled, pooled[:, :2], pooled[:, :2], None)}

    network = Two()
    before = {name: item.clone() for name, item in network.state_dict().items()}
    widths = vector_widths(network, (8, 4))
    assert widths == {"whole": {"pooled": 3, "reduced": 2, "embedding": 2}}
    assert network.training
    assert all(torch.equal(before[name], item) for name, item in network.state_dict().items())
