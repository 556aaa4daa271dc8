"""Commands of NAMA, uncertainty in metric learning."""

from typing import Any

from workbench.errors import RecipeError
from workbench.interop.commands.config_files import Config
from workbench.interop.commands.keyed import (
    Key,
    Settings,
    configured,
    identity_batches,
    integer,
    integers,
    literal,
    sets,
    settings_of,
    switch,
)
from workbench.interop.commands.nama_parts import (
    CLASS_KEY,
    DECAY,
    GROUPS,
    METRIC_KEY,
    losses,
    network,
    norm_penalty,
    resolved,
    shift_function,
)
from workbench.interop.commands.translation import (
    NEWEST,
    OWN_DEVICE,
    RUN,
    Translation,
    action_translation,
    translation,
)
from workbench.interop.shell.statements import Invocation
from workbench.recipe.refusals import did_you_mean, listed

CONFIG = "softmax_triplet.yml"
DATASETS = {"market1501": "market1501", "dukemtmc": "dukemtmc", "msmt17": "msmt17"}
ARCHITECTURES = {"uc-bn-no": "uc_tri", "uc-bn": "uc_tri", "clsuc": "uc_cls"}
SCHEDULE = "training.schedule"
ARCHITECTURE = "MODEL.ARCH"


def _size(value: Any) -> Settings:  # noqa: ANN401
    height, width = integers(value)
    return {"data.height": height, "data.width": width}


def _norm_range(value: Any) -> Settings:  # noqa: ANN401
    low, high = value
    return {"losses.length.low": float(low), "losses.length.high": float(high)}


def _combine(value: Any) -> Settings:  # noqa: ANN401
    together = {"True": True, "False": False}[str(value)]
    return {"data.dataset.split": "combine_all" if together else "published"}


