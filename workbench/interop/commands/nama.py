"""Commands of NAMA, uncertainty in metric learning."""

from typing import Any

from workbench.errors import RecipeError
from workbench.interop.commands.config_files import config_named
from workbench.interop.commands.keyed import (
    Key,
    Settings,
    identity_batches,
    literal,
    pairs,
    sets,
    settings_of,
    switch,
    whole,
    wholes,
)
from workbench.interop.commands.shell import Invocation
from workbench.interop.commands.translation import (
    NEWEST,
    OWN_DEVICE,
    RUN,
    Translation,
    done,
    translation,
)
from workbench.recipe.refusals import did_you_mean, listed

CONFIG = "softmax_triplet.yml"
DATASETS = {"market1501": "market1501", "dukemtmc": "dukemtmc", "msmt17": "msmt17"}
ARCHITECTURES = {"uc-bn-no": "uc_tri", "uc-bn": "uc_tri", "clsuc": "uc_cls"}
LOSSES = {"uc_tri": ("uc-tri-n", "softmax"), "uc_cls": ("none", "uc-cls")}
FUNCTION = "model.branches.whole.certainty.function"
GROUPS, SCHEDULE = "training.parameter_groups", "training.schedule"


def _function(text: str) -> Settings:
    """``nn_128``: hinges; ``tlr_9`` and ``lgd_9``: powers and Legendre polynomials, n terms odd."""
    kind, _, count = str(text).partition("_")
    if kind == "nn":
        return {f"{FUNCTION}.kind": "hinges", f"{FUNCTION}.count": int(count or 32)}
    named = {"tlr": "powers", "lgd": "legendre"}[kind]
    terms = (int(count) + 1) // 2 if count else 5
    return {f"{FUNCTION}.kind": named, f"{FUNCTION}.terms": terms}


def _size(value: Any) -> Settings:  # noqa: ANN401
    height, width = wholes(value)
    return {"data.height": height, "data.width": width}


def _lengths(value: Any) -> Settings:  # noqa: ANN401
    low, high = value
    return {"losses.length.low": float(low), "losses.length.high": float(high)}


def _combine(value: Any) -> Settings:  # noqa: ANN401
    together = {"True": True, "False": False}[str(value)]
    return {"data.dataset.split": "combine_all" if together else "published"}


