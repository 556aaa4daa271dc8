import pytest

from tests.ui.by_hand import write_run
from workbench.errors import RecipeError
from workbench.recipe.overrides import resolve
from workbench.ui.views.train.recipe_view import devices, edited, preset_cards


def fields_of(view):
    return [field for section in view["sections"] for field in section["fields"]]


def field_of(view, path):
    return next(field for field in fields_of(view) if field["path"] == path)


def moved(field):
    """Another value than the one shown, as a control would send it."""
    match field["type"]:
        case "bool":
            return not field["value"]
        case "choice":
            return next(word for word in field["choices"] if word != field["value"])
        case "int" | "float":
            return moved_number(field)
        case "list":
            return "[]" if field["value"] else '["satellite"]'
        case _:
            return f"{field['text']}x"


def moved_number(field):
    low, high = field["low"], field["high"]
    if not isinstance(field["value"], int | float):
        return str(low if low else 1)
    step = 1 if field["type"] == "int" else (high - low) / 8 if high is not None else 1.0
    up = field["value"] + step
    return str(up if high is None or up < high else field["value"] - step)


def at(recipe, path):
    value = recipe.model_dump()
    for name in path.split("."):
        value = value.get(name) if isinstance(value, dict) else None
    return value


def check_control(preset, before, field):
    path, value = field["path"], moved(field)
    after = edited(preset, {}, {path: value})
    assert path in after["overrides"], path
    try:
        recipe = resolve(preset, after["overrides"])
    except RecipeError:
        told = [one["error"] for one in fields_of(after) if one["error"]]
        assert told or after["problems"], path
    else:
        assert at(recipe, path) != at(before, path), path
        assert any(one["path"].startswith(path) for one in after["differences"]) or (
            path.startswith("run.") or path == "data.root"
        )


@pytest.mark.thorough
def test_controls_of_every_type_have_an_effect():
    preset = "playground/quick"
    fields = fields_of(edited(preset, {}, {}))
    some = {(one["type"], one["optional"], one["important"]): one for one in fields}
    for field in some.values():
        check_control(preset, resolve(preset), field)


@pytest.mark.long
@pytest.mark.parametrize("preset", ["playground/quick", "baseline/market1501"])
def test_every_control_has_an_effect(preset):
    for field in fields_of(edited(preset, {}, {})):
        check_control(preset, resolve(preset), field)


@pytest.mark.thorough
def test_going_back_to_the_preset_leaves_nothing_behind():
    changed = edited("playground/quick", {}, {"data.height": "96"})
    assert changed["overrides"] == {"data.height": "96"}
    field = field_of(changed, "data.height")
    assert (field["changed"], field["preset_text"]) == (True, "128")
    back = edited("playground/quick", changed["overrides"], {"data.height": field["preset_value"]})
    assert back["overrides"] == {}
    assert back["differences"] == []


@pytest.mark.thorough
def test_a_refusal_stands_beside_its_field_without_saying_the_path_again():
    view = edited("playground/quick", {}, {"data.height": "many"})
    error = field_of(view, "data.height")["error"]
    assert error == "Not a whole number. Use a whole number from 16 to 1024."
    assert view["yaml"] == ""


@pytest.mark.thorough
def test_a_new_kind_takes_its_fields_with_it():
    path = "model.branches.stripes.regions"
    view = edited("playground/quick", {f"{path}.count": "2"}, {f"{path}.kind": "whole"})
    assert f"{path}.count" not in [field["path"] for field in fields_of(view)]
    assert view["overrides"] == {f"{path}.kind": "whole"}


@pytest.mark.thorough
def test_an_entry_can_be_removed_but_not_the_last_one():
    view = edited("playground/quick", {}, {"model.branches.stripes": None})
    assert view["overrides"] == {"model.branches.stripes": None}
    branches = [one for one in view["sections"] if one["path"].startswith("model.branches.")]
    assert [(one["path"], one["removable"]) for one in branches] == [
        ("model.branches.whole", False)
    ]


def test_an_unknown_preset_is_refused():
    with pytest.raises(RecipeError, match="Did you mean"):
        edited("playground/quik", {}, {})


@pytest.mark.thorough
def test_cards_tell_a_story_and_what_was_reported():
    cards = {card["name"]: card for card in preset_cards()}
    assert next(iter(cards)) == "playground/quick" or "playground/quick" in cards
    assert all(card["title"] for card in cards.values())
    strong = cards["baseline/market1501_strong"]["reported"]
    assert {one["metric"] for one in strong} == {"mAP", "rank1"}
    assert all(one["source"] for one in strong)


@pytest.mark.thorough
def test_a_free_device_asks_for_no_waiting():
    write_run()
    processor = devices()[0]
    assert (processor["name"], processor["words"], processor["wait"]) == ("cpu", "free", "")
