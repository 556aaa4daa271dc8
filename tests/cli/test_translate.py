"""``workbench translate``: what it prints for people and for programs."""

import json

import pytest

from workbench.cli import main
from workbench.runs import devices

COMMAND = "python train.py --net msvit_s --dataset sop --batch-size 24 --lr-decay 0.5"


@pytest.mark.thorough
def test_a_json_line_for_each_run(capsys):
    assert main(["translate", "--json", COMMAND + "\n" + COMMAND]) == 0
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [line["kind"] for line in lines] == ["translation", "translation"]
    assert lines[0]["preset"] == "msvit/sop_s"
    assert lines[0]["overrides"]["training.averaging.kind"] == "none"
    assert len(lines[0]["notes"]) == 1


def test_what_does_not_train_is_a_command_of_ours(capsys):
    assert main(["translate", "--json", "python demo.py --query_index 7"]) == 0
    line = json.loads(capsys.readouterr().out)
    assert (line["preset"], line["overrides"], line["action"]) == (None, {}, "rank")
    assert line["command"] == "workbench rank last --checkpoint last --query 7 -k 10"


def test_our_command_and_the_notes(capsys):
    assert main(["translate", COMMAND]) == 0
    output = capsys.readouterr().out
    assert output.startswith("workbench train msvit/sop_s --set ")
    assert "note: --lr-decay: the program reads it and never uses it" in output


def test_the_command_takes_a_device_that_is_here_and_the_overrides_what_was_said(
    monkeypatch, capsys
):
    monkeypatch.setattr(devices, "installed_devices", lambda: ["cpu"])
    assert main(["translate", "--json", "python train.py --PCB --train_all --gpu_ids 3"]) == 0
    line = json.loads(capsys.readouterr().out)
    assert line["overrides"]["run.devices"] == ["cuda:3"]
    assert "run.devices" not in line["command"]
    assert "not on this machine" in line["notes"][-1]


def test_what_is_not_known_is_refused(capsys):
    assert main(["translate", "python main.py"]) == 2
    assert "is no program of" in capsys.readouterr().err
