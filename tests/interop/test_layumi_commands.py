"""The training commands that the layumi baseline prints, and each of their flags changed once."""

import pytest

from tests.interop.layumi_by_hand import (
    BESIDE,
    LOSSES,
    ONE_FLAG,
    OTHER_PRESETS,
    PUBLISHED,
    SAID,
    UNSAID,
)
from workbench.errors import RecipeError
from workbench.interop.commands import translate
from workbench.interop.commands.layumi_flags import FLAGS
from workbench.interop.commands.translation import is_placement
from workbench.recipe.overrides import resolve
from workbench.recipe.presets import load_preset


def command(flags):
    words = [f"--{name} {value}".strip() for name, value in flags.items()]
    return " ".join(["python train.py", *words])


@pytest.mark.thorough
@pytest.mark.parametrize(("preset", "flags"), PUBLISHED, ids=str)
def test_a_printed_command_is_a_preset_and_nothing_else_and_says_each_flag(preset, flags):
    (one,) = translate(command(flags))
    assert one.preset == f"layumi/{preset}"
    assert [path for path in one.overrides if not is_placement(path)] == []
    recipe = resolve(one.preset, one.overrides)
    for name, text in flags.items():
        assert SAID[name](recipe, text), name
    for name in UNSAID.keys() - flags.keys():
        assert UNSAID[name](recipe), name
    if not flags.keys() & {"PCB", "stride"}:
        assert recipe.model.backbone.tail_strides == [2]
    if not flags.keys() & set(LOSSES):
        assert set(recipe.losses) == {"identity"}


def test_every_flag_that_is_taken_has_a_row():
    rows = {name for name, *_ in ONE_FLAG} | OTHER_PRESETS.keys() | set(LOSSES) | {"PCB"}
    assert rows == {flag.name.removeprefix("--") for flag in FLAGS if not flag.refused}


@pytest.mark.thorough
@pytest.mark.parametrize(("name", "value", "expected", "said"), ONE_FLAG)
def test_a_changed_flag_is_its_override_or_a_sentence(name, value, expected, said):
    (one,) = translate(command({"train_all": "", name: value}))
    assert one.preset == "layumi/market1501"
    assert one.overrides == expected
    assert [said in note for note in one.notes] == ([True] if said else [])


@pytest.mark.thorough
@pytest.mark.parametrize("name", OTHER_PRESETS)
def test_a_flag_that_has_a_preset_of_its_own(name):
    value, preset = OTHER_PRESETS[name]
    (one,) = translate(command({"train_all": "", name: value}))
    assert (one.preset, one.overrides, one.notes) == (f"layumi/{preset}", {}, ())


@pytest.mark.thorough
@pytest.mark.parametrize("name", LOSSES)
def test_a_loss_is_added_to_whatever_is_trained(name):
    (one,) = translate(command({"train_all": "", "use_dense": "", name: ""}))
    assert one.preset == "layumi/densenet121"
    recipe = resolve(one.preset, one.overrides)
    assert set(recipe.losses) == {"identity", name}
    assert recipe.losses[name] == load_preset(f"layumi/{name}").losses[name]


@pytest.mark.thorough
@pytest.mark.parametrize(("preset", "flags", "expected", "said"), BESIDE)
def test_a_flag_beside_another_network(preset, flags, expected, said):
    (one,) = translate(f"python train.py --train_all {flags}")
    if expected is None:
        (alone,) = translate(f"python train.py --train_all {flags.split()[0]}")
        expected = alone.overrides
    assert (one.preset, one.overrides) == (f"layumi/{preset}", expected)
    assert [said in note for note in one.notes] == ([True] if said else [])


@pytest.mark.thorough
@pytest.mark.parametrize("name", ["instance", "instance_id"])
def test_the_scale_of_an_instance_loss_is_its_flag(name):
    (one,) = translate(command({name: "", "ins_gamma": "64"}))
    assert one.overrides == {f"losses.{name}.scale": 64.0}


@pytest.mark.thorough
def test_a_stride_never_reaches_a_network_that_has_none():
    (one,) = translate("python train.py --use_swin --warm_epoch 5 --stride 1")
    assert one.preset == "layumi/all_tricks"
    assert one.overrides["model.backbone.tail_strides"] == [2]
    assert one.notes == ("--stride: has no effect with --use_swin.",)


def test_beginnings_of_flags_are_enough():
    (one,) = translate("python train.py --train_all --batch 8 --total 30 --warm_e 5")
    assert one.overrides["data.sampler.batch_size"] == 8
    assert one.overrides["training.length.count"] == 30


def test_folder_name_and_devices_are_where_not_what():
    (one,) = translate("python train.py --gpu_ids 1,2 --name mine --train_all --data_dir a/pytorch")
    assert one.overrides == {
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
    figures = {item.metric: item.value for item in load_preset("layumi/all_tricks").reported}
    assert figures == {"rank1": 0.9183, "mAP": 0.7832}


@pytest.mark.parametrize(
    ("flags", "said"),
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
def test_refusals(flags, said):
    with pytest.raises(RecipeError, match=said):
        translate(command(flags))
