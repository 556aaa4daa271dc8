"""The training commands that the layumi baseline prints, and each of their flags changed once."""

import pytest

from tests.interop.layumi_tables import (
    DEFAULT_CHECKS,
    FLAG_CHECKS,
    LOSSES,
    ONE_FLAG,
    OTHER_NETWORKS,
    OTHER_PRESETS,
    PUBLISHED,
)
from workbench.errors import RecipeError
from workbench.interop.commands import translate
from workbench.interop.commands.layumi_flags import FLAGS
from workbench.interop.commands.translation import is_placement
from workbench.recipe.overrides import resolve
from workbench.recipe.presets import load_preset


def command(flags):
    arguments = [f"--{name} {value}".strip() for name, value in flags.items()]
    return " ".join(["python train.py", *arguments])


@pytest.mark.thorough
@pytest.mark.parametrize(("preset", "flags"), PUBLISHED, ids=str)
def test_a_printed_command_is_a_preset_and_nothing_else_and_says_each_flag(preset, flags):
    (translation,) = translate(command(flags))
    assert translation.preset == f"layumi/{preset}"
    assert [path for path in translation.overrides if not is_placement(path)] == []
    recipe = resolve(translation.preset, translation.overrides)
    for name, text in flags.items():
        assert FLAG_CHECKS[name](recipe, text), name
    for name in DEFAULT_CHECKS.keys() - flags.keys():
        assert DEFAULT_CHECKS[name](recipe), name
    if not flags.keys() & {"PCB", "stride"}:
        assert recipe.model.backbone.tail_strides == [2]
    if not flags.keys() & set(LOSSES):
        assert set(recipe.losses) == {"identity"}


def test_every_flag_that_is_taken_has_a_row():
    rows = {name for name, *_ in ONE_FLAG} | OTHER_PRESETS.keys() | set(LOSSES) | {"PCB"}
    assert rows == {flag.name.removeprefix("--") for flag in FLAGS if not flag.refused}


@pytest.mark.thorough
@pytest.mark.parametrize(("name", "value", "expected", "message"), ONE_FLAG)
def test_a_changed_flag_is_its_override_or_a_sentence(name, value, expected, message):
    (translation,) = translate(command({"train_all": "", name: value}))
    assert translation.preset == "layumi/market1501"
    assert translation.overrides == expected
    assert [message in note for note in translation.notes] == ([True] if message else [])


@pytest.mark.thorough
@pytest.mark.parametrize("name", OTHER_PRESETS)
def test_a_flag_that_has_a_preset_of_its_own(name):
    value, preset = OTHER_PRESETS[name]
    (translation,) = translate(command({"train_all": "", name: value}))
    assert (translation.preset, translation.overrides, translation.notes) == (
        f"layumi/{preset}",
        {},
        (),
    )


@pytest.mark.thorough
@pytest.mark.parametrize("name", LOSSES)
def test_a_loss_is_added_to_whatever_is_trained(name):
    (translation,) = translate(command({"train_all": "", "use_dense": "", name: ""}))
    assert translation.preset == "layumi/densenet121"
    recipe = resolve(translation.preset, translation.overrides)
    assert set(recipe.losses) == {"identity", name}
    assert recipe.losses[name] == load_preset(f"layumi/{name}").losses[name]


@pytest.mark.thorough
@pytest.mark.parametrize(("preset", "flags", "expected", "message"), OTHER_NETWORKS)
def test_a_flag_beside_another_network(preset, flags, expected, message):
    (translation,) = translate(f"python train.py --train_all {flags}")
    if expected is None:
        (alone,) = translate(f"python train.py --train_all {flags.split()[0]}")
        expected = alone.overrides
    assert (translation.preset, translation.overrides) == (f"layumi/{preset}", expected)
    assert [message in note for note in translation.notes] == ([True] if message else [])


@pytest.mark.thorough
@pytest.mark.parametrize("name", ["instance", "instance_id"])
def test_the_scale_of_an_instance_loss_is_its_flag(name):
    (translation,) = translate(command({name: "", "ins_gamma": "64"}))
    assert translation.overrides == {f"losses.{name}.scale": 64.0}


@pytest.mark.thorough
def test_a_stride_never_reaches_a_network_that_has_none():
    (translation,) = translate("python train.py --use_swin --warm_epoch 5 --stride 1")
    assert translation.preset == "layumi/all_tricks"
    assert translation.overrides["model.backbone.tail_strides"] == [2]
    assert translation.notes == ("--stride: has no effect with --use_swin.",)


def test_beginnings_of_flags_are_enough():
    (translation,) = translate("python train.py --train_all --batch 8 --total 30 --warm_e 5")
    assert translation.overrides["data.sampler.batch_size"] == 8
    assert translation.overrides["training.length.count"] == 30


def test_folder_name_and_devices_are_where_not_what():
    (translation,) = translate(
        "python train.py --gpu_ids 1,2 --name mine --train_all --data_dir a/pytorch"
    )
    assert translation.overrides == {
        "run.name": "mine",
        "data.root": "a/pytorch",
        "run.devices": ["cuda:1", "cuda:2"],
    }


@pytest.mark.parametrize("name", ["sphere", "arcface", "cosface"])
def test_losses_of_the_package_train_their_own_weights_and_say_so(name):
    (note,) = translate(command({name: ""}))[0].notes
    assert note.startswith(f"--{name}: the class weights of this loss are trained here")


def test_a_loss_that_the_program_forgets_alone_is_said_to_be_added():
    (note,) = translate("python train.py --instance_id")[0].notes
    assert note.startswith("--instance_id: its term is added here")
    assert translate("python train.py --instance_id --circle")[0].notes == ()


def test_reported_figures_are_the_printed_ones():
    metrics = {
        reported.metric: reported.value for reported in load_preset("layumi/all_tricks").reported
    }
    assert metrics == {"rank1": 0.9183, "mAP": 0.7832}


@pytest.mark.parametrize(
    ("flags", "message"),
    [
        ({"DG": ""}, "--DG: is not built here"),
        ({"adv": "0.1"}, "--adv: is not built here"),
        ({"usam": ""}, "--usam: is not built here"),
        ({"DA": ""}, "--DA: is not built here"),
        ({"moving_avg": "0.9"}, "--moving_avg: is not built here"),
        ({"erasing_p_plus": "0.5"}, "--erasing_p_plus: is not built here"),
        ({"angle": ""}, "--angle: is not built here"),
        ({"arc": ""}, "--arc: is not built here"),
        ({"use_dense": "", "PCB": ""}, "More than one network"),
        ({"PCB": "", "circle": ""}, "--circle: cannot be trained with --PCB"),
        ({"use_NAS": "", "triplet": ""}, "--triplet: cannot be trained with --use_NAS"),
        ({"warmepoch": "5"}, r"--warmepoch: is no flag of this program. Did you mean --warm_epoch"),
    ],
)
def test_refusals(flags, message):
    with pytest.raises(RecipeError, match=message):
        translate(command(flags))
