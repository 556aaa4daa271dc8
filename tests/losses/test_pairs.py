"""Losses over pairs: published values, every pair in plain loops, degenerate batches."""

import math

import pytest
import torch

from workbench.losses.norm_penalty import gradient_only, norm_penalty
from workbench.losses.pair_losses import circle, instance, linear_shifts, pair_margin

VECTORS = 20 * torch.tensor([[1.0, 0.0], [0.6, 0.8], [0.0, 2.0], [-1.0, 0.5]])
LABELS = torch.tensor([0, 0, 1, 1])
SHIFTS = torch.tensor([0.1, -0.1, 0.05, 0.0])
CHORDS = {
    "euclidean": (lambda d: d, lambda d: d),
    "angle": (lambda d: 2 * math.asin(d / 2), lambda x: x),
    "chord": (lambda d: 2 * math.asin(d / 2), lambda x: 2 * math.sin(x / 2)),
    "cosine": (lambda d: d * d / 2 - 1, lambda x: x),
}


def unit(row):
    return [value / math.hypot(*row) for value in row]


def log_sum_exp(values):
    return math.log(sum(math.exp(value) for value in values))


def pairs_by_hand(vectors, labels, shifts, margin, scale, distance, mining):
    rows = [unit(row) for row in vectors.double().tolist()]
    into, back = CHORDS[distance]
    losses = []
    for i, row in enumerate(rows):
        positive, negative = [], []
        for j, other in enumerate(rows):
            d, u = into(math.dist(row, other)), shifts[i] + shifts[j]
            same = labels[i] == labels[j]
            positive.append(back(d - u + margin) if same else -10)
            negative.append(-10 if same else back(-d - u))
        if mining == "all":
            soft = log_sum_exp([scale * p for p in positive])
            soft += log_sum_exp([scale * n for n in negative])
            losses.append(math.log1p(math.exp(soft)) / scale)
        else:
            gap = max(positive) + max(negative)
            smooth = math.log1p(math.exp(scale * gap)) / scale
            losses.append(max(0.0, gap) if mining == "hardest" else smooth)
    return sum(losses) / len(losses)


def test_published_value_of_pairs_with_certainty():
    found = pair_margin(VECTORS, LABELS, SHIFTS, margin=0.2, scale=32.0)
    assert found.item() == pytest.approx(0.282749, abs=1e-6)


@pytest.mark.parametrize("distance", ["euclidean", "angle", "chord", "cosine"])
@pytest.mark.parametrize("mining", ["all", "hardest", "hardest_smooth"])
def test_every_variant_against_plain_loops(distance, mining):
    generator = torch.Generator().manual_seed(0)
    vectors = torch.randn(7, 3, generator=generator)
    labels, shifts = [0, 0, 1, 1, 2, 2, 2], (0.1 * torch.randn(7, generator=generator)).tolist()
    found = pair_margin(
        vectors,
        torch.tensor(labels),
        torch.tensor(shifts),
        margin=0.2,
        scale=16.0,
        distance=distance,
        mining=mining,
    )
    expected = pairs_by_hand(vectors, labels, shifts, 0.2, 16.0, distance, mining)
    assert found.item() == pytest.approx(expected, abs=1e-5)


def test_a_partner_learns_only_where_asked():
    grads = []
    for partner_learns in (True, False):
        shifts = torch.zeros(4, requires_grad=True)
        pair_margin(
            VECTORS, LABELS, shifts, margin=0.2, scale=32.0, partner_learns=partner_learns
        ).backward()
        grads.append(shifts.grad)
    assert grads[0].sum().item() == pytest.approx(2 * grads[1].sum().item(), rel=1e-5)


def test_lengths_count_where_vectors_are_not_divided_by_them():
    one = pair_margin(VECTORS, LABELS, SHIFTS, margin=0.2, scale=1.0, normalise=False)
    other = pair_margin(VECTORS / 20, LABELS, SHIFTS, margin=0.2, scale=1.0, normalise=False)
    assert one.item() != pytest.approx(other.item(), abs=1e-3)


@pytest.mark.parametrize("distance", ["euclidean", "angle", "chord", "cosine"])
def test_equal_and_opposite_vectors_have_a_finite_gradient(distance):
    vectors = torch.tensor([[1.0, 0.0], [1.0, 0.0], [-1.0, 0.0], [0.0, 1.0]], requires_grad=True)
    pair_margin(
        vectors, LABELS, torch.zeros(4), margin=0.2, scale=8.0, distance=distance
    ).backward()
    assert vectors.grad.isfinite().all()


def test_a_linear_shift_is_flat_outside_its_lengths():
    vectors = torch.tensor([[5.0, 0.0], [0.0, 10.0], [60.0, 0.0], [0.0, 200.0]])
    found = linear_shifts(vectors, (10.0, 110.0), (0.05, 0.25))
    assert found.tolist() == pytest.approx([0.05, 0.05, 0.15, 0.25])


def circle_by_hand(positive, negative, margin=0.25, scale=32):
    p = [-scale * max(0, 1 + margin - s) * (s - 1 + margin) for s in positive]
    n = [scale * max(0, s + margin) * (s - margin) for s in negative]
    total = log_sum_exp(p) + log_sum_exp(n)
    return total + math.log1p(math.exp(-total)) if total > 0 else math.log1p(math.exp(total))


