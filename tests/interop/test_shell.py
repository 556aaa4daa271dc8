"""Pasted command lines, read as the programs they start."""

import pytest

from workbench.errors import RecipeError
from workbench.interop.shell.statements import invocations


def test_folder_environment_and_arguments():
    text = 'cd reid && CUDA_VISIBLE_DEVICES=0,1 python3 -u tools/train.py --net x --epochs "5, 75"'
    (invocation,) = invocations(text)
    assert (invocation.script, invocation.program, invocation.folder) == (
        "tools/train.py",
        "train.py",
        "reid",
    )
    assert invocation.arguments == ("--net", "x", "--epochs", "5, 75")
    assert invocation.environment == {"CUDA_VISIBLE_DEVICES": "0,1"}


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
    assert first.arguments[:4] == ("KEY", "resnet50", "STEPS", "60, 180")
    assert first.arguments[4:] == ("DATA", "market", "DIR", "logs/market-")
    assert second.arguments[1:4] == ("resnet18", "STEPS", "30, 90")
    assert second.arguments[-1] == "logs/msmt-"


def test_scripts_of_a_shell_are_named():
    invocation, other = invocations("sh scripts/train_market.sh\n./run.sh fast")
    assert (invocation.program, invocation.arguments) == ("train_market.sh", ())
    assert (other.program, other.arguments) == ("run.sh", ("fast",))


def test_devices_by_number():
    (invocation,) = invocations("CUDA_VISIBLE_DEVICES=0,2 python train.py")
    assert invocation.devices == {"run.devices": ["cuda:0", "cuda:2"]}
    assert invocations("python train.py")[0].devices == {}
    (processor,) = invocations("CUDA_VISIBLE_DEVICES=-1 python train.py")
    assert processor.devices == {"run.devices": ["cpu"]}


@pytest.mark.parametrize("text", ["\u00b2", "\u0663", "gpus", "1e3", "-2", "12345"])
def test_devices_that_are_no_numbers_are_refused(text):
    (invocation,) = invocations(f"CUDA_VISIBLE_DEVICES={text} python train.py")
    with pytest.raises(RecipeError, match="name devices by number"):
        _ = invocation.devices


NESTED = "\n".join(
    [*(f"for V{n} in 1 2 3 4 5 6 7 8 9\ndo" for n in range(8)), "A=1", *["done"] * 8]
)
"""Nine to the eighth turns in a few hundred characters."""
DOUBLED = "A=xxxxxxxx\n" + "A=$A$A\n" * 60 + "python train.py --a $A"


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("text", "message"),
    [
        (NESTED, "repeats too much"),
        (DOUBLED, "expands to too many characters"),
        (f"A={'x' * 5_000}\npython train.py {'$A' * 7_000}", "expands to too many characters"),
        (f"{'if [ a = a ]; then' + chr(10)}" * 900 + "fi\n" * 900, "nests more than 8 blocks"),
        ("ls -l", "starts no Python program"),
        ("", "starts no Python program"),
        ('python train.py --a "x', "not closed"),
        ("python train.py --set $NAME", r"\$NAME: has no value"),
        ("python train.py --a $(date)", "computed by a shell"),
        ("python train.py --a $((2**9))", "cannot be computed"),
        ("python train.py --a $((1/0))", "cannot be computed"),
        (f"A={'9' * 9}\npython train.py --a $((A*A))", "cannot be computed"),
        ("A=\u00b2\npython train.py --a $((A*A))", "cannot be computed"),
        ("for A in 1 2\npython train.py", "its `done` is missing"),
        ("for ((;;))\ndo\npython train.py\ndone", "write `for NAME in a b c`"),
        ("if test -f x\nthen\npython train.py\nfi", "decided by a shell"),
        (f"for A in {'1 ' * 25}\ndo python train.py\ndone", "more than 24 programs"),
        ("x" * 30_000, "more than 20000 characters"),
    ],
)
def test_refusals(text, message):
    with pytest.raises(RecipeError, match=message):
        invocations(text)


TRAIN = ("train.py", ("--PCB", "--lr", "0.1"), "")


@pytest.mark.parametrize(
    "text",
    [
        "python train.py --PCB \\\n  --lr 0.1 \\",
        "python train.py --PCB \\  \r\n> --lr 0.1",
        "python train.py ^\n --PCB ^\n --lr 0.1",
        "python train.py `\n --PCB --lr 0.1",
        "$ python train.py --PCB --lr 0.1",
        "> python train.py --PCB --lr 0.1",
        "(reid) ann@box:~/reid$ python train.py --PCB --lr 0.1",
        "[ann@box reid]$ python train.py --PCB --lr 0.1",
        "root@a1b2:/workspace# python train.py --PCB --lr 0.1",
        "(base) PS C:\\Users\\Ann B> python train.py --PCB --lr 0.1",
        "C:\\reid>C:\\Python\\python.exe train.py --PCB --lr 0.1",
        "!python train.py --PCB --lr 0.1",
        "!{sys.executable} train.py --PCB --lr 0.1",
        "%run train.py --PCB --lr 0.1",
        "In [3]: !python train.py --PCB --lr 0.1",
        "torchrun --nproc_per_node=2 train.py --PCB --lr 0.1",
        "python -m torch.distributed.launch --nproc_per_node 2 --use_env train.py --PCB --lr 0.1",
        "accelerate launch --num_processes 2 --mixed_precision fp16 train.py --PCB --lr 0.1",
        "python -W ignore train.py --PCB --lr 0.1",
        "python train.py --PCB --lr 0.1 2>&1 | tee log.txt",
    ],
)
def test_a_command_is_the_same_however_it_was_copied(text):
    (invocation,) = invocations(text)
    assert (invocation.script, invocation.arguments, invocation.folder) == TRAIN


def test_windows_paths_stay_as_they_are():
    text = "cd reid\npython tools\\test.py --test_dir C:\\Market\\pytorch\\\npython train.py"
    first, second = invocations(text)
    assert first.arguments == ("--test_dir", "C:\\Market\\pytorch\\")
    assert (first.script, first.program) == ("tools/test.py", "test.py")
    assert second.program == "train.py"
    for quote in "\"'":
        (invocation,) = invocations(
            f"python test.py --test_dir {quote}C:\\my data\\new{quote} --multi"
        )
        assert invocation.arguments == ("--test_dir", "C:\\my data\\new", "--multi")


def test_a_comment_is_no_prompt_and_a_module_is_a_script():
    (invocation,) = invocations("# python train.py\npython -m tools.train --x")
    assert (invocation.script, invocation.arguments) == ("tools/train.py", ("--x",))
