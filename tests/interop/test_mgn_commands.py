"""MGN's published training commands, scripts and files, and each of their keys changed once."""

import pytest
import yaml

from tests.interop.keyed_tables import changes_of, check_meaning, without_placement
from workbench.interop.commands import mgn, translate
from workbench.interop.commands.keyed import BATCH, IMAGES

MGN = "CUDA_VISIBLE_DEVICES=1 python train_net.py --config-file='configs/mgn_{}.yml'"
SETS = {"market1501": "Market1501", "dukemtmc": "DukeMTMC", "msmt17": "MSMT17"}


@pytest.mark.parametrize(
    ("file", "dataset"),
    [
        ("market1501", "market1501"),
        ("dukemtmc", "dukemtmc"),
        ("duke", "dukemtmc"),
        ("msmt17", "msmt17"),
    ],
)
def test_a_published_command_is_a_preset_and_nothing_else(file, dataset):
    (translation,) = translate(MGN.format(file))
    assert (translation.preset, translation.overrides) == (
        f"mgn/{dataset}",
        {"run.devices": ["cuda:1"]},
    )
    assert translation.notes == (f"mgn_{file}.yml: is not here; its published contents are taken.",)


@pytest.mark.parametrize(
    ("script", "dataset"),
    [("train_market", "market1501"), ("train_duke", "dukemtmc"), ("train_msmt", "msmt17")],
)
def test_a_published_script_is_a_preset_and_nothing_else(script, dataset):
    (translation,) = translate(f"sh scripts/{script}.sh")
    assert (translation.preset, translation.overrides) == (f"mgn/{dataset}", {})
    assert translation.notes == (
        f"{script}.sh names a configuration that does not exist; MGN's is meant.",
    )


# What the project's files say of all three data sets, and what of each.
BASE = {
    "MODEL.META_ARCHITECTURE": "MGN",
    "MODEL.OPEN_LAYERS": "",
    "MODEL.BACKBONE.NAME": "build_resnet_backbone",
    "MODEL.BACKBONE.DEPTH": 50,
    "MODEL.BACKBONE.LAST_STRIDE": 2,
    "MODEL.BACKBONE.PRETRAIN": True,
    "MODEL.HEADS.NAME": "BNneckHead",
    "MODEL.HEADS.CLS_LAYER": "linear",
    "MODEL.HEADS.POOL_LAYER": "maxpool",
    "MODEL.LOSSES.NAME": '("CrossEntropyLoss", "TripletLoss")',
    "MODEL.LOSSES.CE.EPSILON": 0.1,
    "MODEL.LOSSES.CE.SCALE": 0.25,
    "MODEL.LOSSES.TRI.MARGIN": 1.2,
    "MODEL.LOSSES.TRI.HARD_MINING": True,
    "MODEL.LOSSES.TRI.USE_COSINE_DIST": False,
    "MODEL.LOSSES.TRI.SCALE": 0.3333,
    "INPUT.SIZE_TRAIN": [384, 128],
    "INPUT.SIZE_TEST": [384, 128],
    "INPUT.REA.ENABLED": True,
    "INPUT.REA.PROB": 0.5,
    "INPUT.REA.MEAN": [123.675, 116.28, 103.53],
    "INPUT.DO_PAD": True,
    "DATALOADER.PK_SAMPLER": True,
    "DATALOADER.NUM_INSTANCE": 4,
    "DATALOADER.NUM_WORKERS": 16,
    "SOLVER.OPT": "Adam",
    "SOLVER.BASE_LR": 0.00035,
    "SOLVER.BIAS_LR_FACTOR": 2.0,
    "SOLVER.WEIGHT_DECAY": 0.0005,
    "SOLVER.WEIGHT_DECAY_BIAS": 0.0,
    "SOLVER.IMS_PER_BATCH": 64,
    "SOLVER.GAMMA": 0.1,
    "SOLVER.WARMUP_FACTOR": 0.01,
    "SOLVER.WARMUP_METHOD": "linear",
    "SOLVER.LOG_PERIOD": 200,
    "TEST.IMS_PER_BATCH": 512,
    "CUDNN_BENCHMARK": True,
    "OUTPUT_DIR": "logs/here",
}
# Identities, iterations, steps, warm-up, and how often a checkpoint is written and evaluated.
EACH = {
    "market1501": (751, 18000, [8000, 14000], 2000, 2000),
    "dukemtmc": (702, 23000, [10000, 18000], 2500, 2000),
    "msmt17": (1041, 42000, [19000, 33000], 4700, 5000),
}
OF_EACH = (
    *("MODEL.HEADS.NUM_CLASSES", "SOLVER.MAX_ITER", "SOLVER.STEPS", "SOLVER.WARMUP_ITERS"),
    "SOLVER.CHECKPOINT_PERIOD",
)


