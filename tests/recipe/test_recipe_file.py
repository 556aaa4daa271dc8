"""Recipe files by path: what they resolve to, and one sentence for each that is no recipe."""

import pytest

from workbench.errors import RecipeError
from workbench.recipe.overrides import resolve
from workbench.recipe.presets import load_preset, preset_file, preset_names
from workbench.recipe.recipe_file import read_recipe_file
from workbench.ui.api.routes import Wanted, start
from workbench.ui.views.train.recipe_view import edited

BY_SYSTEM = {name.partition("/")[0]: name for name in preset_names()}


@pytest.mark.thorough
@pytest.mark.parametrize("name", BY_SYSTEM.values())
def test_a_copy_of_a_preset_is_the_same_recipe_as_preset_and_overrides(name, tmp_path):
    file = tmp_path / "mine.yaml"
    file.write_bytes(preset_file(name).read_bytes())
    again = resolve(*read_recipe_file(file).submission())
    wanted = load_preset(name)
    assert again.model_copy(update={"run": wanted.run}) == wanted
    assert again.run.name == "mine"


def test_a_base_beside_the_file_is_followed_to_its_preset(tmp_path):
    (tmp_path / "below.yaml").write_text("base: playground/quick\ndata: {height: 192, root: a}\n")
    file = tmp_path / "mine.yaml"
    file.write_text("base: ./below.yaml\ntraining: {length: {count: 3}}\n")
    preset, overrides = read_recipe_file(file).submission({"training.length.count": "4"})
    assert preset == "playground/quick"
    assert overrides == {
        "data.height": 192,
        "data.root": "a",
        "training.length.count": 4,
        "run.name": "mine",
        "run.note": "From the recipe file mine.yaml.",
    }


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("base: playground/quick\ndata:\n  hight: 3\n", "mine.yaml, line 3: data.hight"),
        ("data: [", "mine.yaml: YAML line 2, column 1"),
        ("base: playground/quik\n", "mine.yaml, line 1: base: preset = playground/quik"),
        ("base: ./none.yaml\n", "does not exist"),
        ("base: ./mine.yaml\n", "in a circle"),
        ("base: [1]\n", "mine.yaml, line 1: base: not a text"),
        ("- 1\n", "a recipe is a mapping"),
    ],
)
def test_a_file_that_is_no_recipe_is_refused_in_a_sentence(text, sentence, tmp_path):
    file = tmp_path / "mine.yaml"
    file.write_text(text)
    with pytest.raises(RecipeError, match=r".*") as caught:
        read_recipe_file(file)
    assert sentence in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_folder_and_a_missing_file_are_refused(tmp_path):
    for path, reason in ((tmp_path, "is a folder"), (tmp_path / "no.yaml", "does not exist")):
        with pytest.raises(RecipeError, match=reason):
            read_recipe_file(path)


def test_the_page_reads_no_recipe_file(tmp_path):
    file = tmp_path / "mine.yaml"
    file.write_text("base: playground/quick\n")
    with pytest.raises(RecipeError, match="no such preset"):
        edited(str(file), {}, {})
    with pytest.raises(RecipeError, match="no such preset"):
        start(Wanted(preset=str(file)))
