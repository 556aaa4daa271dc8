"""YAML in and out."""

import pytest

from workbench.errors import RecipeError
from workbench.recipe.schema import Recipe
from workbench.recipe.text import from_yaml, read_yaml, to_yaml, value_text


def test_an_empty_mapping_is_the_default_recipe():
    assert from_yaml("{}") == Recipe()


def test_a_dump_names_every_kind():
    text = to_yaml(Recipe())
    assert "kind: timm" in text
    assert text.index("data:") < text.index("model:") < text.index("losses:")


def test_a_number_without_a_point_is_read_as_one():
    # YAML 1.1 takes 1e-3 for a text; the field's own type does not.
    recipe = from_yaml("training: {optimizer: {kind: adam, learning_rate: 1e-3}}")
    assert recipe.training.optimizer.learning_rate == 0.001


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("data: {height: 3]", "YAML line 1, column"),
        ("- 1", "a recipe is a mapping"),
        ("just words", "a recipe is a mapping"),
        ("data: {height: 3, height: 4}", "YAML line 1: 'height' is given twice."),
        ("a: !!python/object:os.system {}", "YAML line 1"),
        ("training: {averaging: {decay: 0.9}}", "training.averaging: no kind given."),
        ("data: \x00", "YAML"),
    ],
)
def test_unreadable_text_is_one_sentence(text, sentence):
    with pytest.raises(RecipeError) as refusal:
        from_yaml(text)
    assert sentence in str(refusal.value)
    assert "\n" not in str(refusal.value)


def test_anchors_and_merges_work():
    tree = read_yaml("a: &x {kind: sgd, momentum: 0.5}\nb: {<<: *x, nesterov: false}")
    assert tree["b"] == {"kind": "sgd", "momentum": 0.5, "nesterov": False}


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("a b", "a b"),
        (None, "null"),
        (True, "true"),
        (0.1, "0.1"),
        ([1, "x"], '[1, "x"]'),
        (3, "3"),
    ],
)
def test_values_as_text(value, text):
    assert value_text(value) == text
