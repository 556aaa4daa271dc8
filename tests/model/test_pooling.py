"""Pools by hand, and the generalised mean where a plain formula breaks."""

import pytest
import torch

from workbench.model.pooling import GeneralisedMean, generalised_mean, make_pool
from workbench.recipe.settings import model as settings

REGION = torch.tensor([[1.0, 2.0], [3.0, 6.0]])


@pytest.mark.parametrize(
    ("pool", "expected"),
    [
        (settings.AveragePool(), 3.0),
        (settings.MaxPool(), 6.0),
        (settings.AverageMaxPool(), 9.0),
        (settings.GeneralisedMean(power=1.0), 3.0),
        (settings.GeneralisedMean(power=2.0), ((1 + 4 + 9 + 36) / 4) ** 0.5),
        (settings.GeneralisedMean(power=3.0), ((1 + 8 + 27 + 216) / 4) ** (1 / 3)),
    ],
)
def test_values_by_hand(pool, expected):
    assert make_pool(pool)(REGION).item() == pytest.approx(expected, rel=1e-6)


@pytest.mark.parametrize(
    "pool",
    [
        settings.AveragePool(),
        settings.MaxPool(),
        settings.AverageMaxPool(),
        settings.GeneralisedMean(),
    ],
)
def test_half_precision_is_summed_in_float32_and_float64_stays(pool):
    values = torch.rand(3, 4, 5, 6, generator=torch.Generator().manual_seed(0))
    exact = make_pool(pool)(values.double())
    assert exact.dtype == torch.float64
    for dtype in (torch.float16, torch.bfloat16):
        rounded = make_pool(pool)(values.to(dtype))
        assert rounded.dtype == torch.float32
        torch.testing.assert_close(rounded.double(), exact, rtol=0.02, atol=0.01)


def test_power_two_has_no_gradient_where_a_channel_is_empty():
    # sqrt(mean(x^2)) alone has an infinite gradient at zero
    empty = torch.zeros(1, 2, 2, requires_grad=True)
    value = generalised_mean(empty, torch.tensor(2.0))
    value.sum().backward()
    assert value.item() == pytest.approx(1e-6, rel=1e-3)
    assert torch.equal(empty.grad, torch.zeros(1, 2, 2))


@pytest.mark.parametrize("scale", [1e-6, 1.0, 1e4])
def test_a_large_power_neither_overflows_nor_vanishes(scale):
    values = (scale * REGION).requires_grad_()
    pooled = generalised_mean(values, torch.tensor(20.0))
    pooled.backward()
    ratio = (sum((x / 6) ** 20 for x in (1, 2, 3, 6)) / 4) ** (1 / 20)
    assert pooled.item() == pytest.approx(6 * scale * ratio, rel=1e-5)
    assert values.grad.isfinite().all()


def test_gradients_agree_with_finite_differences():
    values = torch.rand(2, 3, 3, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    values = (values + 0.1).requires_grad_()
    power = torch.tensor(3.0, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(generalised_mean, (values, power))


def test_a_power_below_one_counts_as_one():
    pool = GeneralisedMean(settings.GeneralisedMean(power=1.0, learned=True))
    with torch.no_grad():
        pool.power.fill_(-2.0)
    assert pool(REGION).item() == pytest.approx(3.0)
