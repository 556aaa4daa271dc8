"""Overrides: text read by type, kinds first, every refusal by path."""

import pytest

from workbench.errors import RecipeError
from workbench.recipe.overrides import resolve
from workbench.recipe.presets import load_preset

QUICK = "playground/quick"


def refusals(overrides, preset=QUICK):
    with pytest.raises(RecipeError) as refusal:
        resolve(preset, overrides)
    return refusal.value.by_path()


def test_no_overrides_is_the_preset():
    assert resolve(QUICK) == load_preset(QUICK)


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("path", "text", "value"),
    [
        ("training.length.count", "40", 40),
        ("training.optimizer.learning_rate", "1e-3", 0.001),
        ("training.channels_last", "false", False),
        ("training.gradient_clip", "null", None),
        ("training.gradient_clip", "", None),
        ("data.transforms.normalise", "none", "none"),
        ("data.root", "null", None),
        ("data.root", "/my data", "/my data"),
        ("run.name", "null", "null"),
        ("run.threads", "auto", "auto"),
        ("run.threads", "2", 2),
        ("run.devices", "cpu", ["cpu"]),
        ("run.devices", "cuda:0, cuda:1", ["cuda:0", "cuda:1"]),
        ("evaluation.ranks", "[1, 3]", [1, 3]),
        ("evaluation.ranks", "1,3", [1, 3]),
        ("evaluation.embedding.branches", '["whole", "stripes_*"]', ["whole", "stripes_*"]),
        ("losses.triplet.margin", "0.3", 0.3),
    ],
)
def test_text_is_read_by_the_fields_own_type(path, text, value):
    recipe = resolve(QUICK, {path: text})
    assert recipe == resolve(QUICK, {path: value})
    found = recipe
    for name in path.split("."):
        found = found[name] if isinstance(found, dict) else getattr(found, name)
    assert found == value


def test_a_new_kind_resets_its_group():
    recipe = resolve(QUICK, {"training.optimizer.kind": "sgd"})
    assert recipe.training.optimizer.learning_rate == 0.05
    assert recipe.training.optimizer.weight_decay == 5e-4


def test_the_order_of_overrides_does_not_matter():
    kind, rate = ("training.optimizer.kind", "sgd"), ("training.optimizer.learning_rate", "0.2")
    assert resolve(QUICK, dict([kind, rate])) == resolve(QUICK, dict([rate, kind]))


def test_the_same_kind_resets_nothing():
    assert resolve(QUICK, {"training.optimizer.kind": "adamw"}) == load_preset(QUICK)


def test_a_group_is_given_as_json_and_refined():
    group = '{"kind": "sgd", "momentum": 0.5}'
    recipe = resolve(QUICK, {"training.optimizer": group, "training.optimizer.nesterov": "false"})
    optimizer = recipe.training.optimizer
    assert (optimizer.kind, optimizer.momentum, optimizer.nesterov) == ("sgd", 0.5, False)


def test_null_removes_an_entry():
    assert list(resolve(QUICK, {"losses.triplet": "null"}).losses) == ["identity"]
    assert list(resolve(QUICK, {"losses.triplet": None}).losses) == ["identity"]


def test_an_entry_is_added():
    added = {"losses.second.kind": "cross_entropy", "losses.second.weight": "0.5"}
    assert resolve(QUICK, added).losses["second"].weight == 0.5
    recipe = resolve(QUICK, {"training.parameter_groups.slow": {"pattern": "trunk.*"}})
    assert recipe.training.parameter_groups["slow"].pattern == "trunk.*"


@pytest.mark.parametrize("on", ["true", True, {}, "{}"])
def test_an_optional_group_is_switched_on(on):
    recipe = resolve(QUICK, {"evaluation.re_ranking": on, "evaluation.re_ranking.k1": "30"})
    assert (recipe.evaluation.re_ranking.k1, recipe.evaluation.re_ranking.k2) == (30, 6)


def test_refining_an_optional_group_switches_it_on():
    assert resolve(QUICK, {"evaluation.re_ranking.k1": 30}).evaluation.re_ranking.k1 == 30


@pytest.mark.parametrize("off", ["false", False, None, "null", ""])
def test_an_optional_group_is_switched_off(off):
    recipe = resolve(QUICK, {"model.branches.whole.neck.bnneck": off})
    assert recipe.model.branches["whole"].neck.bnneck is None


