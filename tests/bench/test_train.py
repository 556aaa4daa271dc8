"""The measurement runs and says what it measured; its figures are nobody's to assert."""

import json

import pytest

from tests.experiment.tiny import overrides, people
from workbench.bench import train
from workbench.bench.train import Options, rows, run


@pytest.fixture
def options(tmp_path):
    changes = overrides(people(tmp_path / "people"))
    # How often a preset evaluates and saves is not for the measurement.
    for path in ("training.evaluate.count", "training.checkpoints.every.count"):
        del changes[path]
    return Options(rounds=2, steps=2, changes=changes)


@pytest.mark.thorough
def test_both_are_measured_in_turns(options):
    result = run(options)
    assert len(result["rounds"]) == 2
    assert set(result["images_per_second"]) == {"bare", "loop"}
    assert result["ratio"] > 0
    assert {"processor", "cores"} <= set(result["machine"])


def test_the_table_names_machine_and_unit(options, monkeypatch, capsys):
    result = {
        "preset": "playground/quick",
        "device": "cpu",
        "precision": "fp32",
        "clock": "CPU",
        "images_per_second": {"bare": 200.0, "loop": 190.0},
        "ratio": 0.95,
        "machine": {"processor": "Some processor", "accelerator": None},
    }
    assert rows(result) == [
        "playground/quick, fp32, one thread, Some processor",
        "            images per CPU second",
        "bare                        200.0",
        "loop                        190.0",
        "loop/bare                   0.950",
    ]
    monkeypatch.setattr(train, "run", lambda _: result)
    assert train.main(["--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"kind": "bench"} | result
