"""Commands of MGN in FastReID's project of May 2020."""

from collections.abc import Collection
from typing import Any

from workbench.errors import RecipeError
from workbench.interop.commands.config_files import config_named
from workbench.interop.commands.keyed import (
    Key,
    Settings,
    identity_batches,
    integer,
    integers,
    pairs,
    sets,
    settings_of,
    switch,
)
from workbench.interop.commands.translation import (
    NEWEST,
    RUN,
    Translation,
    action_translation,
    translation,
)
from workbench.interop.shell.statements import Invocation
from workbench.recipe.compare import belongs
from workbench.recipe.refusals import listed
from workbench.recipe.settings.evaluation import ReRanking

CONFIGS = {
    "mgn_market1501.yml": "mgn/market1501",
    "mgn_duke.yml": "mgn/dukemtmc",
    "mgn_dukemtmc.yml": "mgn/dukemtmc",
    "mgn_msmt17.yml": "mgn/msmt17",
}
SCRIPTS = {
    "train_market.sh": "mgn/market1501",
    "train_duke.sh": "mgn/dukemtmc",
    "train_msmt.sh": "mgn/msmt17",
}
"""Scripts of the project, whose configurations do not exist there; MGN's are meant."""
DATASETS = {"Market1501": "market1501", "DukeMTMC": "dukemtmc", "MSMT17": "msmt17"}
EVALUATE = "--eval-only"
EVALUATION_PATHS = ("evaluation.", "data.height", "data.width")
"""What an evaluation may change of its run."""
OPTIMIZER, SCHEDULE, TRANSFORMS = "training.optimizer", "training.schedule", "data.transforms"
RE_RANKING = "evaluation.re_ranking"
BOOKKEEPING = {"TEST.IMS_PER_BATCH": 512, "DATALOADER.NUM_WORKERS": 16}
"""What the published files say of speed alone: no wish of whoever uses them."""
MEAN_COLOUR = [123.675, 116.28, 103.53]
K2 = "of no effect in the program of May 2020, which takes K1 for it."
OTHER_WEIGHTS = "a file of theirs is not read here; weights are those of a run, or ImageNet's."


def _size(value: Any) -> Settings:  # noqa: ANN401
    height, width = integers(value)
    return {"data.height": height, "data.width": width}


def _dataset(value: Any) -> Settings:  # noqa: ANN401
    (name,) = (value,) if isinstance(value, str) else value
    training_alone = {"data.dataset.with_val": False} if name == "MSMT17" else {}
    return {"data.dataset.kind": DATASETS[name]} | training_alone


def _off(setting: str, off: Any) -> Key:  # noqa: ANN401
    """A switch that the preset has on."""
    return Key(switch, lambda on: {} if on else {setting: off})


