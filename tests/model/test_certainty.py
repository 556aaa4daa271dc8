"""Certainty: functions of length by hand, the balance of margins, its running mean."""

import math

import pytest
import torch
from numpy.polynomial import legendre

from workbench.errors import ShapeError
from workbench.model.certainty import Certainty, Hinges
from workbench.recipe.settings import certainty as settings

KINDS = [
    settings.Hinges(count=8),
    settings.Powers(terms=3),
    settings.Powers(terms=3, even=True),
    settings.Legendre(terms=3),
    settings.Legendre(terms=4, even=True),
]


def certainty(function, **others):
    return Certainty(settings.Certainty(function=function, **others))


def lengths(*values):
    return torch.tensor([[0.6 * value, 0.8 * value] for value in values])


def test_hinges_by_hand():
    function = Hinges(3)
    with torch.no_grad():
        function.weight.copy_(torch.tensor([1.0, 2.0, 3.0]))
    for value in (-20.0, -1.0, 0.5, 20.0):
        z = min(max(0.1 * value, -0.4), 0.4)
        hinges = [x if (x := z + offset) > 0 else 0.1 * x for offset in (-0.8, 0.0, 0.8)]
        expected = sum(w * h for w, h in zip((1, 2, 3), hinges, strict=True)) / math.sqrt(3)
        assert function(torch.tensor([value])).item() == pytest.approx(expected, abs=1e-6)


def test_a_hinge_hands_on_a_tenth_of_its_gradient():
    function, value = Hinges(2), torch.tensor([0.1], requires_grad=True)
    with torch.no_grad():
        function.weight.fill_(1.0)
    function(value).backward()
    # One hinge leaks (slope 0.1), one is open (slope 1); a tenth for the input, a tenth handed on.
    assert value.grad.item() == pytest.approx((1 + 0.1) * 0.1 * 0.1 / math.sqrt(2))


def power(x, degree):
    return x**degree


def without_constant(x, degree):
    one = [0] * degree + [1]
    return legendre.legval(x, one) - legendre.legval(0, one)


def test_polynomials_by_hand():
    weights, x = [0.3, -0.2, 0.1], 1.7
    for even, degrees in ((False, (1, 3, 5)), (True, (1, 2, 3))):
        for kind, value_of in ((settings.Powers, power), (settings.Legendre, without_constant)):
            function = certainty(kind(terms=3, even=even)).function
            with torch.no_grad():
                function.weight.copy_(torch.tensor(weights))
            expected = sum(w * value_of(x, d) for w, d in zip(weights, degrees, strict=True))
            assert function(torch.tensor([x])).item() == pytest.approx(expected, rel=1e-5)


@pytest.mark.parametrize("function", KINDS)
def test_a_new_module_shifts_nothing(function):
    shifts = certainty(function)(lengths(10, 20, 30, 40))
    assert shifts.abs().max().item() < 1e-4


@pytest.mark.parametrize("function", KINDS)
@pytest.mark.parametrize("logarithm", [False, True])
def test_the_mean_shift_is_taken_away(function, logarithm):
    module = certainty(function, logarithm=logarithm)
    torch.nn.init.constant_(module.function.weight, 0.05)
    given = lengths(10, 20, 30, 40)
    shifts = module(given)
    values = given.norm(dim=1)
    values = values.log() if logarithm else values
    normalised = (values - values.mean()) / torch.sqrt(values.var(correction=0) + 1e-5)
    plain = module.function(normalised)
    mean = plain.clamp(-0.5, 0.5).mean()
    torch.testing.assert_close(shifts, plain - mean)
    assert module.mean.item() == pytest.approx(0.01 * mean.item(), abs=1e-8)
    again = module.eval()(given)
    expected = module.function(module.norm(values[:, None])[:, 0]) - module.mean
    torch.testing.assert_close(again, expected)


def test_without_rebalancing_the_plain_function_counts():
    module = certainty(settings.Powers(terms=1), rebalance=False)
    torch.nn.init.constant_(module.function.weight, 2.0)
    shifts = module(lengths(10, 20))
    assert shifts.tolist() == pytest.approx([-2.0, 2.0], abs=1e-4)
    assert module.mean.item() == 0.0


def test_gradients_reach_weights_and_vectors():
    module, given = certainty(settings.Hinges()), lengths(10, 20, 35).requires_grad_()
    torch.nn.init.normal_(module.function.weight)
    module(given)[0].backward()
    assert module.function.weight.grad.abs().sum() > 0
    assert given.grad.abs().sum() > 0


def test_one_image_is_refused_in_training_only():
    module = certainty(settings.Hinges())
    with pytest.raises(ShapeError, match="batch of one image"):
        module(lengths(10))
    assert module.eval()(lengths(10)).shape == (1,)
