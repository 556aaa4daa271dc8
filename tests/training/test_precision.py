"""Number format and threads are measured, not guessed."""

import pytest
import torch

from tests.training.stubs import CLASSES, StubObjective, TinyNetwork
from workbench.errors import RecipeError
from workbench.training import precision
from workbench.training.precision import choose
from workbench.training.timing_trial import Trial


@pytest.fixture(autouse=True)
def two_cores(monkeypatch):
    monkeypatch.setattr(precision, "default_threads", lambda: 2)


def seconds_from(table):
    return lambda name, threads, limit: table[name, threads]


def never(name, threads, limit):
    raise AssertionError("nothing is left to measure")


def test_what_the_recipe_says_is_not_measured():
    choice = choose("fp32", 3, "cpu", never)
    assert (choice.precision, choice.threads) == ("fp32", 3)
    assert choice.reason == "fp32, 3 threads (as the recipe says)"


def test_what_was_decided_by_timing_is_named():
    table = seconds_from({("fp32", 1): 1.0, ("bf16", 2): 0.6, ("fp32", 2): 1.0, ("bf16", 1): 1.0})
    assert choose("auto", "auto", "cpu", table).measured == ("precision", "threads")
    assert choose("fp32", "auto", "cpu", table).measured == ("threads",)
    assert choose("fp32", 2, "cpu", never).measured == ()


def test_the_faster_format_wins():
    faster = choose("auto", 1, "cpu", seconds_from({("fp32", 1): 1.0, ("bf16", 1): 0.6}))
    slower = choose("auto", 1, "cpu", seconds_from({("fp32", 1): 1.0, ("bf16", 1): 9.0}))
    assert (faster.precision, slower.precision) == ("bf16", "fp32")
    assert "fp32 1.00 s, bf16 0.60 s" in faster.reason


def test_a_format_that_was_given_up_loses():
    given_up = choose("auto", 1, "cpu", seconds_from({("fp32", 1): 1.0, ("bf16", 1): None}))
    assert given_up.precision == "fp32"
    assert "bf16 given up" in given_up.reason
    both = choose("auto", 1, "cpu", seconds_from({("fp32", 1): None, ("bf16", 1): None}))
    assert both.precision == "fp32"


def test_a_slow_format_is_not_waited_for():
    limits = {}

    def seconds(name, threads, limit):
        limits[name] = limit
        return 0.3

    choose("auto", 1, "cpu", seconds)
    assert limits == {"fp32": 3.0, "bf16": pytest.approx(1.2)}


@pytest.mark.parametrize(("alone", "threads"), [(0.5, 1), (0.9, 2), (1.4, 2)])
def test_one_thread_only_where_it_is_clearly_faster(alone, threads):
    table = seconds_from({("fp32", 1): alone, ("fp32", 2): 1.0})
    assert choose("fp32", "auto", "cpu", table).threads == threads


def test_fp16_on_a_processor_is_refused():
    with pytest.raises(RecipeError, match="needs a GPU") as refused:
        choose("fp16", 1, "cpu", never)
    assert refused.value.path == "training.precision"


def trial():
    return Trial(TinyNetwork(), StubObjective(), CLASSES, 4, 8, 4, "cpu", True)


def test_a_trial_leaves_no_trace():
    subject = trial()
    before = {name: item.clone() for name, item in subject.network.state_dict().items()}
    torch.manual_seed(5)
    expected = torch.rand(1)
    torch.manual_seed(5)
    threads = torch.get_num_threads()
    assert subject.seconds("fp32", 1, 60.0) > 0
    assert torch.equal(torch.rand(1), expected)
    assert torch.get_num_threads() == threads
    assert all(
        torch.equal(before[name], item) for name, item in subject.network.state_dict().items()
    )
    assert all(item.grad is None for item in subject.network.parameters())


def test_a_trial_is_given_up_at_its_limit():
    assert trial().seconds("fp32", 1, 0.0) is None
