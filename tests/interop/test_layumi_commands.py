"""The training commands that the layumi baseline prints, and each of their flags changed once."""

import pytest

from workbench.errors import RecipeError
from workbench.interop.commands import translate
from workbench.interop.commands.layumi_flags import FLAGS
from workbench.interop.commands.translation import is_placement
from workbench.recipe.overrides import resolve
from workbench.recipe.presets import load_preset

LOSSES = (
    *("circle", "triplet", "lifted", "contrast", "sphere", "arcface", "cosface"),
    *("instance", "instance_id"),
)
PUBLISHED = [
    ("market1501", {"train_all": ""}),
    ("market1501", {"gpu_ids": "0", "name": "ft_ResNet50", "train_all": "", "batchsize": "32"}),
    (
        "erasing",
        {
            "gpu_ids": "0",
            "name": "ft_ResNet50",
            "train_all": "",
            "batchsize": "32",
            "data_dir": "your_data_path",
            "erasing_p": "0.5",
        },
    ),
    ("market1501_train", {}),
    ("densenet121", {"name": "ft_net_dense", "use_dense": "", "train_all": ""}),
    ("densenet121_train", {"use_dense": ""}),
    ("pcb", {"name": "PCB", "PCB": "", "train_all": "", "lr": "0.02"}),
    ("pcb_64", {"PCB": "", "batchsize": "64", "name": "PCB-64"}),
    ("pcb_32", {"batchsize": "32", "lr": "0.01", "PCB": ""}),
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
    *((name, {name: ""}) for name in LOSSES),
]
SAID = {
    "gpu_ids": lambda recipe, text: recipe.run.devices == [f"cuda:{text}"],
    "name": lambda recipe, text: recipe.run.name == text,
    "data_dir": lambda recipe, text: recipe.data.root == text,
    "train_all": lambda recipe, _: recipe.data.dataset.split == "train_all",
    "batchsize": lambda recipe, text: recipe.data.sampler.batch_size == int(text),
    "erasing_p": lambda recipe, text: recipe.data.transforms.erasing.probability == float(text),
    "warm_epoch": lambda recipe, text: recipe.training.loss_warmup.epochs == int(text),
    "stride": lambda recipe, text: recipe.model.backbone.tail_strides == [int(text)],
    "lr": lambda recipe, text: recipe.training.optimizer.learning_rate == float(text),
    "fp16": lambda recipe, _: recipe.training.precision == "fp16",
    "use_dense": lambda recipe, _: recipe.model.backbone.name == "densenet121",
    "PCB": lambda recipe, _: (
        recipe.model.branches["parts"].regions.count == 6
        and recipe.model.branches["parts"].neck.width == 256
        and recipe.model.backbone.tail_strides == [1]
        and (recipe.data.height, recipe.data.width) == (384, 192)
    ),
    **{
        name: lambda recipe, _, name=name: set(recipe.losses) == {"identity", name}
        for name in LOSSES
    },
}
"""What each flag of a printed command is in the recipe that comes of it."""
UNSAID = {
    "train_all": lambda recipe: recipe.data.dataset.split == "train",
    "batchsize": lambda recipe: recipe.data.sampler.batch_size == 32,
    "erasing_p": lambda recipe: recipe.data.transforms.erasing.probability == 0.0,
    "warm_epoch": lambda recipe: recipe.training.loss_warmup is None,
    "lr": lambda recipe: recipe.training.optimizer.learning_rate == 0.05,
    "fp16": lambda recipe: recipe.training.precision == "fp32",
    "total_epoch": lambda recipe: (
        recipe.training.length.count == 60 and recipe.training.schedule.at == [40]
    ),
    "droprate": lambda recipe: {b.neck.dropout for b in recipe.model.branches.values()} == {0.5},
    "weight_decay": lambda recipe: recipe.training.optimizer.weight_decay == 5e-4,
}
"""What it is where the command is silent: the program's defaults."""
WHOLE = "model.branches.whole.neck"
NAME, WEIGHTS = "model.backbone.name", "model.weights.name"
DROP = {"model.backbone.drop_path": 0.2}
ONE_FLAG = [
    ("gpu_ids", "1,2", {"run.devices": ["cuda:1", "cuda:2"]}, ""),
    ("name", "mine", {"run.name": "mine"}, ""),
    ("data_dir", "a/pytorch", {"data.root": "a/pytorch"}, ""),
    (
        "color_jitter",
        "",
        {
            f"data.transforms.colour.{name}": 0.1
            for name in ("brightness", "contrast", "saturation")
        },
        "",
    ),
    ("batchsize", "16", {"data.sampler.batch_size": 16}, ""),
    ("workers", "4", {}, "changes no training"),
    ("stride", "1", {"model.backbone.tail_strides": [1]}, ""),
    (
        "use_NAS",
        "",
        {
            NAME: "nasnetalarge",
            WEIGHTS: "nasnetalarge.tf_in1k",
            "model.backbone.last_activation": False,
        },
        "",
    ),
    (
        "use_swin",
        "",
        {
            "data.height": 224,
            "data.width": 224,
            NAME: "swin_base_patch4_window7_224",
            WEIGHTS: "swin_base_patch4_window7_224.ms_in22k_ft_in1k",
            **DROP,
        },
        "",
    ),
    (
        "use_swinv2",
        "",
        {NAME: "swinv2_base_window8_256", WEIGHTS: "swinv2_base_window8_256.ms_in1k", **DROP},
        "",
    ),
    (
        "use_convnext",
        "",
        {NAME: "convnext_base", WEIGHTS: "convnext_base.fb_in22k_ft_in1k", **DROP},
        "",
    ),
    ("use_hr", "", {NAME: "hrnet_w18", WEIGHTS: "hrnet_w18.ms_in1k"}, ""),
    (
        "use_efficient",
        "",
        {NAME: "efficientnet_b4", WEIGHTS: "efficientnet_b4.ra2_in1k", **DROP},
        "of another package",
    ),
    (
        "ibn",
        "",
        {
            "model.backbone.instance_norm": True,
            "model.weights.kind": "file",
            "model.weights.path": "resnet50_ibn_a-d9d0bb7b.pth",
            "model.weights.strict": False,
        },
        "",
    ),
    (
        "warm_epoch",
        "5",
        {
            "training.loss_warmup": True,
            "training.loss_warmup.epochs": 5,
            "training.loss_warmup.start_factor": 0.1,
        },
        "",
    ),
    ("droprate", "0.2", {f"{WHOLE}.dropout": 0.2}, ""),
    ("linear_num", "256", {f"{WHOLE}.width": 256}, ""),
    ("linear_num", "0", {f"{WHOLE}.width": None}, ""),
    ("lr", "0.01", {"training.optimizer.learning_rate": 0.01}, ""),
    ("weight_decay", "1e-3", {"training.optimizer.weight_decay": 0.001}, ""),
    ("total_epoch", "90", {"training.length.count": 90, "training.schedule.at": [60]}, ""),
    ("total_epoch", "1", {"training.length.count": 1, "training.schedule.at": [1]}, ""),
    ("bf16", "", {"training.precision": "bf16"}, ""),
    (
        "cosine",
        "",
        {
            "training.schedule.kind": "cosine",
            "training.schedule.unit": "epoch",
            "training.schedule.floor": 0.01,
            "training.schedule.delay": None,
            "training.schedule.horizon": None,
            "training.schedule.hold_from": 1.0,
        },
        "stops at a tenth",
    ),
    (
        "wa",
        "",
        {
            "training.averaging.kind": "exponential",
            "training.averaging.decay": 0.996,
            "training.averaging.every": "epoch",
            "training.averaging.ramp": False,
            "training.averaging.start": 0.8,
            "training.averaging.refresh": True,
        },
        "",
    ),
    ("ins_gamma", "64", {}, "has no effect without --instance"),
    ("pool", "avg+max", {}, "average pooling in any case"),
    ("h", "384", {"data.height": 384}, ""),
    ("w", "192", {"data.width": 192}, ""),
    ("pad", "10", {"data.transforms.pad_and_crop.fill": "edge"}, ""),
    (
        "pad",
        "4",
        {
            "data.transforms.pad_and_crop.pixels": 4,
            "data.transforms.pad_and_crop.fill": "edge",
        },
        "",
    ),
    ("resume", "", {}, "workbench resume RUN"),
]
"""Beside ``--train_all``: the flag, its value, what differs from the preset, and what is said."""
OTHER_PRESETS = {
    "train_all": ("", "market1501"),
    "erasing_p": ("0.5", "erasing"),
    "fp16": ("", "fp16"),
    "use_dense": ("", "densenet121"),
}
"""Flags that, beside ``--train_all``, make another preset."""
BESIDE = [
    ("densenet121", "--use_dense --stride 1", {"model.backbone.tail_strides": [1]}, "has 15 x 7"),
    ("densenet121", "--use_dense --droprate 0.2", {f"{WHOLE}.dropout": 0.2}, ""),
    ("densenet121", "--use_dense --linear_num 256", {f"{WHOLE}.width": 256}, ""),
    ("pcb", "--PCB --lr 0.02", {}, ""),
    ("pcb", "--PCB --lr 0.01", {"training.optimizer.learning_rate": 0.01}, ""),
    ("pcb", "--PCB --lr 0.02 --erasing_p 0.4", {"data.transforms.erasing.probability": 0.4}, ""),
    *(
        ("pcb", f"--PCB --lr 0.02 --{flag}", {}, f"--{flag.split()[0]}: has no effect with --PCB")
        for flag in ("stride 1", "droprate 0.2", "linear_num 128", "pad 4", "h 256", "w 128")
    ),
    ("pcb", "--PCB --lr 0.02 --instance_id", {}, "--instance_id: has no effect with --PCB"),
    *(
        (
            "market1501",
            f"--use_{name} --stride 1",
            None,
            f"--stride: has no effect with --use_{name}",
        )
        for name in ("NAS", "swin", "swinv2", "convnext", "hr")
    ),
]
"""Networks beside which a flag means something else: preset, flags, overrides, what is said.

None: what the network's flag changes alone.
"""


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
