"""Field specs: one list every editor is generated from."""

import dataclasses

import pytest

from workbench.recipe.fields import FieldSpec, fields, mappings
from workbench.recipe.overrides import resolve
from workbench.recipe.presets import load_preset, preset_names


def spec(path, overrides=None, preset="playground/quick"):
    return next(item for item in fields(resolve(preset, overrides or {})) if item.path == path)


def paths(overrides=None, preset="playground/quick"):
    return [item.path for item in fields(resolve(preset, overrides or {}))]


def test_a_spec_has_ten_fields():
    assert len(dataclasses.fields(FieldSpec)) == 10


@pytest.mark.thorough
@pytest.mark.parametrize("name", preset_names())
def test_every_setting_has_help_and_one_path(name):
    found = fields(load_preset(name))
    assert len({item.path for item in found}) == len(found)
    assert all(item.help for item in found)


def test_a_kind_comes_first_then_its_fields():
    found = paths()
    start = found.index("training.optimizer.kind")
    assert found[start + 1] == "training.optimizer.learning_rate"
    assert "training.optimizer.momentum" not in found
    assert "training.optimizer.momentum" in paths({"training.optimizer.kind": "sgd"})


def test_a_kind_is_a_choice_that_tells_the_kinds_apart():
    found = spec("data.sampler.kind")
    assert (found.type, found.default) == ("choice", "identity_batches")
    assert found.choices == ("shuffle", "identity_batches")
    assert "shuffle: Every image once an epoch, in random order." in found.help


def test_fields_of_a_kind_are_shown_when_it_is_chosen():
    assert spec("data.sampler.images").shown_when == ("data.sampler.kind", "identity_batches")
    assert spec("data.height").shown_when is None


def test_a_choice_that_is_no_union_is_a_plain_choice():
    assert spec("data.loader.kind").choices == ("auto", "cached", "workers")
    assert spec("data.loader.prefetch").shown_when is None


def test_bounds_help_and_flags_come_from_the_schema():
    rate = spec("training.optimizer.learning_rate")
    assert (rate.type, rate.low, rate.high, rate.log_scale) == ("float", 0.0, 100.0, True)
    assert rate.important
    assert rate.help == "Peak learning rate."


def test_empty_and_words_are_choices_beside_a_type():
    assert spec("losses.triplet.margin").choices == (None,)
    threads = spec("run.threads")
    assert (threads.type, threads.choices, threads.low, threads.high) == (
        "int",
        ("auto", "cores"),
        1,
        256,
    )


@pytest.mark.thorough
def test_an_optional_group_is_a_switch():
    off = spec("evaluation.re_ranking")
    assert (off.type, off.default) == ("bool", False)
    assert "evaluation.re_ranking.k1" not in paths()
    on = {"evaluation.re_ranking": True}
    assert spec("evaluation.re_ranking", on).default is True
    assert spec("evaluation.re_ranking.k1", on).shown_when == ("evaluation.re_ranking", True)


def test_mappings_are_shown_entry_by_entry():
    assert mappings() == ("model.branches", "losses", "training.parameter_groups")
    assert "losses.second.weight" in paths({"losses.second.kind": "cross_entropy"})
    assert not any(path.startswith("losses.triplet") for path in paths({"losses.triplet": None}))
