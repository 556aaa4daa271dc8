"""The whole vocabulary: every leaf explains itself, every number has bounds."""

from workbench.recipe.presets import load_preset
from workbench.recipe.schema import Recipe, Reported, output_names, select
from workbench.recipe.shapes import Entries, Kinds, Members, Value, members


def every_field(model, path="", seen=()):
    """(path, member) of every field of every group and kind that can be reached."""
    for name, member in members(model).items():
        inner = f"{path}.{name}".strip(".")
        yield inner, member
        for group in groups_of(member.shape):
            if group not in seen:
                yield from every_field(group, f"{inner}<{group.__name__}>", (*seen, group))


def groups_of(shape):
    match shape:
        case Members(model):
            return [model]
        case Kinds():
            return list(shape.variants.values())
        case Entries(entry):
            return groups_of(entry)
        case _:
            return []


FIELDS = [*every_field(Recipe), *every_field(Reported, "reported")]


def test_every_field_says_what_it_is():
    for path, member in FIELDS:
        if not path.endswith(">.kind") or member.help:
            assert member.help[-1:] in (".", ")"), path


def test_every_number_has_bounds():
    for path, member in FIELDS:
        shape = member.shape
        while isinstance(shape, Value) and shape.item is not None:
            shape = shape.item
        if isinstance(shape, Value) and shape.type in ("int", "float"):
            assert shape.bounds.low is not None, path
            assert shape.bounds.high is not None, path


def test_no_choice_reads_as_another_type_in_yaml():
    misread = ("on", "off", "yes", "no", "y", "n", "true", "false", "null")
    for path, member in FIELDS:
        if isinstance(member.shape, Value):
            assert not set(misread) & set(member.shape.choices), path


def test_parts_are_named_and_numbered():
    assert output_names(load_preset("playground/quick").model) == [
        "whole",
        "stripes_0",
        "stripes_1",
        "stripes_2",
        "stripes_3",
    ]


def test_patterns_select_in_the_outputs_own_order():
    assert select(["b", "a_*"], ["a_0", "b", "a_1", "c"]) == ["a_0", "b", "a_1"]
