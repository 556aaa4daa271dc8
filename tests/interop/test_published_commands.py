"""Every training command that RPM and MSViT-ReID publish, built from a table of its flags."""

import pytest

from tests.interop.flag_values import DEFAULTED, FLAG_VALUES, PROGRAMS, WITHOUT_EFFECT, read
from workbench.errors import RecipeError
from workbench.interop.commands import translate
from workbench.interop.commands.translation import is_placement
from workbench.recipe.overrides import resolve
from workbench.recipe.presets import load_preset

pytestmark = pytest.mark.thorough
RPM = {
    "--decoder": "rpm_max",
    "--num-part": "2",
    "--use-global": "True",
    "--triplet-weight": "1.0",
    "--feat-num": "256",
    "--ada-gamma": "0.10",
    "--freeze": "stem",
    "--dataset-root": "../datasets",
    "--ema-ratio": "0.80",
    "--gpus": "0",
}
MSVIT = {
    "--batch-size": "24",
    "--num-part": "2",
    "--triplet-weight": "1.0",
    "--freeze": "stem",
    "--dataset-root": "/dev/shm",
    "--ema-ratio": "0.80",
    "--ema-extra": "25",
    "--sparse-ratio": "0.3",
    "--gpus": "4",
}
COLUMNS = ("--img-height", "--img-width", "--batch-size", "--lr", "--epochs", "--instance-num")
MORE = ("--num-stripe", "--ema-extra")
# data set: preset, size, batch, rate, epochs, images an identity, stripes, extra, erasing of both
RPM_SETS = {
    "market1501": ("market1501", 384, 128, 24, "5.0e-2", "5,75", 4, 1, 25, "0.3", "0.3"),
    "dukemtmc": ("dukemtmc", 384, 128, 24, "5.0e-2", "5,75", 4, 1, 25, "0.3", "0.3"),
    "npdetected": ("cuhk03_detected", 384, 128, 48, "1.0e-1", "5,155", 4, 1, 25, "0.3", "0.3"),
    "nplabeled": ("cuhk03_labelled", 384, 128, 48, "1.0e-1", "5,155", 4, 1, 25, "0.3", "0.3"),
    "msmt17": ("msmt17", 384, 128, 48, "1.0e-1", "5,75", 4, 1, 25, "0.3", "0.3"),
    "veri776": ("veri776", 256, 256, 48, "1.0e-1", "5,75", 4, 1, 25, "0.3", "0.3"),
    "vehicleid": ("vehicleid", 256, 256, 256, "2.0e-1", "5,75", 4, 1, 25, "0.3", "0.3"),
    "car196": ("cars196", 224, 224, 48, "1.0e-1", "5,45", 6, 1, 25, "0.1", "0.1"),
    "cub200": ("cub200", 224, 224, 48, "2.0e-3", "5,45", 6, 1, 25, "0.2", "0.1"),
    "sop": ("sop", 224, 224, 128, "1.0e-1", "5,75", 4, 1, 25, "0.1", "0.1"),
    "deepfashion": ("in_shop", 224, 224, 128, "2.0e-1", "5,75", 4, 1, 25, "0.1", "0.1"),
    "university1652": ("university1652", 224, 224, 24, "5.0e-2", "3,15", 6, 0, 15, "0.1", "0.1"),
}
BODY = (384, 128, "5.0e-2", "5,75", 4, "0.40", "8,8")
MSVIT_SETS = {
    "occluded_duke": ("occluded_duke", *BODY),
    "p_dukemtmc": ("p_dukemtmc", *BODY),
    "market1501": ("market1501", *BODY),
    "dukemtmc": ("dukemtmc", *BODY),
    "npdetected": ("cuhk03_detected", *BODY),
    "nplabeled": ("cuhk03_labelled", *BODY),
    "msmt17": ("msmt17", 384, 128, "5.0e-2", "5,45", 4, "0.40", "8,8"),
    "car196": ("cars196", 224, 224, "5.0e-2", "5,45", 6, "0.10", "7,7"),
    "cub200": ("cub200", 224, 224, "1.0e-3", "5,45", 6, "0.10", "7,7"),
}


