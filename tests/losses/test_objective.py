"""The total: which outputs a term reads, how it is reduced, weighted and divided."""

import pytest
import torch

from workbench.errors import RecipeError
from workbench.losses.classification import cross_entropy_smoothed
from workbench.losses.objective import Objective
from workbench.losses.triplet import batch_hard_triplet
from workbench.model.outputs import BranchOutput
from workbench.recipe.settings.losses import BatchHardTriplet, CrossEntropy

LABELS = torch.tensor([0, 0, 1, 1])
NAMES = ["whole", "part_0", "part_1"]


@pytest.fixture
def outputs():
    torch.manual_seed(0)
    return {
        name: BranchOutput(*(torch.randn(4, 3, requires_grad=True) for _ in range(3)), logits)
        for name, logits in zip(NAMES, torch.randn(3, 4, 2).unbind(), strict=True)
    }


def identity(outputs, name, **options):
    return cross_entropy_smoothed(outputs[name].logits, LABELS, **options)


def test_terms_are_reduced_and_weighted(outputs):
    losses = {
        "identity": CrossEntropy(weight=0.25, reduce="sum", smoothing=0.1, smoothing_over="others"),
        "parts": CrossEntropy(branches=["part_*"], weight=3.0),
        "triplet": BatchHardTriplet(branches=["whole"], weight=2.0, margin=0.3, reads="pooled"),
    }
    report = Objective(losses, NAMES)(outputs, LABELS)
    smoothed = [identity(outputs, name, smoothing=0.1, over="others") for name in NAMES]
    parts = [identity(outputs, name) for name in NAMES[1:]]
    triplet = batch_hard_triplet(outputs["whole"].pooled, LABELS, 0.3)
    expected = {"identity": sum(smoothed), "parts": sum(parts) / 2, "triplet": triplet.loss}
    assert list(report.terms) == list(losses)
    for name, value in expected.items():
        torch.testing.assert_close(report.terms[name], value.detach())
        assert not report.terms[name].requires_grad
    total = 0.25 * expected["identity"] + 3 * expected["parts"] + 2 * expected["triplet"]
    torch.testing.assert_close(report.total, total)
    torch.testing.assert_close(report.active_triplets, triplet.active)


def test_the_divisor_counts_summed_parts_each_and_a_mean_once(outputs):
    losses = {
        "identity": CrossEntropy(reduce="sum"),
        "triplet": BatchHardTriplet(branches=["part_*"], weight=0.5, reduce="sum"),
    }
    plain = Objective(losses, NAMES)(outputs, LABELS).total
    divided = Objective(losses, NAMES, divide_by_weights=True)(outputs, LABELS).total
    torch.testing.assert_close(divided, plain / (3 + 2 * 0.5))
    means = {name: loss.model_copy(update={"reduce": "mean"}) for name, loss in losses.items()}
    assert Objective(means, NAMES, divide_by_weights=True).divisor == pytest.approx(1 + 0.5)


def test_the_share_of_active_triplets_is_the_mean_over_outputs(outputs):
    losses = {"triplet": BatchHardTriplet(reads="embedding")}
    report = Objective(losses, NAMES)(outputs, LABELS)
    shares = [batch_hard_triplet(outputs[name].embedding, LABELS).active for name in NAMES]
    torch.testing.assert_close(report.active_triplets, sum(shares) / 3)
    assert Objective({"a": CrossEntropy()}, NAMES)(outputs, LABELS).active_triplets is None


def test_the_class_with_the_largest_sum_of_log_probabilities_is_named():
    certain, unsure = torch.tensor([[4.0, 0.0], [0.0, 4.0]]), torch.tensor([[0.0, 1.0], [0.0, 1.0]])
    vectors = [torch.randn(2, 3) for _ in range(3)]
    outputs = {"a": BranchOutput(*vectors, certain), "b": BranchOutput(*vectors, unsure)}
    # The sure one outvotes the other: image 0 is class 0, image 1 is class 1.
    objective = Objective({"identity": CrossEntropy()}, ["a", "b"])
    assert objective(outputs, torch.tensor([0, 0])).top1_error == 0.5
    assert objective(outputs, torch.tensor([0, 1])).top1_error == 0.0
    assert Objective({"t": BatchHardTriplet()}, NAMES).classifies is False


def test_autocast_changes_nothing(outputs):
    objective = Objective({"a": CrossEntropy(), "b": BatchHardTriplet()}, NAMES)
    exact = objective(outputs, LABELS)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        inside = objective(outputs, LABELS)
    assert inside.total.dtype == torch.float32
    assert torch.equal(exact.total, inside.total)


def test_gradient_reaches_every_vector_a_term_reads(outputs):
    losses = {kind: BatchHardTriplet(reads=kind) for kind in ("pooled", "reduced", "embedding")}
    Objective(losses, NAMES)(outputs, LABELS).total.backward()
    for output in outputs.values():
        assert all(vector.grad.abs().sum() > 0 for vector in (output.pooled, output.reduced))
        assert output.embedding.grad.abs().sum() > 0


def test_an_objective_without_weight_is_refused():
    with pytest.raises(RecipeError, match="every weight is 0"):
        Objective({"identity": CrossEntropy(weight=0.0)}, NAMES)


def test_cross_entropy_without_classifier_is_refused(outputs):
    bare = {
        name: BranchOutput(o.pooled, o.reduced, o.embedding, None) for name, o in outputs.items()
    }
    with pytest.raises(RecipeError, match="'whole' has no classifier"):
        Objective({"identity": CrossEntropy()}, NAMES)(bare, LABELS)
