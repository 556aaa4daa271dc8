"""Losses of pytorch-metric-learning by name: all that the recipe lists, arguments, own weights."""

import json
import typing

import pytest
import torch
from pytorch_metric_learning import losses, miners

from workbench.cli.settings import split_settings
from workbench.errors import RecipeError
from workbench.losses.metric_learning import PackageLoss, argument_names
from workbench.losses.objective import Objective
from workbench.losses.terms import Sizes
from workbench.model.outputs import BranchOutput
from workbench.recipe.overrides import resolve
from workbench.recipe.presets import DEFAULT_PRESET
from workbench.recipe.settings.losses import LossName, MetricLearning, MinerName
from workbench.recipe.text import from_yaml, to_yaml
from workbench.ui.form import form_view

LABELS = torch.tensor([0, 0, 0, 0, 1, 1, 1, 1])
RAW = "distance=LpDistance(normalize_embeddings=false)"
NOT_LISTED = {
    "BaseLossWrapper",
    "BaseMetricLossFunction",
    "CrossBatchMemory",
    "EmbeddingRegularizerMixin",
    "GenericPairLoss",
    "ManifoldLoss",
    "MultipleLosses",
    "SelfSupervisedLoss",
    "VICRegLoss",
    "WeightRegularizerMixin",
}
"""Bases, and what wraps another loss, needs a second set of vectors, or takes no identities."""
NEEDED = {
    "HistogramLoss": ["n_bins=10"],
    "RankedListLoss": ["margin=0.4", "Tn=1"],
}
"""Arguments without which a class does not work; others have defaults."""


def package_loss(name, *arguments, **others):
    term = MetricLearning(name=name, arguments=list(arguments), **others)
    return PackageLoss(term, "losses.metric", classes=2, width=4)


def vectors():
    return torch.randn(8, 4, generator=torch.Generator().manual_seed(0), requires_grad=True)


def test_the_recipe_lists_every_loss_and_miner_of_the_package():
    names = {name for name in dir(losses) if isinstance(getattr(losses, name), type)}
    assert set(typing.get_args(LossName)) == names - NOT_LISTED
    found = {name for name in dir(miners) if isinstance(getattr(miners, name), type)}
    left_out = {"BaseMiner", "BaseTupleMiner", "EmbeddingsAlreadyPackagedAsTriplets"}
    assert set(typing.get_args(MinerName)) == found - left_out


def test_the_help_names_the_losses_that_are_left_out():
    told = MetricLearning.model_fields["name"].description
    bases = {"BaseLossWrapper", "BaseMetricLossFunction", "GenericPairLoss", "MultipleLosses"}
    mixins = {name for name in NOT_LISTED if name.endswith("Mixin")}
    assert all(name in told for name in NOT_LISTED - bases - mixins)


@pytest.mark.parametrize("name", ["CrossBatchMemory", "CircleLos", "Circleloss"])
def test_a_loss_that_is_not_listed_is_refused_in_a_sentence(name):
    settings = {"losses.metric.kind": "metric_learning", "losses.metric.name": name}
    with pytest.raises(RecipeError) as refused:
        resolve(DEFAULT_PRESET, settings)
    assert refused.value.path == "losses.metric.name"
    message = str(refused.value)
    assert name in message
    assert "ContrastiveLoss" in message
    assert ("Did you mean CircleLoss?" in message) == name.startswith("Circle")
    assert "\n" not in message


# The histogram loss of the package indexes with a list, which torch is about to give up.
@pytest.mark.thorough
@pytest.mark.filterwarnings("ignore:Using a non-tuple sequence")
@pytest.mark.parametrize("name", typing.get_args(LossName))
def test_every_loss_gives_a_number_and_a_gradient(name):
    torch.manual_seed(0)
    given = vectors()
    value = package_loss(name, *NEEDED.get(name, []))(given, LABELS)
    assert value.shape == ()
    assert value.isfinite()
    value.backward()
    assert given.grad is None or given.grad.isfinite().all()


@pytest.mark.parametrize("miner", typing.get_args(MinerName))
def test_every_miner_works_before_triplets(miner):
    torch.manual_seed(0)
    arguments = {"UniformHistogramMiner": ["num_bins=20"], "HDCMiner": []}.get(miner, [])
    value = package_loss("TripletMarginLoss", miner=miner, miner_arguments=arguments)(
        vectors(), LABELS
    )
    assert value.isfinite()


def test_arguments_reach_the_class():
    loss = package_loss(
        "ContrastiveLoss", "pos_margin=0", "neg_margin=1", "distance=LpDistance(p=1)"
    ).loss
    assert (loss.pos_margin, loss.neg_margin, loss.distance.p) == (0, 1, 1)
    assert package_loss("CircleLoss", "gamma=1e-3").loss.gamma == 1e-3
    assert "margin" in argument_names(losses.SphereFaceLoss)
    assert "reducer" in argument_names(losses.SphereFaceLoss)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["gama=32"], r"'gama' is no argument of CircleLoss, which takes .* Did you mean gamma\?"),
        (["gamma"], r"'gamma' is not of the form name=value"),
        (["gamma=thirty"], r"'thirty' is neither a number"),
        (["distance=CosineSimilaritys"], r"Did you mean CosineSimilarity\?"),
        (["distance=LpDistance(q=1)"], r"'q' is no argument of LpDistance"),
        (["distance=LpDistance(p=two)"], r"p of LpDistance: 'two' is neither a number"),
        (["gamma=2020-01-01"], r"gamma of CircleLoss: '2020-01-01' is neither a number"),
    ],
)
def test_arguments_are_refused_in_a_sentence(arguments, sentence):
    with pytest.raises(RecipeError, match=sentence) as refused:
        package_loss("CircleLoss", *arguments)
    assert refused.value.path == "losses.metric.arguments"


