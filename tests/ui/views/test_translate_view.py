"""What the page shows of a pasted command."""

import pytest

from workbench.errors import RecipeError
from workbench.recipe.overrides import resolve
from workbench.runs import devices
from workbench.ui.views.train.translate_view import translated


def test_a_training_is_a_recipe_to_edit():
    (one,) = translated("python train.py --PCB --train_all --lr 0.01 --name mine")["found"]
    assert (one["action"], one["preset"]) == ("train", "layumi/pcb")
    assert one["title"] == "PCB, six stripes"
    assert one["overrides"] == {"training.optimizer.learning_rate": 0.01, "run.name": "mine"}
    assert ["training.optimizer.learning_rate", "0.01"] in one["differs"]
    assert one["command"].startswith("workbench train layumi/pcb --set ")


def test_what_is_taken_away_is_none():
    (one,) = translated("python train.py --train_all --linear_num 0")["found"]
    assert one["differs"] == [["model.branches.whole.neck.width", "none"]]


def test_several_programs_are_several_answers():
    text = "python prepare.py\npython train.py\npython test.py --multi"
    assert [one["action"] for one in translated(text)["found"]] == ["prepare", "train", "evaluate"]


def test_what_is_not_known_is_one_sentence():
    with pytest.raises(RecipeError, match="starts no Python program"):
        translated("make app")


@pytest.mark.parametrize(
    ("command", "said", "used", "note"),
    [
        ("--gpu_ids 1", ["cuda:1"], ["cuda:1"], ""),
        ("--gpu_ids 3", ["cuda:3"], None, "cuda:3: not on this machine; the best device is used."),
        ("--gpu_ids 0,1", ["cuda:0", "cuda:1"], ["cuda:0"], "one device; cuda:0 is used."),
        ("--gpu_ids 5,1", ["cuda:5", "cuda:1"], ["cuda:1"], "one device; cuda:1 is used."),
        ("", None, None, ""),
    ],
)
def test_a_commands_device_is_a_wish(monkeypatch, command, said, used, note):
    monkeypatch.setattr(devices, "installed_devices", lambda: ["cpu", "cuda:0", "cuda:1"])
    (one,) = translated(f"python train.py --PCB --train_all --lr 0.02 {command}")["found"]
    assert one["overrides"].get("run.devices") == said
    assert one["start"].get("run.devices") == used
    assert one["notes"][-1:] == ([] if not note else [one["notes"][-1]])
    assert not note or note in one["notes"][-1]
    assert ("run.devices" in one["command"]) == (used is not None)


def test_a_device_that_is_not_here_does_not_keep_a_command_from_starting(monkeypatch):
    monkeypatch.setattr(devices, "installed_devices", lambda: ["cpu"])
    text = "CUDA_VISIBLE_DEVICES=3 python train.py --net msvit_s --dataset market1501"
    (one,) = translated(text)["found"]
    resolved = resolve(one["preset"], one["start"])
    assert devices.resolve_devices(resolved.run.devices) == ("cpu",)
