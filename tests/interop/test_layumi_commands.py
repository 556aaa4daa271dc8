"""The training commands that the layumi baseline prints, and each of their flags changed once."""

import pytest

from workbench.errors import RecipeError
from workbench.interop.commands import translate
from workbench.interop.commands.translation import is_placement
from workbench.recipe.presets import load_preset

PUBLISHED = [
    ("market1501", {"train_all": ""}),
    ("market1501", {"gpu_ids": "0", "name": "ft_ResNet50", "train_all": "", "batchsize": "32"}),
    ("erasing", {"gpu_ids": "0", "train_all": "", "batchsize": "32", "erasing_p": "0.5"}),
    ("market1501_train", {}),
    ("densenet121", {"name": "ft_net_dense", "use_dense": "", "train_all": ""}),
    ("pcb", {"name": "PCB", "PCB": "", "train_all": "", "lr": "0.02"}),
    ("pcb_64", {"PCB": "", "batchsize": "64", "name": "PCB-64"}),
    ("fp16", {"name": "fp16", "fp16": "", "train_all": ""}),
    ("fp16_train", {"fp16": ""}),
    (
        "all_tricks",
        {
            "warm_epoch": "5",
            "stride": "1",
            "erasing_p": "0.5",
            "batchsize": "8",
            "lr": "0.02",
            "name": "warm5_s1_b8_lr2_p0.5",
        },
    ),
    *(
        (name, {name: ""})
        for name in (
            *("circle", "triplet", "lifted", "contrast", "sphere", "arcface", "cosface"),
            *("instance", "instance_id"),
        )
    ),
]
NECK = "model.branches.whole.neck"
ONE_FLAG = [
    (
        "color_jitter",
        "",
        {
            f"data.transforms.colour.{name}": 0.1
            for name in ("brightness", "contrast", "saturation")
        },
    ),
    ("batchsize", "16", {"data.sampler.batch_size": 16}),
    ("stride", "1", {"model.backbone.tail_strides": [1]}),
    ("droprate", "0.2", {f"{NECK}.dropout": 0.2}),
    ("linear_num", "256", {f"{NECK}.width": 256}),
    ("linear_num", "0", {f"{NECK}.width": None}),
    ("lr", "0.01", {"training.optimizer.learning_rate": 0.01}),
    ("weight_decay", "1e-3", {"training.optimizer.weight_decay": 0.001}),
    ("total_epoch", "90", {"training.length.count": 90, "training.schedule.at": [60]}),
    ("bf16", "", {"training.precision": "bf16"}),
    ("pool", "avg+max", {"model.branches.whole.pool.kind": "average_max"}),
    ("h", "384", {"data.height": 384}),
    ("w", "192", {"data.width": 192}),
    ("pad", "10", {"data.transforms.pad_and_crop.fill": "edge"}),
    ("resume", "", {}),
]


def command(flags):
    words = [f"--{name} {value}".strip() for name, value in flags.items()]
    return " ".join(["python train.py", *words])


@pytest.mark.thorough
@pytest.mark.parametrize(("preset", "flags"), PUBLISHED, ids=str)
def test_a_printed_command_is_a_preset_and_nothing_else(preset, flags):
    (one,) = translate(command(flags))
    assert one.preset == f"layumi/{preset}"
    assert [path for path in one.overrides if not is_placement(path)] == []


@pytest.mark.thorough
@pytest.mark.parametrize(("name", "value", "expected"), ONE_FLAG)
def test_a_changed_flag_is_its_override(name, value, expected):
    (one,) = translate(command({"train_all": "", name: value}))
    assert one.preset == "layumi/market1501"
    assert one.overrides == expected


@pytest.mark.thorough
def test_warming_up_multiplies_the_loss():
    (one,) = translate(command({"train_all": "", "warm_epoch": "5"}))
    assert one.overrides["training.loss_warmup.epochs"] == 5


def test_averaging_begins_at_four_fifths():
    (one,) = translate(command({"train_all": "", "wa": ""}))
    assert one.overrides["training.averaging.decay"] == 0.996
    assert one.overrides["training.averaging.start"] == 0.8


def test_beginnings_of_flags_are_enough():
    (one,) = translate("python train.py --train_all --batch 8 --total 30 --warm 5")
    assert one.overrides["data.sampler.batch_size"] == 8
    assert one.overrides["training.length.count"] == 30


def test_folder_name_and_devices_are_where_not_what():
    (one,) = translate("python train.py --gpu_ids 1,2 --name mine --train_all --data_dir a/pytorch")
    assert one.overrides == {
        "run.name": "mine",
        "data.root": "a/pytorch",
        "run.devices": ["cuda:1", "cuda:2"],
    }


def test_losses_of_the_package_train_their_own_weights_and_say_so():
    assert "trained here" in translate("python train.py --arcface")[0].notes[0]


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
        ({"use_dense": "", "PCB": ""}, "More than one network"),
        ({"warmepoch": "5"}, r"--warmepoch: is no flag of this program. Did you mean --warm_epoch"),
    ],
)
def test_refusals(flags, said):
    with pytest.raises(RecipeError, match=said):
        translate(command(flags))