def test_the_caller_keeps_its_overrides():
    group = {"kind": "sgd"}
    overrides = {"training.optimizer": group, "training.optimizer.momentum": 0.5}
    resolve(QUICK, overrides)
    assert group == {"kind": "sgd"}
    assert list(overrides) == ["training.optimizer", "training.optimizer.momentum"]


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("path", "value", "sentence"),
    [
        (
            "training.length.count",
            "0",
            "training.length.count = 0: too small. Use a whole number from 1 to 10000000.",
        ),
        (
            "data.width",
            "wide",
            "data.width = wide: not a whole number. Use a whole number from 16 to 1024.",
        ),
        (
            "data.transforms.normalise",
            "imagnet",
            "data.transforms.normalise = imagnet: not a choice. Use none, imagenet or half."
            " Did you mean imagenet?",
        ),
        (
            "losses.triplet.margin",
            "-1",
            "losses.triplet.margin = -1.0: too small. Use a number from 0 to 100 or null.",
        ),
        (
            "training.optimizer.learning_rate",
            "0",
            "training.optimizer.learning_rate = 0.0: too small. Use a number above 0 to 100.",
        ),
        ("training.seed", "nan", "training.seed = nan: not a whole number."),
        ("data.transforms.flip", "nan", "data.transforms.flip = NaN: "),
        ("data.height", True, "data.height = true: not a number."),
        ("data.drop", "1", "data.drop: unknown field; data has dataset, root, height"),
        ("learning_rate", "1", "Did you mean training.optimizer.learning_rate?"),
        ("run.threads", "many", "Use a whole number from 1 to 256, auto or cores."),
        ("training.channels_last", "maybe", "neither true nor false. Use true or false."),
        ("run.name", "x" * 81, "too long."),
        ("training.optimizer", "sgd", "this is a group of settings."),
    ],
)
def test_a_refusal_names_path_value_what_is_allowed_and_the_cure(path, value, sentence):
    found = refusals({path: value})
    assert list(found) == [path]
    assert sentence in found[path]


def test_an_unknown_kind_is_refused_with_the_closest():
    found = refusals({"training.optimizer.kind": "adamww"})
    assert found == {
        "training.optimizer.kind": "training.optimizer.kind = adamww: unknown kind. Use sgd, adam"
        " or adamw. Did you mean adamw?"
    }


def test_a_field_of_another_kind_says_which():
    found = refusals({"training.optimizer.momentum": "0.9"})
    assert (
        "It belongs to kind sgd: set training.optimizer.kind."
        in found["training.optimizer.momentum"]
    )


def test_an_item_of_a_list_is_named_but_the_path_is_the_field():
    found = refusals({"evaluation.ranks": "[1, 0]"})
    assert found["evaluation.ranks"].startswith("evaluation.ranks[1] = 0: too small.")


def test_every_refusal_of_one_pass_is_told():
    found = refusals({"data.height": "x", "data.width": "2", "trainig.seed": 1})
    assert set(found) == {"data.height", "data.width", "trainig"}


def test_impossible_combinations_are_split_to_their_paths():
    found = refusals({"data.sampler.kind": "shuffle", "model.branches.whole.tail": 1})
    assert set(found) == {"losses.triplet.kind", "model.branches.whole.tail"}
    assert "Set data.sampler.kind = identity_batches." in found["losses.triplet.kind"]


def test_a_new_entry_needs_a_kind():
    found = refusals({"losses.new.weight": "1"})
    assert found["losses.new"] == (
        "losses.new: no kind given. Set losses.new.kind = cross_entropy, ordered_cross_entropy,"
        " margin_cross_entropy, batch_hard_triplet, circle, instance, metric_learning, pair_margin"
        " or length_regulariser."
    )


def test_removing_what_is_not_there_is_refused():
    found = refusals({"losses.triplett": None})
    assert "Did you mean triplet?" in found["losses.triplett"]


def test_the_last_entry_cannot_be_removed():
    found = refusals({"losses.triplet": None, "losses.identity": None})
    assert "Keep at least one entry." in found["losses"]


def test_an_entry_with_a_bad_name_is_refused():
    found = refusals({"losses.Bad": {"kind": "cross_entropy"}})
    assert "small letters, digits and underscores" in found["losses.Bad"]


def test_a_group_cannot_be_removed_and_refined_at_once():
    found = refusals({"losses.triplet": None, "losses.triplet.weight": "2"})
    assert "at the same time" in found["losses.triplet.weight"]


@pytest.mark.thorough
@pytest.mark.parametrize("text", ["[" * 100_000, "[1,", "{", "[1, [2]]"])
def test_unreadable_json_is_refused_not_raised(text):
    assert "evaluation.ranks" in refusals({"evaluation.ranks": text})
    assert "training.optimizer" in refusals({"training.optimizer": text})