COMMON = {
    "SEED": Key(whole, sets("training.seed")),
    "SOLVER.MAX_EPOCHS": Key(whole, sets("training.length.count")),
    "SOLVER.STEPS": Key(wholes, sets(f"{SCHEDULE}.at")),
    "SOLVER.WARMUP_ITERS": Key(whole, sets(f"{SCHEDULE}.warmup.count")),
    "SOLVER.BASE_LR": Key(float, sets("training.optimizer.learning_rate")),
    "SOLVER.WEIGHT_DECAY": Key(float, sets("training.optimizer.weight_decay")),
    "SOLVER.WEIGHT_DECAY_POLY": Key(float, sets(f"{GROUPS}.certainty.weight_decay")),
    "SOLVER.EVAL_PERIOD": Key(whole, sets("training.evaluate.count")),
    "SOLVER.CHECKPOINT_PERIOD": Key(whole, sets("training.checkpoints.every.count")),
    "SOLVER.NORM_LU": Key(list, _lengths),
    "MODEL.F_BASE": Key(str, _function),
    "DATASETS.COMBINE_ALL": Key(str, _combine),
    "TEST.IMS_PER_BATCH": Key(whole, sets("evaluation.batch_size")),
    "OUTPUT_DIR": Key(str, unused="a run's folder is made here; give it a name with run.name."),
}
OWN = {
    "uc_tri": {
        "SOLVER.S": Key(float, sets("losses.pairs.scale")),
        "SOLVER.MARGIN": Key(float, sets("losses.pairs.margin")),
        "SOLVER.TRI_LOSS_WEIGHT": Key(float, sets("losses.pairs.weight")),
        "SOLVER.WEIGHT_DECAY_NECK": Key(
            float,
            lambda value: (
                {f"{GROUPS}.neck": None}
                if value == 5e-4
                else {f"{GROUPS}.neck": {"pattern": "branches.*", "weight_decay": value}}
            ),
        ),
    },
    "uc_cls": {
        "SOLVER.CS": Key(float, sets("losses.identity.scale")),
        # A positive margin there makes the right class easier.
        "SOLVER.MARGIN": Key(float, lambda value: {"losses.identity.margin": -value or 0.0}),
        "SOLVER.WEIGHT_DECAY_NECK": Key(float, sets(f"{GROUPS}.neck.weight_decay")),
    },
}
FILE = {
    "MODEL.PRETRAIN_CHOICE": Key(str, only=("imagenet",)),
    "MODEL.PRETRAIN_PATH": Key(str, unused="weights are looked for in the weights folder here."),
    "MODEL.LAST_STRIDE": Key(whole, lambda stride: {"model.backbone.tail_strides": [stride]}),
    "INPUT.SIZE_TRAIN": Key(wholes, _size),
    "INPUT.SIZE_TEST": Key(wholes, unused="evaluation takes the size of the training."),
    "INPUT.PROB": Key(float, sets("data.transforms.flip")),
    "INPUT.RE_PROB": Key(float, sets("data.transforms.erasing.probability")),
    "INPUT.PADDING": Key(whole, sets("data.transforms.pad_and_crop.pixels")),
    "DATASETS.ROOT_DIR": Key(str, unused="the data sets folder is WORKBENCH_DATASETS here."),
    "DATALOADER.SAMPLER": Key(str, only=("softmax_triplet",)),
    "DATALOADER.NUM_WORKERS": Key(whole, sets("data.loader.workers")),
    "SOLVER.OPTIMIZER_NAME": Key(str, only=("Adam",)),
    "SOLVER.GAMMA": Key(float, sets(f"{SCHEDULE}.factor")),
    "SOLVER.WARMUP_FACTOR": Key(float, sets(f"{SCHEDULE}.warmup.start_factor")),
    "SOLVER.WARMUP_METHOD": Key(str, only=("linear",)),
    "SOLVER.BIAS_LR_FACTOR": Key(float, only=(1.0,)),
    "SOLVER.WEIGHT_DECAY_BIAS": Key(float, only=(5e-4,)),
    "SOLVER.LOG_PERIOD": Key(whole, unused="every step is a point of the curves here."),
    "TEST.NECK_FEAT": Key(str, only=("after",)),
    "TEST.FEAT_NORM": Key(str, only=("yes",)),
    "TEST.RE_RANKING": Key(switch, lambda on: {"evaluation.re_ranking": True if on else None}),
    "TEST.NORM_K": Key(float, sets("evaluation.certainty_weight")),
    "TEST.VISRANK": Key(whole, unused="the Rankings tab shows every query's list."),
    "TEST.WEIGHT": Key(str, unused="a training does not read it."),
}
"""What its configuration file says beside; a file of one's own may say it otherwise."""
TEST = {
    "TEST.VISRANK": Key(whole, sets("images")),
    "TEST.RE_RANKING": Key(switch, sets("re_rank")),
    "TEST.NORM_K": Key(float, sets("evaluation.certainty_weight")),
    "TEST.IMS_PER_BATCH": Key(whole, sets("evaluation.batch_size")),
    "INPUT.SIZE_TEST": Key(wholes, _size),
    "TEST.NECK_FEAT": Key(str, only=("after",)),
    "TEST.FEAT_NORM": Key(str, only=("yes",)),
    "TEST.WEIGHT": Key(str, unused="a file of theirs is not read here; the run's weights are."),
    "MODEL.PRETRAIN_CHOICE": Key(str, unused="weights are those of the run."),
    "MODEL.DEVICE_ID": Key(str, unused=OWN_DEVICE),
}
CHECKED = ("MODEL.NAME", "MODEL.NECK", "MODEL.ARCH", "DATASETS.NAMES")