def rpm_flags(name, variant):
    preset, *values, relu, prelu = RPM_SETS[name]
    flags = RPM | dict(zip((*COLUMNS, *MORE), map(str, values), strict=True))
    net = f"regnet_y_1_6gf{variant}"
    return f"rpm/{preset}{variant}", flags | {
        "--dataset": name,
        "--net": net,
        "--erasing": prelu if variant else relu,
    }


def msvit_flags(name, size):
    preset, height, width, rate, epochs, images, erasing, grid = MSVIT_SETS[name]
    return f"msvit/{preset}_{size}", MSVIT | {
        "--dataset": name,
        "--net": f"msvit_{size}",
        "--img-height": str(height),
        "--img-width": str(width),
        "--lr": rate,
        "--epochs": epochs,
        "--instance-num": str(images),
        "--erasing": erasing,
        "--split-size": grid,
        "--drop-path": {"s": "0.10", "l": "0.15"}[size],
    }


PUBLISHED = [
    *(rpm_flags(name, variant) for name in RPM_SETS for variant in ("", "_prelu")),
    *(msvit_flags(name, size) for name in MSVIT_SETS for size in "sl"),
]


def command(flags, **changes):
    arguments = flags | {f"--{name.replace('_', '-')}": value for name, value in changes.items()}
    return "python train.py " + " ".join(f"{name} {value}" for name, value in arguments.items())


def changed(flags, **changes):
    """What a changed command overrides, places left out."""
    (translation,) = translate(command(flags, **changes))
    return {path: value for path, value in translation.overrides.items() if not is_placement(path)}


def test_there_are_as_many_as_are_printed():
    assert len(PUBLISHED) == 24 + 18


@pytest.mark.parametrize(("preset", "flags"), PUBLISHED, ids=lambda item: str(item)[:40])
def test_a_published_command_is_a_preset_and_nothing_else(preset, flags):
    (translation,) = translate(f"cd code && CUDA_VISIBLE_DEVICES=3 {command(flags)}")
    assert translation.preset == preset
    assert all(is_placement(path) for path in translation.overrides)
    recipe = resolve(translation.preset, translation.overrides)
    flag_values = {name: FLAG_VALUES[name](recipe) for name in flags}
    assert flag_values == {name: read(name, value) for name, value in flags.items()}


@pytest.mark.parametrize(("preset", "flags"), PUBLISHED, ids=lambda item: str(item)[:40])
def test_a_flag_that_is_not_written_has_its_default(preset, flags):
    program = preset.partition("/")[0]
    recipe = load_preset(preset)
    defaults = {flag.name: flag.default for flag in PROGRAMS[program]}
    for name, (value, read_value) in DEFAULTED[program].items():
        assert name not in flags
        assert read_value(recipe) == value == defaults[name], name


@pytest.mark.parametrize(("program", "without_effect"), WITHOUT_EFFECT.items())
def test_every_flag_is_compared_or_has_no_effect(program, without_effect):
    written = {name for preset, flags in PUBLISHED if preset.startswith(program) for name in flags}
    assert written <= FLAG_VALUES.keys()
    known = {flag.name for flag in PROGRAMS[program]}
    assert known - written - DEFAULTED[program].keys() == {*without_effect}


@pytest.mark.parametrize(("preset", "flags"), PUBLISHED, ids=lambda item: str(item)[:40])
def test_its_test_asks_for_nothing_but_its_batches(preset, flags):
    text = command(flags).replace("train.py", f"test_{flags['--dataset']}.py")
    (translation,) = translate(text)
    assert (translation.action, translation.preset) == ("evaluate", preset)
    overrides = {
        path: value for path, value in translation.overrides.items() if path != "data.root"
    }
    assert set(overrides) <= {"evaluation.batch_size"}
    assert resolve(preset, overrides).evaluation.batch_size == int(flags["--batch-size"])


