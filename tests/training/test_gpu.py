"""The loop on a GPU: every number format, resuming, and what it says of memory."""

import pytest
import torch

from tests.training.stubs import CLASSES, StubEvaluator, StubObjective, StubSource, TinyNetwork
from workbench.recipe.settings.training import Training
from workbench.training.events import CheckpointReady, Finished, StepDone
from workbench.training.learner import Learner
from workbench.training.loop import train
from workbench.training.state import TrainingState
from workbench.training.step_schedule import StepSchedule
from workbench.training.timing_trial import Trial

pytestmark = pytest.mark.gpu


def learner(precision):
    training = Training.model_validate(
        {
            "length": {"kind": "steps", "count": 12},
            "averaging": {"kind": "exponential"},
            "gradient_clip": 5.0,
            "evaluate": {"kind": "steps", "count": 6},
        }
    )
    torch.manual_seed(0)
    step_schedule = StepSchedule(training, StubSource().steps_per_epoch)
    return Learner(
        *(TinyNetwork(), StubObjective(), training, step_schedule),
        device="cuda",
        precision=precision,
    )


@pytest.mark.parametrize("precision", ["fp32", "bf16", "fp16"])
def test_every_number_format_trains(precision):
    events = list(train(learner(precision), StubSource(), StubEvaluator()))
    assert isinstance(events[-1], Finished)
    steps = [event for event in events if isinstance(event, StepDone)]
    assert len(steps) == 12
    assert all(event.device_memory_megabytes > 0 for event in steps)


@pytest.mark.parametrize("precision", ["fp32", "fp16"])
def test_a_resumed_training_goes_on_from_its_step(tmp_path, precision):
    for event in train(learner(precision), StubSource(), StubEvaluator()):
        if isinstance(event, CheckpointReady) and event.step == 6:
            event.state.save(tmp_path)
            break
    again = learner(precision)
    again.restore(TrainingState.load(tmp_path))
    parameter = again.network.second.weight
    moment = again.optimizer.state[parameter]["exp_avg"]
    assert (moment.device, moment.stride()) == (parameter.device, parameter.stride())
    rest = list(train(again, StubSource(), StubEvaluator()))
    assert [event.step for event in rest if isinstance(event, StepDone)] == list(range(7, 13))


def test_a_step_can_be_timed():
    trial = Trial(TinyNetwork(), StubObjective(), CLASSES, 4, 8, 4, "cuda", True)
    assert trial.seconds("bf16", 1, 60.0) > 0
