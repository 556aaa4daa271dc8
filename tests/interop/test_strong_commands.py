"""Commands of the strong baseline as its description prints them, and whose a shared file is."""

import pytest

from workbench.errors import RecipeError
from workbench.interop.commands import translate
from workbench.recipe.overrides import resolve

DEVICE = "MODEL.DEVICE_ID \"('your device id')\""
START = (
    "python3 tools/{}.py --config_file='configs/{}.yml' " + DEVICE + " DATASETS.NAMES \"('{}')\""
)
OUT = " OUTPUT_DIR \"('your path to save checkpoints and logs')\""
OWN = " MODEL.PRETRAIN_CHOICE \"('self')\" TEST.WEIGHT \"('your path to trained checkpoints')\""
PRESET = "baseline/market1501_strong"
CENTRE = "softmax_triplet_with_center"


@pytest.mark.parametrize(
    ("file", "dataset"),
    [("softmax_triplet", "market1501"), (CENTRE, "market1501"), (CENTRE, "dukemtmc")],
)
def test_a_printed_training_is_the_strong_baseline_with_its_steps_and_margin(file, dataset):
    (translation,) = translate(START.format("train", file, dataset) + OUT)
    assert (translation.action, translation.preset) == ("train", PRESET)
    assert "run.devices" not in translation.overrides
    recipe = resolve(translation.preset, translation.overrides)
    assert recipe.data.dataset.kind == dataset
    assert (recipe.data.height, recipe.data.width) == (256, 128)
    assert (recipe.data.sampler.identities, recipe.data.sampler.images) == (16, 4)
    assert recipe.losses["triplet"].margin == 0.3
    assert recipe.losses["triplet"].reads == "reduced"
    assert recipe.losses["identity"].smoothing == 0.1
    schedule = recipe.training.schedule
    assert (schedule.kind, schedule.at, schedule.factor) == ("milestones", [40, 70], 0.1)
    assert (schedule.warmup.count, schedule.warmup.start_factor) == (10, 0.01)
    assert recipe.training.length.count == 120
    assert recipe.training.optimizer.learning_rate == 0.00035
    assert any("centre loss" in note for note in translation.notes) == (file == CENTRE)
    assert any("your device id: is no number" in note for note in translation.notes)


@pytest.mark.parametrize(
    ("dataset", "arguments", "ours"),
    [
        (
            "market1501",
            "TEST.NECK_FEAT \"('before')\" TEST.FEAT_NORM \"('no')\"",
            " --set evaluation.embedding.reads=reduced --set evaluation.distance=euclidean",
        ),
        ("market1501", "TEST.NECK_FEAT \"('after')\" TEST.FEAT_NORM \"('yes')\"", ""),
        (
            "dukemtmc",
            "TEST.NECK_FEAT \"('after')\" TEST.FEAT_NORM \"('yes')\" TEST.RE_RANKING \"('yes')\"",
            " --re-rank",
        ),
    ],
)
def test_a_printed_test_is_an_evaluation(dataset, arguments, ours):
    (translation,) = translate(f"{START.format('test', CENTRE, dataset)} {arguments}{OWN}")
    assert (translation.action, translation.preset) == ("evaluate", PRESET)
    assert translation.command == f"workbench evaluate last --checkpoint last{ours}"


@pytest.mark.parametrize(
    ("arguments", "path", "value"),
    [
        ("SOLVER.MARGIN 0.5", "losses.triplet.margin", 0.5),
        ("SOLVER.STEPS '[30, 60]'", "training.schedule.at", [30, 60]),
        ("MODEL.IF_LABELSMOOTH off", "losses.identity.smoothing", 0.0),
        ("MODEL.NAME resnet101", "model.backbone.name", "resnet101"),
        ("INPUT.SIZE_TRAIN '[384, 128]'", "data.height", 384),
        ("MODEL.DEVICE_ID \"('1')\"", "run.devices", ["cuda:1"]),
        ("SOLVER.IMS_PER_BATCH 32", "data.sampler.identities", 8),
    ],
)
def test_a_key_of_it_is_its_override(arguments, path, value):
    (translation,) = translate(
        f"python tools/train.py --config_file=configs/softmax_triplet.yml {arguments}"
    )
    assert translation.overrides[path] == value


def test_a_shared_configuration_is_told_apart_by_the_keys_of_command_and_file(tmp_path):
    shared = "python train.py --config_file=softmax_triplet.yml"
    (strong,) = translate(shared)
    assert strong.preset == PRESET
    (nama,) = translate(f"{shared} MODEL.ARCH clsuc")
    assert nama.preset == "nama/uc_cls_market1501"
    (tmp_path / "softmax_triplet.yml").write_text("MODEL: {ARCH: clsuc}\nSOLVER: {GAMMA: 0.2}\n")
    (nama,) = translate(f"cd {tmp_path} && {shared}")
    assert nama.preset == "nama/uc_cls_market1501"
    (tmp_path / "softmax_triplet.yml").write_text("MODEL: {ARCH: [clsuc]}\n")
    with pytest.raises(RecipeError, match=r"MODEL\.ARCH"):
        translate(f"cd {tmp_path} && {shared}")
    (tmp_path / "softmax_triplet.yml").write_text("SOLVER: {GAMMA: 0.2}\n")
    (strong,) = translate(f"cd {tmp_path} && {shared}")
    assert (strong.preset, strong.overrides["training.schedule.factor"]) == (PRESET, 0.2)


STRONG = ("softmax_triplet.yml or softmax_triplet_with_center.yml.", "mgn_", "sbs_")
NAMA = ("ones are softmax_triplet.yml.", "with_center", "sbs_")
FASTREID = ("Market1501/sbs_R50.yml", "mgn_", "softmax")
MGN = ("mgn_duke.yml", "sbs_R50", "softmax")


@pytest.mark.parametrize(
    ("command", "listed"),
    [
        ("python tools/train.py --config_file=configs/softmax.yml", STRONG),
        ("python train.py --config_file=configs/softmax.yml MODEL.ARCH clsuc", NAMA),
        ("python tools/train_net.py --config-file configs/VeRi/sbs_R50-ibn.yml", FASTREID),
        ("python train_net.py --config-file configs/VeRi/sbs_R50-ibn.yml", FASTREID),
        ("python tools/train_net.py", FASTREID),
        ("python train_net.py", MGN),
        ("python train_net.py --config-file configs/mgn_veri.yml", MGN),
    ],
)
def test_a_refusal_lists_what_the_program_at_hand_publishes(command, listed):
    with pytest.raises(RecipeError) as refused:
        translate(command)
    own, *others = listed
    assert own in str(refused.value)
    assert not [other for other in others if other in str(refused.value)]