COMMON = {
    "SEED": Key(integer, sets("training.seed")),
    "SOLVER.MAX_EPOCHS": Key(integer, sets("training.length.count")),
    "SOLVER.STEPS": Key(integers, sets(f"{SCHEDULE}.at")),
    "SOLVER.WARMUP_ITERS": Key(integer, sets(f"{SCHEDULE}.warmup.count")),
    "SOLVER.BASE_LR": Key(float, sets("training.optimizer.learning_rate")),
    "SOLVER.WEIGHT_DECAY": Key(float, sets(DECAY)),
    "SOLVER.WEIGHT_DECAY_POLY": Key(float, sets(f"{GROUPS}.certainty.weight_decay")),
    "SOLVER.WEIGHT_DECAY_NECK": Key(float, sets(f"{GROUPS}.neck.weight_decay")),
    "SOLVER.EVAL_PERIOD": Key(integer, sets("training.evaluate.count")),
    "SOLVER.CHECKPOINT_PERIOD": Key(integer, sets("training.checkpoints.every.count")),
    "SOLVER.NORM_LU": Key(list, _norm_range),
    "SOLVER.REG_TYPE": Key(str, norm_penalty),
    "SOLVER.MAG_G": Key(float, sets("losses.length.weight")),
    "SOLVER.MARGIN_LU": Key(list, unused="these losses do not read it."),
    "MODEL.F_BASE": Key(str, shift_function),
    "DATASETS.COMBINE_ALL": Key(str, _combine),
    "OUTPUT_DIR": Key(str, unused="a run's folder is made here; give it a name with run.name."),
}
OWN = {
    "uc_tri": {
        "SOLVER.S": Key(float, sets("losses.pairs.scale")),
        "SOLVER.MARGIN": Key(float, sets("losses.pairs.margin")),
        "SOLVER.TRI_LOSS_WEIGHT": Key(float, sets("losses.pairs.weight")),
        "SOLVER.CS": Key(float, unused="it is the scale of cosines with classes."),
    },
    "uc_cls": {
        "SOLVER.CS": Key(float, sets("losses.identity.scale")),
        # A positive margin there makes the right class easier.
        "SOLVER.MARGIN": Key(float, lambda value: {"losses.identity.margin": -value or 0.0}),
        **dict.fromkeys(
            ("SOLVER.S", "SOLVER.TRI_LOSS_WEIGHT"), Key(float, unused="no pairs are compared.")
        ),
    },
}
UNUSED = (
    *("MODEL.IF_LABELSMOOTH", "SOLVER.CLUSTER_MARGIN", "SOLVER.CENTER_LR"),
    *("SOLVER.CENTER_LOSS_WEIGHT", "SOLVER.RANGE_K", "SOLVER.RANGE_MARGIN", "SOLVER.RANGE_ALPHA"),
    *("SOLVER.RANGE_BETA", "SOLVER.RANGE_LOSS_WEIGHT"),
)
FILE = {
    "MODEL.PRETRAIN_CHOICE": Key(str, supported=("imagenet",)),
    "MODEL.PRETRAIN_PATH": Key(str, unused="weights are looked for in the weights folder here."),
    "MODEL.LAST_STRIDE": Key(integer, lambda stride: {"model.backbone.tail_strides": [stride]}),
    "INPUT.SIZE_TRAIN": Key(integers, _size),
    "INPUT.SIZE_TEST": Key(integers, unused="evaluation takes the size of the training."),
    "INPUT.PROB": Key(float, sets("data.transforms.flip")),
    "INPUT.RE_PROB": Key(float, sets("data.transforms.erasing.probability")),
    "INPUT.PADDING": Key(integer, sets("data.transforms.pad_and_crop.pixels")),
    "DATASETS.ROOT_DIR": Key(str, unused="the data sets folder is WORKBENCH_DATASETS here."),
    "DATALOADER.SAMPLER": Key(str, supported=("softmax_triplet",)),
    "DATALOADER.NUM_WORKERS": Key(integer, sets("data.loader.workers")),
    "SOLVER.OPTIMIZER_NAME": Key(str, supported=("Adam",)),
    "SOLVER.GAMMA": Key(float, sets(f"{SCHEDULE}.factor")),
    "SOLVER.WARMUP_FACTOR": Key(float, sets(f"{SCHEDULE}.warmup.start_factor")),
    "SOLVER.WARMUP_METHOD": Key(str, supported=("linear",)),
    "SOLVER.BIAS_LR_FACTOR": Key(float, sets(f"{GROUPS}.offsets.learning_rate_multiplier")),
    "SOLVER.WEIGHT_DECAY_BIAS": Key(float, sets(f"{GROUPS}.offsets.weight_decay")),
    "MODEL.IF_WITH_CENTER": Key(switch, supported=(False,)),
    **dict.fromkeys(UNUSED, Key(lambda value: value, unused="of no effect in their code.")),
    "SOLVER.LOG_PERIOD": Key(integer, unused="every step is a point of the curves here."),
    "TEST.NECK_FEAT": Key(str, supported=("after",)),
    "TEST.FEAT_NORM": Key(str, supported=("yes",)),
    "TEST.RE_RANKING": Key(switch, lambda on: {"evaluation.re_ranking": True if on else None}),
    "TEST.NORM_K": Key(float, sets("evaluation.certainty_weight")),
    "TEST.VISRANK": Key(integer, unused="the Rankings tab shows every query's list."),
    "TEST.WEIGHT": Key(str, unused="a training does not read it."),
}
"""What its configuration file says beside; a file of one's own may say it otherwise."""
TRAINED = {"TEST.IMS_PER_BATCH": Key(integer, unused="a training evaluates with its own batches.")}
TEST = {
    "TEST.VISRANK": Key(integer, sets("images")),
    "TEST.RE_RANKING": Key(switch, sets("re_rank")),
    "TEST.NORM_K": Key(float, sets("evaluation.certainty_weight")),
    "TEST.IMS_PER_BATCH": Key(integer, sets("evaluation.batch_size")),
    "INPUT.SIZE_TEST": Key(integers, _size),
    "TEST.NECK_FEAT": Key(str, supported=("after",)),
    "TEST.FEAT_NORM": Key(str, supported=("yes",)),
    "TEST.WEIGHT": Key(str, unused="a file of theirs is not read here; the run's weights are."),
    "MODEL.PRETRAIN_CHOICE": Key(str, unused="weights are those of the run."),
    "MODEL.DEVICE_ID": Key(str, unused=OWN_DEVICE),
}
READ_SEPARATELY = (
    "MODEL.NAME",
    "MODEL.NECK",
    ARCHITECTURE,
    "DATASETS.NAMES",
    METRIC_KEY,
    CLASS_KEY,
)
BOOKKEEPING = {"DATALOADER.NUM_WORKERS": 4}
"""What the published file says of speed alone: no wish of whoever uses it."""


