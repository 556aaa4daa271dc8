"""What differs, and the digest."""

from workbench.recipe.compare import differences, digest, step_digest
from workbench.recipe.overrides import resolve
from workbench.recipe.presets import load_preset
from workbench.recipe.schema import Recipe

QUICK = "playground/quick"


def test_only_what_differs_is_listed():
    changed = resolve(QUICK, {"training.length.count": 40, "data.height": 128})
    assert differences(changed, load_preset(QUICK)) == {"training.length.count": (40, 280)}


def test_where_it_runs_and_what_is_said_about_it_are_left_out():
    moved = {"run.name": "x", "run.threads": 1, "data.root": "/x", "title": "y", "source.note": "z"}
    base = load_preset(QUICK)
    assert differences(resolve(QUICK, moved), base) == {}
    assert digest(resolve(QUICK, moved)) == digest(base)


def test_a_removed_entry_is_one_line():
    found = differences(load_preset("playground/global"), load_preset(QUICK))
    assert list(found) == ["model.branches.stripes"]
    value, base = found["model.branches.stripes"]
    assert value is None
    assert base["regions"] == {"kind": "row_stripes", "count": 4}


def test_a_new_kind_lists_what_it_brings():
    found = differences(resolve(QUICK, {"training.optimizer.kind": "sgd"}), load_preset(QUICK))
    assert found["training.optimizer.kind"] == ("sgd", "adamw")
    assert found["training.optimizer.learning_rate"] == (0.05, 0.0015)
    assert found["training.optimizer.momentum"] == (0.9, None)
    assert "training.optimizer.beta1" not in found


def test_a_digest_is_twelve_hexadecimal_digits_of_what_is_trained():
    base = digest(load_preset(QUICK))
    assert len(base) == 12
    assert int(base, 16) >= 0
    assert digest(resolve(QUICK, {"training.seed": 1})) != base
    assert digest(load_preset("playground/global")) != base


def test_a_digest_does_not_depend_on_how_a_number_was_written():
    by_text = resolve(QUICK, {"training.gradient_clip": "5"})
    assert digest(by_text) == digest(resolve(QUICK, {"training.gradient_clip": 5.0}))


def test_what_a_folder_is_made_from_changes_nothing_that_is_trained():
    one = Recipe.model_validate({"data": {"dataset": {"kind": "prepared"}}})
    other = Recipe.model_validate(
        {"data": {"dataset": {"kind": "prepared", "made_from": "market1501"}}}
    )
    assert digest(one) == digest(other)


def test_a_step_costs_the_same_however_many_there_are():
    longer = Recipe.model_validate({"training": {"length": {"kind": "steps", "count": 7}}})
    taller = Recipe.model_validate({"data": {"height": 128}})
    assert digest(longer) != digest(Recipe())
    assert step_digest(longer) == step_digest(Recipe()) != step_digest(taller)


def test_a_setting_that_came_later_is_no_part_of_a_digest_while_it_does_what_was_done_before():
    # As the releases without these settings named the same trainings.
    assert digest(Recipe()) == "32ba471b0877"
    assert digest(load_preset("baseline/folder")) == "70e951070555"
    squared = resolve("baseline/folder", {"evaluation.re_ranking.squared": False})
    without = resolve("baseline/folder", {"evaluation.re_ranking": True})
    assert digest(squared) == digest(without)
    assert digest(resolve("baseline/folder", {"evaluation.re_ranking.squared": True})) != digest(
        without
    )