def test_published_value_of_the_circle_loss():
    # One image with the given cosines to two of its own identity and to three of others.
    own, others = [0.8, 0.5], [0.3, -0.1, 0.6]
    cosines = torch.tensor([1.0, *own, *others], dtype=torch.float64)
    vectors = torch.diag((1 - cosines.square()).sqrt())
    vectors[:, 0] = cosines
    labels = torch.tensor([0, 0, 0, 1, 2, 3])
    # The only other images with pairs of both kinds are those two of its own identity.
    beside = [circle_by_hand([one, 0.8 * 0.5], [one * other for other in others]) for one in own]
    found = 3 * circle(vectors, labels, pairs="anchor").item() - sum(beside)
    assert found == pytest.approx(15.521397, abs=1e-6)
    assert circle_by_hand(own, others) == pytest.approx(15.521397, abs=1e-6)


def test_circle_over_a_batch_takes_every_pair_once_and_over_anchors_each_image_alone():
    vectors = torch.randn(5, 3, generator=torch.Generator().manual_seed(1))
    labels = [0, 0, 1, 1, 1]
    rows = [unit(row) for row in vectors.double().tolist()]
    cosines = [[sum(a * b for a, b in zip(x, y, strict=True)) for y in rows] for x in rows]
    pairs = [(i, j) for i in range(5) for j in range(i + 1, 5)]
    positive = [cosines[i][j] for i, j in pairs if labels[i] == labels[j]]
    negative = [cosines[i][j] for i, j in pairs if labels[i] != labels[j]]
    found = circle(vectors, torch.tensor(labels))
    assert found.item() == pytest.approx(circle_by_hand(positive, negative), abs=1e-4)
    each = [
        circle_by_hand(
            [cosines[i][j] for j in range(5) if j != i and labels[j] == labels[i]],
            [cosines[i][j] for j in range(5) if labels[j] != labels[i]],
        )
        for i in range(5)
    ]
    found = circle(vectors, torch.tensor(labels), pairs="anchor")
    assert found.item() == pytest.approx(sum(each) / 5, abs=1e-4)
    sines = [1 - math.sqrt(max(1 - value * value, 1e-6)) for value in positive]
    others = [1 - math.sqrt(max(1 - value * value, 1e-6)) for value in negative]
    found = circle(vectors, torch.tensor(labels), similarity="one_minus_sine")
    assert found.item() == pytest.approx(circle_by_hand(sines, others), abs=1e-4)


@pytest.mark.parametrize("pairs", ["batch", "anchor"])
@pytest.mark.parametrize("labels", [[0, 0, 0, 0], [0, 1, 2, 3]])
def test_circle_without_both_kinds_of_pairs_is_0(pairs, labels):
    vectors = VECTORS.clone().requires_grad_()
    found = circle(vectors, torch.tensor(labels), pairs=pairs)
    found.backward()
    assert found.item() == 0.0
    assert not vectors.grad.any()


def test_instance_by_hand():
    rows = [unit(row) for row in VECTORS.tolist()]
    cosines = [[sum(a * b for a, b in zip(x, y, strict=True)) for y in rows] for x in rows]
    expected = [log_sum_exp([8 * c for c in row]) - 8 * row[i] for i, row in enumerate(cosines)]
    assert instance(VECTORS, LABELS, 8.0).item() == pytest.approx(sum(expected) / 4, abs=1e-5)
    means = torch.stack([VECTORS[:2].mean(0), VECTORS[2:].mean(0)])
    found = instance(VECTORS, LABELS, 8.0, average_identities=True)
    assert found.item() == pytest.approx(instance(means, LABELS[:2], 8.0).item(), abs=1e-6)


def test_published_costs_of_lengths():
    costs = norm_penalty(torch.tensor([10.0, 20.0, 60.0, 110.0]))
    assert costs.tolist() == pytest.approx([0.350798, 0.265117, 0.104471, 0.069860], abs=1e-6)


@pytest.mark.parametrize("form", ["exponential", "quadratic", "logarithm", "reciprocal"])
def test_a_cost_of_length_falls_and_is_flat_at_its_aim(form):
    lengths = torch.tensor([20.0, 60.0, 110.0], requires_grad=True)
    norm_penalty(lengths, form).sum().backward()
    short, middle, aim = lengths.grad.tolist()
    assert short < middle < 0
    assert aim == pytest.approx(0.0, abs=1e-6)


def test_a_regulariser_has_a_gradient_and_no_value():
    lengths = torch.tensor([20.0], requires_grad=True)
    value = gradient_only(norm_penalty(lengths).mean())
    value.backward()
    assert value.item() == 0.0
    assert lengths.grad.item() < 0


def test_an_instance_loss_averages_unit_vectors_where_asked():
    vectors = torch.tensor([[3.0, 0.0], [0.0, 1.0], [0.0, -2.0]])
    labels = torch.tensor([0, 0, 1])

    def by_hand(middle):
        first = unit(middle)
        cosine = -first[1]  # with (0, -1)
        rows = [(1.0, cosine), (1.0, cosine)]
        return sum(math.log1p(math.exp(2 * (other - own))) for own, other in rows) / 2

    plain = instance(vectors, labels, 2.0, average_identities=True)
    units = instance(vectors, labels, 2.0, average_identities=True, average_units=True)
    assert plain.item() == pytest.approx(by_hand([1.5, 0.5]), rel=1e-5)
    assert units.item() == pytest.approx(by_hand([0.5, 0.5]), rel=1e-5)
