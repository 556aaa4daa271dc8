"""The published training commands of NAMA, and each of their keys changed once."""

import pytest

from tests.interop.keyed_tables import (
    WHOLE,
    changes_of,
    check_meaning,
    command,
    keys,
    without_placement,
)
from workbench.errors import RecipeError
from workbench.interop.commands import nama, translate
from workbench.interop.commands.keyed import BATCH, IMAGES


@pytest.mark.thorough
@pytest.mark.parametrize("system", ["uc_tri", "uc_cls"])
@pytest.mark.parametrize("dataset", ["market1501", "dukemtmc", "msmt17"])
def test_a_published_command_is_a_preset_and_nothing_else(system, dataset):
    (translation,) = translate(command(system, dataset))
    assert translation.preset == f"nama/{system}_{dataset}"
    assert translation.overrides == {}


def group(name, pattern, decay, rate=1.0):
    entry = {"pattern": pattern, "weight_decay": decay, "learning_rate_multiplier": rate}
    entry |= {"frozen": False, "frozen_steps": 0, "frozen_statistics": False}
    return {f"training.parameter_groups.{name}.{key}": value for key, value in entry.items()}


NOTED = None
"""The key has no effect here; a note says so."""
ERASING = "data.transforms.erasing"
ONE_NORM = {f"{WHOLE}.neck.norm": True} | {
    f"{WHOLE}.neck.norm.{name}": value
    for name, value in {"bias": "frozen", "weight_std": 0.0, "bias_std": 0.0}.items()
}
SAME_IN_BOTH = {
    "SEED": ("7", {"training.seed": 7}),
    "SOLVER.IMS_PER_BATCH": ('"(60)"', {"data.sampler.identities": 6}),
    "DATALOADER.NUM_INSTANCE": (
        '"(5)"',
        {"data.sampler.identities": 24, "data.sampler.images": 5},
    ),
    "SOLVER.MAX_EPOCHS": ('"90"', {"training.length.count": 90}),
    "SOLVER.STEPS": ('"30, 60"', {"training.schedule.at": [30, 60]}),
    "SOLVER.WARMUP_ITERS": ("5", {"training.schedule.warmup.count": 5}),
    "SOLVER.WARMUP_FACTOR": ("0.1", {"training.schedule.warmup.start_factor": 0.1}),
    "SOLVER.WARMUP_METHOD": ("constant", "only linear is built here"),
    "SOLVER.GAMMA": ("0.5", {"training.schedule.factor": 0.5}),
    "SOLVER.BASE_LR": ("1e-4", {"training.optimizer.learning_rate": 1e-4}),
    "SOLVER.OPTIMIZER_NAME": ("SGD", "only Adam is built here"),
    "SOLVER.BIAS_LR_FACTOR": ("2", group("offsets", "*.bias", 5e-4, 2.0)),
    "SOLVER.WEIGHT_DECAY_BIAS": ("0.", group("offsets", "*.bias", 0.0)),
    "SOLVER.EVAL_PERIOD": ("5", {"training.evaluate.count": 5}),
    "SOLVER.CHECKPOINT_PERIOD": ('"40"', {"training.checkpoints.every.count": 40}),
    "SOLVER.LOG_PERIOD": ("20", NOTED),
    "SOLVER.WEIGHT_DECAY_POLY": (
        "0.05",
        {"training.parameter_groups.certainty.weight_decay": 0.05},
    ),
    "SOLVER.NORM_LU": ('"[10, 90]"', {"losses.length.high": 90.0}),
    "SOLVER.REG_TYPE": ("quad", {"losses.length.form": "quadratic"}),
    "SOLVER.MAG_G": ("0.5", {"losses.length.weight": 0.5}),
    "SOLVER.MARGIN_LU": ('"[0.0, 0.1]"', NOTED),
    "MODEL.F_BASE": ("nn_32", {f"{WHOLE}.certainty.function.count": 32}),
    "MODEL.ARCH": ("uc-ct", "MODEL.ARCH uc-ct: is not built here"),
    "MODEL.LAST_STRIDE": ("2", {"model.backbone.tail_strides": [2]}),
    "MODEL.PRETRAIN_CHOICE": ("self", "only imagenet is built here"),
    "MODEL.PRETRAIN_PATH": ("resnet50.pth", NOTED),
    "MODEL.IF_WITH_CENTER": ("yes", "only false is built here"),
    "MODEL.NAME": (
        "resnet101",
        {"model.backbone.name": "resnet101", "model.weights.name": "resnet101.tv_in1k"},
    ),
    "DATASETS.COMBINE_ALL": ("True", {"data.dataset.split": "combine_all"}),
    "DATASETS.NAMES": ("cub", "DATASETS.NAMES cub: use market1501, dukemtmc or msmt17"),
    "DATASETS.ROOT_DIR": ("./elsewhere", NOTED),
    "DATALOADER.SAMPLER": ("softmax", "only softmax_triplet is built here"),
    "DATALOADER.NUM_WORKERS": ("8", {"data.loader.workers": 8}),
    "INPUT.SIZE_TRAIN": ('"[384, 192]"', {"data.height": 384, "data.width": 192}),
    "INPUT.SIZE_TEST": ('"[384, 192]"', NOTED),
    "INPUT.PROB": ("0.", {"data.transforms.flip": 0.0}),
    "INPUT.RE_PROB": ("0.3", {f"{ERASING}.probability": 0.3}),
    "INPUT.PADDING": ("5", {"data.transforms.pad_and_crop.pixels": 5}),
    "TEST.IMS_PER_BATCH": ("8", NOTED),
    "TEST.NECK_FEAT": ("before", "only after is built here"),
    "TEST.FEAT_NORM": ('"no"', "only yes is built here"),
    "TEST.NORM_K": ("0.5", {"evaluation.certainty_weight": 0.5}),
    "TEST.RE_RANKING": (
        '"yes"',
        {
            f"evaluation.re_ranking{rest}": value
            for rest, value in {
                "": True,
                ".k1": 20,
                ".k2": 6,
                ".weight": 0.3,
                ".squared": False,
            }.items()
        },
    ),
    "TEST.VISRANK": ("10", NOTED),
    "TEST.WEIGHT": ("model.pt", NOTED),
    "OUTPUT_DIR": ("elsewhere", NOTED),
    **dict.fromkeys(nama.UNUSED, ("1", NOTED)),
}
OWN = {
    "uc_tri": {
        "SOLVER.S": ("16", {"losses.pairs.scale": 16.0}),
        "SOLVER.MARGIN": ("0.3", {"losses.pairs.margin": 0.3}),
        # Their push on lengths is inside the term that is weighted.
        "SOLVER.TRI_LOSS_WEIGHT": (
            "2",
            {"losses.pairs.weight": 2.0, "losses.length.weight": 2.0},
        ),
        "SOLVER.CS": ("32", NOTED),
        "SOLVER.WEIGHT_DECAY_NECK": ("0.", group("neck", "branches.*", 0.0)),
        "SOLVER.WEIGHT_DECAY": (
            "1e-3",
            {"training.optimizer.weight_decay": 1e-3}
            | group("neck", "branches.*", 5e-4)
            | group("offsets", "*.bias", 5e-4),
        ),
        "MODEL.NECK": (
            "no-bn",
            ONE_NORM
            | {
                f"{WHOLE}.certainty.reads": "reduced",
                "training.parameter_groups.norm.pattern": "branches.*neck.norm.*",
            },
        ),
        "MODEL.METRIC_LOSS_TYPE": ("uc-tri-hard", {"losses.pairs.mining": "hardest"}),
        "MODEL.CLS_LOSS_TYPE": ("ce", {"losses.identity.smoothing": 0.0}),
    },
    "uc_cls": {
        "SOLVER.S": ("16", NOTED),
        "SOLVER.CS": ("32", {"losses.identity.scale": 32.0}),
        "SOLVER.TRI_LOSS_WEIGHT": ("2", NOTED),
        "SOLVER.MARGIN": ("0.1", {"losses.identity.margin": -0.1}),
        "SOLVER.WEIGHT_DECAY_NECK": (
            "5e-4",
            {"training.parameter_groups.neck.weight_decay": 5e-4},
        ),
        "SOLVER.WEIGHT_DECAY": (
            "1e-3",
            {"training.optimizer.weight_decay": 1e-3} | group("offsets", "*.bias", 5e-4),
        ),
        "MODEL.NECK": ("no", {f"{WHOLE}.neck.bnneck": False}),
        "MODEL.METRIC_LOSS_TYPE": ("tri", NOTED),
        "MODEL.CLS_LOSS_TYPE": (
            "ucx-cls",
            {
                "losses.identity.certainty": False,
                f"{WHOLE}.certainty": False,
                "training.parameter_groups.certainty": None,
            },
        ),
    },
}
CHANGED = {"uc_tri": OWN["uc_tri"], "uc_cls": OWN["uc_cls"] | SAME_IN_BOTH}
ALONE = [
    (system, key, *change)
    for system, changes in CHANGED.items()
    for key, change in changes.items()
    if change[1] is not NOTED
]