def train(invocation: Invocation) -> list[Translation]:
    """A training command. Raises RecipeError for architectures, losses or keys not built here."""
    given, own = _given(invocation)
    system = _architecture(given)
    kind = _dataset(given)
    batch = identity_batches(given, 120, 10)
    left = {name: text for name, text in given.items() if name not in CHECKED}
    for name, expected in zip(
        ("MODEL.METRIC_LOSS_TYPE", "MODEL.CLS_LOSS_TYPE"), LOSSES[system], strict=True
    ):
        if (loss := left.pop(name, expected)) != expected:
            raise RecipeError(f"{name} {loss}: with this architecture {expected} is built here.")
    settings, notes = settings_of(left, FILE | COMMON | OWN[system])
    preset = f"nama/{system}_{kind}"
    if given["MODEL.ARCH"].startswith("uc-bn"):
        notes.append(
            "MODEL.ARCH: the published code does not register this name; its meaning is inferred."
        )
    if own:
        notes.append(f"What the file leaves out is as in {preset}.")
    return [translation(preset, settings | batch | invocation.devices, notes)]


def test(invocation: Invocation) -> list[Translation]:
    """A test command: figures, and ranked lists where it asks for pictures of them.

    Raises RecipeError for architectures or keys not built here.
    """
    given, _ = _given(invocation)
    system = _architecture(given)
    identity_batches(given, 120, 10)
    left = {name: text for name, text in given.items() if name not in CHECKED}
    known = dict.fromkeys(FILE | COMMON | OWN[system], Key(lambda value: value))
    asked, notes = settings_of(left, known | TEST)
    settings = {path: value for path, value in asked.items() if "." in path}
    preset = f"nama/{system}_{_dataset(given)}"
    words = ["evaluate", "last", "--lines", "nama"]
    words += ["--re-rank"] if asked.get("re_rank") else []
    found = [done("evaluate", words, [NEWEST, RUN, *notes], preset, settings)]
    if images := asked.get("images"):
        words = ["rank", "last", "--query", "0", "-k", str(images)]
        note = "One query's list; the Rankings tab walks through all of them."
        found.append(done("rank", words, [note], preset))
    return found


def _given(invocation: Invocation) -> tuple[dict[str, Any], bool]:
    """All keys of the file, if it is one's own, and of the command; whether the file has any."""
    words = list(invocation.arguments)
    for place, word in enumerate(words):
        name, equals, value = word.partition("=")
        if name in ("--config_file", "--config-file") and (equals or len(words) > place + 1):
            end = place + (1 if equals else 2)
            file = value if equals else words[place + 1]
            _, own = config_named(file, invocation.folder, (CONFIG,))
            return own | pairs(words[:place] + words[end:]), bool(own)
    raise RecipeError(f"--config_file: is missing. Its published training uses {CONFIG}.")


def _dataset(given: dict[str, Any]) -> str:
    name = str(literal(str(given.get("DATASETS.NAMES", "market1501"))))
    if name not in DATASETS:
        raise RecipeError(f"DATASETS.NAMES {name}: use {listed(list(DATASETS))}.")
    return DATASETS[name]


def _architecture(given: dict[str, Any]) -> str:
    arch = given.get("MODEL.ARCH", "")
    if arch not in ARCHITECTURES:
        raise RecipeError(
            f"MODEL.ARCH {arch or '(none)'}: is not built here.{did_you_mean(arch, ARCHITECTURES)}"
            f" Use {listed(list(ARCHITECTURES))}."
        )
    system = ARCHITECTURES[arch]
    if (name := given.get("MODEL.NAME", "resnet50")) != "resnet50":
        raise RecipeError(f"MODEL.NAME {name}: set model.backbone.name of a preset instead.")
    neck = {"uc_tri": "no", "uc_cls": "bnneck"}[system]
    if (found := given.get("MODEL.NECK", neck)) != neck:
        raise RecipeError(f"MODEL.NECK {found}: with {arch} only {neck} is built here.")
    return system
