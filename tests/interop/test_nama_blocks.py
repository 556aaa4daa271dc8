"""NAMA's blocks pasted as a whole, in the shape in which its description prints them."""

import pytest

from tests.interop.keyed_tables import WRITTEN
from workbench.errors import RecipeError
from workbench.interop.commands import translate

# Behind each: the variable that it is written as, and as which sum of epochs.
VARIABLES = {
    "uc_tri": {
        "EPOCHS": "240 # 120",
        "LOSS": "uc-tri-n # of pairs",
        "LOSS_CLS": "softmax # of classes",
        "S": "32  # scale",
        "MARGIN": "0.2  # 0.15",
        "SEED": "42",
        "NECK": "no # or another",
        "NAME": "resnet50 # trunk",
        "ARCH": "'uc-bn-no' # network",
        "FBASE": "nn_128 # function",
    },
    "uc_cls": {
        "EPOCHS": "240 # 120",
        "SEED": "42",
        "S": "16  # scale",
        "NECK": "bnneck # or another",
        "MARGIN": "0.0",
        "LOSS_CLS": "uc-cls #or another #",
        "CTYPE": "no",
        "DATASET": "market1501",
        "NECK_DECAY": "0.0",
    },
}
SUMS = {
    "uc_tri": {
        "SOLVER.WARMUP_ITERS": '"$(($EPOCHS / 12))"',
        "SOLVER.STEPS": '"$(($EPOCHS/4)), $(($EPOCHS*2/4))"',
        "SOLVER.MAX_EPOCHS": '"$(($EPOCHS*3/4))"',
        "SOLVER.EVAL_PERIOD": '"$(($EPOCHS / 4))"',
    }
}
SUMS["uc_cls"] = SUMS["uc_tri"] | {"SOLVER.EVAL_PERIOD": '"$(($EPOCHS/12))"'}
AS_VARIABLES = {
    "SEED": "$SEED",
    "SOLVER.MARGIN": "$MARGIN",
    "MODEL.NECK": "$NECK",
    "MODEL.F_BASE": "$FBASE",
    "MODEL.CLS_LOSS_TYPE": "$LOSS_CLS",
    "DATASETS.NAMES": '"$DATASET"',
    "OUTPUT_DIR": '"./logs/$DATASET/Run-$FBASE-d$P_DECAY-10*12-s$S-m$MARGIN-g$G"',
}
AS_THEIRS = {
    "uc_tri": {
        "MODEL.NAME": "$NAME ",
        "MODEL.ARCH": "$ARCH",
        "SOLVER.S": "$S",
        "MODEL.METRIC_LOSS_TYPE": '"$LOSS"',
    },
    "uc_cls": {"SOLVER.CS": "$S", "SOLVER.WEIGHT_DECAY_NECK": "$NECK_DECAY "},
}
SETS = {"uc_tri": "market1501 dukemtmc  msmt17 #", "uc_cls": "market1501 # dukemtmc  msmt17 #"}
HALVED = """
      if [ $DATASET = msmt17 ]
      then
        EPOCHS=$(($EPOCHS / 2))
      fi
"""


def block(system):
    """Braces, variables with comments behind them, a loop, and a command over several lines.

    The last of these ends in a backslash before an empty line, as the first block does.
    """
    keys = WRITTEN[system] | SUMS[system] | AS_VARIABLES | AS_THEIRS[system]
    pairs = [f"{name} {value}" for name, value in keys.items()]
    lines = [" ".join(pairs[start : start + 3]) for start in range(0, len(pairs), 3)]
    command = " \\\n".join(
        [f"python3 train.py --config_file='configs/softmax_triplet.yml' {lines[0]}", *lines[1:]]
    )
    if system == "uc_cls":
        command = f"{{{HALVED}{command}\n      }}"
    variables = "\n".join(f"{name}={value}" for name, value in VARIABLES[system].items())
    last = " \\\n\n  \n" if system == "uc_tri" else "\n"
    return f"\n{{\n{variables}\nfor DATASET in {SETS[system]}\ndo\n{command}{last}done\n}}\n"


TRIPLETS = ["nama/uc_tri_market1501", "nama/uc_tri_dukemtmc", "nama/uc_tri_msmt17"]


@pytest.mark.thorough
def test_the_first_block_is_three_trainings():
    translations = translate(block("uc_tri"))
    assert [translation.preset for translation in translations] == TRIPLETS
    assert [translation.overrides for translation in translations] == [{}] * 3


def test_the_second_block_lacks_a_variable_of_the_first():
    with pytest.raises(RecipeError, match=r"\$FBASE: has no value in this text"):
        translate(block("uc_cls"))


@pytest.mark.thorough
@pytest.mark.parametrize("before", ["FBASE=nn_128\n", block("uc_tri")])
def test_the_second_block_behind_what_sets_it(before):
    *_, translation = translations = translate(before + block("uc_cls"))
    assert (translation.preset, translation.overrides) == ("nama/uc_cls_market1501", {})
    assert len(translations) == (4 if "for" in before else 1)


@pytest.mark.thorough
def test_the_second_block_with_the_sets_that_stand_in_its_comment():
    text = "FBASE=nn_128" + block("uc_cls").replace("market1501 #", "market1501")
    translations = translate(text)
    assert [translation.preset.rpartition("_")[2] for translation in translations] == [
        "market1501",
        "dukemtmc",
        "msmt17",
    ]
    assert [translation.overrides for translation in translations] == [{}] * 3
