"""NAMA's losses by their published names, as settings of ours, each against loops over pairs.

Source: the published code, github huangzongheng/NAMA (METRIC_LOSS_TYPE, CLS_LOSS_TYPE, REG_TYPE).
m, s and cs are SOLVER.MARGIN, SOLVER.S and SOLVER.CS.
"""

import math

import pytest
import torch

from workbench.errors import RecipeError
from workbench.losses.objective import Objective
from workbench.model.outputs import BranchOutput
from workbench.recipe.overrides import resolve
from workbench.recipe.settings.losses import (
    BatchHardTriplet,
    Circle,
    CrossEntropy,
    LengthRegulariser,
    MarginCrossEntropy,
    PairMargin,
)

M, S, CS = 0.2, 32.0, 16.0
LABELS = [0, 0, 1, 1, 2, 2]
# Images of one identity are far apart, so that every one has a pair that counts.
VECTORS = [
    [30.0, 4.0, 3.0],
    [9.0, 21.0, -5.0],
    [-3.0, 40.0, 12.0],
    [-25.0, 14.0, 30.0],
    [6.0, -20.0, 18.0],
    [-16.0, -7.0, -38.0],
]
SHIFTS = [0.1, -0.1, 0.05, 0.0, -0.04, 0.07]
COSINES = [
    [0.5, 0.1, -0.2, 0.3],
    [0.2, 0.4, 0.3, -0.6],
    [-0.1, 0.7, -0.3, 0.05],
    [0.9, -0.8, 0.35, 0.15],
    [0.25, 0.45, 0.6, 0.55],
    [-0.4, 0.8, 0.1, 0.2],
]
NONE = [0.0] * 6


def softplus(x):
    return x + math.log1p(math.exp(-x)) if x > 0 else math.log1p(math.exp(x))


def log_sum_exp(values):
    largest = max(values)
    return largest + math.log(sum(math.exp(value - largest) for value in values))


def unit(row):
    return [value / math.hypot(*row) for value in row]


def dot(one, other):
    return sum(a * b for a, b in zip(one, other, strict=True))


def chord(one, other):
    return math.dist(unit(one), unit(other))


def angle(one, other):
    return math.acos(max(-1.0, min(1.0, dot(unit(one), unit(other)))))


def minus_cosine(one, other):
    return -dot(unit(one), unit(other))


def same(value):
    return value


def costs(distance, own, partners, back=same):
    """Of every image what its pairs of one identity and of two cost; -10 for no such pair."""
    for i, one in enumerate(VECTORS):
        positive, negative = [], []
        for j, other in enumerate(VECTORS):
            d, shift = distance(one, other), own[i] + partners[j]
            alike = LABELS[i] == LABELS[j]
            positive.append(back(d - shift + M) if alike else -10.0)
            negative.append(-10.0 if alike else back(-d - shift))
        yield positive, negative


def mean(values):
    values = list(values)
    return sum(values) / len(values)


def soft(distance, own=NONE, partners=None, back=same, scale=S):
    """The mean of softplus(LSE + LSE), not divided by the scale."""
    return mean(
        softplus(
            log_sum_exp([scale * p for p in positive]) + log_sum_exp([scale * n for n in others])
        )
        for positive, others in costs(distance, own, own if partners is None else partners, back)
    )


def hardest(distance, own, last):
    return mean(last(max(p) + max(n)) for p, n in costs(distance, own, own))


def triplet(distance):
    """The hinge over the farthest image of one's own and the nearest of another identity."""
    found = []
    for one, label in zip(VECTORS, LABELS, strict=True):
        pairs = [(distance(one, other), LABELS[j] == label) for j, other in enumerate(VECTORS)]
        far = max(d for d, alike in pairs if alike)
        near = min(d for d, alike in pairs if not alike)
        found.append(max(0.0, far - near + M))
    return mean(found)


def linear(row, low=0.05, high=0.25):
    """The shift of uc-tri and its like: MARGIN_LU over NORM_LU = [10, 110]."""
    return low + (high - low) * (min(110.0, max(10.0, math.hypot(*row))) - 10.0) / 100.0


def circle(margin=0.25, scale=256.0):
    positive, negative = [], []
    for i, one in enumerate(VECTORS):
        for j in range(i + 1, len(VECTORS)):
            cosine = -minus_cosine(one, VECTORS[j])
            sine = 1.0 - math.sqrt(min(1.0, max(1e-6, 1.0 - cosine**2)))
            if LABELS[i] == LABELS[j]:
                factor = max(0.0, 1.0 + margin - sine)
                positive.append(-scale * factor * (sine - 1.0 + margin))
            else:
                negative.append(scale * max(0.0, sine + margin) * (sine - margin))
    return softplus(log_sum_exp(positive) + log_sum_exp(negative)) / scale