def train(invocation: Invocation) -> list[Translation]:
    """A training command. Raises RecipeError for architectures, losses or keys not built here."""
    keys, config = _read_keys(invocation)
    system = _architecture(keys)
    preset = f"nama/{system}_{_dataset(keys)}"
    batch = identity_batches(keys, 120, 10)
    chosen, loss_notes = losses(keys, system)
    remaining = {name: text for name, text in keys.items() if name not in READ_SEPARATELY}
    settings, notes = settings_of(remaining, FILE | COMMON | OWN[system] | TRAINED | chosen.keys)
    settings = resolved(settings, system, network(keys, system), chosen)
    notes += [*loss_notes, *_default_notes(config, preset)]
    if keys[ARCHITECTURE].startswith("uc-bn"):
        notes.append(
            "MODEL.ARCH: the published code does not register this name; its meaning is inferred."
        )
    return [translation(preset, settings | batch | invocation.devices, notes)]


def test(invocation: Invocation) -> list[Translation]:
    """A test command: figures, and ranked lists where it asks for pictures of them.

    Raises RecipeError for architectures or keys not built here.
    """
    keys, config = _read_keys(invocation)
    system = _architecture(keys)
    network(keys, system)
    identity_batches(keys, 120, 10)
    remaining = {name: text for name, text in keys.items() if name not in READ_SEPARATELY}
    known = dict.fromkeys(FILE | COMMON | OWN[system], Key(lambda value: value))
    overrides, notes = settings_of(remaining, known | TEST)
    settings = {path: value for path, value in overrides.items() if "." in path}
    preset = f"nama/{system}_{_dataset(keys)}"
    arguments = ["evaluate", "last", "--lines", "nama", "--checkpoint", "last"]
    arguments += ["--re-rank"] if overrides.get("re_rank") else []
    notes += _default_notes(config, preset)
    translations = [
        action_translation("evaluate", arguments, [NEWEST, RUN, *notes], preset, settings)
    ]
    if images := overrides.get("images"):
        arguments = ["rank", "last", "--checkpoint", "last", "--query", "0", "-k", str(images)]
        note = "One query's list; the Rankings tab walks through all of them."
        translations.append(action_translation("rank", arguments, [note], preset))
    return translations


def _read_keys(invocation: Invocation) -> tuple[dict[str, Any], Config]:
    """All keys of the file, where it is there, and of the command; and that file."""
    keys, config = configured(invocation, (CONFIG,), BOOKKEEPING)
    return keys | {ARCHITECTURE: str(keys.get(ARCHITECTURE, ""))}, config


def _default_notes(config: Config, preset: str) -> list[str]:
    """What is taken where neither file nor command says anything."""
    if config.missing:
        return [f"{config.missing}: is not here; what the command leaves out is as in {preset}."]
    return [f"What the file leaves out is as in {preset}."]


def _dataset(keys: dict[str, Any]) -> str:
    name = str(literal(str(keys.get("DATASETS.NAMES", "market1501"))))
    if name not in DATASETS:
        raise RecipeError(f"DATASETS.NAMES {name}: use {listed(list(DATASETS))}.")
    return DATASETS[name]


def _architecture(keys: dict[str, Any]) -> str:
    arch = keys[ARCHITECTURE]
    if arch not in ARCHITECTURES:
        raise RecipeError(
            f"MODEL.ARCH {arch or '(none)'}: is not built here.{did_you_mean(arch, ARCHITECTURES)}"
            f" Use {listed(list(ARCHITECTURES))}."
        )
    return ARCHITECTURES[arch]
