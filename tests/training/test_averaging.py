"""Averages of weights, counted by hand."""

import copy

import pytest
import torch
from torch import nn

from workbench.recipe.settings.training import ExponentialAverage, NoAverage, UniformAverage
from workbench.training.averaging import averaged_weights, refresh_batchnorm


class OneWeight(nn.Module):
    """A weight, a float buffer and a counter."""

    def __init__(self):
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(2))
        self.register_buffer("statistic", torch.zeros(1))
        self.register_buffer("counter", torch.tensor(0))

    def become(self, value):
        with torch.no_grad():
            self.weight.fill_(value)
            self.statistic.fill_(10 * value)
            self.counter.fill_(int(value))


def test_exponential_by_hand():
    network = OneWeight()
    average = averaged_weights(ExponentialAverage(decay=0.5, ramp=False), network)
    assert not average.ready
    for value in (1.0, 3.0):
        network.become(value)
        average.update()
    # 0 -> 0.5 * 0 + 0.5 * 1 = 0.5 -> 0.5 * 0.5 + 0.5 * 3 = 1.75
    assert average.network.weight.tolist() == [1.75, 1.75]
    assert average.network.statistic.item() == 17.5
    assert average.network.counter.item() == 3
    assert average.ready


def test_the_ramp_forgets_the_untrained_start():
    average = averaged_weights(ExponentialAverage(decay=0.99), OneWeight())
    assert [average.decay_of(update) for update in (0, 1, 2)] == pytest.approx([0.1, 2 / 11, 0.25])
    assert average.decay_of(10_000) == 0.99


def test_a_late_exponential_average_begins_as_a_copy_and_is_refreshed_at_the_end():
    network = OneWeight()
    settings = ExponentialAverage(decay=0.75, ramp=False, start=0.5, refresh=True)
    average = averaged_weights(settings, network)
    assert not average.wants_refresh
    for value in (4.0, 8.0):
        network.become(value)
        average.update()
    assert average.network.weight.tolist() == [5.0, 5.0]
    assert average.ready
    assert average.wants_refresh
    assert not averaged_weights(ExponentialAverage(), network).wants_refresh


def test_uniform_is_the_mean_of_what_it_took_in():
    network = OneWeight()
    average = averaged_weights(UniformAverage(), network)
    for value in (1.0, 2.0, 6.0):
        network.become(value)
        average.update()
    assert average.network.weight.tolist() == pytest.approx([3.0, 3.0])
    assert not average.ready


def test_averages_follow_weights_that_are_loaded_later():
    network = OneWeight()
    average = averaged_weights(UniformAverage(), network)
    network.load_state_dict({**network.state_dict(), "weight": torch.full((2,), 4.0)})
    average.update()
    assert average.network.weight.tolist() == [4.0, 4.0]


def test_no_average_is_none():
    assert averaged_weights(NoAverage(), OneWeight()) is None


def test_refreshed_statistics_are_those_of_all_images_together():
    torch.manual_seed(0)
    network = nn.Sequential(nn.BatchNorm2d(3, momentum=0.3))
    network(torch.randn(4, 3, 2, 2))
    images = torch.randn(10, 3, 2, 2)
    refresh_batchnorm(network, [images[:4], images[4:8], images[8:]])
    norm = network[0]
    assert torch.allclose(norm.running_mean, images.mean((0, 2, 3)), atol=1e-6)
    # The variance is the mean of the batches' own (unbiased) variances, weighted by images.
    parts = [(images[:4], 0.4), (images[4:8], 0.4), (images[8:], 0.2)]
    expected = sum(share * part.var((0, 2, 3)) for part, share in parts)
    assert torch.allclose(norm.running_var, expected, atol=1e-6)
    assert norm.momentum == 0.3
    assert not network.training


def test_a_network_without_batchnorm_is_refreshed_into_itself():
    network = nn.Sequential(nn.Conv2d(3, 2, 1))
    before = copy.deepcopy(network.state_dict())
    refresh_batchnorm(network, [torch.randn(2, 3, 2, 2)])
    assert all(torch.equal(before[name], item) for name, item in network.state_dict().items())
