"""NAMA's published training commands as tables of their keys, and what any command changes."""

import pytest

from workbench.errors import RecipeError
from workbench.interop.commands import translate
from workbench.interop.commands.translation import is_placement

WHOLE = "model.branches.whole"
EPOCHS = 240
BOTH = {
    "MODEL.NAME": "resnet50",
    "SOLVER.IMS_PER_BATCH": '"(120)"',
    "DATALOADER.NUM_INSTANCE": '"(10)"',
    "SOLVER.CHECKPOINT_PERIOD": '"10"',
    "MODEL.F_BASE": "nn_128",
    "SEED": "42",
    "OUTPUT_DIR": '"./logs/here"',
}
WRITTEN = {
    "uc_tri": BOTH
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
    "uc_cls": BOTH
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


def keys(system, dataset):
    epochs = EPOCHS // 2 if (system, dataset) == ("uc_cls", "msmt17") else EPOCHS
    return WRITTEN[system] | {
        "DATASETS.NAMES": f'"{dataset}"',
        "SOLVER.WARMUP_ITERS": f'"{epochs // 12}"',
        "SOLVER.STEPS": f'"{epochs // 4}, {epochs // 2}"',
        "SOLVER.MAX_EPOCHS": f'"{epochs * 3 // 4}"',
        "SOLVER.EVAL_PERIOD": f'"{epochs // (4 if system == "uc_tri" else 12)}"',
    }


def command(system, dataset="market1501", **changes):
    changes_by_key = {name.replace("__", "."): value for name, value in changes.items()}
    arguments = " ".join(
        f"{name} {value}" for name, value in (keys(system, dataset) | changes_by_key).items()
    )
    return f"python3 train.py --config_file='configs/softmax_triplet.yml' {arguments}"


def without_placement(translation):
    return {path: value for path, value in translation.overrides.items() if not is_placement(path)}


def changes_of(text):
    (translation,) = translate(text)
    return without_placement(translation)


def check_meaning(text, expected):
    """A command changes exactly these settings; words are those it is refused with."""
    if isinstance(expected, str):
        with pytest.raises(RecipeError, match=expected):
            translate(text)
    else:
        assert changes_of(text) == expected
