"""A training that was cut and went on ends with the same bits as one that never stopped."""

import itertools

import pytest
import torch

from tests.training.stubs import StubEvaluator, StubSource, learner
from workbench.errors import RunError, WeightsError
from workbench.training.events import CheckpointReady
from workbench.training.loop import train
from workbench.training.state import TrainingState

OPTIMIZERS = [
    {"kind": "sgd"},
    {"kind": "adam"},
    {"kind": "adamw"},
]
AVERAGES = [{"kind": "none"}, {"kind": "exponential"}, {"kind": "uniform", "start": 0.4}]


@pytest.fixture(autouse=True)
def one_thread():
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def settings(**changes):
    return {
        "evaluate": {"kind": "steps", "count": 5},
        "checkpoints": {"every": {"kind": "steps", "count": 1}},
    } | changes


def end_state(subject, folder):
    state = subject.state()
    folder.mkdir()
    state.save(folder)
    return TrainingState.load(folder)


def same(first, second):
    assert first.loop_state == second.loop_state
    for one, other in ((first.raw, second.raw), (first.averaged, second.averaged)):
        assert (one is None) == (other is None)
        assert one is None or all(torch.equal(one[name], other[name]) for name in one)
    assert first.moments.keys() == second.moments.keys()
    for name, moments in first.moments.items():
        assert all(torch.equal(moments[key], second.moments[name][key]) for key in moments)
    assert all(
        torch.equal(first.objective[name], second.objective[name]) for name in first.objective
    )


def cut_and_go_on(folder, cuts, **changes):
    """Train with a new learner, from files, after every cut."""
    subject = learner(**settings(**changes))
    for cut in [*cuts, None]:
        for event in train(subject, StubSource(), StubEvaluator()):
            if isinstance(event, CheckpointReady) and event.step == cut:
                place = folder / f"step_{cut:08d}"
                place.mkdir()
                event.state.save(place)
                break
        if cut is not None:
            subject = learner(**settings(**changes))
            subject.restore(TrainingState.load(folder / f"step_{cut:08d}"))
    return subject


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("optimizer", "averaging"), list(itertools.product(OPTIMIZERS, AVERAGES)), ids=str
)
def test_same_bits_for_every_optimizer_and_average(tmp_path, optimizer, averaging):
    changes = {"optimizer": optimizer, "averaging": averaging}
    whole = learner(**settings(**changes))
    list(train(whole, StubSource(), StubEvaluator()))
    parts = cut_and_go_on(tmp_path, [7], **changes)
    same(end_state(whole, tmp_path / "whole"), end_state(parts, tmp_path / "parts"))


@pytest.mark.thorough
def test_same_bits_in_half_precision(tmp_path):
    whole = learner(precision="bf16", **settings())
    list(train(whole, StubSource(), StubEvaluator()))
    parts = cut_and_go_on(tmp_path, [7], precision="bf16")
    same(end_state(whole, tmp_path / "whole"), end_state(parts, tmp_path / "parts"))


@pytest.mark.thorough
def test_same_bits_after_a_cut_at_every_step(tmp_path):
    changes = {"averaging": {"kind": "exponential"}, "accumulation": 2}
    whole = learner(**settings(**changes))
    list(train(whole, StubSource(), StubEvaluator()))
    parts = cut_and_go_on(tmp_path, range(1, 12), **changes)
    same(end_state(whole, tmp_path / "whole"), end_state(parts, tmp_path / "parts"))


def test_moments_come_back_in_the_memory_order_of_their_parameter(tmp_path):
    subject = learner(**settings())
    subject.update(list(StubSource().epoch(0))[:1])
    subject.state().save(tmp_path)
    again = learner(**settings())
    again.restore(TrainingState.load(tmp_path))
    parameter = again.network.second.weight
    moment = again.optimizer.state[parameter]["exp_avg"]
    assert parameter.is_contiguous(memory_format=torch.channels_last)
    assert moment.stride() == parameter.stride()


def test_the_file_of_the_rest_loads_without_trusting_it(tmp_path):
    subject = learner(**settings())
    subject.update(list(StubSource().epoch(0))[:1])
    subject.state().save(tmp_path)
    rest = torch.load(tmp_path / "training.pt", weights_only=True)
    assert rest["standing"]["step"] == 1
    assert {path.name for path in tmp_path.iterdir()} == {
        "raw.safetensors",
        "training.pt",
        "meta.json",
    }


def test_a_damaged_checkpoint_is_one_sentence(tmp_path):
    folder = tmp_path / "run" / "checkpoints" / "step_00000001"
    folder.mkdir(parents=True)
    subject = learner(**settings())
    subject.state().save(folder)
    (folder / "raw.safetensors").write_bytes(b"\0" * 20)
    with pytest.raises(RunError, match="step_00000001 of run cannot be read"):
        TrainingState.load(folder)


def test_a_checkpoint_of_another_network_is_refused(tmp_path):
    subject = learner(**settings())
    state = subject.state()
    del state.raw["classifier.bias"]
    with pytest.raises(WeightsError, match=r"classifier\.bias is missing.*another recipe"):
        learner(**settings()).restore(state)
