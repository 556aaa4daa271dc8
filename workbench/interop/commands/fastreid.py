"""Commands of FastReID's own trainings, BoT, AGW and SBS, with settings since 2021."""

import re
from pathlib import PurePosixPath
from typing import Any

from workbench.errors import RecipeError
from workbench.interop.commands import mgn
from workbench.interop.commands.config_files import config_is_there
from workbench.interop.commands.keyed import (
    Key,
    Settings,
    identity_batches,
    integer,
    pairs,
    sets,
    settings_of,
    switch,
)
from workbench.interop.commands.translation import Translation, translation
from workbench.interop.shell.statements import Invocation
from workbench.recipe.presets import load_preset
from workbench.recipe.refusals import did_you_mean, listed, shown
from workbench.recipe.settings.training import Milestones

FILES = {"bagtricks_R50.yml": "bot", "AGW_R50.yml": "agw", "sbs_R50.yml": "sbs"}
OWN_NAME = re.compile(r"_(R|S)\d+")
"""How this program's files call their trunk."""
IMAGES = {"bot": 4, "agw": 4, "sbs": 16}
"""Of each identity in a batch of 64."""
FIRST_MILESTONE = 40
"""In their settings, before the warm-up's epochs are added."""
MILESTONES = "training.schedule.at"
GPUS = "--num-gpus"
PUBLISHED = tuple(f"{folder}/{file}" for folder in mgn.DATASETS for file in FILES)
POOLS = {
    **dict.fromkeys(("GlobalAvgPool", "avgpool"), "average"),
    **dict.fromkeys(("GlobalMaxPool", "maxpool"), "max"),
    **dict.fromkeys(("GeneralizedMeanPooling", "gempool"), "generalised_mean"),
}
"""Names of poolings less the P of a learned power."""
NECK_FEATURES = {"before": "pooled", "after": "embedding"}


def _margin(value: Any) -> Settings:  # noqa: ANN401
    """Their 0 is the soft margin."""
    return {"losses.triplet.margin": float(value) or None}


def _precision(value: bool) -> Settings:
    return {} if value else {"training.precision": "fp32"}


def _non_local(value: bool) -> Settings:
    path = "model.backbone.non_local"
    return {f"{path}.after": [0, 2, 3, 0], f"{path}.width": 1} if value else {path: None}


def _pool(name: str) -> Settings:
    """Settings of a pooling by its name; KeyError for one that is not known."""
    path = "model.branches.whole.pool"
    kind = POOLS[name.removesuffix("P")]
    learned = {f"{path}.learned": name.endswith("P")} if kind == "generalised_mean" else {}
    return {f"{path}.kind": kind} | learned


SHARED_KEYS = (
    *("SOLVER.BASE_LR", "SOLVER.WEIGHT_DECAY", "SOLVER.STEPS", "SOLVER.GAMMA"),
    *("SOLVER.WARMUP_ITERS", "SOLVER.WARMUP_FACTOR", "SOLVER.WARMUP_METHOD"),
    *("SOLVER.CHECKPOINT_PERIOD", "SOLVER.OPT", "SOLVER.LOG_PERIOD", "CUDNN_BENCHMARK"),
    *("INPUT.SIZE_TRAIN", "INPUT.SIZE_TEST", "INPUT.REA.PROB", "INPUT.REA.ENABLED"),
    *("INPUT.FLIP.ENABLED", "INPUT.PADDING.ENABLED"),
    *("MODEL.LOSSES.CE.EPSILON", "MODEL.LOSSES.CE.SCALE"),
    *("MODEL.LOSSES.TRI.SCALE", "MODEL.LOSSES.TRI.NORM_FEAT"),
    *("MODEL.BACKBONE.PRETRAIN", "MODEL.BACKBONE.NAME", "MODEL.HEADS.NUM_CLASSES"),
    *("MODEL.WEIGHTS", "OUTPUT_DIR", "DATALOADER.NUM_WORKERS", "DATASETS.NAMES", "DATASETS.TESTS"),
    *("TEST.EVAL_PERIOD", "TEST.IMS_PER_BATCH", "TEST.METRIC", "TEST.FLIP.ENABLED"),
    *("TEST.RERANK.ENABLED", "TEST.RERANK.K1", "TEST.RERANK.LAMBDA"),
    "TEST.AQE.ENABLED",
)
"""Keys that mean what they mean in the project of 2020; periods and milestones are epochs now."""
KEYS = {name: mgn.KEYS[name] for name in SHARED_KEYS} | {
    "TEST.RERANK.K2": Key(integer, sets(f"{mgn.RE_RANKING}.k2")),
    "SOLVER.MAX_EPOCH": Key(integer, sets("training.length.count")),
    "SOLVER.DELAY_EPOCHS": Key(integer, sets("training.schedule.delay")),
    "SOLVER.FREEZE_ITERS": Key(integer, sets("training.parameter_groups.pretrained.frozen_steps")),
    "SOLVER.AMP.ENABLED": Key(switch, _precision),
    "INPUT.AUTOAUG.PROB": Key(float, sets("data.transforms.auto_augment.probability")),
    "MODEL.BACKBONE.LAST_STRIDE": Key(
        integer, lambda stride: {"model.backbone.tail_strides": [stride]}
    ),
    "MODEL.BACKBONE.DEPTH": Key(str, supported=("50x",)),
    "MODEL.BACKBONE.WITH_NL": Key(switch, _non_local),
    "MODEL.BACKBONE.WITH_IBN": Key(switch, supported=(False,)),
    "MODEL.BACKBONE.WITH_SE": Key(switch, supported=(False,)),
    "MODEL.DEVICE": Key(str, lambda device: {"run.devices": [_device(device)]}),
    "MODEL.HEADS.POOL_LAYER": Key(str, _pool),
    "MODEL.HEADS.NECK_FEAT": Key(str, lambda word: {"losses.triplet.reads": NECK_FEATURES[word]}),
    "MODEL.HEADS.MARGIN": Key(float, sets("losses.identity.margin")),
    "MODEL.HEADS.SCALE": Key(float, sets("losses.identity.scale")),
    "MODEL.LOSSES.TRI.MARGIN": Key(float, _margin),
    "MODEL.LOSSES.TRI.HARD_MINING": Key(
        switch, lambda hard: {"losses.triplet.mining": "hardest" if hard else "weighted"}
    ),
}
EVALUATION_KEYS = KEYS | {
    name: mgn.EVALUATION_KEYS[name] for name in ("INPUT.SIZE_TEST", "INPUT.SIZE_TRAIN")
}
"""The same of an evaluation."""


