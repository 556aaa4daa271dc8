"""Commands of MGN in FastReID's project of May 2020."""

from typing import Any

from workbench.errors import RecipeError
from workbench.interop.commands.keyed import Key, Settings, pairs, sets, settings_of, whole, wholes
from workbench.interop.commands.shell import Invocation
from workbench.interop.commands.translation import Translation, translation
from workbench.recipe.refusals import did_you_mean

CONFIGS = {
    "mgn_market1501.yml": "mgn/market1501",
    "mgn_duke.yml": "mgn/dukemtmc",
    "mgn_dukemtmc.yml": "mgn/dukemtmc",
    "mgn_msmt17.yml": "mgn/msmt17",
}
OPTIMIZER, SCHEDULE = "training.optimizer", "training.schedule"


def _size(value: Any) -> Settings:  # noqa: ANN401
    height, width = wholes(value)
    return {"data.height": height, "data.width": width}


KEYS = {
    "SOLVER.BASE_LR": Key(float, sets(f"{OPTIMIZER}.learning_rate")),
    "SOLVER.WEIGHT_DECAY": Key(float, sets(f"{OPTIMIZER}.weight_decay")),
    "SOLVER.BIAS_LR_FACTOR": Key(
        float, sets("training.parameter_groups.offsets.learning_rate_multiplier")
    ),
    "SOLVER.WEIGHT_DECAY_BIAS": Key(float, sets("training.parameter_groups.offsets.weight_decay")),
    "SOLVER.MAX_ITER": Key(whole, sets("training.length.count")),
    "SOLVER.STEPS": Key(wholes, sets(f"{SCHEDULE}.at")),
    "SOLVER.GAMMA": Key(float, sets(f"{SCHEDULE}.factor")),
    "SOLVER.WARMUP_ITERS": Key(whole, sets(f"{SCHEDULE}.warmup.count")),
    "SOLVER.WARMUP_FACTOR": Key(float, sets(f"{SCHEDULE}.warmup.start_factor")),
    "SOLVER.CHECKPOINT_PERIOD": Key(whole, sets("training.checkpoints.every.count")),
    "TEST.EVAL_PERIOD": Key(whole, sets("training.evaluate.count")),
    "TEST.IMS_PER_BATCH": Key(whole, sets("evaluation.batch_size")),
    "INPUT.SIZE_TRAIN": Key(wholes, _size),
    "INPUT.REA.PROB": Key(float, sets("data.transforms.erasing.probability")),
    "MODEL.LOSSES.CE.EPSILON": Key(float, sets("losses.identity.smoothing")),
    "MODEL.LOSSES.CE.SCALE": Key(float, sets("losses.identity.weight")),
    "MODEL.LOSSES.TRI.MARGIN": Key(float, sets("losses.triplet.margin")),
    "MODEL.LOSSES.TRI.SCALE": Key(float, sets("losses.triplet.weight")),
    "DATALOADER.NUM_WORKERS": Key(whole, sets("data.loader.workers")),
    "OUTPUT_DIR": Key(str, unused="a run's folder is made here; give it a name with run.name."),
}
BATCH, IMAGES = "SOLVER.IMS_PER_BATCH", "DATALOADER.NUM_INSTANCE"


def train(invocation: Invocation) -> list[Translation]:
    """A training command. Raises RecipeError for files, flags or keys that are not known."""
    words = list(invocation.arguments)
    config = _config(words)
    if "--eval-only" in words:
        raise RecipeError("--eval-only: evaluate a run of ours with `workbench evaluate RUN`.")
    words = [word for word in words if word != "--resume"]
    given = pairs(words)
    batch = {name: whole(int(given.pop(name, "0"))) for name in (BATCH, IMAGES)}
    settings, notes = settings_of(given, KEYS)
    devices = invocation.environment.get("CUDA_VISIBLE_DEVICES", "")
    if devices:
        settings["run.devices"] = [f"cuda:{number}" for number in devices.split(",")]
    return [translation(CONFIGS[config], settings | _batch(batch), notes)]


def _config(words: list[str]) -> str:
    """The name of the configuration file, whose words are taken out of ``words``."""
    for place, word in enumerate(words):
        name, equals, value = word.partition("=")
        if name == "--config-file":
            taken = words[place : place + (1 if equals else 2)]
            del words[place : place + len(taken)]
            file = (value if equals else taken[-1]).rsplit("/", 1)[-1]
            if file not in CONFIGS:
                raise RecipeError(
                    f"--config-file {file}: is no configuration of MGN."
                    f"{did_you_mean(file, CONFIGS)}"
                )
            return file
    raise RecipeError("--config-file: is missing. It names the training, as mgn_market1501.yml.")


def _batch(given: dict[str, int]) -> Settings:
    if not any(given.values()):
        return {}
    size, images = given[BATCH] or 64, given[IMAGES] or 4
    if size % images:
        raise RecipeError(f"{BATCH} {size}: is not a multiple of {IMAGES} {images}.")
    return {"data.sampler.identities": size // images, "data.sampler.images": images}