def classes(right, other, scale=CS):
    """Mean cross-entropy of scaled logits, from what a cosine and a shift become."""
    found = []
    for row, label, shift in zip(COSINES, LABELS, SHIFTS, strict=True):
        logits = [
            scale * (right if column == label else other)(cosine, shift)
            for column, cosine in enumerate(row)
        ]
        found.append(log_sum_exp(logits) - logits[label])
    return mean(found)


def smoothed(share):
    found = []
    for row, label in zip(COSINES, LABELS, strict=True):
        costs_of = [log_sum_exp(row) - value for value in row]
        found.append((1 - share) * costs_of[label] + share * mean(costs_of))
    return mean(found)


LINEAR = {"shift": "linear", "shift_low": 0.05, "shift_high": 0.25, "margin": M}
CERTAIN = {"shift": "certainty", "margin": M, "scale": S}
OF_LENGTHS = [linear(row) for row in VECTORS]
METRICS = {
    "uc-tri-n": (PairMargin(**CERTAIN), lambda: soft(chord, SHIFTS) / S),
    "uc-tri-hard": (
        PairMargin(**CERTAIN, mining="hardest"),
        lambda: hardest(chord, SHIFTS, lambda gap: max(0.0, gap)),
    ),
    "uc-tri-dpn": (
        PairMargin(**CERTAIN, partner_learns=False),
        lambda: soft(chord, SHIFTS) / S,
    ),
    "uc-atri-n": (
        PairMargin(**CERTAIN, distance="chord"),
        lambda: soft(angle, SHIFTS, back=lambda x: 2.0 * math.sin(x / 2.0)) / S,
    ),
    "uc-pair-n": (PairMargin(**CERTAIN, distance="angle"), lambda: soft(angle, SHIFTS) / S),
    # Without a function of the length: MARGIN_LU is linear in it, hardest pairs at sharpness 20.
    "uc-tri": (
        PairMargin(**LINEAR, mining="hardest_smooth", scale=20),
        lambda: hardest(chord, OF_LENGTHS, lambda gap: softplus(20.0 * gap) / 20.0),
    ),
    "uc-atri": (
        PairMargin(**LINEAR, mining="hardest_smooth", scale=20, distance="angle"),
        lambda: hardest(angle, OF_LENGTHS, lambda gap: softplus(20.0 * gap) / 20.0),
    ),
    "uc-pair": (
        PairMargin(**LINEAR, distance="angle", scale=S, weight=S),
        lambda: soft(angle, OF_LENGTHS),
    ),
    # These two are not divided by the scale there; the second keeps angles from being smaller than
    # acos 0.99, that of an image with itself included, which here is 0.
    "cosface": (
        PairMargin(margin=M, scale=S, distance="cosine", weight=S),
        lambda: soft(minus_cosine),
    ),
    "arcface": (
        PairMargin(margin=M, scale=S, distance="angle", weight=S),
        lambda: soft(lambda one, other: max(math.acos(0.99), angle(one, other))),
    ),
    "tri": (
        BatchHardTriplet(reads="pooled", margin=M, normalise=False),
        lambda: triplet(math.dist),
    ),
    "tri-n": (BatchHardTriplet(reads="pooled", margin=M), lambda: triplet(chord)),
    # Its number is indexed as if it were a list there, which fails; this is the number.
    "circle": (
        Circle(reads="pooled", scale=256.0, weight=1 / 256, similarity="one_minus_sine"),
        circle,
    ),
}
# The last word of MODEL.ARCH chooses the similarity of uc-cls; without one it is the angle's. A
# positive m makes the right class easier there, but not inside the cosine.
CLASSES = {
    "uc-cls": (
        MarginCrossEntropy(similarity="angle", margin=-M, scale=CS, certainty=True),
        lambda: classes(
            lambda c, u: 1.57 - math.acos(c) - u + M, lambda c, u: 1.57 - math.acos(c) + u
        ),
    ),
    "uc-cls-cos": (
        MarginCrossEntropy(similarity="cosine", margin=-M, scale=CS, certainty=True),
        lambda: classes(lambda c, u: c - u + M, lambda c, u: c + u),
    ),
    "uc-cls-arc": (
        MarginCrossEntropy(similarity="cosine_of_angle", margin=M, scale=CS, certainty=True),
        lambda: classes(
            lambda c, u: math.cos(math.acos(c) + u + M), lambda c, u: math.cos(math.acos(c) - u)
        ),
    ),
    "ucx-cls": (
        MarginCrossEntropy(similarity="angle", margin=-M, scale=CS),
        lambda: classes(lambda c, _: 1.57 - math.acos(c) + M, lambda c, _: 1.57 - math.acos(c)),
    ),
    "cosface": (
        MarginCrossEntropy(similarity="cosine", margin=M, scale=CS, positive=True),
        lambda: classes(lambda c, _: max(0.0, c) - M, lambda c, _: max(0.0, c)),
    ),
    "arcface": (
        MarginCrossEntropy(similarity="cosine_of_angle", margin=M, scale=CS, positive=True),
        lambda: classes(
            lambda c, _: math.cos(math.acos(max(0.0, c)) + M), lambda c, _: max(0.0, c)
        ),
    ),
    "n-softmax": (
        MarginCrossEntropy(similarity="cosine", margin=0.0, scale=CS),
        lambda: classes(lambda c, _: c, lambda c, _: c),
    ),
    "ce": (CrossEntropy(), lambda: smoothed(0.0)),
    "softmax": (CrossEntropy(smoothing=0.1), lambda: smoothed(0.1)),
}


