"""Measuring what a recipe costs: that it is kept and told; its figures are nobody's to assert."""

import json
from types import SimpleNamespace

import numpy as np
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
    calibration = calibrate(options)
    assert (calibration.device, calibration.precision, calibration.threads, calibration.batch) == (
        "cpu",
        "fp32",
        1,
        16,
    )
    assert calibration.seconds_a_step > 0
    assert calibration.parameters > 0
    expectation = expected(resolve(PRESET, DRAWN))
    assert expectation.calibration == calibration
    assert expectation.description in rows(options, calibration)[0]
    assert expected(resolve(PRESET, DRAWN | {"data.width": 32})) is None
    assert workbench(["show", "--json", "--parameters", PRESET, *SETS]) == 0
    shown = json.loads(capsys.readouterr().out)
    assert shown["parameters"] == calibration.parameters
    assert shown["expected"]["seconds_an_image"] == calibration.seconds_a_step / 16
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


@pytest.mark.parametrize(
    ("limit", "used", "free"),
    [("max\n", "100\n", 4096), ("3000\n", "1000\n", 2000), ("9000\n", "1000\n", 4096)],
)
def test_free_memory_is_the_least_of_machine_and_container(
    tmp_path, monkeypatch, limit, used, free
):
    machine = SimpleNamespace(available=4096)
    monkeypatch.setattr(memory_use.psutil, "virtual_memory", lambda: machine)
    for name, text in (("_LIMIT", limit), ("_USED", used)):
        (tmp_path / name).write_text(text)
        monkeypatch.setattr(memory_use, name, tmp_path / name)
    assert memory_use.free_megabytes("cpu") == free / 1e6
    (tmp_path / "_LIMIT").unlink()  # a system without cgroups
    assert memory_use.free_megabytes("cpu") == 4096 / 1e6


def test_memory_of_files_is_no_memory_of_our_own(tmp_path):
    np.save(tmp_path / "zeros.npy", np.zeros(2**23))
    before, resident = memory_use.anonymous_bytes(), memory_use.resident_bytes()
    mapped = np.load(tmp_path / "zeros.npy", mmap_mode="r")
    assert mapped.sum() == 0
    assert memory_use.resident_bytes() - resident > 60e6
    assert memory_use.anonymous_bytes() - before < 30e6


@pytest.mark.process
def test_presets_are_measured_in_processes_of_their_own(capsys):
    assert main([PRESET, "--json", "--steps=1", *SETS]) == 0
    line = json.loads(capsys.readouterr().out)
    assert (line["kind"], line["preset"], line["batch"]) == ("calibration", PRESET, 16)


def test_a_wrong_request_is_refused_before_anything_is_measured(capsys):
    assert workbench(["bench", "recipe", "playground/quick", "playground/quikc"]) == 2
    assert "Did you mean playground/quick?" in capsys.readouterr().err