@pytest.mark.parametrize("system", ["uc_tri", "uc_cls"])
def test_every_key_is_changed_once(system):
    changed = {*SAME_IN_BOTH, *OWN[system]}
    accepted = {*nama.COMMON, *nama.FILE, *nama.TRAINED, *nama.OWN[system], *nama.READ_SEPARATELY}
    assert changed == accepted | {BATCH, IMAGES}
    assert set(keys(system, "market1501")) <= changed


@pytest.mark.thorough
@pytest.mark.parametrize(("system", "key", "value", "expected"), ALONE)
def test_a_changed_key_is_its_override(system, key, value, expected):
    text = command(system, **{key: value})
    check_meaning(text, expected)


@pytest.mark.thorough
@pytest.mark.parametrize("system", ["uc_tri", "uc_cls"])
def test_keys_without_effect_are_noted(system):
    changes = {key: value for key, (value, means) in CHANGED[system].items() if means is NOTED}
    (translation,) = translate(command(system, **changes))
    assert without_placement(translation) == {}
    noted = {note.partition(":")[0].split(" ")[0] for note in translation.notes}
    assert set(changes) <= noted


@pytest.mark.thorough
def test_an_inferred_architecture_is_named():
    notes = translate(command("uc_tri", "msmt17"))[0].notes
    assert any("does not register" in note for note in notes)
    assert any(note.startswith("softmax_triplet.yml: is not here") for note in notes)


