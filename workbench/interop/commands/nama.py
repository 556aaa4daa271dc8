"""Commands of NAMA, uncertainty in metric learning."""

from typing import Any

from workbench.errors import RecipeError
from workbench.interop.commands.keyed import (
    Key,
    Settings,
    literal,
    pairs,
    sets,
    settings_of,
    whole,
    wholes,
)
from workbench.interop.commands.shell import Invocation
from workbench.interop.commands.translation import Translation, translation
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
CHECKED = ("MODEL.NAME", "MODEL.NECK", "MODEL.ARCH", "DATASETS.NAMES")
BATCH, IMAGES = "SOLVER.IMS_PER_BATCH", "DATALOADER.NUM_INSTANCE"


def train(invocation: Invocation) -> list[Translation]:
    """A training command. Raises RecipeError for architectures, losses or keys not built here."""
    given = pairs(_without_config(list(invocation.arguments)))
    system = _architecture(given)
    dataset = given.get("DATASETS.NAMES", "market1501")
    if dataset not in DATASETS:
        raise RecipeError(f"DATASETS.NAMES {dataset}: use {listed(list(DATASETS))}.")
    left = {name: text for name, text in given.items() if name not in CHECKED}
    batch = {name: left.pop(name, "") for name in (BATCH, IMAGES)}
    for name, expected in zip(
        ("MODEL.METRIC_LOSS_TYPE", "MODEL.CLS_LOSS_TYPE"), LOSSES[system], strict=True
    ):
        if (loss := left.pop(name, expected)) != expected:
            raise RecipeError(f"{name} {loss}: with this architecture {expected} is built here.")
    settings, notes = settings_of(left, COMMON | OWN[system])
    if given.get("MODEL.ARCH", "").startswith("uc-bn"):
        notes.append(
            "MODEL.ARCH: the published code does not register this name; its meaning is inferred."
        )
    devices = invocation.environment.get("CUDA_VISIBLE_DEVICES", "")
    if devices:
        settings["run.devices"] = [f"cuda:{number}" for number in devices.split(",")]
    preset = f"nama/{system}_{DATASETS[dataset]}"
    return [translation(preset, settings | _batch(batch), notes)]


def _without_config(words: list[str]) -> list[str]:
    for place, word in enumerate(words):
        name, equals, value = word.partition("=")
        if name in ("--config_file", "--config-file"):
            end = place + (1 if equals else 2)
            file = (value if equals else words[place + 1]).rsplit("/", 1)[-1]
            if file != CONFIG:
                raise RecipeError(f"--config_file {file}: is not known. Use {CONFIG}.")
            return words[:place] + words[end:]
    raise RecipeError(f"--config_file: is missing. Its published training uses {CONFIG}.")


def _architecture(given: dict[str, str]) -> str:
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


def _batch(given: dict[str, str]) -> Settings:
    size, images = (
        whole(literal(text)) if text else default
        for text, default in zip(given.values(), (120, 10), strict=True)
    )
    if size % images:
        raise RecipeError(f"{BATCH} {size}: is not a multiple of {IMAGES} {images}.")
    return {"data.sampler.identities": size // images, "data.sampler.images": images}
