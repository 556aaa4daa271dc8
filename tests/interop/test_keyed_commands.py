"""The training commands of NAMA, MGN and FastReID, and each of their keys changed once."""

import pytest

from workbench.errors import RecipeError
from workbench.interop.commands import translate
from workbench.interop.commands.translation import is_placement

EPOCHS = 240
NAMA_BOTH = {
    "MODEL.NAME": "resnet50",
    "SOLVER.IMS_PER_BATCH": '"(120)"',
    "DATALOADER.NUM_INSTANCE": '"(10)"',
    "SOLVER.CHECKPOINT_PERIOD": '"10"',
    "MODEL.F_BASE": "nn_128",
    "SEED": "42",
    "OUTPUT_DIR": '"./logs/here"',
}
NAMA = {
    "uc_tri": NAMA_BOTH
    | {
        "MODEL.NECK": "no",
        "MODEL.ARCH": "uc-bn-no",
        "SOLVER.WEIGHT_DECAY_POLY": "1e-1",
        "DATASETS.COMBINE_ALL": '"False"',
        "SOLVER.MARGIN": "0.2",
        "SOLVER.TRI_LOSS_WEIGHT": "1",
        "SOLVER.WEIGHT_DECAY_NECK": "5e-4",
        "SOLVER.WEIGHT_DECAY": "5e-4",
        "SOLVER.S": "32",
        "MODEL.METRIC_LOSS_TYPE": '"uc-tri-n"',
        "MODEL.CLS_LOSS_TYPE": "softmax",
    },
    "uc_cls": NAMA_BOTH
    | {
        "MODEL.NECK": "bnneck",
        "MODEL.ARCH": '"clsuc"',
        "SOLVER.WEIGHT_DECAY_POLY": "1e-2",
        "SOLVER.MARGIN": "0.0",
        "SOLVER.WEIGHT_DECAY_NECK": "0.0",
        "SOLVER.NORM_LU": '"[10, 110]"',
        "SOLVER.CS": "16",
        "MODEL.METRIC_LOSS_TYPE": '"none"',
        "MODEL.CLS_LOSS_TYPE": "uc-cls",
    },
}


def nama(system, dataset, **changes):
    epochs = EPOCHS // 2 if (system, dataset) == ("uc_cls", "msmt17") else EPOCHS
    keys = NAMA[system] | {
        "DATASETS.NAMES": f'"{dataset}"',
        "SOLVER.WARMUP_ITERS": f'"{epochs // 12}"',
        "SOLVER.STEPS": f'"{epochs // 4}, {epochs // 2}"',
        "SOLVER.MAX_EPOCHS": f'"{epochs * 3 // 4}"',
        "SOLVER.EVAL_PERIOD": f'"{epochs // (4 if system == "uc_tri" else 12)}"',
    }
    keys |= {name.replace("__", "."): value for name, value in changes.items()}
    words = " ".join(f"{name} {value}" for name, value in keys.items())
    return f"python3 train.py --config_file='configs/softmax_triplet.yml' {words}"


def changes_of(command):
    (one,) = translate(command)
    return {path: value for path, value in one.overrides.items() if not is_placement(path)}


@pytest.mark.thorough
@pytest.mark.parametrize("system", ["uc_tri", "uc_cls"])
@pytest.mark.parametrize("dataset", ["market1501", "dukemtmc", "msmt17"])
def test_a_published_command_of_nama_is_a_preset_and_nothing_else(system, dataset):
    (one,) = translate(nama(system, dataset))
    assert one.preset == f"nama/{system}_{dataset}"
    assert one.overrides == {}


CERTAINTY = "model.branches.whole.certainty.function"


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("system", "key", "value", "expected"),
    [
        ("uc_tri", "SOLVER__S", "16", {"losses.pairs.scale": 16.0}),
        ("uc_tri", "SOLVER__MARGIN", "0.3", {"losses.pairs.margin": 0.3}),
        ("uc_tri", "SOLVER__TRI_LOSS_WEIGHT", "2", {"losses.pairs.weight": 2.0}),
        ("uc_cls", "SOLVER__CS", "32", {"losses.identity.scale": 32.0}),
        ("uc_cls", "SOLVER__MARGIN", "0.1", {"losses.identity.margin": -0.1}),
        ("uc_cls", "SEED", "7", {"training.seed": 7}),
        ("uc_cls", "SOLVER__MAX_EPOCHS", '"90"', {"training.length.count": 90}),
        ("uc_cls", "SOLVER__STEPS", '"30, 60"', {"training.schedule.at": [30, 60]}),
        ("uc_cls", "SOLVER__WARMUP_ITERS", "5", {"training.schedule.warmup.count": 5}),
        ("uc_cls", "SOLVER__EVAL_PERIOD", "5", {"training.evaluate.count": 5}),
        ("uc_cls", "SOLVER__NORM_LU", '"[10, 90]"', {"losses.length.high": 90.0}),
        ("uc_cls", "MODEL__F_BASE", "nn_32", {f"{CERTAINTY}.count": 32}),
        ("uc_cls", "DATASETS__COMBINE_ALL", "True", {"data.dataset.split": "combine_all"}),
        (
            "uc_cls",
            "MODEL__F_BASE",
            "lgd_9",
            {f"{CERTAINTY}.kind": "legendre", f"{CERTAINTY}.terms": 5},
        ),
    ],
)
def test_a_changed_key_of_nama_is_its_override(system, key, value, expected):
    found = changes_of(nama(system, "market1501", **{key: value}))
    assert {path: found.get(path) for path in expected} == expected
    assert set(found) <= {*expected, f"{CERTAINTY}.even"}


@pytest.mark.thorough
def test_an_inferred_architecture_is_named():
    assert any("does not register" in note for note in translate(nama("uc_tri", "msmt17"))[0].notes)


