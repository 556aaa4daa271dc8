"""Triplets: published values, pair by pair in plain loops, degenerate batches."""

import math

import pytest
import torch

from workbench.losses.triplet import batch_hard_triplet, weighted_triplet

VECTORS = torch.tensor([[1.0, 0.0], [0.6, 0.8], [0.0, 2.0], [-1.0, 0.5]])
LABELS = torch.tensor([0, 0, 1, 1])


def by_hand(vectors, labels, margin, normalise):
    rows = vectors.double().tolist()
    if normalise:
        rows = [[value / math.hypot(*row) for value in row] for row in rows]
    losses, active = [], []
    for anchor, label in enumerate(labels.tolist()):
        others = [(index, other) for index, other in enumerate(labels.tolist()) if index != anchor]
        positives = [math.dist(rows[anchor], rows[i]) for i, other in others if other == label]
        negatives = [math.dist(rows[anchor], rows[i]) for i, other in others if other != label]
        if positives and negatives:
            gap = max(positives) - min(negatives)
            losses.append(math.log1p(math.exp(gap)) if margin is None else max(0, gap + margin))
            active.append(gap + (margin or 0) > 0)
    return sum(losses) / len(losses), sum(active) / len(active)


@pytest.mark.parametrize("dtype", [torch.float16, torch.float32, torch.float64])
@pytest.mark.parametrize(
    ("margin", "normalise", "expected"),
    [(None, True, 0.675977), (None, False, 0.624950), (0.3, True, 0.320245)],
)
def test_published_values(dtype, margin, normalise, expected):
    tolerance = 2e-3 if dtype == torch.float16 else 1e-6
    found = batch_hard_triplet(VECTORS.to(dtype), LABELS, margin, normalise).loss
    assert found.item() == pytest.approx(expected, abs=tolerance)
    assert found.item() == pytest.approx(
        by_hand(VECTORS, LABELS, margin, normalise)[0], abs=tolerance
    )


@pytest.mark.parametrize("margin", [None, 0.0, 0.5])
@pytest.mark.parametrize("normalise", [True, False])
def test_random_batches_against_plain_loops(margin, normalise):
    generator = torch.Generator().manual_seed(0)
    for labels in ([0] * 4 + [1] * 4 + [2] * 4, [0, 1, 2, 0, 1, 0, 3, 4], [5, 5, 5, 7]):
        vectors = torch.randn(len(labels), 3, generator=generator)
        found = batch_hard_triplet(vectors, torch.tensor(labels), margin, normalise)
        loss, active = by_hand(vectors, torch.tensor(labels), margin, normalise)
        assert found.loss.item() == pytest.approx(loss, abs=1e-5)
        assert found.active.item() == pytest.approx(active)


def weighted_by_hand(vectors, labels, margin):
    rows, found = vectors.double().tolist(), []
    for anchor, label in enumerate(labels):
        positive, negative = [], []
        for row, other in zip(rows, labels, strict=True):
            (positive if other == label else negative).append(math.dist(rows[anchor], row))
        if len(positive) > 1 and negative:
            largest = max(positive)
            near, far = [math.exp(d - largest) for d in positive], [math.exp(-d) for d in negative]
            gap = sum(w * d for w, d in zip(near, positive, strict=True)) / (sum(near) + 1e-6)
            gap -= sum(w * d for w, d in zip(far, negative, strict=True)) / (sum(far) + 1e-6)
            found.append(math.log1p(math.exp(gap)) if margin is None else max(0, gap + margin))
    return sum(found) / len(found)


@pytest.mark.parametrize("margin", [None, 0.5])
@pytest.mark.parametrize("size", [1.0, 10.0])
def test_weighted_batches_against_plain_loops(margin, size):
    generator = torch.Generator().manual_seed(0)
    for labels in ([0] * 4 + [1] * 4 + [2] * 4, [0, 1, 2, 0, 1, 0, 3, 4], [5, 5, 5, 7]):
        vectors = size * torch.randn(len(labels), 3, generator=generator)
        found = weighted_triplet(vectors, torch.tensor(labels), margin, normalise=False)
        expected = weighted_by_hand(vectors, labels, margin)
        assert found.loss.item() == pytest.approx(expected, rel=1e-4)


def test_two_of_each_by_hand():
    # On a line: 0 and 1 of one identity, 3 and 5 of another; the anchor at 0.
    vectors = torch.tensor([[0.0], [1.0], [3.0], [5.0]], dtype=torch.float64)
    positive = math.e / (1 + math.e)  # distances 0 and 1
    negative = (3 * math.exp(-3) + 5 * math.exp(-5)) / (math.exp(-3) + math.exp(-5))
    assert (positive, negative) == pytest.approx((0.731059, 3.238406), abs=1e-6)
    alone = weighted_triplet(vectors, torch.tensor([0, 0, 1, 2]), 10.0, normalise=False).loss
    second = (2 * math.exp(-2) + 4 * math.exp(-4)) / (math.exp(-2) + math.exp(-4))
    expected = 10 + positive - (negative + second) / 2
    assert alone.item() == pytest.approx(expected, abs=1e-4)


@pytest.mark.parametrize("triplet", [batch_hard_triplet, weighted_triplet])
def test_gradient_agrees_with_finite_differences(triplet):
    vectors = VECTORS.double().requires_grad_()
    for margin in (None, 2.0):
        assert torch.autograd.gradcheck(
            lambda v, margin=margin: triplet(v, LABELS, margin).loss, (vectors,)
        )


@pytest.mark.parametrize("triplet", [batch_hard_triplet, weighted_triplet])
@pytest.mark.parametrize("labels", [[0, 1, 2, 3], [0, 0, 0, 0]])
def test_no_triplet_is_no_loss_and_its_gradient_is_zero(triplet, labels):
    vectors = VECTORS.clone().requires_grad_()
    found = triplet(vectors, torch.tensor(labels), 0.3)
    found.loss.backward()
    assert found.loss.item() == found.active.item() == 0.0
    assert torch.equal(vectors.grad, torch.zeros_like(vectors))


def test_an_anchor_without_a_positive_is_left_out():
    alone = batch_hard_triplet(VECTORS[:3], torch.tensor([0, 0, 1]), 0.3)
    assert alone.loss.item() == pytest.approx(
        by_hand(VECTORS[:3], torch.tensor([0, 0, 1]), 0.3, True)[0], abs=1e-6
    )


@pytest.mark.parametrize("triplet", [batch_hard_triplet, weighted_triplet])
@pytest.mark.parametrize("margin", [None, 0.3])
@pytest.mark.parametrize("value", [0.0, 1.0])
def test_equal_vectors_have_a_finite_gradient(triplet, margin, value):
    vectors = torch.full((4, 2), value, requires_grad=True)
    found = triplet(vectors, LABELS, margin)
    found.loss.backward()
    assert found.loss.item() == pytest.approx(math.log(2) if margin is None else 0.3)
    assert vectors.grad.isfinite().all()