def ratio(length):
    return max(length, 10.0) / 100.0


REGULARISERS = {
    "exp_3": (
        LengthRegulariser(rate=3.0),
        lambda n: (
            (math.exp(-3 * (n - 10) / 100) / 3 + math.exp(-3) * (n - 10) / 100) / (1 - math.exp(-3))
        ),
    ),
    "exp_5": (
        LengthRegulariser(rate=5.0),
        lambda n: (
            (math.exp(-5 * (n - 10) / 100) / 5 + math.exp(-5) * (n - 10) / 100) / (1 - math.exp(-5))
        ),
    ),
    "quad": (LengthRegulariser(form="quadratic"), lambda n: (1 - (n - 10) / 100) ** 2 / 2),
    "log": (
        LengthRegulariser(form="logarithm"),
        lambda n: (-math.log(ratio(n)) + ratio(n) / 1.1) / (1 / 0.1 - 1 / 1.1),
    ),
    "arc": (
        LengthRegulariser(form="reciprocal"),
        lambda n: (1 / ratio(n) + ratio(n) / 1.1**2) / (1 / 0.1**2 - 1 / 1.1**2),
    ),
}


def total(loss, vectors=None, shifts=None):
    """What the loss gives of one output with these vectors, cosines and shifts."""
    vectors = torch.tensor(VECTORS) if vectors is None else vectors
    shifts = torch.tensor(SHIFTS) if shifts is None else shifts
    output = BranchOutput(vectors, vectors, vectors, torch.tensor(COSINES), shifts)
    return Objective({"own": loss}, ["whole"])({"whole": output}, torch.tensor(LABELS)).total


@pytest.mark.parametrize("name", METRICS)
def test_a_published_loss_of_pairs(name):
    loss, by_hand = METRICS[name]
    assert total(loss).item() == pytest.approx(by_hand(), rel=1e-4)
    assert by_hand() > 0.01


@pytest.mark.parametrize("name", CLASSES)
def test_a_published_loss_of_classes(name):
    loss, by_hand = CLASSES[name]
    assert total(loss).item() == pytest.approx(by_hand(), rel=1e-5)


def slopes(of_shifts, step=1e-5):
    """The derivative by each shift, from differences."""
    found = []
    for k in range(len(SHIFTS)):
        up, down = list(SHIFTS), list(SHIFTS)
        up[k] += step
        down[k] -= step
        found.append((of_shifts(up) - of_shifts(down)) / (2 * step))
    return found


@pytest.mark.parametrize(
    ("name", "of_shifts"),
    [
        ("uc-tri-n", lambda u: soft(chord, u) / S),
        ("uc-tri-dpn", lambda u: soft(chord, u, SHIFTS) / S),
    ],
)
def test_who_learns_from_the_shift_of_a_pair(name, of_shifts):
    shifts = torch.tensor(SHIFTS, requires_grad=True)
    total(METRICS[name][0], shifts=shifts).backward()
    assert shifts.grad.tolist() == pytest.approx(slopes(of_shifts), abs=1e-5)


@pytest.mark.parametrize("name", REGULARISERS)
def test_a_published_push_on_lengths(name):
    loss, by_hand = REGULARISERS[name]
    lengths = [20.0, 40.0, 60.0, 80.0, 100.0, 115.0]
    vectors = torch.tensor([[length, 0.0] for length in lengths], requires_grad=True)
    value = total(loss.model_copy(update={"weight": 2.0}), vectors)
    value.backward()
    assert value.item() == 0.0
    step = 1e-4
    expected = [2.0 * (by_hand(n + step) - by_hand(n - step)) / (2 * step) / 6 for n in lengths]
    assert vectors.grad[:, 0].tolist() == pytest.approx(expected, abs=1e-7)


def test_the_loss_without_dividing_by_lengths_takes_no_angles():
    # uc-pair-free takes the arc sine of half of a distance that may be any: beyond 2 no number.
    settings = {"losses.pairs.distance": "angle", "losses.pairs.normalise": False}
    with pytest.raises(RecipeError) as refused:
        resolve("nama/uc_tri_market1501", settings)
    assert refused.value.path.startswith("losses.pairs")