def test_a_step_with_a_named_miner_uses_the_words_it_is_given():
    # Of image 0 its pair is at 0.5; a negative at 0.2 is hard, at 0.6 semihard, at 3 no violation.
    points = torch.tensor([[0.0], [0.5], [0.2], [0.6], [3.0]])
    labels = torch.tensor([0, 0, 1, 1, 1])
    sizes = Sizes(classes=2, widths={"whole": {"pooled": 1, "reduced": 1, "embedding": 1}})

    def step(word):
        given = points.clone().requires_grad_()
        term = MetricLearning(
            arguments=["margin=0.2", "triplets_per_anchor=all", RAW],
            miner="TripletMarginMiner",
            miner_arguments=[f"type_of_triplets={word}", "margin=0.2", RAW],
            normalise=False,
        )
        objective = Objective({"metric": term}, ["whole"], sizes=sizes)
        output = BranchOutput(given, given, given, None)
        objective({"whole": output}, labels).total.backward()
        torch.optim.SGD([given], lr=0.1).step()
        anchors, positives, negatives = objective.terms[0].own[0].miner(points, labels)
        found = zip(anchors.tolist(), positives.tolist(), negatives.tolist(), strict=True)
        return set(found), given.detach() - points

    distances = torch.cdist(points, points)
    triplets = {
        (a, p, n): (distances[a, n] - distances[a, p]).item()
        for a in range(5)
        for p in range(5)
        for n in range(5)
        if a != p and labels[a] == labels[p] and labels[a] != labels[n]
    }
    expected = {
        "all": {key for key, gap in triplets.items() if gap <= 0.2},
        "hard": {key for key, gap in triplets.items() if gap <= 0},
        "semihard": {key for key, gap in triplets.items() if 0 < gap <= 0.2},
    }
    steps = {word: step(word) for word in expected}
    assert {word: found for word, (found, _) in steps.items()} == expected
    assert (0, 1, 3) in expected["semihard"]
    assert (0, 1, 2) in expected["hard"]
    assert not torch.equal(steps["hard"][1], steps["semihard"][1])


@pytest.mark.parametrize(
    ("miner", "argument", "sentence"),
    [
        ("TripletMarginMiner", "type_of_triplets=semihrad", r"'semihrad' is none of all, .* semih"),
        ("TripletMarginMiner", "margin=wide", r"margin of TripletMarginMiner: 'wide' is neither"),
        ("BatchEasyHardMiner", "pos_strategy=lazy", r"BatchEasyHardMiner refuses these arguments"),
    ],
)
def test_words_that_a_miner_does_not_take_are_refused_by_name(miner, argument, sentence):
    with pytest.raises(RecipeError, match=sentence) as refused:
        package_loss("TripletMarginLoss", miner=miner, miner_arguments=[argument])
    assert refused.value.path == "losses.metric.miner_arguments"


def test_every_surface_takes_a_word():
    given = {
        "losses.metric.kind": "metric_learning",
        "losses.metric.miner": "TripletMarginMiner",
        "losses.metric.miner_arguments": "[type_of_triplets=semihard, margin=0.1]",
    }
    path = "losses.metric.miner_arguments"
    wanted = ["type_of_triplets=semihard", "margin=0.1"]
    _, settings = split_settings([f"--{name}={value}" for name, value in given.items()])
    assert settings == given
    text = json.dumps(wanted)
    recipe = resolve(DEFAULT_PRESET, given | {path: text})
    assert recipe.losses["metric"].miner_arguments == wanted
    assert from_yaml(to_yaml(recipe)) == recipe
    view = form_view(DEFAULT_PRESET, given | {path: text})
    (control,) = [field for field in view.fields if field.spec.path == path]
    assert (control.spec.type, control.value, control.error) == ("list", wanted, None)


def test_its_own_weights_are_parameters_of_the_objective():
    sizes = Sizes(classes=2, widths={"whole": {"pooled": 4, "reduced": 4, "embedding": 4}})
    term = MetricLearning(name="ArcFaceLoss", per_image=True)
    objective = Objective({"arc": term}, ["whole"], sizes=sizes)
    (weights,) = objective.parameters()
    assert weights.shape == (4, 2)
    assert list(objective.state_dict())
    given = vectors()
    output = BranchOutput(given, given, given, None)
    report = objective({"whole": output}, LABELS)
    report.total.backward()
    assert weights.grad.abs().sum() > 0
    plain = objective.terms[0].own[0](given, LABELS)
    assert report.total.item() == pytest.approx(plain.item() / 8)


def test_vectors_are_divided_by_their_length_only_where_asked():
    given = vectors()
    raw = ["distance=LpDistance(normalize_embeddings=false)"]
    one = package_loss("ContrastiveLoss", *raw, normalise=True)(given, LABELS)
    other = package_loss("ContrastiveLoss", *raw, normalise=False)(given, LABELS)
    assert one.item() != pytest.approx(other.item())
