"""Which parameters learn, how fast, under which decay."""

import pytest
import torch

from tests.training.stubs import StubSource, TinyNetwork, learner
from workbench.errors import RecipeError
from workbench.recipe.settings.training import SGD, Adam, AdamW, ParameterGroup, Training
from workbench.training.optimizers import (
    StillNorms,
    Unfreeze,
    freeze,
    make_optimizer,
    optimizer_groups,
    set_rate,
)


def groups_of(network, **settings):
    training = Training.model_validate(settings)
    named = list(network.named_parameters())
    freeze(named, training.parameter_groups)
    return optimizer_groups(named, training)


def by_name(parts):
    return {name: (part.multiplier, part.weight_decay) for part in parts for name in part.names}


def test_every_trainable_parameter_is_in_exactly_one_share():
    network = TinyNetwork()
    groups = {
        "slow": {"pattern": "trunk.*", "learning_rate_multiplier": 0.1},
        "offsets": {"pattern": "*.bias", "learning_rate_multiplier": 2.0, "weight_decay": 0.0},
    }
    parts = groups_of(network, parameter_groups=groups)
    names = [name for part in parts for name in part.names]
    assert sorted(names) == sorted(name for name, _ in network.named_parameters())


def test_the_first_match_counts():
    groups = {
        "slow": {"pattern": "trunk.*", "learning_rate_multiplier": 0.1},
        "offsets": {"pattern": "*.bias", "learning_rate_multiplier": 2.0, "weight_decay": 0.0},
    }
    found = by_name(groups_of(TinyNetwork(), parameter_groups=groups))
    assert found["trunk.0.bias"] == (0.1, 0.05)
    assert found["classifier.bias"] == (2.0, 0.0)
    assert found["classifier.weight"] == (1.0, 0.05)


def test_vectors_are_not_decayed_where_asked_unless_their_group_says_how():
    groups = {"norms": {"pattern": "trunk.1.weight", "weight_decay": 0.3}}
    found = by_name(groups_of(TinyNetwork(), parameter_groups=groups, no_decay_on_vectors=True))
    assert found["trunk.0.bias"] == (1.0, 0.0)
    assert found["trunk.1.bias"] == (1.0, 0.0)
    assert found["trunk.1.weight"] == (1.0, 0.3)
    assert found["trunk.0.weight"] == (1.0, 0.05)


def test_frozen_parameters_have_no_gradient_and_no_share():
    network = TinyNetwork()
    groups = {"fixed": {"pattern": "trunk.*", "frozen": True}}
    found = by_name(groups_of(network, parameter_groups=groups))
    assert not any(name.startswith("trunk") for name in found)
    assert not network.trunk[0].weight.requires_grad


def test_parameters_wait_for_their_updates_and_then_learn():
    network = TinyNetwork()
    groups = {
        "body": ParameterGroup(pattern="trunk.*", frozen_steps=2),
        "fixed": ParameterGroup(pattern="second.*", frozen=True, frozen_steps=1),
    }
    named = list(network.named_parameters())
    freeze(named, groups)
    unfreeze = Unfreeze(named, groups)
    learning = []
    for step in range(4):
        unfreeze(step)
        learning.append(network.trunk[0].weight.requires_grad)
    assert learning == [False, False, True, True]
    assert not network.second.weight.requires_grad
    later = Unfreeze(named, groups)
    later(5)
    assert network.trunk[0].weight.requires_grad


def test_what_waits_does_not_move_and_keeps_its_share():
    groups = {"body": {"pattern": "trunk.*", "frozen_steps": 2}}
    subject = learner(parameter_groups=groups)
    weight = subject.network.trunk[0].weight
    before = weight.detach().clone()
    batches = [next(StubSource().epoch(0))]
    moved = []
    for _ in range(3):
        subject.update(batches)
        moved.append(not torch.equal(before, weight))
    assert moved == [False, False, True]


def test_everything_waiting_is_refused():
    named = list(TinyNetwork().named_parameters())
    groups = {"all": ParameterGroup(pattern="*", frozen_steps=5)}
    with pytest.raises(RecipeError, match="no parameter is trained in the first 5 updates"):
        Unfreeze(named, groups)


def test_parameters_of_losses_learn_too():
    subject = learner()
    assert "losses.temperature" in {
        name for group in subject.optimizer.param_groups for name in group["names"]
    }


def test_a_pattern_without_a_parameter_is_refused():
    groups = {"typo": {"pattern": "trnk.*"}}
    with pytest.raises(
        RecipeError, match=r"'trnk\.\*': matches none of the \d+ parameters"
    ) as refused:
        groups_of(TinyNetwork(), parameter_groups=groups)
    assert refused.value.path == "training.parameter_groups.typo.pattern"


def test_freezing_everything_is_refused():
    with pytest.raises(RecipeError, match="every parameter is frozen"):
        groups_of(TinyNetwork(), parameter_groups={"all": {"pattern": "*", "frozen": True}})


@pytest.mark.parametrize("settings", [SGD(), SGD(momentum=0.0), Adam(), AdamW()])
def test_every_optimizer_moves_its_parameters_by_their_rates(settings):
    network = TinyNetwork()
    groups = {"still": {"pattern": "second.*", "learning_rate_multiplier": 0.0}}
    parts = groups_of(network, parameter_groups=groups, optimizer=settings.model_dump())
    optimizer = make_optimizer(settings, parts)
    set_rate(optimizer, 0.01)
    before = {name: item.detach().clone() for name, item in network.named_parameters()}
    network.train()(torch.randn(4, 3, 8, 4)).square().sum().backward()
    optimizer.step()
    moved = {name: not torch.equal(before[name], item) for name, item in network.named_parameters()}
    assert not moved["second.weight"]
    assert moved["classifier.weight"]


def test_norms_that_are_still_keep_their_statistics_until_their_part_is_trained():
    groups = {
        "pretrained": ParameterGroup(pattern="trunk.*", frozen_steps=2, frozen_statistics=True)
    }
    moving = {"pretrained": groups["pretrained"].model_copy(update={"frozen_statistics": False})}
    means = []
    for chosen in (groups, moving):
        parts = learner(parameter_groups=chosen)
        source = StubSource()
        norm = parts.network.trunk[1]
        found = []
        for batch in list(source.epoch(0, 0))[:3]:
            parts.update([batch])
            found.append(norm.running_mean.abs().sum().item())
        means.append(found)
        assert norm.training
    assert means[0][:2] == [0.0, 0.0]
    assert means[0][2] > 0.0
    assert all(value > 0.0 for value in means[1])


def test_what_is_frozen_for_good_may_keep_its_statistics():
    network = TinyNetwork()
    group = {"stem": ParameterGroup(pattern="trunk.1.*", frozen=True, frozen_statistics=True)}
    StillNorms(network, group)(10**9)
    assert not network.trunk[1].training
    assert network.trunk[3].training
