"""Presets: found by name, chained by base, refused with the closest name."""

import pytest

from workbench import paths
from workbench.errors import PlaceError, RecipeError
from workbench.recipe.presets import (
    load_preset,
    preset_base,
    preset_file,
    preset_names,
    preset_text,
    preset_tree,
    presets,
)
from workbench.recipe.text import from_yaml, to_yaml


@pytest.fixture
def recipes(tmp_path, monkeypatch):
    """A folder of presets of the test's own, written by name."""
    monkeypatch.setenv("WORKBENCH_RECIPES", str(tmp_path))

    def write(name, text):
        path = tmp_path / f"{name}.yaml"
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)

    return write


def test_the_default_preset_is_first_and_its_folder_before_the_others():
    names = preset_names()
    assert names[0] == "playground/quick"
    assert {"playground/global", "baseline/folder", "baseline/market1501_strong"} <= set(names)
    folders = [name.split("/")[0] for name in names]
    assert folders == sorted(folders, key=lambda folder: (folder != "playground", folder))


@pytest.mark.thorough
@pytest.mark.parametrize("name", preset_names())
def test_every_preset_loads_and_survives_yaml(name):
    recipe = load_preset(name)
    assert recipe.title
    assert from_yaml(to_yaml(recipe)) == recipe


@pytest.mark.thorough
@pytest.mark.parametrize("name", preset_names())
def test_every_preset_opens_with_what_it_is_and_where_it_comes_from(name):
    opening = preset_text(name).split("\n\n")[0]
    for word in ("# Source:", "Licence", "# Expect:"):
        assert word in preset_text(name), word
    assert opening.startswith("# ")


@pytest.mark.thorough
@pytest.mark.parametrize("name", preset_names())
def test_every_reported_figure_carries_protocol_and_source(name):
    for item in load_preset(name).reported:
        assert item.protocol
        assert item.source


def test_quick_is_what_was_measured():
    recipe = load_preset("playground/quick")
    assert recipe.model.branches["whole"].neck.width is None
    assert recipe.model.branches["stripes"].regions.count == 4
    assert recipe.training.length.count == 280
    assert recipe.training.optimizer.learning_rate == 0.0015
    assert (recipe.data.sampler.identities, recipe.data.sampler.images) == (16, 4)


def test_global_is_quick_without_its_stripes():
    quick, whole = load_preset("playground/quick"), load_preset("playground/global")
    assert preset_base("playground/global") == "playground/quick"
    assert list(whole.model.branches) == ["whole"]
    assert whole.training == quick.training
    assert whole.model.branches["whole"] == quick.model.branches["whole"]


@pytest.mark.thorough
def test_a_summary_is_what_a_list_shows():
    strong = next(item for item in presets() if item.name == "baseline/market1501_strong")
    assert strong.system == "baseline"
    assert strong.dataset == "market1501"
    assert strong.reported[0].value == 0.857


def test_an_unknown_preset_is_refused_with_the_closest_name():
    with pytest.raises(RecipeError, match=r"Did you mean playground/quick\?") as refusal:
        load_preset("playground/quikc")
    assert refusal.value.path == "preset"


@pytest.mark.parametrize(
    "name", ["../recipes/playground/quick", "playground", "/etc/passwd", "a/b/c", ""]
)
def test_a_name_that_is_no_folder_and_name_is_refused(name):
    with pytest.raises(RecipeError, match="no such preset"):
        preset_file(name)


def test_a_new_kind_in_a_base_chain_starts_from_its_own_defaults(recipes):
    recipes("a/one", "training: {optimizer: {kind: sgd, learning_rate: 0.1, weight_decay: 0.01}}")
    recipes("a/two", "base: a/one\ntraining: {optimizer: {kind: adam}}")
    recipes("a/three", "base: a/two\ntraining: {optimizer: {beta1: 0.5}}")
    optimizer = load_preset("a/three").training.optimizer
    assert (optimizer.kind, optimizer.learning_rate, optimizer.weight_decay) == (
        "adam",
        3.5e-4,
        5e-4,
    )
    assert optimizer.beta1 == 0.5


def test_a_choice_that_is_no_union_resets_nothing(recipes):
    recipes("a/one", "data: {loader: {kind: cached, prefetch: 9}}")
    recipes("a/two", "base: a/one\ndata: {loader: {kind: workers}}")
    loader = load_preset("a/two").data.loader
    assert (loader.kind, loader.prefetch) == ("workers", 9)


def test_branches_that_are_named_do_not_inherit_the_default_one(recipes):
    recipes("a/one", "model: {branches: {parts: {regions: {kind: row_stripes, count: 2}}}}")
    assert list(load_preset("a/one").model.branches) == ["parts"]


def test_null_removes_an_entry_and_empties_an_optional_group(recipes):
    recipes("a/one", "model: {branches: {x: {}, y: {neck: {bnneck: null}}}}")
    recipes("a/two", "base: a/one\nmodel: {branches: {x: null, y: {neck: {bnneck: {}}}}}")
    assert load_preset("a/one").model.branches["y"].neck.bnneck is None
    branches = load_preset("a/two").model.branches
    assert list(branches) == ["y"]
    assert branches["y"].neck.bnneck.bias == "frozen"


def test_presets_in_a_circle_are_refused(recipes):
    recipes("a/one", "base: a/two")
    recipes("a/two", "base: a/one")
    with pytest.raises(RecipeError, match="in a circle, a/one -> a/two -> a/one"):
        load_preset("a/one")


def test_a_missing_base_is_refused_by_name(recipes):
    recipes("a/one", "base: a/twoo")
    recipes("a/two", "title: two")
    with pytest.raises(RecipeError, match=r"Did you mean a/two\?"):
        load_preset("a/one")


def test_a_refused_preset_says_which_and_where(recipes):
    recipes("a/one", "data: {hight: 3}")
    with pytest.raises(RecipeError, match=r"Preset a/one: data\.hight: unknown field.*mean height"):
        load_preset("a/one")
    assert preset_tree("a/one")["data"]["height"] == 256


def test_a_broken_preset_is_listed_with_its_problem(recipes):
    recipes("a/one", "title: [")
    recipes("a/two", "title: two")
    broken, fine = presets()
    assert "YAML line" in broken.problem
    assert (fine.title, fine.problem) == ("two", "")


def test_other_files_are_no_presets(recipes):
    recipes("a/one", "title: one")
    recipes("a/.hidden", "title: hidden")
    recipes("a/Capital", "title: capital")
    assert preset_names() == ["a/one"]
    assert paths.recipes_folder().is_dir()


def test_a_missing_folder_of_presets_is_named(tmp_path, monkeypatch):
    monkeypatch.setenv("WORKBENCH_RECIPES", str(tmp_path / "nowhere"))
    with pytest.raises(PlaceError, match="set WORKBENCH_RECIPES"):
        preset_names()


def test_a_file_that_is_no_text_is_refused(recipes, tmp_path):
    recipes("a/one", "title: one")
    (tmp_path / "a" / "one.yaml").write_bytes(b"title: \xff")
    with pytest.raises(RecipeError, match=r"one\.yaml cannot be read"):
        load_preset("a/one")


def test_a_preset_that_was_changed_is_read_again(recipes):
    recipes("a/one", "title: one")
    assert load_preset("a/one").title == "one"
    recipes("a/one", "title: another")
    assert load_preset("a/one").title == "another"