def contents(dataset, **changes):
    """A file with all of it, nested as the project's are."""
    flat = BASE | dict(zip(OF_EACH, EACH[dataset], strict=True))
    flat |= {"TEST.EVAL_PERIOD": EACH[dataset][-1]}
    flat |= dict.fromkeys(("DATASETS.NAMES", "DATASETS.TESTS"), f'("{SETS[dataset]}",)')
    tree = {}
    for name, value in (flat | changes).items():
        *parents, last = name.split(".")
        node = tree
        for part in parents:
            node = node.setdefault(part, {})
        node[last] = value
    return yaml.safe_dump(tree)


@pytest.mark.thorough
@pytest.mark.parametrize("dataset", SETS)
@pytest.mark.parametrize("name", ["mine", "mgn_{}"])
def test_the_files_as_they_are_published_say_what_the_presets_say(tmp_path, name, dataset):
    file = tmp_path / f"{name.format(dataset)}.yml"
    file.write_text(contents(dataset))
    (translation,) = translate(f"cd {tmp_path} && python train_net.py --config-file {file.name}")
    assert translation.preset == f"mgn/{dataset}"
    # Of speed alone: where the file is known by its name, these are its authors' and not a wish.
    speed = {"evaluation.batch_size": 512, "data.loader.workers": 16}
    assert translation.overrides == (speed if name == "mine" else {})


@pytest.mark.thorough
def test_a_published_file_that_was_edited_is_read(tmp_path):
    folder = tmp_path / "configs"
    folder.mkdir()
    edited = {"SOLVER.BASE_LR": 1e-4, "TEST.IMS_PER_BATCH": 64}
    (folder / "mgn_market1501.yml").write_text(contents("market1501", **edited))
    (translation,) = translate(
        f"cd {tmp_path} && python train_net.py --config-file=configs/mgn_market1501.yml"
    )
    assert translation.preset == "mgn/market1501"
    assert translation.overrides == {
        "training.optimizer.learning_rate": 1e-4,
        "evaluation.batch_size": 64,
    }
    assert not any("is not here" in note for note in translation.notes)


