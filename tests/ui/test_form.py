"""The form without a toolkit: it means what shell and Python mean, and has no dead controls."""

import math
import shlex

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workbench.cli.settings import split_settings
from workbench.errors import RecipeError
from workbench.recipe.compare import DESCRIPTION, belongs
from workbench.recipe.fields import fields_of
from workbench.recipe.overrides import merged, resolve
from workbench.recipe.presets import load_preset, preset_names
from workbench.recipe.text import from_yaml, train_command, value_text
from workbench.ui.form import form_view, gather, label_of

QUICK = "playground/quick"
LISTS = {
    "branches": [["*"], ["whole"], ["whole", "stripes_*"]],
    "depths": [[1, 1, 1, 1], [2, 1, 1, 3]],
    "tail_strides": [[1], [2]],
    "widths": [None, [8, 16, 32, 64]],
    "scales": [[1.0], [1.0, 1.25]],
    "ranks": [[1], [1, 3, 5]],
    "devices": [["auto"], ["cpu"], ["cuda:0", "cuda:1"]],
    "at": [[10], [10, 20]],
    "reported": [[]],
    "groups": [[], ["satellite"]],
    "arguments": [[], ["margin=0.3"]],
    "miner_arguments": [[], ["epsilon=0.2"]],
}


def value_for(spec):
    """A strategy of legal values of a setting."""
    name = spec.path.rpartition(".")[2]
    words = st.sampled_from(spec.choices) if spec.choices else st.nothing()
    if spec.type == "choice":
        return words
    if spec.type == "bool":
        return st.booleans()
    if spec.type == "list":
        return st.sampled_from(LISTS[name])
    if spec.type == "text":
        text = st.text(st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"]), max_size=20)
        return words | text.filter(lambda text: text not in ("", "null"))
    if spec.type == "int":
        return words | st.integers(int(spec.low), int(spec.high))
    return words | st.floats(spec.low, spec.high, exclude_min=True, allow_subnormal=False)


def draw_edits(data):
    """A preset and edits a user could make one after the other, kinds among them."""
    preset = data.draw(st.sampled_from(preset_names()))
    base, overrides = load_preset(preset), {}
    for _ in range(data.draw(st.integers(1, 5))):
        tree, _ = merged(base, overrides)
        found = [spec for spec in fields_of(tree) if spec.low is None or spec.low < spec.high]
        kinds = [spec for spec in found if spec.path.endswith(".kind")]
        among = kinds if data.draw(st.booleans()) else found
        spec = among[data.draw(st.integers(0, len(among) - 1))]
        overrides[spec.path] = data.draw(value_for(spec))
        # A field that a later kind takes away is no longer on the form.
        tree, _ = merged(base, overrides)
        there = {item.path for item in fields_of(tree)}
        overrides = {path: value for path, value in overrides.items() if path in there}
    return preset, overrides


def outcome(preset, overrides):
    """The recipe, or every refusal: both are what a surface must agree on."""
    try:
        return resolve(preset, overrides)
    except RecipeError as error:
        return error.by_path()


@pytest.mark.thorough
@settings(max_examples=20, deadline=None)
@given(st.data())
def test_shell_python_and_page_mean_the_same_recipe(data):
    preset, overrides = draw_edits(data)
    typed = outcome(preset, overrides)

    command = shlex.split(train_command(preset, overrides))
    assert outcome(preset, split_settings(command)[1]) == typed

    by_flag = {path: value for path, value in overrides.items() if "." in path}
    flags = [word for path, value in by_flag.items() for word in (f"--{path}", value_text(value))]
    by_set = {path: value for path, value in overrides.items() if "." not in path}
    assert outcome(preset, split_settings(flags)[1] | by_set) == typed

    page = {field.spec.path: field.value_text for field in form_view(preset, overrides).fields}
    described = {path: value for path, value in overrides.items() if belongs(path, DESCRIPTION)}
    assert outcome(preset, gather(preset, page | described)) == typed


@pytest.mark.thorough
@pytest.mark.parametrize("preset", [QUICK, "baseline/market1501"])
def test_no_control_without_effect(preset):
    base = load_preset(preset)
    for field in form_view(preset).fields:
        value = other_value(field.spec)
        # Refused is an effect too: then the combination with other settings is impossible.
        assert outcome(preset, {field.spec.path: value}) != base, field.spec.path


def other_value(spec):
    """A legal value that is not the present one."""
    if spec.type == "bool":
        return not spec.default
    if spec.type == "list":
        return next(v for v in LISTS[spec.path.rpartition(".")[2]] if v != spec.default)
    if spec.type == "text":
        return "other"
    if spec.type == "choice":
        return next(word for word in spec.choices if word != spec.default)
    present = spec.default if isinstance(spec.default, int | float) else math.nan
    middle = spec.low + (min(spec.high, 100) - spec.low) / 2
    middle = int(middle) if spec.type == "int" else middle
    return middle if middle != present else middle + (1 if spec.type == "int" else 0.125)


def test_sections_follow_the_schema():
    titles = [section.title for section in form_view(QUICK).sections]
    assert titles == [
        "Data",
        "Augmentation",
        "Model",
        "Branch whole",
        "Branch stripes",
        "Loss identity",
        "Loss triplet",
        "Training",
        "Evaluation",
        "Run",
    ]


def test_title_source_and_reported_figures_are_no_controls():
    tops = {field.spec.path.split(".")[0] for field in form_view(QUICK).fields}
    assert tops == {"data", "model", "losses", "training", "evaluation", "run"}


def test_a_setting_with_one_allowed_value_is_no_control():
    assert "run.processes" not in [field.spec.path for field in form_view(QUICK).fields]


def test_changed_fields_are_marked_and_listed():
    view = form_view(QUICK, {"data.height": "64", "data.width": "64"})
    assert [field.spec.path for field in view.fields if field.changed] == ["data.height"]
    assert [(d.path, d.value, d.preset_value) for d in view.differences] == [
        ("data.height", "64", "128")
    ]


def test_an_error_stands_beside_its_field_and_the_value_is_kept():
    view = form_view(QUICK, {"data.height": "tall", "data.width": "32"})
    field = next(field for field in view.fields if field.spec.path == "data.height")
    assert field.error == view.refusals["data.height"]
    assert (field.value_text, view.yaml) == ("tall", "")
    assert next(f for f in view.fields if f.spec.path == "data.width").error is None


@pytest.mark.thorough
def test_a_refusal_without_a_control_is_told_apart():
    view = form_view(QUICK, {"losses.triplet": None, "losses.identity": None})
    assert list(view.other_refusals) == ["losses"]
    view = form_view(QUICK, {"data.sampler.kind": "shuffle"})
    assert view.other_refusals == {}
    assert list(view.refusals) == ["losses.triplet.kind"]


def test_the_command_and_yaml_are_what_start_would_do():
    view = form_view(QUICK, {"run.name": "it's", "run.devices": ["cpu"]})
    assert view.command == (
        "workbench train playground/quick --set 'run.name=it'\"'\"'s' --set 'run.devices=[\"cpu\"]'"
    )
    assert from_yaml(view.yaml) == resolve(QUICK, view.overrides)


@pytest.mark.thorough
def test_gather_leaves_out_what_is_as_in_the_preset():
    page = {field.spec.path: field.value_text for field in form_view(QUICK).fields}
    assert gather(QUICK, page) == {}
    assert gather(QUICK, page | {"data.height": 128.0}) == {}


@pytest.mark.thorough
def test_gather_drops_the_fields_of_a_kind_that_was_left():
    page = {field.spec.path: field.value_text for field in form_view(QUICK).fields}
    page |= {"training.optimizer.kind": "sgd", "training.optimizer.beta1": "0.5"}
    found = gather(QUICK, page)
    assert found["training.optimizer.kind"] == "sgd"
    assert "training.optimizer.beta1" not in found


def test_gather_keeps_what_will_be_refused():
    assert gather(QUICK, {"data.height": "tall"}) == {"data.height": "tall"}


@pytest.mark.thorough
def test_search_looks_at_path_label_and_help():
    fields = form_view(QUICK).fields
    found = [field.spec.path for field in fields if field.matches("erasing SHARE")]
    assert "data.transforms.erasing.probability" in found
    assert "data.height" not in found


def test_labels_are_words():
    assert label_of("training.optimizer.learning_rate", "training") == "optimizer: learning rate"
    assert label_of("losses.triplet.kind", "losses.triplet") == "kind"
