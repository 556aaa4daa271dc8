"""Classification with an order, with margins and with certainty, against plain loops."""

import math

import pytest
import torch

from workbench.losses.classification import margin_logits, ordered_cross_entropy

HEADS = [
    torch.tensor([[2.0, 0.0, -1.0], [0.0, 1.0, 0.0]]),
    torch.tensor([[1.0, 0.0, 0.0], [0.0, 0.0, 3.0]]),
    torch.tensor([[0.0, 0.0, 0.0], [1.0, 2.0, 0.0]]),
]
LABELS = torch.tensor([0, 1])
COSINES = torch.tensor([[0.5, 0.1, -0.2], [0.2, 0.4, 0.3]])


def softmax(row):
    exponentials = [math.exp(value) for value in row]
    return [value / sum(exponentials) for value in exponentials]


def ordered_by_hand(heads, labels, exponent):
    """Every image and head on its own: weight, cross-entropy, mean."""
    total, before = 0.0, None
    for head in heads:
        found = [softmax(row)[label] for row, label in zip(head.tolist(), labels, strict=True)]
        weights = [1.0] * len(labels) if before is None else [(1 - p) ** exponent for p in before]
        mean = sum(weights) / len(weights)
        costs = [-math.log(p) * w / mean for p, w in zip(found, weights, strict=True)]
        total += sum(costs) / len(costs)
        before = found
    return total


@pytest.mark.parametrize(
    ("exponent", "expected"), [(0.0, 2.936938), (0.1, 2.986345), (1.0, 3.390736), (2.0, 3.672853)]
)
def test_published_values_of_the_ordered_loss(exponent, expected):
    found = sum(ordered_cross_entropy(HEADS, LABELS, exponent)).item()
    assert found == pytest.approx(expected, abs=1e-6)
    assert found == pytest.approx(ordered_by_hand(HEADS, [0, 1], exponent), abs=1e-6)


def test_an_output_does_not_learn_from_the_weights_it_gives():
    first, second = (head.clone().requires_grad_() for head in HEADS[:2])
    losses = ordered_cross_entropy([first, second], LABELS, 2.0)
    losses[1].backward()
    assert first.grad is None
    assert second.grad.abs().sum() > 0


def test_certain_images_give_no_number_that_is_none():
    certain = [torch.tensor([[200.0, 0.0], [0.0, 200.0]]), torch.zeros(2, 2)]
    assert ordered_cross_entropy(certain, LABELS, 1.0)[1].item() == 0.0


def cross_entropy(logits, labels):
    return torch.nn.functional.cross_entropy(logits, labels).item()


def test_published_value_of_classes_with_certainty():
    shift = torch.tensor([0.1, -0.05])
    logits = 16 * margin_logits(COSINES, LABELS, "angle", 0.0, shift)
    # Against the formula with its summand of 1.57, which softmax does not see.
    assert cross_entropy(logits, LABELS) == pytest.approx(0.035236, abs=1e-6)


@pytest.mark.parametrize(
    ("kind", "right", "other"),
    [
        ("cosine", lambda c, u: c - u - 0.3, lambda c, u: c + u),
        ("angle", lambda c, u: -math.acos(c) - u - 0.3, lambda c, u: -math.acos(c) + u),
        (
            "cosine_of_angle",
            lambda c, u: math.cos(math.acos(c) + u + 0.3),
            lambda c, u: math.cos(math.acos(c) - u),
        ),
    ],
)
def test_every_similarity_that_shifts(kind, right, other):
    shifts = [0.1, -0.05]
    found = margin_logits(COSINES, LABELS, kind, 0.3, torch.tensor(shifts))
    for row, (shift, label) in enumerate(zip(shifts, LABELS.tolist(), strict=True)):
        for column, cosine in enumerate(COSINES[row].tolist()):
            expected = (right if column == label else other)(cosine, shift)
            assert found[row, column].item() == pytest.approx(expected, abs=1e-6)


def test_circle_and_projection():
    circle = margin_logits(COSINES, LABELS, "circle", 0.25)
    assert circle[0].tolist() == pytest.approx(
        [0.75 * (0.5 - 0.75), 0.35 * (0.1 - 0.25), 0.05 * (-0.2 - 0.25)], abs=1e-6
    )
    projection = margin_logits(COSINES, LABELS, "projection", 0.2)
    assert projection[1].tolist() == pytest.approx(
        [1 - math.sqrt(1 - 0.04), 0.4 - 0.2, 1 - math.sqrt(1 - 0.09)], abs=1e-6
    )


@pytest.mark.parametrize("kind", ["cosine", "cosine_of_angle", "angle", "circle", "projection"])
def test_gradients_are_numbers_at_the_ends(kind):
    cosines = torch.tensor([[1.0, -1.0], [-1.0, 1.0]], requires_grad=True)
    margin_logits(cosines, LABELS, kind, 0.1).sum().backward()
    assert cosines.grad.isfinite().all()