NOTED = None
"""The key has no effect here; a note says so."""
TRIPLET, TRANSFORMS = "losses.triplet", "data.transforms"
CHANGES = {
    "SOLVER.IMS_PER_BATCH": ("32", {"data.sampler.identities": 8}),
    "DATALOADER.NUM_INSTANCE": (
        "8",
        {"data.sampler.identities": 8, "data.sampler.images": 8},
    ),
    "SOLVER.BASE_LR": ("1e-4", {"training.optimizer.learning_rate": 1e-4}),
    "SOLVER.WEIGHT_DECAY": ("1e-4", {"training.optimizer.weight_decay": 1e-4}),
    "SOLVER.BIAS_LR_FACTOR": (
        "1.",
        {"training.parameter_groups.offsets.learning_rate_multiplier": 1.0},
    ),
    "SOLVER.WEIGHT_DECAY_BIAS": (
        "0.0005",
        {"training.parameter_groups.offsets.weight_decay": 0.0005},
    ),
    "SOLVER.MAX_ITER": ("100", {"training.length.count": 100}),
    "SOLVER.STEPS": ('"[10, 20]"', {"training.schedule.at": [10, 20]}),
    "SOLVER.GAMMA": ("0.2", {"training.schedule.factor": 0.2}),
    "SOLVER.WARMUP_ITERS": ("500", {"training.schedule.warmup.count": 500}),
    "SOLVER.WARMUP_FACTOR": ("0.1", {"training.schedule.warmup.start_factor": 0.1}),
    "SOLVER.WARMUP_METHOD": ("constant", "only linear is built here"),
    "SOLVER.CHECKPOINT_PERIOD": ("3000", {"training.checkpoints.every.count": 3000}),
    "SOLVER.OPT": ("SGD", "only Adam is built here"),
    "SOLVER.SCHED": ("CosineAnnealingLR", "only WarmupMultiStepLR or MultiStepLR is built here"),
    "SOLVER.LOG_PERIOD": ("20", NOTED),
    "INPUT.SIZE_TRAIN": ('"(192, 128)"', {"data.height": 192}),
    "INPUT.SIZE_TEST": ('"(192, 128)"', NOTED),
    "INPUT.REA.ENABLED": ("False", {f"{TRANSFORMS}.erasing.probability": 0.0}),
    "INPUT.REA.PROB": ("0.3", {f"{TRANSFORMS}.erasing.probability": 0.3}),
    "INPUT.REA.MEAN": ('"[0, 0, 0]"', "INPUT.REA.MEAN .* is built here"),
    "INPUT.DO_FLIP": ("False", {f"{TRANSFORMS}.flip": 0.0}),
    "INPUT.FLIP.ENABLED": ("False", {f"{TRANSFORMS}.flip": 0.0}),
    "INPUT.DO_PAD": ("False", {f"{TRANSFORMS}.pad_and_crop.pixels": 0}),
    "INPUT.PADDING.ENABLED": ("False", {f"{TRANSFORMS}.pad_and_crop.pixels": 0}),
    "MODEL.LOSSES.NAME": ("\"['CrossEntropyLoss']\"", "is built here"),
    "MODEL.LOSSES.CE.EPSILON": ("0.", {"losses.identity.smoothing": 0.0}),
    "MODEL.LOSSES.CE.SCALE": ("1.", {"losses.identity.weight": 1.0}),
    "MODEL.LOSSES.TRI.MARGIN": ("0.3", {f"{TRIPLET}.margin": 0.3}),
    "MODEL.LOSSES.TRI.SCALE": ("1.", {f"{TRIPLET}.weight": 1.0}),
    "MODEL.LOSSES.TRI.NORM_FEAT": ("True", {f"{TRIPLET}.normalise": True}),
    "MODEL.LOSSES.TRI.HARD_MINING": ("False", "only true is built here"),
    "MODEL.LOSSES.TRI.USE_COSINE_DIST": ("True", "only false is built here"),
    "MODEL.META_ARCHITECTURE": ("Baseline", "only MGN is built here"),
    "MODEL.OPEN_LAYERS": ("\"['heads']\"", "MODEL.OPEN_LAYERS .* is built here"),
    "MODEL.BACKBONE.NAME": ("build_osnet_backbone", "only build_resnet_backbone is built here"),
    "MODEL.BACKBONE.DEPTH": ("101", "only 50 or 50x is built here"),
    "MODEL.BACKBONE.WITH_IBN": ("True", "only false is built here"),
    "MODEL.BACKBONE.LAST_STRIDE": ("1", {"model.backbone.tail_strides": [1, 1, 1]}),
    "MODEL.BACKBONE.PRETRAIN": ("False", {"model.weights.kind": "none"}),
    "MODEL.HEADS.NAME": ("LinearHead", "only BNneckHead or EmbeddingHead is built here"),
    "MODEL.HEADS.POOL_LAYER": ("avgpool", "only maxpool or GlobalMaxPool is built here"),
    "MODEL.HEADS.CLS_LAYER": ("arcface", "only linear or Linear is built here"),
    "MODEL.HEADS.NECK_FEAT": ("after", "only before is built here"),
    "MODEL.HEADS.NUM_CLASSES": ("10", NOTED),
    "MODEL.WEIGHTS": ("model.pth", NOTED),
    "DATALOADER.PK_SAMPLER": ("False", "only true is built here"),
    "DATALOADER.NUM_WORKERS": ("8", {"data.loader.workers": 8}),
    "DATASETS.NAMES": (
        "\"('MSMT17',)\"",
        {"data.dataset.kind": "msmt17", "data.dataset.with_val": False},
    ),
    "DATASETS.TESTS": ("\"('MSMT17',)\"", NOTED),
    "TEST.EVAL_PERIOD": ("500", {"training.evaluate.count": 500}),
    "TEST.IMS_PER_BATCH": ("64", {"evaluation.batch_size": 64}),
    "TEST.METRIC": ("euclidean", {"evaluation.distance": "euclidean"}),
    "TEST.FLIP_ENABLED": ("True", {"evaluation.embedding.flip": True}),
    "TEST.FLIP.ENABLED": ("True", {"evaluation.embedding.flip": True}),
    "TEST.RERANK.ENABLED": (
        "True",
        {
            "evaluation.re_ranking": True,
            # The program of May 2020 takes k1 for k2.
            "evaluation.re_ranking.k1": 20,
            "evaluation.re_ranking.k2": 20,
            "evaluation.re_ranking.weight": 0.3,
            "evaluation.re_ranking.squared": False,
        },
    ),
    # Of no effect while re-ranking is off.
    "TEST.RERANK.K1": ("10", {}),
    "TEST.RERANK.K2": ("10", NOTED),
    "TEST.RERANK.LAMBDA": ("0.5", {}),
    "TEST.AQE.ENABLED": ("True", "only false is built here"),
    "CUDNN_BENCHMARK": ("False", NOTED),
    "OUTPUT_DIR": ("elsewhere", NOTED),
}


