"""What surroundings are told, and what is never told."""

import getpass
import json
import socket
from pathlib import Path

import pytest

from workbench.errors import RecipeError
from workbench.runs import devices
from workbench.runs.environment import environment, machine, write_environment
from workbench.runs.management import create_run
from workbench.system import cores


def test_a_machine_is_described_without_saying_whose_it_is():
    told = machine()
    assert set(told) == {"processor", "cores", "memory_gigabytes", "accelerator", "system"}
    assert told["cores"] >= 1
    assert told["memory_gigabytes"] > 0
    assert told["processor"]
    text = json.dumps(told)
    assert "/" not in text.replace("GNU/Linux", "")
    assert str(Path.home()) not in text
    for secret in (socket.gethostname(), getpass.getuser()):
        assert secret not in text.split()


def test_an_environment_has_what_a_reader_needs_to_do_it_again():
    run = create_run("playground/quick", {"training.seed": 3, "data.root": "my set"})
    told = environment(
        run, devices=["cpu"], threads=2, precision="fp32", seed=3, digests={"train": "ab12"}
    )
    write_environment(run, told)
    assert json.loads(run.environment_file.read_text()) == told
    assert told["command"] == (
        "workbench train playground/quick --set training.seed=3 --set 'data.root=my set'"
    )
    assert {"torch", "numpy", "pydantic"} <= set(told["packages"])
    assert told["digests"] == {"train": "ab12"}
    assert (told["devices"], told["threads"], told["precision"], told["seed"]) == (
        *(["cpu"], 2),
        *("fp32", 3),
    )
    assert set(told["code"]) == {"commit", "clean"}


@pytest.fixture
def two_gpus(monkeypatch):
    gpu = devices.GPU("Example GPU", "80000 MiB", "600.1")
    monkeypatch.setattr(devices, "gpus", lambda: (gpu, gpu))
    monkeypatch.setattr(devices, "version", lambda name: "2.15.0+cu132")
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)


@pytest.mark.parametrize(
    ("visible", "expected"),
    [
        (None, ["cpu", "cuda:0", "cuda:1"]),
        ("1", ["cpu", "cuda:0"]),
        ("0,1", ["cpu", "cuda:0", "cuda:1"]),
        ("", ["cpu"]),
        ("-1", ["cpu"]),
    ],
)
def test_devices_are_those_this_process_may_use(two_gpus, monkeypatch, visible, expected):
    if visible is not None:
        monkeypatch.setenv("CUDA_VISIBLE_DEVICES", visible)
    assert devices.installed_devices() == expected
    assert devices.resolve_devices(["auto"]) == (expected[1 if len(expected) > 1 else 0],)


def test_a_torch_without_cuda_has_only_the_processor(two_gpus, monkeypatch):
    monkeypatch.setattr(devices, "version", lambda name: "2.15.0+cpu")
    assert devices.resolve_devices(["auto"]) == ("cpu",)


def test_devices_are_taken_once_and_unknown_ones_refused(two_gpus):
    assert devices.resolve_devices(["cuda:0", "auto", "cuda:0"]) == ("cuda:0",)
    with pytest.raises(RecipeError, match=r"no cuda:2.*auto or cpu, cuda:0, cuda:1"):
        devices.resolve_devices(["cuda:2"])


def test_several_devices_are_refused_in_a_sentence(two_gpus):
    with pytest.raises(RecipeError, match="a run trains on one device") as refused:
        create_run("playground/quick", {"run.devices": ["cuda:0", "cuda:1"]})
    assert refused.value.path == "run.devices"
    assert str(refused.value).endswith("Choose one of cuda:0, cuda:1, or auto.")


def test_threads_are_as_asked_or_at_most_two():
    assert devices.resolve_threads(5) == 5
    assert devices.resolve_threads("auto") == min(cores(), 2)


@pytest.mark.parametrize(("usable", "threads"), [(1, 1), (2, 2), (4, 4), (64, 4)])
def test_threads_by_rule_are_the_cores_and_at_most_four(usable, threads, monkeypatch):
    monkeypatch.setattr(devices, "cores", lambda: usable)
    assert devices.resolve_threads("cores") == threads
