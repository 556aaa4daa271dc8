"""Pasted command lines, read as the programs they start."""

import pytest

from workbench.errors import RecipeError
from workbench.interop.commands.shell import invocations


def test_folder_environment_and_arguments():
    text = 'cd reid && CUDA_VISIBLE_DEVICES=0,1 python3 -u tools/train.py --net x --epochs "5, 75"'
    (one,) = invocations(text)
    assert (one.script, one.program, one.folder) == ("tools/train.py", "train.py", "reid")
    assert one.arguments == ("--net", "x", "--epochs", "5, 75")
    assert one.environment == {"CUDA_VISIBLE_DEVICES": "0,1"}


def test_lines_comments_variables_and_redirections():
    text = """
    # the first data set
    NAME=market
    BASE=nn_128
    python train.py --set ${NAME} \\
        --base=$BASE > log.txt 2>&1 &
    nvidia-smi
    python test.py; ./demo.py --query_index 777
    """
    first, second, third = invocations(text)
    assert first.arguments == ("--set", "market", "--base=nn_128")
    assert (second.program, second.arguments) == ("test.py", ())
    assert (third.program, third.arguments) == ("demo.py", ("--query_index", "777"))


LOOP = """
{
EPOCHS=240 # 120
NAME=resnet50
for DATASET in market msmt #
do
    {
    if [ $DATASET = msmt ]
    then
      EPOCHS=$(($EPOCHS / 2))
    else
      NAME=resnet18
    fi
    python3 train.py KEY $NAME  \\
      STEPS "$(($EPOCHS/4)), $(($EPOCHS*3/4))" DATA "$DATASET" DIR "logs/$DATASET-$UNSET" \\

    }
done
}
"""


def test_loops_choices_and_sums():
    first, second = invocations(LOOP)
    assert first.arguments[:4] == ("KEY", "resnet18", "STEPS", "60, 180")
    assert first.arguments[4:] == ("DATA", "market", "DIR", "logs/market-")
    assert second.arguments[3] == "30, 90"
    assert second.arguments[-1] == "logs/msmt-"


def test_scripts_of_a_shell_are_named():
    one, other = invocations("sh scripts/train_market.sh\n./run.sh fast")
    assert (one.program, one.arguments) == ("train_market.sh", ())
    assert (other.program, other.arguments) == ("run.sh", ("fast",))


def test_devices_by_number():
    (one,) = invocations("CUDA_VISIBLE_DEVICES=0,2 python train.py")
    assert one.devices == {"run.devices": ["cuda:0", "cuda:2"]}
    assert invocations("python train.py")[0].devices == {}


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("ls -l", "starts no Python program"),
        ("", "starts no Python program"),
        ('python train.py --a "x', "not closed"),
        ("python train.py --set $NAME", r"\$NAME: has no value"),
        ("python train.py --a $(date)", "computed by a shell"),
        ("python train.py --a $((2**9))", "cannot be computed"),
        ("python train.py --a $((1/0))", "cannot be computed"),
        ("for A in 1 2\npython train.py", "its `done` is missing"),
        ("for ((;;))\ndo\npython train.py\ndone", "write `for NAME in a b c`"),
        ("if test -f x\nthen\npython train.py\nfi", "decided by a shell"),
        (f"for A in {'1 ' * 25}\ndo python train.py\ndone", "more than 24 programs"),
        ("x" * 30_000, "more than 20000 characters"),
    ],
)
def test_refusals(text, said):
    with pytest.raises(RecipeError, match=said):
        invocations(text)