def test_every_key_is_changed_once():
    assert set(CHANGES) == {*mgn.KEYS, BATCH, IMAGES}
    written = {*BASE, *OF_EACH, "TEST.EVAL_PERIOD", "DATASETS.NAMES", "DATASETS.TESTS"}
    assert written <= set(CHANGES)


ALONE = [(key, *change) for key, change in CHANGES.items() if change[1] is not NOTED]


@pytest.mark.thorough
@pytest.mark.parametrize(("key", "value", "expected"), ALONE)
def test_a_changed_key_is_its_override(key, value, expected):
    text = f"{MGN.format('market1501')} {key} {value}"
    check_meaning(text, expected)


@pytest.mark.thorough
def test_keys_without_effect_are_noted():
    changes = {key: value for key, (value, means) in CHANGES.items() if means is NOTED}
    arguments = " ".join(f"{key} {value}" for key, value in changes.items())
    (translation,) = translate(f"{MGN.format('market1501')} {arguments}")
    assert without_placement(translation) == {}
    assert set(changes) <= {note.partition(":")[0] for note in translation.notes}


@pytest.mark.thorough
def test_keys_of_re_ranking_count_where_it_is_on_and_k2_is_k1():
    arguments = "TEST.RERANK.ENABLED True TEST.RERANK.K1 10 TEST.RERANK.K2 3 TEST.RERANK.LAMBDA 0.5"
    changes = changes_of(f"{MGN.format('market1501')} {arguments}")
    assert changes == {
        "evaluation.re_ranking": True,
        "evaluation.re_ranking.k1": 10,
        "evaluation.re_ranking.k2": 10,
        "evaluation.re_ranking.weight": 0.5,
        "evaluation.re_ranking.squared": False,
    }