KEYS = {
    "SOLVER.BASE_LR": Key(float, sets(f"{OPTIMIZER}.learning_rate")),
    "SOLVER.WEIGHT_DECAY": Key(float, sets(f"{OPTIMIZER}.weight_decay")),
    "SOLVER.BIAS_LR_FACTOR": Key(
        float, sets("training.parameter_groups.offsets.learning_rate_multiplier")
    ),
    "SOLVER.WEIGHT_DECAY_BIAS": Key(float, sets("training.parameter_groups.offsets.weight_decay")),
    "SOLVER.MAX_ITER": Key(integer, sets("training.length.count")),
    "SOLVER.STEPS": Key(integers, sets(f"{SCHEDULE}.at")),
    "SOLVER.GAMMA": Key(float, sets(f"{SCHEDULE}.factor")),
    "SOLVER.WARMUP_ITERS": Key(integer, sets(f"{SCHEDULE}.warmup.count")),
    "SOLVER.WARMUP_FACTOR": Key(float, sets(f"{SCHEDULE}.warmup.start_factor")),
    "SOLVER.CHECKPOINT_PERIOD": Key(integer, sets("training.checkpoints.every.count")),
    "TEST.EVAL_PERIOD": Key(integer, sets("training.evaluate.count")),
    "TEST.IMS_PER_BATCH": Key(integer, sets("evaluation.batch_size")),
    "INPUT.SIZE_TRAIN": Key(integers, _size),
    "INPUT.REA.PROB": Key(float, sets(f"{TRANSFORMS}.erasing.probability")),
    "INPUT.REA.MEAN": Key(list, supported=(MEAN_COLOUR,)),
    "MODEL.LOSSES.CE.EPSILON": Key(float, sets("losses.identity.smoothing")),
    "MODEL.LOSSES.CE.SCALE": Key(float, sets("losses.identity.weight")),
    "MODEL.LOSSES.TRI.MARGIN": Key(float, sets("losses.triplet.margin")),
    "MODEL.LOSSES.TRI.SCALE": Key(float, sets("losses.triplet.weight")),
    "MODEL.LOSSES.TRI.NORM_FEAT": Key(switch, sets("losses.triplet.normalise")),
    "MODEL.BACKBONE.LAST_STRIDE": Key(
        integer, lambda stride: {"model.backbone.tail_strides": [stride, 1, 1]}
    ),
    "MODEL.BACKBONE.PRETRAIN": _off("model.weights.kind", "none"),
    "INPUT.REA.ENABLED": _off(f"{TRANSFORMS}.erasing.probability", 0.0),
    **dict.fromkeys(("INPUT.DO_FLIP", "INPUT.FLIP.ENABLED"), _off(f"{TRANSFORMS}.flip", 0.0)),
    **dict.fromkeys(
        ("INPUT.DO_PAD", "INPUT.PADDING.ENABLED"), _off(f"{TRANSFORMS}.pad_and_crop.pixels", 0)
    ),
    "DATALOADER.NUM_WORKERS": Key(integer, sets("data.loader.workers")),
    "DATASETS.NAMES": Key(lambda value: value, _dataset),
    "DATASETS.TESTS": Key(lambda value: value, unused="ranked is what is trained on."),
    "INPUT.SIZE_TEST": Key(integers, unused="evaluation takes the size of the training."),
    "MODEL.HEADS.NUM_CLASSES": Key(integer, unused="counted from the images here."),
    "MODEL.WEIGHTS": Key(str, unused=OTHER_WEIGHTS),
    "CUDNN_BENCHMARK": Key(switch, unused="of no effect on what is trained."),
    "SOLVER.LOG_PERIOD": Key(integer, unused="every step is a point of the curves here."),
    "OUTPUT_DIR": Key(str, unused="a run's folder is made here; give it a name with run.name."),
    "MODEL.META_ARCHITECTURE": Key(str, supported=("MGN",)),
    "MODEL.BACKBONE.NAME": Key(str, supported=("build_resnet_backbone",)),
    "MODEL.BACKBONE.DEPTH": Key(str, supported=("50", "50x")),
    "MODEL.BACKBONE.WITH_IBN": Key(switch, supported=(False,)),
    "MODEL.HEADS.NAME": Key(str, supported=("BNneckHead", "EmbeddingHead")),
    "MODEL.HEADS.POOL_LAYER": Key(str, supported=("maxpool", "GlobalMaxPool")),
    "MODEL.HEADS.CLS_LAYER": Key(str, supported=("linear", "Linear")),
    "MODEL.HEADS.NECK_FEAT": Key(str, supported=("before",)),
    "MODEL.LOSSES.NAME": Key(list, supported=(["CrossEntropyLoss", "TripletLoss"],)),
    "MODEL.LOSSES.TRI.HARD_MINING": Key(switch, supported=(True,)),
    "MODEL.LOSSES.TRI.USE_COSINE_DIST": Key(switch, supported=(False,)),
    "MODEL.OPEN_LAYERS": Key(lambda value: value or "", supported=("",)),
    "DATALOADER.PK_SAMPLER": Key(switch, supported=(True,)),
    "SOLVER.OPT": Key(str, supported=("Adam",)),
    "SOLVER.SCHED": Key(str, supported=("WarmupMultiStepLR", "MultiStepLR")),
    "SOLVER.WARMUP_METHOD": Key(str, supported=("linear",)),
    "TEST.METRIC": Key(str, sets("evaluation.distance"), supported=("cosine", "euclidean")),
    **dict.fromkeys(
        ("TEST.FLIP_ENABLED", "TEST.FLIP.ENABLED"), Key(switch, sets("evaluation.embedding.flip"))
    ),
    "TEST.RERANK.ENABLED": Key(switch, sets(RE_RANKING)),
    "TEST.RERANK.K1": Key(integer, sets(f"{RE_RANKING}.k1")),
    "TEST.RERANK.K2": Key(integer, unused=K2),
    "TEST.RERANK.LAMBDA": Key(float, sets(f"{RE_RANKING}.weight")),
    "TEST.AQE.ENABLED": Key(switch, supported=(False,)),
}
EVALUATION_KEYS = KEYS | {
    "INPUT.SIZE_TEST": Key(integers, _size),
    "INPUT.SIZE_TRAIN": Key(integers),
}
"""The same of an evaluation."""