ONE_FLAG = [
    ("img_height", "256", {"data.height": 256}),
    ("img_width", "256", {"data.width": 256}),
    ("batch_size", "32", {"data.sampler.identities": 8}),
    ("instance_num", "8", {"data.sampler.identities": 3, "data.sampler.images": 8}),
    ("lr", "1e-3", {"training.optimizer.learning_rate": 0.001}),
    ("seed", "7", {"training.seed": 7}),
    ("erasing", "0.5", {"data.transforms.erasing.max_area": 0.5}),
    ("amp", "False", {"training.precision": "fp32"}),
    ("num_workers", "8", {"data.loader.workers": 8}),
    ("ema_extra", "5", {"training.length.count": 80}),
    (
        "ema_ratio",
        "0.6",
        {"training.schedule.hold_from": 0.6, "training.averaging.first_epoch": 45},
    ),
    (
        "epochs",
        "3,55",
        {
            "training.length.count": 80,
            "training.schedule.horizon": 55,
            "training.schedule.warmup.count": 3,
            "training.averaging.first_epoch": 44,
        },
    ),
    ("triplet_weight", "0.5", {"losses.triplet.weight": 0.5}),
    ("triplet_weight", "0", {"losses.triplet": None}),
    ("norm", "False", {"losses.triplet.normalise": False}),
    ("num_part", "3", {"model.branches.parts.regions.count": 3}),
    ("lr_decay", "0.5", {}),
    ("freeze", '""', {"training.parameter_groups.stem": None}),
]
RPM_FLAG = [
    ("num_stripe", "2", {"model.branches.parts.regions.start_stripes": 2}),
    ("ada_gamma", "1", {"losses.identity.exponent": 1.0}),
    ("decoder", "rpm_avg", {"model.branches.parts.pool.kind": "average"}),
    (
        "decoder",
        "pcb_max",
        {
            "model.branches.parts.regions.kind": "row_stripes",
            "model.branches.parts.regions.count": 2,
        },
    ),
    (
        "use_global",
        "False",
        {
            "model.branches.whole_average": None,
            "model.branches.whole_max": None,
            "losses.triplet": None,
        },
    ),
    (
        "feat_num",
        "0",
        {
            f"model.branches.{name}.neck.width": None
            for name in ("whole_average", "whole_max", "parts")
        },
    ),
    (
        "std",
        "0.02",
        {
            f"model.branches.{name}.neck.bnneck.{what}_std": 0.02
            for name in ("whole_average", "whole_max", "parts")
            for what in ("weight", "bias")
        },
    ),
]
MSVIT_FLAG = [
    ("sparse_ratio", "1.0", {"model.backbone.kept_keys": 1.0}),
    ("split_size", "4,8", {"model.backbone.grid": [4, 8]}),
    ("drop_path", "0.2", {"model.backbone.drop_path": 0.2}),
    ("stride", "2", {"model.backbone.tail_strides": [2, 2]}),
    ("std", "0.5", {}),
    (
        "sparse_pool",
        "False",
        {
            "model.branches.parts.regions.kind": "row_stripes",
            "model.branches.parts.regions.count": 2,
        },
    ),
]


@pytest.mark.parametrize(("name", "value", "expected"), ONE_FLAG + RPM_FLAG)
def test_a_changed_flag_of_rpm_is_its_override(name, value, expected):
    _, flags = rpm_flags("market1501", "")
    assert changed(flags, **{name: value}) == expected


@pytest.mark.parametrize(("name", "value", "expected"), ONE_FLAG + MSVIT_FLAG)
def test_a_changed_flag_of_msvit_is_its_override(name, value, expected):
    _, flags = msvit_flags("market1501", "s")
    assert changed(flags, **{name: value}) == expected


