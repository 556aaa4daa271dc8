"""What is kept of a measurement, when it counts, and how it is told."""

import json
from dataclasses import replace
from datetime import datetime

import pytest

from workbench import paths
from workbench.bench import calibration
from workbench.bench.calibration import Calibration, expected, expected_of_presets
from workbench.errors import PlaceError
from workbench.recipe.compare import step_digest
from workbench.recipe.overrides import resolve
from workbench.recipe.presets import DEFAULT_PRESET, load_preset
from workbench.runs.environment import machine
from workbench.ui.views.train import recipe_view
from workbench.ui.views.train.recipe_view import edited, preset_cards

PRESET = "layumi/market1501"
NOON = datetime(2026, 11, 21, 12).timestamp()


@pytest.fixture(autouse=True)
def today(monkeypatch):
    monkeypatch.setattr(calibration.time, "time", lambda: NOON)
    # The processor of this machine, whatever else it has.
    monkeypatch.setattr(calibration, "resolve_devices", lambda _: ("cpu",))


def measured(preset=PRESET, seconds=1.6, **more):
    calibration = Calibration(
        preset=preset,
        digest=step_digest(load_preset(preset)),
        device="cpu",
        precision="fp32",
        threads=2,
        batch=32,
        seconds_a_step=seconds,
        peak_megabytes=1712.0,
        parameters=24_000_000,
        measured=NOON,
        machine=machine(),
    )
    return replace(calibration, **more)


def test_time_is_that_of_all_steps():
    assert expected(load_preset(PRESET)) is None
    measured().save()
    expectation = expected(load_preset(PRESET))
    # 404 steps of 32 images in each of 60 epochs, 1.6 s each.
    assert expectation.seconds == pytest.approx(60 * (12_936 // 32) * 1.6)
    assert expectation.description == (
        "about 10 h 50 min of training, 1.7 GB on this machine (measured 21 November)"
    )


@pytest.mark.parametrize(
    ("changes", "stays"),
    [
        ({"training.length.count": 30}, True),
        ({"training.seed": 7, "evaluation.embedding.flip": False}, True),
        ({"training.schedule.at": [3], "data.transforms.flip": 0.0}, True),
        ({"data.root": "elsewhere", "run.name": "mine"}, True),
        ({"data.sampler.batch_size": 16}, False),
        ({"data.height": 128}, False),
        ({"model.backbone.tail_strides": [1]}, False),
        ({"losses.circle.kind": "circle"}, False),
        ({"training.optimizer.kind": "adam"}, False),
        ({"training.precision": "bf16"}, False),
    ],
)
def test_it_counts_until_a_step_is_another_one(changes, stays):
    measured().save()
    assert (expected(resolve(PRESET, changes)) is not None) == stays


def test_half_the_epochs_take_half_the_time():
    measured().save()
    whole, half = (
        expected(load_preset(PRESET)),
        expected(resolve(PRESET, {"training.length.count": 30})),
    )
    assert half.seconds == pytest.approx(whole.seconds / 2)


def test_where_nobody_knows_how_many_steps_there_are_a_step_is_told():
    preset = "nama/uc_cls_market1501"
    measured(preset, seconds=9.04, batch=120).save()
    expectation = expected(load_preset(preset))
    assert expectation.seconds is None
    assert expectation.description.startswith("about 9 s for each step of 120 images, 1.7 GB")


def test_another_machine_and_damaged_files_do_not_count():
    path = measured().save()
    content = json.loads(path.read_text())
    assert path.parent == paths.calibrations_folder()
    other = content | {"machine": content["machine"] | {"processor": "Another one"}}
    for text in (json.dumps(other), json.dumps(content | {"batch": 0}), '{"preset": 1}', "{", "[]"):
        path.write_text(text)
        assert expected(load_preset(PRESET)) is None
        assert expected_of_presets() == {}


def test_the_year_is_told_of_an_older_one():
    measured(measured=datetime(2025, 3, 1, 12).timestamp()).save()
    assert expected(load_preset(PRESET)).description.endswith("(measured 1 March 2025)")


def test_a_folder_that_cannot_be_written_is_one_sentence():
    paths.runs_folder().mkdir(parents=True)
    paths.calibrations_folder().write_text("in the way")
    with pytest.raises(PlaceError, match=r"\.calibrations.* cannot be written"):
        measured().save()
    assert expected(load_preset(PRESET)) is None


@pytest.mark.thorough
def test_card_and_start_tell_it_once_it_was_measured(monkeypatch):
    monkeypatch.setattr(recipe_view, "preset_names", lambda: [DEFAULT_PRESET, PRESET])
    assert not any(card["expected"] for card in preset_cards())
    assert edited(PRESET, {}, {})["expected"] == ""
    measured().save()
    description = expected(load_preset(PRESET)).description
    described = {card["name"]: card["expected"] for card in preset_cards() if card["expected"]}
    assert described == {PRESET: description}
    assert edited(PRESET, {}, {})["expected"] == description
    assert "5 h 20 min" in edited(PRESET, {}, {"training.length.count": "30"})["expected"]
    assert edited(PRESET, {}, {"data.sampler.batch_size": "8"})["expected"] == ""
    assert edited(PRESET, {}, {"data.height": "many"})["expected"] == ""
