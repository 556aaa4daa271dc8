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


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("ls -l", "starts no Python program"),
        ("", "starts no Python program"),
        ('python train.py --a "x', "not closed"),
        ("python train.py --set $NAME", r"\$NAME: has no value"),
        ("python train.py --a $(date)", "computed by a shell"),
        ("x" * 30_000, "more than 20000 characters"),
    ],
)
def test_refusals(text, said):
    with pytest.raises(RecipeError, match=said):
        invocations(text)
