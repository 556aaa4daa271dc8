"""Commands of the strong baseline of Luo et al. 2019, whose settings NAMA's program grew from.

Source: github.com/michuanhaohao/reid-strong-baseline (MIT).
"""

from contextlib import suppress
from typing import Any

from workbench.errors import RecipeError
from workbench.interop.commands import nama
from workbench.interop.commands.config_files import Config
from workbench.interop.commands.keyed import (
    Key,
    Settings,
    configured,
    identity_batches,
    sets,
    settings_of,
    switch,
)
from workbench.interop.commands.translation import (
    NEWEST,
    OWN_DEVICE,
    RUN,
    Translation,
    action_translation,
    translation,
)
from workbench.interop.shell.statements import Invocation, devices_of

PRESET = "baseline/market1501_strong"
CONFIGS = {"softmax_triplet.yml": False, "softmax_triplet_with_center.yml": True}
"""Published settings, and whether they add the centre loss."""
DATASETS = {
    "market1501": "market1501",
    "dukemtmc": "dukemtmc",
    "msmt17": "msmt17",
    "veri": "veri776",
}
DEVICE, CENTRE = "MODEL.DEVICE_ID", "MODEL.IF_WITH_CENTER"
BOOKKEEPING = {
    "DATALOADER.NUM_WORKERS": 8,
    "SOLVER.EVAL_PERIOD": 40,
    "SOLVER.CHECKPOINT_PERIOD": 40,
}
"""What the published files say of speed and bookkeeping alone."""
PUBLISHED: Settings = {
    "losses.triplet.margin": 0.3,
    "training.schedule.kind": "milestones",
    "training.schedule.unit": "epoch",
    "training.schedule.at": [40, 70],
    "training.schedule.factor": 0.1,
    "training.schedule.warmup.count": 10,
    "training.schedule.warmup.start_factor": 0.01,
}
"""Of their settings what the preset has otherwise."""
NO_CENTRE_NOTE = "The centre loss is not built here: it is left out."
EPOCH_NOTE = "An epoch is as many batches as the images fill; theirs ends when identities run out."


def _smoothing(value: Any) -> Settings:  # noqa: ANN401
    on = {"on": True, "true": True, "off": False, "false": False}[str(value).lower()]
    return {"losses.identity.smoothing": 0.1 if on else 0.0}


def _network(name: str) -> Settings:
    return {"model.backbone.name": name, "model.weights.name": f"{name}.tv_in1k"}


def _dataset(value: Any) -> Settings:  # noqa: ANN401
    (name,) = (value,) if isinstance(value, str) else value
    return {"data.dataset.kind": DATASETS[name]}


CENTRE_LOSS_KEYS = ("CENTER_LR", "CENTER_LOSS_WEIGHT", "CLUSTER_MARGIN")
RANGE_LOSS_KEYS = ("RANGE_K", "RANGE_MARGIN", "RANGE_ALPHA", "RANGE_BETA", "RANGE_LOSS_WEIGHT")
KEYS = {
    name: key
    for name, key in nama.FILE.items()
    if not name.startswith(("SOLVER.BIAS", "SOLVER.WEIGHT_DECAY", "TEST.NORM", "TEST.VIS"))
} | {
    "MODEL.NAME": Key(str, _network, supported=("resnet18", "resnet34", "resnet50", "resnet101")),
    "MODEL.NECK": Key(str, supported=("bnneck",)),
    "MODEL.METRIC_LOSS_TYPE": Key(str, supported=("triplet", "triplet_center")),
    "MODEL.IF_LABELSMOOTH": Key(str, _smoothing),
    CENTRE: Key(switch),
    "DATASETS.NAMES": Key(lambda value: value, _dataset),
    "SOLVER.MAX_EPOCHS": nama.COMMON["SOLVER.MAX_EPOCHS"],
    "SOLVER.BASE_LR": nama.COMMON["SOLVER.BASE_LR"],
    "SOLVER.WEIGHT_DECAY": Key(float, sets("training.optimizer.weight_decay")),
    "SOLVER.BIAS_LR_FACTOR": Key(float, supported=(1.0,)),
    "SOLVER.WEIGHT_DECAY_BIAS": Key(float, supported=(5e-4,)),
    "SOLVER.MARGIN": Key(float, sets("losses.triplet.margin")),
    **dict.fromkeys(
        (f"SOLVER.{name}" for name in (*CENTRE_LOSS_KEYS, *RANGE_LOSS_KEYS)),
        Key(float, unused="of a loss that is not built here."),
    ),
    "SOLVER.STEPS": nama.COMMON["SOLVER.STEPS"],
    "SOLVER.WARMUP_ITERS": nama.COMMON["SOLVER.WARMUP_ITERS"],
    "SOLVER.CHECKPOINT_PERIOD": nama.COMMON["SOLVER.CHECKPOINT_PERIOD"],
    "SOLVER.EVAL_PERIOD": nama.COMMON["SOLVER.EVAL_PERIOD"],
    "TEST.IMS_PER_BATCH": nama.TRAINED["TEST.IMS_PER_BATCH"],
    "OUTPUT_DIR": nama.COMMON["OUTPUT_DIR"],
}
NECK_FEATURES = {"before": "reduced", "after": "embedding"}
DISTANCES = {"yes": "cosine", "no": "euclidean"}
TEST = {
    "TEST.RE_RANKING": nama.TEST["TEST.RE_RANKING"],
    "TEST.IMS_PER_BATCH": nama.TEST["TEST.IMS_PER_BATCH"],
    "INPUT.SIZE_TEST": nama.TEST["INPUT.SIZE_TEST"],
    "TEST.NECK_FEAT": Key(str, lambda name: {"evaluation.embedding.reads": NECK_FEATURES[name]}),
    "TEST.FEAT_NORM": Key(str, lambda word: {"evaluation.distance": DISTANCES[word]}),
    "TEST.WEIGHT": nama.TEST["TEST.WEIGHT"],
    "MODEL.PRETRAIN_CHOICE": nama.TEST["MODEL.PRETRAIN_CHOICE"],
}
NAMA_KEYS = (
    nama.FILE.keys() | nama.COMMON.keys() | nama.OWN["uc_tri"].keys() | set(nama.READ_SEPARATELY)
) - KEYS.keys()
"""Keys by which a command is NAMA's: both programs have a ``softmax_triplet.yml``."""


