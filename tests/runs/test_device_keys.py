"""Which device is which, over machines, jobs and versions."""

import pytest

from workbench.runs import device_keys, devices
from workbench.runs.device_keys import DeviceKey, key_of

GPU_A, GPU_B = "GPU-aaaa-1", "GPU-bbbb-2"


@pytest.fixture
def two_gpus(monkeypatch):
    gpus = tuple(devices.GPU("Example", uuid=uuid) for uuid in (GPU_A, GPU_B))
    monkeypatch.setattr(devices, "gpus", lambda: gpus)
    monkeypatch.setattr(devices, "version", lambda name: "2.15.0+cu132")
    monkeypatch.setattr(device_keys, "host_name", lambda: "node.one")
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    monkeypatch.delenv(device_keys.SLURM_JOB, raising=False)


def test_a_key_is_safe_in_a_file_name_and_read_back(two_gpus):
    key = key_of("cuda:1")
    assert str(key) == "cuda-1@node_one@GPU-bbbb-2"
    assert DeviceKey.parse(str(key)) == key
    assert str(key_of("cpu")) == "cpu@node_one"


def test_a_processor_inside_a_job_has_the_number_of_the_job(two_gpus, monkeypatch):
    monkeypatch.setenv(device_keys.SLURM_JOB, "4711")
    assert str(key_of("cpu")) == "cpu@node_one@4711"
    assert str(key_of("cuda:0")) == "cuda-0@node_one@GPU-aaaa-1", "a GPU is one over all jobs"


@pytest.mark.parametrize(
    ("visible", "uuid"),
    [("1", GPU_B), ("1,0", GPU_B), (GPU_B, GPU_B), ("GPU-bbbb", GPU_B), ("MIG-x/1", "MIG-x/1")],
)
def test_a_gpu_is_known_by_its_uuid_whatever_it_is_called_here(
    two_gpus, monkeypatch, visible, uuid
):
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", visible)
    assert devices.gpu_identity("cuda:0") == uuid
    if uuid == GPU_B:
        here = key_of("cuda:0")
        monkeypatch.delenv("CUDA_VISIBLE_DEVICES")
        assert here.is_same(key_of("cuda:1"))
        assert not here.is_same(key_of("cuda:0"))


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("cpu@a", "cpu@a", True),
        ("cpu@a", "cpu@b", False),
        ("cpu@a", "cpu@a@17", False),
        ("cpu@a@17", "cpu@a@17", True),
        ("cpu@a@17", "cpu@a@18", False),
        ("cuda-0@a@x", "cuda-1@a@x", True),
        ("cuda-0@a@x", "cuda-0@a@y", False),
        ("cuda-0@a@x", "cuda-0@b@x", False),
        ("cuda-0@a", "cuda-0@a@x", True),
        ("cuda-0@a", "cuda-1@a@x", False),
        ("cpu@a", "cuda-0@a@x", False),
        ("cpu", "cpu@a@17", True),
        ("cuda-0", "cuda-0@b@x", True),
        ("cuda-0", "cuda-1@b@x", False),
    ],
)
def test_which_keys_are_one_device(one, other, same):
    first, second = DeviceKey.parse(one), DeviceKey.parse(other)
    assert first.is_same(second) == second.is_same(first) == same


def test_auto_is_any_gpu_and_a_named_one_that_alone(two_gpus):
    assert devices.candidate_devices(["auto"]) == ("cuda:0", "cuda:1")
    assert devices.candidate_devices(["cuda:1"]) == ("cuda:1",)
    assert devices.candidate_devices(["cpu"]) == ("cpu",)


def test_without_the_driver_program_the_driver_s_folder_tells(tmp_path):
    folder = tmp_path / "0000:01:00.0"
    folder.mkdir()
    text = "Model: \t Example GPU\nIRQ: 1\nGPU UUID: \t GPU-cccc\n"
    (folder / "information").write_text(text)
    assert devices._gpus_in(tmp_path) == (devices.GPU("Example GPU", uuid="GPU-cccc"),)
