"""The switch beside Start: on, off, and what a person has changed meanwhile."""

import pytest

from workbench.errors import DataError, RecipeError
from workbench.ui.views.train.miniature_view import switched
from workbench.ui.views.train.recipe_view import edited

PRESET = "nama/uc_tri_market1501"


@pytest.mark.thorough
def test_on_and_off_again_leaves_nothing_behind():
    on = edited(PRESET, {}, {}, miniature=True)
    assert on["miniature"]["on"]
    assert on["overrides"]["data.root"] == "miniatures/market1501-2"
    assert on["overrides"]["training.length.count"] == 6
    assert not on["problems"]
    off = edited(PRESET, on["overrides"], {}, miniature=False)
    assert not off["miniature"]["on"]
    assert off["overrides"] == {}


def test_what_a_person_changed_stays():
    on = switched(PRESET, {"training.seed": "7", "data.height": "128"}, True)
    assert (on["training.seed"], on["data.height"]) == ("7", "128")
    on["data.width"] = "96"
    off = switched(PRESET, on, False)
    assert off == {"training.seed": "7", "data.height": "128", "data.width": "96"}


def test_a_folder_of_ones_own_gives_way():
    on = switched(PRESET, {"data.root": "/pictures"}, True)
    assert on["data.root"] == "miniatures/market1501-2"


@pytest.mark.thorough
def test_weights_and_formats_that_were_taken_away_come_back():
    on = edited("layumi/fp16", {}, {}, miniature=True)
    assert on["overrides"]["training.precision"] == "auto"
    assert on["overrides"]["model.weights.kind"] == "none"
    assert edited("layumi/fp16", on["overrides"], {}, miniature=False)["overrides"] == {}


@pytest.mark.thorough
def test_the_playground_has_no_switch():
    assert edited("playground/quick", {}, {})["miniature"] is None
    with pytest.raises(DataError, match="has no miniature"):
        switched("playground/quick", {}, True)


@pytest.mark.thorough
def test_refused_settings_are_told_before_it_moves():
    with pytest.raises(RecipeError, match=r"data\.height = many"):
        switched(PRESET, {"data.height": "many"}, True)
    view = edited(PRESET, {"data.height": "many"}, {})
    assert view["miniature"]["on"] is False
