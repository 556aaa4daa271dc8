"""Whatever is pasted gives translations or one sentence, and nothing else."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workbench.errors import RecipeError
from workbench.interop.commands import Translation, translate
from workbench.interop.shell.budget import PROGRAMS, Budget
from workbench.interop.shell.shell_words import expanded
from workbench.interop.shell.statements import Invocation, invocations

COMMANDS = (
    "python train.py --PCB --lr 0.02",
    "CUDA_VISIBLE_DEVICES=0,1 python train.py --net msvit_s --dataset sop --epochs 5,75",
    "python test.py --ms 1,0.9 --test_dir C:\\data",
    "python3 tools/train.py --config_file='configs/softmax_triplet.yml' SOLVER.STEPS \"[40, 70]\"",
    "python train.py --config_file=softmax_triplet.yml MODEL.ARCH clsuc SOLVER.NORM_LU '[10, 110]'",
    "python train_net.py --config-file configs/mgn_duke.yml --eval-only TEST.RERANK.K1 25",
    "python tools/train_net.py --config-file configs/Market1501/sbs_R50.yml SOLVER.STEPS '[30]'",
    "torchrun --nproc_per_node=2 train.py --gpu_ids 0,1",
)
PIECES = st.sampled_from(
    [
        *(
            "\n",
            "\\\n",
            "; ",
            " && ",
            " | ",
            " > ",
            "'",
            '"',
            "#",
            "$ ",
            "> ",
            "!",
            "%run ",
            "\\",
            "\0",
        ),
        *(
            "for A in 1 2 3 4 5 6 7 8 9",
            "do",
            "done",
            "if [ $A = 1 ]",
            "then",
            "fi",
            "else",
            "{",
            "}",
        ),
        *("A=1", "A=$A$A", "A=$((A*A))", "$A", "${A}", "$((A/0))", "$((", "))", "$(date)"),
        *("CUDA_VISIBLE_DEVICES=\u00b2 ", "--gpus \u00b2", "--lr nan", "--lr 1e999", "--epochs ,"),
        *("--ema-ratio inf", "--batchsize 9" + "9" * 400, "--lr=", "SOLVER.STEPS (((((", "[[1]]"),
        *(
            "MODEL.DEVICE_ID",
            "DATASETS.NAMES {}",
            "--config_file=~nobody/x.yml",
            "\udc80",
            "\u2028",
        ),
    ]
)
TEXTS = st.lists(st.one_of(PIECES, st.sampled_from(COMMANDS), st.text(max_size=12)), max_size=40)


def outcome(read, text):
    """What is read, or the sentence of a refusal; any other exception is a fault."""
    try:
        return read(text)
    except RecipeError as refused:
        return str(refused)


def is_valid(translated, kind, most):
    if isinstance(translated, str):
        return bool(translated.strip()) and len(translated) < 4_000
    return 0 < len(translated) <= most and all(isinstance(entry, kind) for entry in translated)


@pytest.mark.thorough
@settings(max_examples=60, deadline=None)
@given(parts=TEXTS, between=st.sampled_from([" ", "\n", ""]))
def test_any_text_starts_programs_or_is_refused_in_one_sentence(parts, between):
    assert is_valid(outcome(invocations, between.join(parts)), Invocation, PROGRAMS)


def damaged(command, index, junk):
    cut = index % len(command)
    return command[:cut] + junk + command[cut:]


DAMAGED = st.builds(
    damaged, st.sampled_from(COMMANDS), st.integers(0, 200), st.text(min_size=1, max_size=8)
)


@pytest.mark.thorough
@settings(max_examples=15, deadline=None)
@given(text=DAMAGED)
def test_a_damaged_command_gives_translations_or_one_sentence(text):
    assert is_valid(outcome(translate, text), Translation, 2)


@pytest.mark.long
@settings(max_examples=1_000, deadline=None)
@given(text=st.one_of(DAMAGED, st.lists(st.one_of(PIECES, DAMAGED), max_size=12).map(" ".join)))
def test_any_text_gives_translations_or_one_sentence(text):
    assert is_valid(outcome(translate, text), Translation, 2 * PROGRAMS)


def test_what_variables_hold_is_spent_before_it_is_joined():
    budget = Budget(characters=100)
    assert expanded("$A-$A", {"A": "x" * 40}, budget) == "x" * 40 + "-" + "x" * 40
    assert budget.characters == 20
    with pytest.raises(RecipeError, match="too many characters"):
        expanded("$A" * 1_000_000, {"A": "x" * 40}, budget)