MGN = "CUDA_VISIBLE_DEVICES=1 python train_net.py --config-file='configs/mgn_market1501.yml'"


def test_the_published_command_of_mgn():
    (one,) = translate(MGN)
    assert (one.preset, one.overrides) == ("mgn/market1501", {"run.devices": ["cuda:1"]})


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("SOLVER.BASE_LR 1e-4", {"training.optimizer.learning_rate": 1e-4}),
        ("SOLVER.MAX_ITER 100", {"training.length.count": 100}),
        ('SOLVER.STEPS "[10, 20]"', {"training.schedule.at": [10, 20]}),
        ('INPUT.SIZE_TRAIN "(192, 128)"', {"data.height": 192}),
        ("SOLVER.IMS_PER_BATCH 32", {"data.sampler.identities": 8}),
        ("MODEL.LOSSES.TRI.MARGIN 0.3", {"losses.triplet.margin": 0.3}),
    ],
)
def test_a_key_of_mgn_is_its_override(words, expected):
    assert changes_of(f"{MGN} {words}") == expected


FASTREID = "python3 tools/train_net.py --config-file ./configs/{}/{}_R50.yml {}"


@pytest.mark.parametrize(
    ("folder", "dataset"),
    [("Market1501", "market1501"), ("DukeMTMC", "dukemtmc"), ("MSMT17", "msmt17")],
)
@pytest.mark.parametrize(("file", "method"), [("bagtricks", "bot"), ("AGW", "agw"), ("sbs", "sbs")])
def test_the_published_commands_of_fastreid(folder, dataset, file, method):
    (one,) = translate(FASTREID.format(folder, file, 'MODEL.DEVICE "cuda:0"'))
    assert one.preset == f"fastreid/{method}_{dataset}"
    assert one.overrides == {"run.devices": ["cuda:0"]}


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("file", "words", "expected"),
    [
        ("bagtricks", 'SOLVER.STEPS "[40, 90]"', {}),
        ("bagtricks", 'SOLVER.STEPS "[30, 90]"', {"training.schedule.at": [39, 99]}),
        ("bagtricks", "SOLVER.MAX_EPOCH 90", {"training.length.count": 90}),
        ("bagtricks", "DATALOADER.NUM_INSTANCE 8", {"data.sampler.identities": 8}),
        ("bagtricks", "MODEL.LOSSES.TRI.HARD_MINING False", {"losses.triplet.mining": "weighted"}),
        ("bagtricks", "MODEL.HEADS.POOL_LAYER GlobalAvgPool", {}),
        (
            "AGW",
            "MODEL.HEADS.POOL_LAYER GeneralizedMeanPoolingP",
            {"model.branches.whole.pool.learned": True},
        ),
        ("AGW", "MODEL.BACKBONE.WITH_NL True", {}),
        ("sbs", "MODEL.BACKBONE.WITH_NL False", {"model.backbone.non_local": False}),
        ("sbs", "MODEL.HEADS.NECK_FEAT before", {"losses.triplet.reads": "pooled"}),
        ("AGW", "MODEL.LOSSES.TRI.MARGIN 0.0", {}),
        ("AGW", "MODEL.LOSSES.TRI.MARGIN 0.3", {"losses.triplet.margin": 0.3}),
        ("sbs", "MODEL.HEADS.MARGIN 0.25", {"losses.identity.margin": 0.25}),
        ("sbs", "SOLVER.IMS_PER_BATCH 32", {"data.sampler.identities": 2}),
        (
            "sbs",
            "--num-gpus 4 SOLVER.FREEZE_ITERS 500",
            {"training.parameter_groups.pretrained.frozen_steps": 500},
        ),
    ],
)
def test_a_key_of_fastreid_is_its_override(file, words, expected):
    found = changes_of(FASTREID.format("Market1501", file, words))
    assert {path: found.get(path) for path in expected} == expected
    assert set(found) <= {*expected, "data.sampler.images"}


def test_an_evaluation_of_fastreid():
    words = "--eval-only MODEL.WEIGHTS model.pth TEST.RERANK.ENABLED True"
    (one,) = translate(FASTREID.format("DukeMTMC", "AGW", words))
    assert (one.action, one.preset) == ("evaluate", "fastreid/agw_dukemtmc")
    assert one.overrides["evaluation.re_ranking"]


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("command", "said"),
    [
        (nama("uc_tri", "market1501", MODEL__ARCH="mgn"), "MODEL.ARCH mgn: is not built here"),
        (nama("uc_tri", "market1501") + " MODEL.F_BASE", "the last word has no partner"),
        (nama("uc_tri", "market1501", SOLVER__MARGN="1"), "Did you mean SOLVER.MARGIN"),
        (nama("uc_tri", "cub"), "DATASETS.NAMES cub: use"),
        (
            MGN.replace("mgn_market1501", "bagtricks_market"),
            "is no configuration that is published",
        ),
        (f"{MGN} SOLVER.MAX_ITER many", "cannot be read as its value"),
        (f"{MGN} MODEL.META_ARCHITECTURE Baseline", "only MGN is built here"),
        (f"{MGN} SOLVER.IMS_PER_BATCH 10", "is not a multiple of DATALOADER.NUM_INSTANCE 4"),
        (MGN.replace("=1", "=gpus"), "name devices by number"),
        ("python train_net.py", "--config-file: is missing"),
        (FASTREID.format("Market1501", "sbs", "SOLVER.MAX_ITER 3"), "SOLVER.MAX_ITER: is no key"),
        (FASTREID.format("Mars", "sbs", ""), "is no configuration that is published"),
    ],
)
def test_refusals(command, said):
    with pytest.raises(RecipeError, match=said):
        translate(command)