def reader(invocation: Invocation) -> Any:  # noqa: ANN401
    """Who reads ``train.py`` or ``test.py`` with a configuration file, by the keys it names."""
    names = {*invocation.arguments}
    with suppress(RecipeError):  # said again by whoever reads it
        names |= _read_keys(invocation)[0].keys()
    trains = invocation.program == "train.py"
    if names & NAMA_KEYS:
        return nama.train if trains else nama.test
    return train if trains else test


def train(invocation: Invocation) -> list[Translation]:
    """A training command. Raises RecipeError for files and keys that are not known here."""
    keys, config = _read_keys(invocation)
    centre = CONFIGS.get(config.published or "", False)
    devices, notes = _devices(keys, invocation)
    batch = identity_batches(keys, 64, 4)
    settings, more = settings_of(keys, KEYS)
    centre = switch(keys.get(CENTRE, centre))
    notes += [
        *more,
        *([NO_CENTRE_NOTE] if centre else []),
        EPOCH_NOTE,
        *_missing_file_notes(config),
    ]
    return [translation(PRESET, PUBLISHED | settings | batch | devices, notes)]


def test(invocation: Invocation) -> list[Translation]:
    """A test command. Raises RecipeError for files and keys that are not known here."""
    keys, _ = _read_keys(invocation)
    keys.pop(DEVICE, None)
    identity_batches(keys, 64, 4)
    known = dict.fromkeys(KEYS, Key(lambda value: value))
    overrides, notes = settings_of(keys, known | TEST)
    arguments = ["evaluate", "last", "--checkpoint", "last"]
    arguments += ["--re-rank"] if overrides.pop("re_rank", False) else []
    all_notes = [NEWEST, RUN, f"{DEVICE}: {OWN_DEVICE}", *notes]
    return [action_translation("evaluate", arguments, all_notes, PRESET, overrides)]


def _read_keys(invocation: Invocation) -> tuple[dict[str, Any], Config]:
    return configured(invocation, CONFIGS, BOOKKEEPING)


def _devices(keys: dict[str, Any], invocation: Invocation) -> tuple[Settings, list[str]]:
    """Devices, taken out of ``keys``; a note where they are still to be filled in."""
    name = str(keys.pop(DEVICE, "")).strip("()'\" ")
    if not name:
        return invocation.devices, []
    try:
        return devices_of(f"{DEVICE} ", name), []
    except RecipeError:
        return invocation.devices, [f"{DEVICE} {name}: is no number; the best device is taken."]


def _missing_file_notes(config: Config) -> list[str]:
    missing = f"{config.missing}: is not here; its published contents are taken."
    return [missing] if config.missing else []