@pytest.mark.parametrize(
    ("flags_of_preset", "name", "value"),
    [
        (flags_of_preset, name, value)
        for flags_of_preset in (
            lambda: rpm_flags("market1501", ""),
            lambda: msvit_flags("market1501", "s"),
        )
        for name, value in [("lr_decay", "0.5"), ("print_sub_loss", "True"), ("save_mid_epoch", 9)]
    ]
    + [(lambda: msvit_flags("market1501", "l"), "std", "0.5")],
)
def test_a_flag_without_effect_is_taken_and_reported(flags_of_preset, name, value):
    preset, flags = flags_of_preset()
    (translation,) = translate(command(flags, **{name: value}))
    assert translation.preset == preset
    assert all(is_placement(path) for path in translation.overrides)
    (note,) = translation.notes
    assert note.startswith(f"--{name.replace('_', '-')}: ")


def test_a_seed_that_is_never_used_there_is_used_here():
    _, flags = rpm_flags("market1501", "")
    (translation,) = translate(command(flags, seed="7"))
    assert translation.overrides["training.seed"] == 7
    assert translation.notes == (
        "--seed: the program reads it and never uses it; here it seeds the training.",
    )


# Its description lists these data sets without a command: sizes of the same author's other program.
@pytest.mark.parametrize("size", "sl")
@pytest.mark.parametrize(
    ("name", "like", "changes"),
    [
        ("veri776", "market1501", {"img_height": "256", "img_width": "256"}),
        ("vehicleid", "market1501", {"img_height": "256", "img_width": "256"}),
        ("sop", "car196", {"instance_num": "4"}),
    ],
)
def test_a_data_set_that_is_listed_without_a_command_has_its_preset(name, like, changes, size):
    _, flags = msvit_flags(like, size)
    (translation,) = translate(command(flags, dataset=name, **changes))
    assert translation.preset == f"msvit/{name}_{size}"
    assert all(is_placement(path) for path in translation.overrides)
    folder = {"veri776": "VeRi", "vehicleid": "VehicleID_V1.0", "sop": "Stanford_Online_Products"}
    assert translation.overrides["data.root"] == f"/dev/shm/{folder[name]}"


@pytest.mark.parametrize(
    "flags_of_preset",
    [lambda: rpm_flags("market1501", "_prelu"), lambda: msvit_flags("market1501", "l")],
)
def test_occluded_people_are_learned_from_market1501_with_other_colours(flags_of_preset):
    preset, flags = flags_of_preset()
    (translation,) = translate(command(flags, dataset="occluded_reid"))
    assert translation.preset == preset
    assert {
        path: value for path, value in translation.overrides.items() if not is_placement(path)
    } == {
        "data.dataset.kind": "occluded_reid",
        "data.transforms.colour.brightness": 0.2,
        "data.transforms.colour.contrast": 0.15,
    }
    assert translation.overrides["data.root"].endswith("/Occluded_REID")


def test_our_own_command_starts_the_same():
    _, flags = rpm_flags("sop", "_prelu")
    (translation,) = translate(command(flags, lr="0.3"))
    assert translation.command.startswith("workbench train rpm/sop_prelu --set ")
    assert "training.optimizer.learning_rate=0.3" in translation.command


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"net": "regnet_y_3gf"}, "--net regnet_y_3gf: is no network"),
        ({"dataset": "market"}, "--dataset market: is no data set of this program. Did you mean"),
        ({"batch_size": "25"}, "is not a multiple of --instance-num 4"),
        ({"decoder": "mean"}, "--decoder mean: use"),
        ({"freeze": "head"}, "--freeze head: is no part"),
        ({"epochs": "75"}, "is two numbers"),
        ({"num_stripes": "2"}, r"--num-stripes: is no flag of this program. Did you mean"),
    ],
)
def test_refusals(changes, message):
    _, flags = rpm_flags("market1501", "")
    with pytest.raises(RecipeError, match=message):
        translate(command(flags, **changes))


def test_another_program_is_refused():
    with pytest.raises(RecipeError, match="is no program of"):
        translate("python main.py --lr 1")
