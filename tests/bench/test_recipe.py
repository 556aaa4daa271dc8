"""Measuring what a recipe costs: that it is kept and told; its figures are nobody's to assert."""

import json

import pytest

from tests.experiment.tiny import DRAWN
from workbench.bench import memory_use, recipe
from workbench.bench.calibration import expected
from workbench.bench.recipe import Options, calibrate, main, rows
from workbench.cli import main as workbench
from workbench.errors import DataError, RunFailed
from workbench.recipe.overrides import resolve

PRESET = "playground/global"
SETS = [f"--set={path}={value}" for path, value in DRAWN.items()]


@pytest.mark.thorough
def test_what_is_measured_is_kept_and_told(capsys):
    options = Options(PRESET, DRAWN, steps=2)
    found = calibrate(options)
    assert (found.device, found.precision, found.threads, found.batch) == ("cpu", "fp32", 1, 16)
    assert found.seconds_a_step > 0
    assert found.parameters > 0
    about = expected(resolve(PRESET, DRAWN))
    assert about.calibration == found
    assert about.words in rows(options, found)[0]
    assert expected(resolve(PRESET, DRAWN | {"data.width": 32})) is None
    assert workbench(["show", "--json", "--parameters", PRESET, *SETS]) == 0
    shown = json.loads(capsys.readouterr().out)
    assert shown["parameters"] == found.parameters
    assert shown["expected"]["seconds_an_image"] == found.seconds_a_step / 16
    assert (shown["identities"], shown["identities_from"]) == (8, "recipe")


@pytest.mark.thorough
@pytest.mark.parametrize(("free", "fits"), [(1e6, True), (0.0, False)])
def test_a_batch_that_would_not_fit_is_not_tried(monkeypatch, free, fits):
    monkeypatch.setattr(recipe, "free_megabytes", lambda _: free)
    # 24 more images take 160 MB, so the 48 that are still to come take 320 MB more.
    peaks = iter([200.0, 360.0, 999.0])
    monkeypatch.setattr(recipe, "peak_megabytes", lambda _: next(peaks))
    monkeypatch.setattr(recipe, "resident_bytes", lambda: 360e6)
    changes = DRAWN | {"data.sampler.identities": 8, "data.sampler.images": 12}
    options = Options(PRESET, changes, steps=1)
    if fits:
        assert calibrate(options).peak_megabytes == 999.0
        return
    with pytest.raises(RunFailed, match="96 images of 32 x 16 pixels would take about 680 MB"):
        calibrate(options)
    assert expected(resolve(PRESET, changes)) is None


def test_a_folder_nobody_knows_has_no_classifier_to_measure():
    with pytest.raises(DataError, match=r"--set data\.root=FOLDER"):
        calibrate(Options("baseline/folder"))


def test_room_is_the_least_that_any_account_leaves():
    machine = ["MemTotal: 9 kB", "MemAvailable:       4 kB"]
    assert min(memory_use._left(machine, "max\n", "100\n")) == 4096
    assert min(memory_use._left(machine, "3000\n", "1000\n")) == 2000
    assert min(memory_use._left([], "", "")) == float("inf")


@pytest.mark.process
def test_presets_are_measured_in_processes_of_their_own(capsys):
    assert main([PRESET, "--json", "--steps=1", *SETS]) == 0
    line = json.loads(capsys.readouterr().out)
    assert (line["kind"], line["preset"], line["batch"]) == ("calibration", PRESET, 16)


def test_a_wrong_request_is_refused_before_anything_is_measured(capsys):
    assert workbench(["bench", "recipe", "playground/quick", "playground/quikc"]) == 2
    assert "Did you mean playground/quick?" in capsys.readouterr().err