def train(invocation: Invocation) -> list[Translation]:
    """A training, or with ``--eval-only`` an evaluation; of the project of 2020 where it is none.

    Raises RecipeError for files, flags or keys that are not known.
    """
    arguments = [
        argument for argument in invocation.arguments if argument not in ("--resume", mgn.EVALUATE)
    ]
    own_program = PurePosixPath(invocation.script).parent.name == "tools"
    config = mgn.config_of(arguments, PUBLISHED if own_program else mgn.CONFIGS)
    method, dataset = _published(config)
    if not method:
        return _of_mgn(invocation, config, own_program)
    preset = f"fastreid/{method}_{dataset}"
    keys = pairs(arguments)
    notes = [f"{config}: is known by its name and not opened; its published contents are taken."]
    notes += [f"{GPUS}: name devices with run.devices."] if keys.pop(GPUS, None) else []
    batch = identity_batches(keys, 64, IMAGES[method])
    evaluates = mgn.EVALUATE in invocation.arguments
    settings, key_notes = settings_of(keys, EVALUATION_KEYS if evaluates else KEYS)
    settings, notes = mgn.re_ranked(settings), notes + key_notes
    if evaluates:
        return [mgn.evaluation(preset, settings, notes)]
    if MILESTONES in settings:
        settings |= _later(preset, settings[MILESTONES])
        notes.append("SOLVER.STEPS: counted from the epoch in which the warm-up ends.")
    return [translation(preset, settings | batch | invocation.devices, notes)]


def _of_mgn(invocation: Invocation, config: str, own_program: bool) -> list[Translation]:
    """A command that names none of these files: of the project of 2020, or a file of one's own.

    Raises RecipeError, which lists this program's files where it is this program's.
    """
    file = PurePosixPath(config)
    there = config_is_there(config, invocation.folder)
    if not there and file.name not in mgn.CONFIGS and (own_program or OWN_NAME.search(file.stem)):
        raise RecipeError(
            f"{shown(config)}: is no configuration that is published."
            f"{did_you_mean(config, PUBLISHED)} Published ones are {listed(PUBLISHED)}."
        )
    return mgn.train(invocation)


def _published(config: str) -> tuple[str, str]:
    """Method and data set that a configuration file stands for; empty where it is none of these."""
    *_, folder, file = ("", "", *PurePosixPath(config).parts)
    known = folder in mgn.DATASETS and file in FILES
    return (FILES[file], mgn.DATASETS[folder]) if known else ("", "")


def _later(preset: str, milestones: list[int]) -> Settings:
    """Milestones as they fall, by how much later the preset's own do."""
    schedule = load_preset(preset).training.schedule
    later = schedule.at[0] - FIRST_MILESTONE if isinstance(schedule, Milestones) else 0
    return {MILESTONES: [milestone + later for milestone in milestones]}


def _device(word: str) -> str:
    return "cuda:0" if word == "cuda" else word
