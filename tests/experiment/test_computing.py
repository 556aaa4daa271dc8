"""What a run computes with: by a rule where its recipe says so, else by a trial."""

import pytest

from workbench.experiment.computing import measured_choice
from workbench.experiment.networks import new_network, new_objective
from workbench.recipe.overrides import resolve
from workbench.system import cores
from workbench.training.timing_trial import Trial


def never(*_):
    raise AssertionError("nothing is left to measure")


@pytest.mark.parametrize("preset", ["quick", "global", "channels"])
def test_presets_of_the_playground_leave_nothing_to_measure(preset, monkeypatch):
    monkeypatch.setattr(Trial, "seconds", never)
    recipe = resolve(f"playground/{preset}")
    network = new_network(recipe, 3)
    objective = new_objective(recipe, network, 3)
    choice = measured_choice(recipe, "cpu", network, objective, 3)
    assert (choice.precision, choice.threads) == ("fp32", min(cores(), 4))
    assert choice.measured == ()