FILE = """
MODEL:
  PRETRAIN_CHOICE: 'imagenet'
  PRETRAIN_PATH: './pretrain/resnet50-19c8e357.pth'
  METRIC_LOSS_TYPE: 'triplet'
  IF_LABELSMOOTH: 'on'
  IF_WITH_CENTER: 'no'
INPUT: {{SIZE_TRAIN: [256, 128], SIZE_TEST: [256, 128], PROB: 0.5, RE_PROB: {}, PADDING: 10}}
DATASETS: {{NAMES: ('market1501')}}
DATALOADER: {{SAMPLER: softmax_triplet, NUM_INSTANCE: 4, NUM_WORKERS: 4}}
SOLVER:
  {{OPTIMIZER_NAME: Adam, MAX_EPOCHS: 120, BASE_LR: 0.00035, BIAS_LR_FACTOR: 1, GAMMA: 0.1,
   WEIGHT_DECAY: 0.0005, WEIGHT_DECAY_BIAS: 0.0005, IMS_PER_BATCH: 64, STEPS: [40, 70],
   WARMUP_FACTOR: 0.01, WARMUP_ITERS: 10, WARMUP_METHOD: linear, CHECKPOINT_PERIOD: 40,
   LOG_PERIOD: 20, EVAL_PERIOD: 40, CENTER_LR: 0.5, RANGE_K: 2}}
TEST: {{IMS_PER_BATCH: 120, RE_RANKING: 'no', WEIGHT: path, NECK_FEAT: after, FEAT_NORM: 'yes'}}
OUTPUT_DIR: ./log/here
"""


@pytest.mark.thorough
@pytest.mark.parametrize("system", ["uc_tri", "uc_cls"])
@pytest.mark.parametrize(
    ("erasing", "expected"), [("0.5", {}), ("0.3", {f"{ERASING}.probability": 0.3})]
)
def test_the_published_file_is_read_where_it_is(tmp_path, system, erasing, expected):
    (tmp_path / "configs").mkdir()
    (tmp_path / "configs" / "softmax_triplet.yml").write_text(FILE.format(erasing))
    text = f"cd {tmp_path} && {command(system)}"
    assert changes_of(text) == expected
    assert not any("is not here" in note for note in translate(text)[0].notes)


@pytest.mark.thorough
def test_what_a_command_leaves_out_is_as_in_the_file_where_it_is(tmp_path):
    (tmp_path / "softmax_triplet.yml").write_text(FILE.format("0.5"))
    start = f"cd {tmp_path} && python3 train.py --config_file softmax_triplet.yml MODEL.ARCH clsuc"
    changes = changes_of(start)
    assert (changes["training.length.count"], changes["data.sampler.images"]) == (120, 4)
    evaluated, *_ = translate(start.replace("train.py", "test.py"))
    assert (evaluated.action, evaluated.preset) == ("evaluate", "nama/uc_cls_market1501")


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("text", "message"),
    [
        (command("uc_tri", MODEL__ARCH="mgn"), "MODEL.ARCH mgn: is not built here"),
        (command("uc_tri") + " MODEL.F_BASE", "this last one has no value"),
        (command("uc_tri", SOLVER__MARGN="1"), "Did you mean SOLVER.MARGIN"),
        (command("uc_tri", SOLVER__IMS_PER_BATCH='"(125)"'), "125: is not a multiple of"),
        (command("uc_tri", SOLVER__WEIGHT_DECAY="much"), "much: cannot be read as its value"),
    ],
)
def test_refusals(text, message):
    with pytest.raises(RecipeError, match=message):
        translate(text)