def train(invocation: Invocation) -> list[Translation]:
    """A training, or with ``--eval-only`` an evaluation.

    Raises RecipeError for files, flags or keys that are not known.
    """
    arguments = [
        argument for argument in invocation.arguments if argument not in ("--resume", EVALUATE)
    ]
    config = config_named(config_of(arguments), invocation.folder, CONFIGS, BOOKKEEPING)
    keys = config.keys | pairs(arguments)
    batch = identity_batches(keys, 64, 4)
    evaluates = EVALUATE in invocation.arguments
    settings, notes = settings_of(keys, EVALUATION_KEYS if evaluates else KEYS)
    settings = _with_k1_twice(re_ranked(settings))
    kind = settings.get("data.dataset.kind", "market1501")
    preset = CONFIGS[config.published] if config.published else f"mgn/{kind}"
    if config.missing:
        notes.append(f"{config.missing}: is not here; its published contents are taken.")
    if evaluates:
        return [evaluation(preset, settings, notes)]
    if config.keys:
        notes.append(f"What the file leaves out is as in {preset}.")
    return [translation(preset, settings | batch | invocation.devices, notes)]


def evaluation(preset: str, settings: Settings, notes: list[str]) -> Translation:
    """The evaluation of the newest run, with what it may change of it."""
    changed = {path: value for path, value in settings.items() if path.startswith(EVALUATION_PATHS)}
    all_notes = [NEWEST, *notes, *([RUN] if len(changed) < len(settings) else [])]
    arguments = ["evaluate", "last", "--lines", "mgn", "--checkpoint", "last"]
    return action_translation("evaluate", arguments, all_notes, preset, changed)


def script(invocation: Invocation) -> list[Translation]:
    """``sh scripts/train_market.sh`` and its like."""
    note = f"{invocation.program} names a configuration that does not exist; MGN's is meant."
    return [translation(SCRIPTS[invocation.program], invocation.devices, [note])]


def _with_k1_twice(settings: Settings) -> Settings:
    """Re-ranking as the program of May 2020 does it, whose k2 is its k1."""
    if not settings.get(RE_RANKING):
        return settings
    return settings | {f"{RE_RANKING}.k2": settings.get(f"{RE_RANKING}.k1", ReRanking().k1)}


def re_ranked(settings: Settings) -> Settings:
    """Settings of re-ranking count only where it is switched on."""
    if settings.get(RE_RANKING):
        return settings
    return {path: value for path, value in settings.items() if not belongs(path, (RE_RANKING,))}


def config_of(arguments: list[str], published: Collection[str] = CONFIGS) -> str:
    """The configuration file as it is named; its words are taken out of ``arguments``.

    Raises RecipeError where none is named.
    """
    for index, argument in enumerate(arguments):
        name, equals, value = argument.partition("=")
        if name == "--config-file" and (equals or len(arguments) > index + 1):
            consumed = arguments[index : index + (1 if equals else 2)]
            del arguments[index : index + len(consumed)]
            return (value if equals else consumed[-1]).replace("\\", "/")
    raise RecipeError(
        "--config-file: is missing. It names the training, and is one of"
        f" {listed(sorted(published))}, or a file of your own."
    )
